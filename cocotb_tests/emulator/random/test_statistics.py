"""Independence of the switching decisions, and what one shift a draw does to it.

Tolerances. A proportion of n independent decisions of probability p has the standard deviation
sqrt(p (1-p) / n), a correlation over n pairs 1/sqrt(n), the variance of N counts sqrt(2/N) of
itself. Seeds are fixed, so a check gives the same answer every time: 3 sigma where a single number
is looked at, and 5 sigma where hundreds are (P(any of 500 beyond 5 sigma) < 0.001).
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt
import pytest

from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.random.bernoulli import Bernoulli
from spinloom.emulator.random.linear import LinearGenerator, LinearGenerators
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import STATE_BITS, generator, power

Decisions = npt.NDArray[np.bool_]
WORDS = 1 << 19  # 2^22 decisions
RARE = 4  # code of P = 1/64
GOOD = ["lutopt64", "galois64"]


def seed() -> int:
    return int(np.random.SeedSequence(2026).generate_state(1, np.uint64)[0])


def decisions(name: str, code: int) -> Decisions:
    """bool [WORDS, 8]: word by lane, all junctions with one code."""
    words = LinearGenerator(name, seed()).block(WORDS)
    return Bernoulli.decide(words, np.uint16(code)).reshape(-1, spec.LANES)  # type: ignore[arg-type]


def sigmas(outcomes: Decisions, code: int) -> float:
    """How far the frequency of ``outcomes`` is from code/256, in standard deviations."""
    p = code / spec.CODE_ONE
    return float((outcomes.mean() - p) / sqrt(p * (1 - p) / outcomes.size))


def variance_ratio(counts: npt.NDArray[np.int64], trials: int, code: int) -> float:
    """Variance of the numbers that switched of ``trials``, relative to the binomial one."""
    p = code / spec.CODE_ONE
    return float(counts.var() / (trials * p * (1 - p)))


@pytest.mark.parametrize("name", GOOD)
def test_switch_given_just_switched(name: str) -> None:
    """P(switch | the same lane switched in the word before) = P at P = 1/64."""
    s = decisions(name, RARE)
    given = s[1:][s[:-1]]
    assert given.size > 64_000
    assert abs(sigmas(given, RARE)) < 3


def test_naive_fails_the_same_check() -> None:
    """Shifted by one bit, six ones are again six ones if the bit that comes in is one: P near 1/2,
    less where the register's taps fall."""
    s = decisions("naive64", RARE)
    given = s[1:][s[:-1]]
    assert sigmas(given, RARE) > 100
    assert 0.35 < given.mean() < 0.5


@pytest.mark.parametrize("name", ["lutopt64", "galois64"])
def test_switch_given_the_neighbouring_lane_switched(name: str) -> None:
    s = decisions(name, RARE)
    assert abs(sigmas(s[:, 1:][s[:, :-1]], RARE)) < 3


@pytest.mark.parametrize("name", ["lutopt64", "galois64"])
@pytest.mark.parametrize("code", [1, 4, 16, 64, 128, 200, 255])
def test_probability(name: str, code: int) -> None:
    """2^22 decisions within 4 sigma of code/256: 3 % of P at 1/256, 0.2 % at 1/2."""
    assert abs(sigmas(decisions(name, code), code)) < 4


@pytest.mark.parametrize("code", [4, 16, 64])
def test_variance_of_32_junctions(code: int) -> None:
    """Numbers that switched of 32 neighbours (four words): 131072 counts, so 5 % is 13 sigma."""

    def ratio(name: str) -> float:
        counts = decisions(name, code).reshape(-1, 32).sum(axis=1, dtype=np.int64)
        return variance_ratio(counts, 32, code)

    assert 0.95 < ratio("lutopt64") < 1.05
    assert 0.95 < ratio("galois64") < 1.05
    assert ratio("naive64") > 1.3


def largest_correlation(s: Decisions, lags: tuple[int, ...]) -> float:
    """Largest |correlation| x sqrt(n) over pairs of lanes and lags; a lane with itself at lag 0 is
    left out."""
    x = s.astype(np.float32)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    worst = 0.0
    for lag in lags:
        n = len(x) - lag
        c = np.abs(x[:n].T @ x[lag:]) / sqrt(n)
        if lag == 0:
            np.fill_diagonal(c, 0)
        worst = max(worst, float(c.max()))
    return worst


@pytest.mark.parametrize("code", [16, 64, 128])
def test_lanes_do_not_correlate(code: int) -> None:
    lags = (0, 1, 2, 3, 8, 128, 1024)
    assert largest_correlation(decisions("lutopt64", code), lags) < 5
    assert largest_correlation(decisions("galois64", code), lags) < 5
    assert largest_correlation(decisions("naive64", code), lags) > 100


def rank(rows: list[int]) -> int:
    """Rank over GF(2)."""
    basis: dict[int, int] = {}
    for row in rows:
        while row and row.bit_length() in basis:
            row ^= basis[row.bit_length()]
        if row:
            basis[row.bit_length()] = row
    return len(basis)


def dependent_pairs(name: str, lag: int) -> int:
    """Pairs of lanes, ``lag`` words apart, whose bytes are not independent over the whole period.

    The bits of both bytes are 16 linear functions of the state. If those are linearly independent,
    every pair of bytes comes equally often (but for the missing zero state): then the two decisions
    are independent exactly, whatever their codes.
    """
    ahead = power(generator(name).rows, lag)
    bits = range(0, STATE_BITS, spec.CODE_BITS)
    now = [[1 << b for b in range(at, at + spec.CODE_BITS)] for at in bits]
    later = [list(ahead[at : at + spec.CODE_BITS]) for at in bits]
    return sum(rank(a + b) < 2 * spec.CODE_BITS for a in now for b in later)


# Neighbouring words, and the words that the same junction sees in later sweeps of its column.
GROUPS = [shape.groups for shape in spec.SHAPES.values()]
LAGS = [*range(1, 33), *(g * k for g in GROUPS for k in (1, 2, 3, 5, 8, 100))]


@pytest.mark.parametrize("name", GOOD)
def test_pairs_of_decisions_are_exactly_independent(name: str) -> None:
    assert {lag: n for lag in LAGS if (n := dependent_pairs(name, lag))} == {}


def test_naive_pairs_are_dependent() -> None:
    assert all(dependent_pairs("naive64", lag) for lag in range(1, 33))


def swept(name: str, sweeps: int) -> Decisions:
    """bool [sweeps, inputs]: what switches in sweeps of one column by the whole engine.

    All junctions are P and no input but 0 is active, so an event lets neuron 0 fire (threshold 0)
    and offers every other junction one trial to AP.
    """
    shape = spec.LearningShape(name="test", inputs=8192, neurons=2, generator=name)
    engine = LearningEngine(shape)
    word = seed()
    registers = {"THETA0": 0, "T_REF": 0, "T_INH": 0, "CONTROL": spec.CONTROL_LEARN}
    registers |= {"SEED_LO": word & 0xFFFFFFFF, "SEED_HI": word >> 32, "COMMAND": 3}
    for register, value in registers.items():
        engine.write_register(spec.REGISTERS[register].addr, value)
    codes = np.array([RARE] * spec.LEVELS + [0] * spec.LEVELS, np.uint32)
    engine.write_memory(spec.REGION_CODES, 0, codes)
    result = np.zeros((sweeps, shape.inputs), np.bool_)
    for n in range(sweeps):
        engine.synapses.bits.fill(1)
        spikes = engine.stream(np.array([0], np.uint16))
        assert spikes["neuron"].tolist() == [0]
        result[n] = engine.synapses.bits[:, 0] == 0
    assert not result[:, 0].any()
    return result[:, spec.LANES :]


def test_junctions_of_the_engine() -> None:
    """A junction's trials in successive sweeps, and those of junctions eight inputs apart, which
    take the same lane of successive words: 2^22 trials each."""
    s = swept("lutopt64", 512)
    assert abs(sigmas(s, RARE)) < 3
    assert abs(sigmas(s[1:][s[:-1]], RARE)) < 3
    apart = spec.LANES
    assert abs(sigmas(s[:, apart:][s[:, :-apart]], RARE)) < 3
    # 512 counts: 5 sigma of sqrt(2/512) is 31 %.
    assert abs(variance_ratio(s.sum(axis=1, dtype=np.int64), s.shape[1], RARE) - 1) < 0.31


def test_naive_junctions_of_the_engine() -> None:
    """What naive64 does in a sweep: where one junction switches, the next ones of its lane follow,
    so the number that switches in a sweep scatters far more than the binomial one."""
    s = swept("naive64", 512)
    apart = spec.LANES
    assert 0.35 < s[:, apart:][s[:, :-apart]].mean() < 0.5
    assert variance_ratio(s.sum(axis=1, dtype=np.int64), s.shape[1], RARE) > 5


SIDE_BY_SIDE = 16


def side_by_side(code: int, seeds: list[int]) -> Decisions:
    """bool [words, 8 x generators]: what the generators of one shape decide at the same times."""
    words = LinearGenerators("lutopt64", seeds).block(WORDS)
    lanes = spec.LANES * len(seeds)
    return Bernoulli.decide(words, np.uint16(code)).reshape(-1, lanes)  # type: ignore[arg-type]


def lane_seeds() -> list[int]:
    return [seed() ^ spec.lane_seed(k) for k in range(SIDE_BY_SIDE)]


@pytest.mark.parametrize("code", [16, 64, 128])
def test_generators_of_a_shape_do_not_correlate(code: int) -> None:
    """All pairs of the 128 lanes, at once and words apart: 16384 correlations a lag, of which one
    beyond 5.5 sigma is expected in 1600 lags."""
    lags = (0, 1, 2, 3, 8, 16, 128)
    assert largest_correlation(side_by_side(code, lane_seeds()), lags) < 5.5


def test_neighbouring_seeds_would_correlate() -> None:
    """The same check fails where one generator runs a word ahead of another."""
    ahead = LinearGenerator("lutopt64", seed())
    seeds = [ahead.step() for _ in range(2)]
    assert largest_correlation(side_by_side(64, seeds), (0, 1)) > 100


@pytest.mark.parametrize("apart", [0, 1, 8])
def test_switch_given_a_switch_of_another_generator(apart: int) -> None:
    """P(switch | the same lane of the generator before has just switched, ``apart`` words ago) = P
    at P = 1/64, and the same of one generator."""
    s = side_by_side(RARE, lane_seeds()).reshape(-1, SIDE_BY_SIDE, spec.LANES)
    before, after = s[: len(s) - apart], s[apart:]
    assert abs(sigmas(after[:, 1:][before[:, :-1]], RARE)) < 3
    if apart:
        assert abs(sigmas(after[before], RARE)) < 3


def test_numbers_that_switch_in_a_sweep_of_several_generators() -> None:
    """128 neighbouring junctions are one word of each of 16 generators: binomial counts. 32768
    counts, so 5 sigma of sqrt(2/32768) is 4 %."""
    for code in (RARE, 26):
        s = side_by_side(code, lane_seeds())
        counts = s.sum(axis=1, dtype=np.int64)
        assert abs(variance_ratio(counts, s.shape[1], code) - 1) < 0.04

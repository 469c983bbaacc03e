"""Linear generators: the block form is the step form, and their matrices are what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.random.linear import BLOCK_LOG2, LinearGenerator, LinearGenerators
from spinloom.emulator.spec.random import (
    GALOIS64_MASK,
    GENERATORS,
    LUTOPT64_POLYNOMIAL,
    STATE_BITS,
    check_seed,
    generator,
    power,
)

PERIOD = 2**STATE_BITS - 1
PRIME_FACTORS = (3, 5, 17, 257, 641, 65537, 6700417)
SEED = 0xC0FFEE0123456789


@pytest.mark.parametrize("name", GENERATORS)
def test_block_equals_step(name: str) -> None:
    """Mixed sizes, among them ones that end at, before and behind a refill of the block."""
    full = 1 << BLOCK_LOG2
    sizes = [1, 7, full - 8, 1, 3, full - 4, 1, 2, 1000, 64]
    by_block, by_step = LinearGenerator(name, SEED), LinearGenerator(name, SEED)
    blocks, following = [], []
    for n in sizes:
        blocks.append(by_block.block(n))
        assert len(blocks[-1]) == n and blocks[-1].dtype == np.uint64
        following.append(by_block.state)
    words = np.concatenate(blocks).tolist()
    assert len(words) > 30_000 and words[0] == SEED
    assert words == [by_step.step() for _ in words]
    ends = np.cumsum(sizes).tolist()
    assert 1 << BLOCK_LOG2 in ends
    assert following == [words[n] for n in ends[:-1]] + [by_step.state]


@pytest.mark.parametrize("name", GENERATORS)
def test_a_block_longer_than_a_refill(name: str) -> None:
    at_once, in_parts = LinearGenerator(name, 1), LinearGenerator(name, 1)
    n = (3 << BLOCK_LOG2) + 5
    parts = [in_parts.block(n // 7 + 1) for _ in range(7)]
    assert at_once.block(n).tolist() == np.concatenate(parts)[:n].tolist()


def test_steps_and_blocks_mix() -> None:
    mixed, steps = LinearGenerator("lutopt64", SEED), LinearGenerator("lutopt64", SEED)
    words: list[int] = []
    for n in (5, 100, 3, 40):
        words.append(mixed.step())
        words += mixed.block(n).tolist()
    assert words == [steps.step() for _ in words]


def test_a_new_seed_starts_again() -> None:
    random = LinearGenerator("lutopt64", 1)
    random.block(10)
    random.seed(SEED)
    assert random.state == SEED
    assert random.block(9).tolist() == LinearGenerator("lutopt64", SEED).block(9).tolist()


@pytest.mark.parametrize("lanes", [1, 2, 3, 16])
def test_side_by_side(lanes: int) -> None:
    """Blocks of several generators are their words in turn; states say how each goes on."""
    seeds = [SEED ^ k << 20 for k in range(lanes)]
    together = LinearGenerators("lutopt64", seeds)
    alone = [LinearGenerator("lutopt64", seed) for seed in seeds]
    assert together.states == seeds
    for rounds in (1, 5, (1 << BLOCK_LOG2) // lanes, 3, (2 << BLOCK_LOG2) // lanes + 7):
        words = together.block(rounds * lanes).reshape(rounds, lanes)
        for k, random in enumerate(alone):
            assert words[:, k].tolist() == random.block(rounds).tolist()
            assert together.states[k] == random.state
    together.seed(seeds[::-1])
    assert together.block(lanes).tolist() == seeds[::-1]


def test_side_by_side_by_halves() -> None:
    with pytest.raises(ValueError, match="a block of 9 words: give a multiple of 2"):
        LinearGenerators("lutopt64", [1, 2]).block(9)
    with pytest.raises(ValueError, match="seeds"):
        LinearGenerators("lutopt64", [])
    with pytest.raises(ValueError, match=r"seed = 0x0 is out of range"):
        LinearGenerators("lutopt64", [1, 0])


@pytest.mark.parametrize("name", GENERATORS)
def test_full_period(name: str) -> None:
    """The order of A is 2^64 - 1, and no proper divisor of it: every state but zero is visited."""
    identity = tuple(1 << b for b in range(STATE_BITS))
    rows = generator(name).rows
    assert np.prod([int(q) for q in PRIME_FACTORS], dtype=object) == PERIOD
    assert power(rows, PERIOD) == identity
    for q in PRIME_FACTORS:
        assert power(rows, PERIOD // q) != identity


def annihilates(polynomial: int, name: str) -> bool:
    """Whether p(A) = 0: the words drawn from each unit vector obey the recurrence p."""
    terms = [k for k in range(STATE_BITS + 1) if polynomial >> k & 1]
    for b in range(STATE_BITS):
        words = LinearGenerator(name, 1 << b).block(STATE_BITS + 1)
        if np.bitwise_xor.reduce(words[terms]) != 0:
            return False
    return True


def test_lutopt64_has_the_stated_polynomial() -> None:
    """p(A) = 0 with p of degree 64; A has full period, so p is its characteristic polynomial."""
    assert LUTOPT64_POLYNOMIAL.bit_length() == STATE_BITS + 1
    assert annihilates(LUTOPT64_POLYNOMIAL, "lutopt64")
    assert not annihilates(LUTOPT64_POLYNOMIAL ^ 2, "lutopt64")
    assert not annihilates(LUTOPT64_POLYNOMIAL, "galois64")


def test_lutopt64_fits_one_lut4_a_bit() -> None:
    assert {row.bit_count() for row in generator("lutopt64").rows} == {3, 4}


def shift(x: int) -> int:
    """One step of the Galois register as it is drawn in textbooks."""
    return x >> 1 ^ (GALOIS64_MASK if x & 1 else 0)


def test_galois64_leaps_64_shifts_and_naive64_one() -> None:
    leaping, single = LinearGenerator("galois64", SEED), LinearGenerator("naive64", SEED)
    x = SEED
    for _ in range(100):
        assert leaping.step() == x
        for _ in range(STATE_BITS):
            assert single.step() == x
            x = shift(x)


@pytest.mark.parametrize("seed", [0, -1, 1 << STATE_BITS])
def test_seed_out_of_range(seed: int) -> None:
    with pytest.raises(ValueError, match=r"seed = .* is out of range"):
        check_seed(seed)
    with pytest.raises(ValueError, match=r"seed = .* is out of range"):
        LinearGenerator("lutopt64", seed)


def test_unknown_generator() -> None:
    with pytest.raises(ValueError, match="unknown generator 'mt19937'; choose one of lutopt64"):
        LinearGenerator("mt19937", 1)

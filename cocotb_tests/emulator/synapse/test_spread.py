"""Device levels hashed from addresses: uniform, and alike nowhere one could look for a pattern.

Tolerances. Chi-squared over k + 1 cells is turned into a normal variable by its cube root (Wilson
and Hilferty, 1931), and 5 standard deviations are allowed: P < 1e-6 for each of the few hundred
numbers looked at. A hash of all addresses draws without replacement, which only lowers it.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt
import pytest

from spinloom.emulator.spec.learning import LANES, LEVELS, SHAPES
from spinloom.emulator.spec.synapse import ROUND_KEYS, ROUNDS
from spinloom.emulator.synapse.spread import DeviceSpread

Levels = npt.NDArray[np.uint8]
SHAPE = SHAPES["lanes"]


def derived(seed: int) -> int:
    """A spread seed as the host derives it from a user's: through a hash."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


SEEDS = [0, *map(derived, range(8))]


def all_levels(seed: int) -> Levels:
    """uint8 [inputs, neurons]."""
    spread = DeviceSpread(seed)
    columns = [spread.levels(SHAPE.groups, j) for j in range(SHAPE.neurons)]
    return np.stack(columns, axis=1)


def excess(counts: npt.NDArray[np.integer]) -> float:
    """Chi-squared against equal cells, in standard deviations above what chance gives."""
    expected = counts.sum() / counts.size
    assert expected >= 5
    k = counts.size - 1
    chi = float(((counts - expected) ** 2).sum() / expected)
    return (float(np.cbrt(chi / k)) - (1 - 2 / (9 * k))) / sqrt(2 / (9 * k))


def pair_excess(a: Levels, b: Levels) -> float:
    """The same for the 256 pairs of levels."""
    pairs = a.astype(np.int64).ravel() * LEVELS + b.ravel()
    return excess(np.bincount(pairs, minlength=LEVELS**2))


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_are_uniform(seed: int) -> None:
    levels = all_levels(seed)
    assert levels.max() < LEVELS
    assert excess(np.bincount(levels.ravel(), minlength=LEVELS)) < 5
    for lane in range(LANES):
        assert excess(np.bincount(levels[lane::LANES].ravel(), minlength=LEVELS)) < 5


@pytest.mark.parametrize("seed", SEEDS)
def test_every_neuron_has_devices_of_every_level(seed: int) -> None:
    """A neuron's sixteenths scatter about 512 of 8192; a column made of few levels would learn
    differently from its neighbours."""
    for column in all_levels(seed).T:
        assert excess(np.bincount(column, minlength=LEVELS)) < 5


def test_neighbouring_inputs() -> None:
    """In one lane, in several lanes, and in groups whose numbers differ in one bit or more."""
    for seed in SEEDS:
        levels = all_levels(seed)
        for apart in (1, 2, 4, 7, 8, 16, 64, 128, 1024, 4096):
            assert pair_excess(levels[:-apart], levels[apart:]) < 5, (seed, apart)


@pytest.mark.parametrize("apart", [1, 2, 4, 8, 16])
def test_neighbouring_neurons(apart: int) -> None:
    for seed in SEEDS:
        levels = all_levels(seed)
        assert pair_excess(levels[:, :-apart], levels[:, apart:]) < 5, seed


def test_a_junction_and_its_transpose() -> None:
    """The hash takes group and neuron alike, so a symmetric pattern would be the likeliest flaw."""
    square = all_levels(0)[: LANES * SHAPE.neurons].reshape(SHAPE.neurons, LANES, SHAPE.neurons)
    upper = np.triu_indices(SHAPE.neurons, 1)
    a, b = square[upper[0], :, upper[1]], square[upper[1], :, upper[0]]
    assert pair_excess(a, b) < 5


def test_different_seeds() -> None:
    levels = [all_levels(derived(seed)) for seed in range(6)]
    for n, a in enumerate(levels):
        for b in levels[n + 1 :]:
            assert pair_excess(a, b) < 5


def test_close_seeds_are_a_permutation() -> None:
    """Why seeds are derived: a seed that differs in its low bits only swaps groups."""
    a, b = all_levels(0), all_levels(1)
    groups = np.arange(SHAPE.groups)
    by_group = a.reshape(SHAPE.groups, LANES, SHAPE.neurons)
    assert np.array_equal(by_group[groups ^ 1], b.reshape(by_group.shape))


def hash_block(group: int, neuron: int, seed: int) -> int:
    """The 32-bit block of the contract, with Python's integers."""
    x, y = group ^ seed & 0xFFFF, neuron ^ seed >> 16

    def rotl(v: int, n: int) -> int:
        return (v << n | v >> 16 - n) & 0xFFFF

    for r in range(ROUNDS):
        x, y = y ^ (rotl(x, 1) & rotl(x, 8)) ^ rotl(x, 2) ^ ROUND_KEYS[r], x
    return y << 16 | x


def test_against_the_contract() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        seed, neuron = int(rng.integers(1 << 32)), int(rng.integers(1024))
        levels = DeviceSpread(seed).levels(40, neuron)
        want = [
            hash_block(g, neuron, seed) >> 4 * lane & 15 for g in range(40) for lane in range(8)
        ]
        assert levels.tolist() == want


def test_fewer_rounds_would_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks above can fail: half the rounds leave neighbouring neurons alike."""
    monkeypatch.setattr("spinloom.emulator.synapse.spread.ROUND_KEYS", ROUND_KEYS[: ROUNDS // 2])
    levels = all_levels(derived(0))
    assert pair_excess(levels[:, :-1], levels[:, 1:]) > 20

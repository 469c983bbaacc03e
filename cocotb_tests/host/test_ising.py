"""The ising engine through its driver: energies, the Boltzmann distribution, ground states."""

from itertools import product

import numpy as np
import pytest

from spinloom.emulator.spec.ising import SHAPES, IsingParams, ramp, sigmoid_table
from spinloom.host.machine import Machine

SMALL = SHAPES["ising-16"]


def glass(rng, n):
    """Couplings of +-1, each two."""
    upper = np.triu(rng.choice([-1, 1], (n, n)), 1)
    return upper + upper.T


def energies(couplings, biases):
    """Of all states, spin 0 the lowest bit."""
    n = len(biases)
    states = np.array(list(product([-1, 1], repeat=n)))[:, ::-1]
    return -np.einsum("si,ij,sj->s", states, couplings, states) / 2 - states @ biases


@pytest.fixture(params=["golden", "golden:numba"])
def machine(request):
    with Machine.open(request.param, SMALL) as opened:
        opened.set_table(sigmoid_table(SMALL))
        opened.set_biases([0])
        yield opened


def test_energy_is_that_of_the_spins(machine):
    rng = np.random.default_rng(1)
    n = 10
    couplings, biases = 5 * glass(rng, n), rng.integers(-9, 10, n)
    table = energies(couplings, biases)
    machine.set_couplings(couplings)
    machine.set_biases(biases)
    machine.configure(IsingParams(spins=n, shift=8, beta=500, quiet=False))
    machine.reset(state=True)
    for _ in range(20):
        machine.set_spins(rng.choice([-1, 1], n))
        machine.run(int(rng.integers(1, 4)))
        machine.stream(rng.integers(0, n, 2).astype(np.uint16))
        state = int(((machine.spins()[:n] > 0) << np.arange(n)).sum())
        assert machine.energy() == table[state]
        best = machine.best()
        assert best.energy == table[int(((best.spins[:n] > 0) << np.arange(n)).sum())]
    assert len(machine.spikes()) == machine.read("FLIPS") > 20


def test_states_follow_boltzmann(machine):
    """Counts against exp(-E/T): of 30,000 sweeps of 6 spins, 63 degrees of freedom. A sum over
    states
    of (sqrt(N p) - sqrt(n))^2 * 4 is chi-squared, 63 +- 11 for samples that are independent;
    sweeps here are worth a half of that at least, so 2 (63 + 4 * 11) bounds it."""
    rng = np.random.default_rng(2)
    n, beta, sweeps = 6, 0.4, 30_000
    couplings, biases = glass(rng, n), rng.integers(-1, 2, n)
    machine.set_couplings(couplings)
    machine.set_biases(biases)
    settings = ramp(SMALL, beta, beta, sweeps, shift=6)
    machine.configure(IsingParams(spins=n, histogram=True, seed=5, **settings))
    machine.set_spins([1])
    machine.reset(state=True, random=True)
    machine.run(100)
    machine.reset(counts=True)
    machine.run(sweeps)
    weights = np.exp(-beta * energies(couplings, biases))
    expected = sweeps * weights / weights.sum()
    counts = machine.histogram()
    assert counts.sum() == sweeps
    assert not counts[1 << n :].any()
    assert 4 * ((np.sqrt(expected) - np.sqrt(counts[: 1 << n])) ** 2).sum() < 2 * (63 + 4 * 11)


def test_ground_state_of_glasses(machine):
    rng = np.random.default_rng(3)
    for _ in range(5):
        n = 12
        couplings = glass(rng, n)
        machine.set_couplings(couplings)
        machine.configure(IsingParams(spins=n, **ramp(SMALL, 0.1, 2.0, 500, shift=6)))
        machine.set_spins(rng.choice([-1, 1], n))
        machine.reset(state=True)
        machine.run(500)
        assert machine.best().energy == energies(couplings, np.zeros(n)).min()


def test_cold_spins_never_climb(machine):
    """Where beta is at its end: a Hopfield network."""
    rng = np.random.default_rng(4)
    machine.set_couplings(3 * glass(rng, 16))
    machine.configure(IsingParams(beta=4095))
    machine.reset(state=True)
    for _ in range(5):
        machine.set_spins(rng.choice([-1, 1], 16))
        found = [machine.energy()]
        for _ in range(10):
            machine.run(1)
            found.append(machine.energy())
        assert (np.diff(found) <= 0).all()
        assert found[-1] < found[0]


def test_all_at_once_fails():
    """Two spins that want to differ, alike at first: each answers the other's old state."""
    with Machine.open("golden", SMALL) as machine:
        machine.set_table(sigmoid_table(SMALL))
        machine.set_couplings([[0, -1], [-1, 0]])
        machine.set_spins([1, 1])
        for parallel in (True, False):
            machine.configure(IsingParams(spins=2, beta=4095, parallel=parallel))
            machine.set_spins([1, 1])
            machine.reset(state=True)
            machine.run(7)
            assert (machine.energy() == 1) == parallel


def test_paths_agree():
    """Every bit, with flips sent and traced."""
    rng = np.random.default_rng(6)
    shape = SHAPES["ising-64"]
    couplings = np.triu(rng.integers(-127, 128, (64, 64)), 1)
    outcomes = []
    for target in ("golden", "golden:numba"):
        with Machine.open(target, shape) as machine:
            machine.set_table(sigmoid_table(shape))
            machine.set_couplings(couplings + couplings.T)
            machine.set_biases(np.arange(64) - 32)
            machine.configure(IsingParams(quiet=False, **ramp(shape, 0, 0.01, 50, shift=8)))
            machine.reset(state=True, random=True)
            machine.run(60)
            outcomes.append(
                (machine.spikes().tolist(), machine.trace().tolist(), machine.fields().tolist(),
                 machine.best().spins.tolist(), machine.energy())
            )  # fmt: skip
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][0]) > 100


@pytest.mark.parametrize(
    ("couplings", "message"),
    [
        ([[0, 1], [2, 0]], "couplings\\[0, 1\\] = 1, but \\[1, 0\\] = 2: make them symmetric"),
        ([[1, 0], [0, 0]], "couplings\\[0, 0\\] = 1: a spin has none to itself"),
        ([[0, 128], [128, 0]], "whole numbers of -127 to 127"),
        (np.zeros((17, 17), int), "give \\(16, 16\\) or fewer"),
        ([[0, 0.5], [0.5, 0]], "whole numbers"),
    ],
)
def test_bad_couplings_are_named(couplings, message):
    with Machine.open("golden", SMALL) as machine, pytest.raises(ValueError, match=message):
        machine.set_couplings(couplings)


def test_ramps_that_do_not_fit():
    with pytest.raises(ValueError, match=r"beta from 0 to 9: give rising ones of 0 to 3.99"):
        ramp(SMALL, 0, 9, 10, shift=6)


def run(target, shape):
    """All that a run leaves behind on this machine."""
    rng = np.random.default_rng(9)
    n, top = shape.spins, shape.weight_max
    couplings = np.triu(rng.integers(-top, top + 1, (n, n)), 1)
    with Machine.open(target, shape) as machine:
        machine.set_table(sigmoid_table(shape))
        machine.set_couplings(couplings + couplings.T)
        machine.set_biases(rng.integers(-9, 10, n))
        machine.set_spins(rng.choice([-1, 1], n))
        machine.configure(
            IsingParams(
                quiet=False, histogram=shape.histogram_bits > 0, seed=7, beta=40, beta_end=900,
                beta_step=20 << 16, shift=shape.weight_bits + 2,
            )
        )  # fmt: skip
        machine.reset(state=True, random=True, counts=shape.histogram_bits > 0)
        machine.run(40)
        machine.stream(np.array([1, n - 1], np.uint16))
        machine.run(3)
        best, energy = machine.best(), machine.energy()
        counts = machine.histogram() if shape.histogram_bits else None
        spikes = machine.spikes()
        return (spikes, machine.spins(), machine.fields(), best.spins, best.energy, best.tick,
                energy, machine.trace(), counts, machine.read("FLIPS"))  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["ising-16", *(pytest.param(n, marks=pytest.mark.proof) for n in ("ising-256", "ising-800"))],
)
def test_the_virtual_board_gives_the_bits_of_the_golden_model(name):
    golden, sim = run("golden", SHAPES[name]), run("sim", SHAPES[name])
    assert len(golden[0]) > 20, "too quiet to compare"
    for mine, theirs in zip(sim, golden, strict=True):
        np.testing.assert_array_equal(mine, theirs)

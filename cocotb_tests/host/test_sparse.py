"""The driver of the sparse engine, and the physics that its golden model has to show."""

import numpy as np
import pytest

from spinloom.emulator.spec.sparse import SHAPES, SparseParams, SparseShape, chances
from spinloom.host.machine import Machine
from spinloom.host.sparse import couplings

SMALL = SHAPES["torus-8x8"]
SIGMAS = 4


def mean_energy(shape, values, beta, sweeps, seed=1):
    """Mean of the energy a spin and its standard error, from bins of the trace, which are far
    longer than the autocorrelation at the temperatures used."""
    with Machine.open("golden", shape) as machine:
        machine.configure(SparseParams(seed=seed))
        machine.set_couplings(values)
        machine.set_schedule([beta])
        machine.set_spins(np.ones(shape.spins, int))
        machine.reset(state=True, random=True)
        machine.run(200)
        bins = []
        for _ in range(sweeps // shape.trace):
            machine.run(shape.trace)
            bins += machine.trace().reshape(4, -1).mean(1).tolist()
    return np.mean(bins) / shape.spins, np.std(bins) / shape.spins / np.sqrt(len(bins) - 1)


def exact_energy(shape, values, beta):
    """Of all 2^N states, one by one."""
    states = np.arange(1 << shape.spins)
    spins = [2 * (states >> i & 1) - 1 for i in range(shape.spins)]
    pairs = zip(shape.network.edges, values, strict=True)
    energy = -sum(j * spins[a] * spins[b] for (a, b), j in pairs)
    weight = np.exp(-beta * (energy - energy.min()))
    return (weight * energy).sum() / weight.sum() / shape.spins


@pytest.mark.parametrize("beta", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("zeros", [False, True])
def test_mean_energy_of_all_states_of_a_small_torus(beta, zeros):
    """Couplings at random: with zeros, fields of every level."""
    shape = SparseShape(name="4x4", graph="torus-4x4", zeros=zeros)
    rng = np.random.default_rng(1)
    values = rng.choice([-1, 0, 1] if zeros else [-1, 1], shape.synapses)
    mean, error = mean_energy(shape, values, beta, 8192)
    assert abs(mean - exact_energy(shape, values, beta)) < SIGMAS * error
    assert error < 0.02


@pytest.mark.parametrize("beta", [0.2, 0.3, 0.55])
def test_mean_energy_of_the_infinite_square_lattice(beta):
    """Onsager, Phys. Rev. 65, 117 (1944): u = -coth 2b (1 + 2/pi (2 tanh^2 2b - 1) K(k)), with
    k = 2 sinh 2b / cosh^2 2b. At these temperatures the correlation length is below 2, so a torus
    of 40x40 differs by far less than the error."""
    tanh = np.tanh(2 * beta)
    modulus = 2 * np.sinh(2 * beta) / np.cosh(2 * beta) ** 2
    # K by the arithmetic-geometric mean of 1 and sqrt(1 - k^2).
    a, b = 1.0, np.sqrt(1 - modulus**2)
    for _ in range(40):
        a, b = (a + b) / 2, np.sqrt(a * b)
    exact = -(1 + 2 / np.pi * (2 * tanh**2 - 1) * np.pi / (2 * a)) / tanh
    shape = SHAPES["torus-40x40"]
    mean, error = mean_energy(shape, np.ones(shape.synapses, int), beta, 2048)
    assert abs(mean - exact) < SIGMAS * error
    assert error < 2e-3


def test_ice_obeys_the_ice_rule_when_cold():
    """Couplings that make two in, two out the lowest: 4 of 6 pairs of a vertex satisfied, the
    energy a spin -1 (two pairs less than half, 6 HW pairs, 2 HW spins)."""
    shape = SHAPES["ice-6x6"]
    half = shape.spins // 2
    with Machine.open("golden", shape) as machine:
        machine.set_couplings(ice_couplings(shape))
        machine.set_schedule(np.linspace(0.1, 4, 400))
        machine.reset(state=True, random=True)
        machine.run(400)
        best, spins = machine.best(), machine.best().spins
    assert best.energy == -shape.spins
    out = spins.reshape(2, 6, 6)
    charge = out[0] - np.roll(out[0], 1, axis=1) + out[1] - np.roll(out[1], 1, axis=0)
    assert half == charge.size
    assert (charge == 0).all()


def ice_couplings(shape):
    """-1 for two spins of a vertex that both point away from it when up, or both to it; +1
    otherwise: a spin points away from its first vertex, and to its second."""
    half = shape.spins // 2
    side = int(np.sqrt(half))
    v = np.arange(half).reshape(side, side)
    ends = {i: (v.ravel()[i], np.roll(v, -1, axis=1).ravel()[i]) for i in range(half)}
    ends |= {half + i: (v.ravel()[i], np.roll(v, -1, axis=0).ravel()[i]) for i in range(half)}
    return np.array([-1 if ends[i][0] == ends[j][0] or ends[i][1] == ends[j][1] else 1
                     for i, j in shape.network.edges])  # fmt: skip


def run(target, shape, sweeps):
    """All that a run leaves behind on this machine."""
    rng = np.random.default_rng(3)
    values = rng.choice([-1, 0, 1] if shape.zeros else [-1, 1], shape.synapses)
    with Machine.open(target, shape) as machine:
        machine.configure(SparseParams(row_shift=1, measure_shift=2, seed=77))
        machine.set_couplings(values)
        machine.set_schedule(np.linspace(0, 2, sweeps // 2))
        machine.set_spins(rng.choice([-1, 1], shape.spins))
        machine.reset(state=True, random=True)
        machine.run(sweeps)
        machine.stream(np.array([1, shape.spins - 1], np.uint16))
        machine.run(3)
        np.testing.assert_array_equal(machine.couplings(), values)
        best = machine.best()
        state = machine.spins(), machine.trace(sweeps // 4), best.energy, best.tick, best.spins
        return *state, machine.energy(), machine.read("TICK"), machine.spikes()


def test_the_best_state_has_its_energy():
    spins, trace, energy, tick, best, now, ticks, _ = run("golden", SMALL, 80)
    rng = np.random.default_rng(3)
    values = rng.choice([-1, 0, 1], SMALL.synapses)
    first, second = np.array(SMALL.network.edges).T
    assert energy == trace.min() == -(values * best[first] * best[second]).sum()
    assert now == -(values * spins[first] * spins[second]).sum()
    assert (ticks, tick % 4) == (83, 0)


def compare(shape, sweeps):
    for mine, theirs in zip(run("sim", shape, sweeps), run("golden", shape, sweeps), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_virtual_board_gives_the_bits_of_the_golden_model():
    compare(SMALL, 80)


@pytest.mark.proof
@pytest.mark.parametrize("name", ["ice-6x6", "torus-40x40"])
def test_larger_shapes_too(name):
    compare(SHAPES[name], 200)


def test_seeds_are_states_apart():
    """Every generator has another state, and another seed others; the same seed the same run."""
    with Machine.open("golden", SMALL) as machine:
        states = []
        for seed in (1, 2, 1):
            machine.set_random(seed)
            states.append(machine._port.engine.random.states)
    assert states[0] == states[2]
    assert len({*states[0], *states[1]}) == 2 * SMALL.generators


def test_couplings_of_edges():
    values = couplings(SMALL, {(1, 0): -1, (0, 8): 0}, rest=1)
    assert values[SMALL.network.edges.index((0, 1))] == -1
    assert values[SMALL.network.edges.index((0, 8))] == 0
    assert values.sum() == SMALL.synapses - 3
    with pytest.raises(ValueError, match=r"couplings\[0, 9\]: graph torus-8x8 has no such edge"):
        couplings(SMALL, {(0, 9): 1})


def test_errors_name_what_is_wrong():
    with Machine.open("golden", SHAPES["ice-6x6"]) as machine:
        edges = machine.shape.synapses
        with pytest.raises(ValueError, match=r"edge \(0, 1\) = 0: shape ice-6x6 holds -1, 1"):
            machine.set_couplings(np.zeros(edges, int))
        with pytest.raises(ValueError, match=rf"couplings of shape \(3,\); give {edges} integers"):
            machine.set_couplings([1, 1, 1])
        with pytest.raises(ValueError, match="holds 1 to 512 rows"):
            machine.set_schedule(np.ones(513))
        with pytest.raises(ValueError, match=r"beta = -1.0; give 0 or more"):
            machine.set_schedule([-1])
        with pytest.raises(ValueError, match="give 72 of"):
            machine.set_spins(np.zeros(72, int))
    with pytest.raises(ValueError, match="unknown graph 'ring-4x4'"):
        SparseShape(name="x", graph="ring-4x4")
    assert chances(SHAPES["ice-6x6"], 40) == (0, 0, 0)

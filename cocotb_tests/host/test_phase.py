"""The driver of the phase engine: the virtual board and the golden model give the same bits."""

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES, PhaseParams
from spinloom.host.machine import Machine


def run(target, shape, ticks):
    """All that a run leaves behind on this machine."""
    rng = np.random.default_rng(3)
    n, turn, top = shape.oscillators, shape.turn, shape.weight_max
    params = PhaseParams(
        quiet=False, stochastic=True, gain=60, shift=4, shil=900, shil_start=ticks // 2,
        shil_rate=2000, injection=300, injection_frequency=-400, bias=90, slope=300, curve=200,
        noise=6, lock_ticks=16, lock_width=turn // 16, seed=77,
    )  # fmt: skip
    weights = rng.integers(-top - 1, top + 1, (n, n))
    with Machine.open(target, shape) as machine:
        machine.configure(params)
        machine.set_weights(weights)
        machine.set_frequencies(rng.integers(-turn // 64, turn // 64, n))
        machine.set_phases(rng.integers(0, turn, n))
        machine.reset(state=True)
        machine.run(ticks)
        machine.stream(np.array([1, n - 1], np.uint16))
        machine.run(ticks)
        np.testing.assert_array_equal(machine.weights(), weights)
        counts = [machine.read(name) for name in ("TICK", "SPIKES", "SHIL", "PSI", "LOCKED")]
        spikes = machine.spikes()
        state = machine.phases(), machine.read_memory("locks"), machine.order(), counts
        ends = machine.ensemble(rng.integers(0, turn, (3, n)), 20, [1, 2, 3])
        return spikes, *state, ends


def compare(shape, ticks):
    golden, sim = run("golden", shape, ticks), run("sim", shape, ticks)
    assert len(golden[0]) > 20, "too quiet to compare"
    for mine, theirs in zip(sim, golden, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_virtual_board_gives_the_bits_of_the_golden_model():
    compare(SHAPES["phase-8"], 200)


@pytest.mark.parametrize("params", [PhaseParams(), PhaseParams(mean_field=True)])
def test_the_virtual_board_takes_the_cycles_of_the_contract(params):
    """By its own counter; what comes once with a stream word or a read is the same in all three."""
    shape, taken = SHAPES["phase-8"], []
    with Machine.open("sim", shape) as machine:
        machine.configure(params)
        for ticks in (50, 50, 83):
            before = machine.cycles
            machine.run(ticks)
            taken.append(machine.cycles - before)
    step = shape.step_cycles(coupled=not params.mean_field)
    assert taken[0] == taken[1] and taken[2] - taken[1] == 33 * step


@pytest.mark.proof
@pytest.mark.parametrize("name", ["phase-64", "phase-256"])
def test_larger_shapes_too(name):
    compare(SHAPES[name], 100)

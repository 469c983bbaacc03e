"""The ledger of a run: what the machine counts, at the joules that are stated; the same on the
golden model and on the virtual board."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec import junction
from spinloom.emulator.spec.learning import SHAPES, WORD_TICK, LearningParams
from spinloom.host.experiments import ledger
from spinloom.host.machine import Machine

SHAPE = SHAPES["lanes-small"]
EVENTS = 400


def worked(target):
    """Some events that make neurons spike and learn: counted, and the cycles of it."""
    rng = np.random.default_rng(4)
    words = rng.integers(SHAPE.inputs, size=EVENTS).tolist()
    with Machine.open(target, SHAPE) as machine:
        machine.configure(LearningParams(theta0=40, t_inh=2, t_ref=4))
        machine.set_weights(rng.random((SHAPE.inputs, SHAPE.neurons)) < 0.5)
        machine.reset(state=True, theta=True, random=True)
        before = machine.cycles
        for start in range(0, EVENTS, 20):
            machine.stream([*words[start : start + 20], WORD_TICK | 1])
        done, spikes = ledger.counted(machine, EVENTS), len(machine.spikes())
        cycles = None if before is None else machine.cycles - before
        return done, spikes, cycles


def test_events_by_hand():
    """An event reads a row of 16 junctions, a spike is 1024 trials of its column. 100 fJ a write;
    (0.05 V)^2 / 6 kohm * 5 ns = 2.08 fJ a read."""
    done, spikes, cycles = worked("golden")
    events = done.events
    assert cycles is None and spikes >= 10 and events.spikes == spikes
    assert events.reads == 16 * EVENTS and events.write_trials == 1024 * spikes
    assert events.wall_steps == 0 and 0 < done.switched < events.write_trials
    figures = ledger.figures(ledger.ledger(done, None))
    by_hand = 100e-15 * (1024 + 1) * spikes + 2.0833e-15 * 16 * EVENTS
    assert figures["energy_j"] == pytest.approx(by_hand, rel=1e-4)
    assert figures["energy_passive_j"] == 0
    assert (done + done).events.reads == 2 * events.reads


def test_cycles_stand_beside_and_are_no_energy():
    (golden, *_), (sim, _, cycles) = worked("golden"), worked("sim")
    assert sim == golden and cycles > EVENTS
    clocked = ledger.ledger(sim, cycles)
    assert clocked.total_j == replace(clocked, cycles=None).total_j
    assert "cycles" not in str(ledger.figures(clocked))
    ((title, rows),) = ledger.table(ledger.figures(clocked) | {"cycles": cycles}).items()
    assert title == f"energy of the devices while learning; beside it, {cycles:,} FPGA cycles"
    assert [row["device event"] for row in rows] == [
        "write trial", "read", "spike", "passive", "total",
    ]  # fmt: skip
    assert rows[3]["energy"] == "0 J" and rows[0]["each"] == "100 fJ"
    ((title, _),) = ledger.table(ledger.figures(clocked) | {"cycles": None}).items()
    assert title == "energy of the devices while learning"


def test_a_run_that_counts_its_own_events():
    figures = ledger.spent(70, reads=1000, write_trials=3, switched=2)
    assert [row["count"] for row in figures["energy"][:4]] == [3, 1000, 0, 0]
    assert figures["trials_switched"] == 2
    assert figures["energy_j"] == pytest.approx(3 * 100e-15 + 1000 * 0.05**2 / 6e3 * 5e-9)
    assert figures == ledger.spent(None, reads=1000, write_trials=3, switched=2)
    dear = ledger.spent(None, wall_steps=4, energies=replace(ledger.ENERGIES, wall_step_j=1e-15))
    assert dear["energy_j"] == pytest.approx(4e-15) and ledger.spent(None)["energy_j"] == 0
    with pytest.raises(ValueError, match="reads = -1; give a count"):
        ledger.spent(None, reads=-1)


@pytest.mark.parametrize("target", ["golden", "sim"])
def test_ticks_that_are_streamed_are_those_that_pass(target):
    """Samples are none; a reset puts back the machine's count, not the host's."""
    with Machine.open(target, junction.SHAPES["junction-16"]) as machine:
        machine.configure(junction.JunctionParams(tiles=1))
        machine.run(3)
        machine.play([100, -100], 5)
        assert machine.ticks == machine.read("TICK") == 3 + 2 * 5
        machine.reset(state=True)
        machine.run(40_000)
        assert machine.ticks - 13 == machine.read("TICK") == 40_000

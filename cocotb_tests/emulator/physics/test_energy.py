"""The energy ledger: sums by hand, what a run of the machine counts, and what it never mixes."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.physics.energy import (
    DeviceEnergies,
    EnergyLedger,
    Events,
    joules,
    learning_events,
    pulse_energy_j,
)
from spinloom.emulator.spec.learning import (
    REGION_WEIGHTS,
    REGISTERS,
    WORD_TICK,
    LearningParams,
    LearningShape,
)

ENERGIES = DeviceEnergies(
    read_j=2e-15, spike_j=30e-15, wall_step_j=0.5e-15, period_j=11e-15, decision_j=7e-15
)
EVENTS = Events(write_trials=1000, reads=50, spikes=3, wall_steps=8, periods=20, decisions=6)


def test_pulse():
    """50 uA through 8 kohm for 5 ns: 100 fJ, the paper's stable write; of either sign."""
    assert pulse_energy_j(50e-6, 8e3, 5e-9) == pytest.approx(100e-15)
    assert pulse_energy_j(-50e-6, 8e3, 5e-9) == pulse_energy_j(50e-6, 8e3, 5e-9)
    assert ENERGIES.write_j == pytest.approx(100e-15)
    with pytest.raises(ValueError, match="no negative number"):
        pulse_energy_j(1e-6, -1.0, 1e-9)


def test_totals():
    ledger = EnergyLedger(events=EVENTS, energies=ENERGIES, switched=40)
    by_hand = 1000 * 100e-15 + 50 * 2e-15 + 3 * 30e-15 + 8 * 0.5e-15 + 20 * 11e-15 + 6 * 7e-15
    assert ledger.total_j == pytest.approx(by_hand)
    assert ledger.write_per_switch_j == pytest.approx(25 * 100e-15)
    assert [row[1] for row in ledger.rows()] == [1000, 50, 3, 8, 20, 6]
    twice = EVENTS + EVENTS
    assert (twice.write_trials, twice.wall_steps) == (2000, 16)


def test_keeping_costs_nothing_and_cycles_are_no_energy():
    ledger = EnergyLedger(events=EVENTS, energies=ENERGIES, switched=40)
    assert ledger.passive_j == 0
    clocked = replace(ledger, cycles=10**12)
    assert clocked.total_j == ledger.total_j and clocked.rows() == ledger.rows()
    assert "cycles" not in str(ledger)
    assert str(clocked).splitlines()[-1].startswith("1,000,000,000,000 FPGA cycles")
    assert EnergyLedger(events=Events(), energies=ENERGIES, switched=0).total_j == 0


def test_the_table_can_be_read():
    lines = str(EnergyLedger(events=EVENTS, energies=ENERGIES, switched=40)).splitlines()
    assert lines[1].split() == ["write", "trial", "1,000", "100", "fJ", "100", "pJ"]
    assert lines[7].split() == ["passive", "0", "J"]
    assert lines[8].split() == ["total", "100", "pJ"]
    assert lines[9] == "40 trials switched: 2.5 pJ of writing each"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 J"), (2.0, "2 J"), (1.5e-3, "1.5 mJ"), (3e-14, "30 fJ"), (4e-18, "4 aJ")],
)
def test_prefixes(value, text):
    assert joules(value) == text


@pytest.mark.parametrize("junctions", [1, 2])
def test_what_a_run_counts(junctions):
    """Codes of probability 1: every write trial of a learning spike switches, so that the engine's
    own counters say how many there were."""
    shape = LearningShape(name="tiny", inputs=64, neurons=10, junctions=junctions)
    engine = LearningEngine(shape)
    params = LearningParams(
        step=300, theta0=600 * junctions, codes_p=(256,) * 16, codes_ap=(256,) * 16
    )
    for name, value in params.registers().items():
        engine.write_register(REGISTERS[name].addr, value)
    engine.mtj.codes[:] = 256
    engine.write_memory(REGION_WEIGHTS, 0, np.full(64, 0xFFFFFFFF, np.uint32))
    engine.write_register(REGISTERS["COMMAND"].addr, 3)
    words = np.tile(np.array([1, 2, 3, WORD_TICK | 400], np.uint16), 5)
    spikes = len(engine.stream(words))
    assert spikes > 2
    counted = learning_events(shape, events=15, spikes=spikes, trials=engine.trials)
    assert counted.write_trials == sum(engine.switched) == spikes * 64 * junctions
    assert counted.reads == 15 * 10 * junctions and counted.spikes == spikes


def test_mistakes():
    with pytest.raises(ValueError, match="reads = -1; give a count"):
        Events(reads=-1)
    with pytest.raises(ValueError, match=r"reads = 1\.5; give a count"):
        Events(reads=1.5)
    with pytest.raises(ValueError, match="read_j = nan"):
        replace(ENERGIES, read_j=float("nan"))
    with pytest.raises(ValueError, match="switched = 1001; give 0 to the 1000 write trials"):
        EnergyLedger(events=EVENTS, energies=ENERGIES, switched=1001)

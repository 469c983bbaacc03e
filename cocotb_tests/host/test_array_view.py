"""Cells of a machine by word line and bit line: addressing, write errors against the pulse, verify,
read disturb, endurance."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from cocotb_tests.host.test_machine import SHAPE, through_frames
from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.switching import pulse_amplitude, switch_probability
from spinloom.emulator.spec.learning import PULSE, LearningParams, LearningShape
from spinloom.host.array_view import ArrayView, Pulses
from spinloom.host.machine import Machine

STRONG = Pulses(to_p_a=160e-6, to_ap_a=200e-6)
JUNCTION = Junction()


def view(pulses=STRONG, junction=JUNCTION, machine=None, **options):
    machine = machine or Machine.open("golden", SHAPE)
    machine.set_weights(np.zeros((SHAPE.inputs, SHAPE.neurons), np.uint8))
    return ArrayView(machine, junction, pulses, seed=1, **options)


def test_cells_are_where_the_machine_has_them():
    for machine in (Machine.open("golden", SHAPE), through_frames()):
        array = view(machine=machine)
        bits = np.random.default_rng(1).integers(0, 2, (4, 40)).astype(np.uint8)
        for row, word_line in enumerate((0, 1, 37, 63)):
            assert array.write_word(word_line, bits[row]).errors == 0
        assert array.write_bit(5, 33, 1).errors == 0
        expected = np.zeros((64, 40), np.uint8)
        expected[[0, 1, 37, 63]], expected[5, 33] = bits, 1
        assert (machine.weights() == expected).all()
        assert (array.read_word(37) == bits[2]).all()
        assert [array.read_bit(5, line) for line in (32, 33, 34)] == [0, 1, 0]
        assert array.write_bit(5, 33, 0).errors == 0 and not machine.weights()[5].any()


@pytest.mark.parametrize("bit", [0, 1])
@pytest.mark.parametrize("wanted", [0.5, 0.1])
def test_write_errors_are_those_of_the_pulse(bit, wanted):
    """2560 cells, one pulse each: binomial, 4 sigma."""
    current = pulse_amplitude(JUNCTION, 1 - bit, 1 - wanted, 10e-9)
    array = view(replace(STRONG, **{"to_p_a" if bit else "to_ap_a": abs(current)}))
    assert array.write_error_rates[bit] == pytest.approx(wanted, rel=1e-3)
    array.machine.set_weights(np.full((64, 40), 1 - bit))
    errors = sum(array.write_word(w, np.full(40, bit)).errors for w in range(64))
    assert errors == (array.machine.weights() != bit).sum()
    assert abs(errors / 2560 - wanted) < 4 * sqrt(wanted * (1 - wanted) / 2560)


def test_rate_falls_with_amplitude_and_duration():
    rates = [
        view(replace(STRONG, to_p_a=a, write_s=t)).write_error_rates[1]
        for a, t in ((40e-6, 5e-9), (60e-6, 5e-9), (60e-6, 10e-9), (120e-6, 10e-9))
    ]
    assert np.all(np.diff(rates) < 0) and rates[0] > 0.5 and rates[-1] < 1e-4


def test_verify_repeats_only_what_is_wrong():
    """Pulses of probability 1/2: geometric, mean 2 a cell that is to change, none for the others.
    With 2560 cells (half of them to change) 5 sigma of the mean are 5 sqrt(2/1280)."""
    current = pulse_amplitude(JUNCTION, 0, 0.5, 10e-9)
    array = view(replace(STRONG, to_p_a=current))
    target = np.arange(40) % 2
    written = [array.write_word(w, target, attempts=60) for w in range(64)]
    assert sum(w.errors for w in written) == 0
    pulses = np.array([w.pulses for w in written])
    assert not pulses[:, ::2].any()
    assert abs(pulses[:, 1::2].mean() - 2) < 5 * sqrt(2 / 1280)
    assert (array.cycles == pulses).all()
    assert array.events.write_trials == pulses.sum()
    assert array.events.reads == sum(40 * (1 + w.pulses.max()) for w in written)
    few = view(replace(STRONG, to_p_a=current))
    assert sum(few.write_word(w, target, attempts=2).errors for w in range(64)) > 200


def test_endurance_counts_beyond_1e15():
    array = view()
    array.cycles[3, 4] = 10**15 + 1
    array.write_bit(3, 4, 1)
    assert int(array.cycles[3, 4]) == 10**15 + 2
    assert np.iinfo(array.cycles.dtype).bits >= 50


def test_the_machine_counts_its_own_trials_beyond_1e15():
    """Golden model; the circuit's counters have ``test_counter.py``."""
    machine = Machine.open("golden", SHAPE)
    machine.configure(LearningParams(codes_p=(256,) * 16, codes_ap=(256,) * 16))
    machine.reset(state=True)
    engine = machine._port._engine
    engine.trials, engine.switched = 10**15 - 1, [10**15 - 1, 2**32 - 1]
    for pulse_class in (0, 1):
        machine.write_all({"PULSE_CLASS": pulse_class, "PULSE_COUNT": 1, "COMMAND": PULSE})
    for name, count in (("TRIALS", 10**15 - 1 + 128), ("SWITCHED_P", 2**32 + 63),
                        ("SWITCHED_AP", 10**15 + 63)):  # fmt: skip
        low = "TRIALS_LO" if name == "TRIALS" else name
        assert machine.read(f"{name}_HI") << 32 | machine.read(low) == count


def test_reads_disturb_by_the_law():
    """A barrier of 6 kT read at a third of the critical current. Binomial, 4 sigma; the storage
    cell's is below 1e-9, and 64 words read 20 times stay."""
    junction = Junction(delta=6)
    pulses = replace(STRONG, read_v=0.2, read_s=1e-9)
    array = view(pulses, junction)
    law = switch_probability(junction, 0, 0.2 / (6e3 * 2.5), 1e-9)
    assert array.read_disturb[0] == pytest.approx(law) and array.read_disturb[0] > 5e-3
    for word_line in range(64):
        array.read_word(word_line)
    flipped = array.machine.weights().sum()
    assert abs(flipped / 2560 - law) < 4 * sqrt(law * (1 - law) / 2560)
    assert array.read_disturb[1] < law  # this sign holds P
    stable = view()
    assert max(stable.read_disturb) < 1e-9
    for word_line in 20 * list(range(64)):
        stable.read_word(word_line)
    assert not stable.machine.weights().any()


def test_noise_makes_reading_errors():
    """The cells stay; what is read of them is wrong as often as ``Column`` says: 4 sigma."""
    array = view(noise_a=2e-6)
    wrong = sum(int(array.read_word(w).sum()) for w in range(64)) / 2560
    law = array._cell.reading_error(0)
    assert 0.01 < law < 0.4
    assert abs(wrong - law) < 4 * sqrt(law * (1 - law) / 2560)
    assert not array.machine.weights().any()


def test_a_pulse_on_a_word_takes_every_cell_once():
    """Of probability 1/2 where it switches, 320 cells: 4 sigma. It holds what is there already."""
    array = view(replace(STRONG, to_p_a=pulse_amplitude(JUNCTION, 0, 0.5, 10e-9)))
    start = np.tile((np.arange(40) % 2).astype(np.uint8), (64, 1))
    array.machine.set_weights(start)
    for word_line in range(16):
        array.pulse_word(word_line, 1)
    states = array.machine.weights()
    assert states[:, 1::2].all() and not states[16:, ::2].any()
    assert abs(states[:16, ::2].sum() - 160) < 4 * sqrt(320 / 4)
    assert (array.cycles[:16] == 1).all() and array.events.write_trials == 640
    assert array.events.reads == 0
    with pytest.raises(ValueError, match="other values than 0"):
        array.pulse_word(0, 2)


def test_currents_are_those_of_two_resistances():
    array = view()
    array.write_word(3, np.arange(40) % 2)
    high, low = 0.05 / 6e3, 0.05 / 15e3
    assert array.read_currents(3) == pytest.approx(np.where(np.arange(40) % 2, high, low))
    assert array.middle_a == pytest.approx((high + low) / 2)


def test_compound_synapses_have_a_bit_line_a_junction():
    shape = LearningShape(name="compound", inputs=64, neurons=20, junctions=2)
    machine = Machine.open("golden", shape)
    array = ArrayView(machine, JUNCTION, STRONG, seed=1)
    array.write_bit(9, 39, 1)
    assert machine.weights().nonzero() == ([9], [39])


def test_walls_have_no_cells():
    shape = LearningShape(name="walls", inputs=64, neurons=8, junctions=2, synapse="wall")
    with pytest.raises(ValueError, match="the synapses of shape walls are walls"):
        ArrayView(Machine.open("golden", shape), JUNCTION, STRONG, seed=1)


def test_mistakes():
    array = view()
    with pytest.raises(ValueError, match="word_line = 64; give 0 to 63"):
        array.read_word(64)
    with pytest.raises(ValueError, match="bit_line = 40; give 0 to 39"):
        array.read_bit(0, 40)
    with pytest.raises(ValueError, match=r"bits of shape \(39,\); give \(40,\)"):
        array.write_word(0, np.zeros(39))
    with pytest.raises(ValueError, match="other values than 0"):
        array.write_bit(0, 0, 2)
    with pytest.raises(ValueError, match="attempts = 0"):
        array.write_bit(0, 0, 1, attempts=0)
    with pytest.raises(ValueError, match=r"Pulses\.read_v = 0; give more than 0"):
        Pulses(read_v=0)

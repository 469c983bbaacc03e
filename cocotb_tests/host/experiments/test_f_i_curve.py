"""Rates of walls and junctions against their law, and the virtual board against the golden
model."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.network import SHAPES
from spinloom.host.experiments import f_i_curve
from spinloom.host.experiments.f_i_curve import FiCurveConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return f_i_curve.run(machine, config, progress)


@pytest.mark.parametrize("leak", [0, 100])
def test_rates_follow_their_law(leak):
    """Walls fire when they must, to the tick. Spikes of a junction are a renewal process whose
    waits are a geometric number of ticks and the reset pulse: their number has a variance of at
    most T·p; five sigma, of 192 rates."""
    config = FiCurveConfig(leak=leak)
    result = run("golden", config)
    law = result.law()
    for k, reset_ticks in enumerate(config.reset_ticks):
        push = config.currents() - leak
        first = -(-config.theta // np.maximum(push, 1))
        count = (config.ticks - first) // (first + reset_ticks) + 1
        assert result.counts[0, k].tolist() == np.where(push > 0, count, 0).clip(0).tolist()
    trials = config.ticks * law[1]
    off = np.abs(result.counts[1] - trials)
    assert (off <= 5 * np.sqrt(trials) + 1).all()
    assert (law[1][:, -1] > 0.9 / (1 + np.array(config.reset_ticks))).all()
    assert law[1][0, 0] < 0.001
    tables = f_i_curve.tables(result.figures() | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [8]


def test_the_virtual_board_measures_the_same():
    config = FiCurveConfig(ticks=40, theta=100, reset_ticks=(0, 2))
    golden, sim = run("golden", config), run("sim", config)
    assert (golden.counts == sim.counts).all()
    assert golden.counts.sum() > 1000
    # Four neuron words in each tick, and each spike.
    assert sim.cycles > 4 * 40 * 4 * 16 + golden.counts.sum()


MEMRISTORS = FiCurveConfig(ticks=40, theta=100, reset_ticks=(0, 2), synapse="memristor")


@pytest.mark.parametrize("leak", [0, 100])
def test_memristors_drive_both_kinds_of_neuron(leak):
    """Sixteen levels of both signs, their sums the integer products, and the currents those of the
    biases, to the wall step: so the same spikes of walls and, by the same random words, of
    junctions, whose rates follow their law (above)."""
    config = FiCurveConfig(leak=leak, synapse="memristor")
    result = run("golden", config)
    assert (result.counts == run("golden", replace(config, synapse="none")).counts).all()
    assert (result.sums[:, 0] == config.currents()).all()
    assert (result.sums == result.crossbar.products()).all()
    assert result.sums.shape == (2, 33, 64) and len(np.unique(result.sums)) > 400
    assert np.unique(result.crossbar.levels).tolist() == list(range(-15, 16))
    figures = result.figures()
    assert figures["sums"] == 2 * 33 * 64 and figures["sums_wrong"] == 0
    tables = f_i_curve.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [8, 1]


def test_the_virtual_board_sums_memristors_the_same():
    golden, sim = run("golden", MEMRISTORS), run("sim", MEMRISTORS)
    assert (golden.counts == sim.counts).all() and (golden.sums == sim.sums).all()
    assert sim.figures()["sums_wrong"] == 0
    # Two kinds, two pulses, 40 ticks: 20 events are 300, and each takes four neuron words.
    assert sim.cycles > 2 * 2 * 40 * 300 * 4


@pytest.mark.parametrize("bit", [0, 3])
def test_one_wrong_bit_of_one_memristor_is_seen(monkeypatch, bit):
    """All sums of its neuron with an event at its input are wrong, and no other; and a neuron whose
    current is 80 wall steps instead of 80 +- 64 fires at other times."""
    right, at, neuron = f_i_curve.sliced_weights, 3, 5

    def wrong(levels):
        weights = right(levels)
        weights[4 * at + bit, neuron] = 1 - abs(weights[4 * at + bit, neuron])
        return weights

    sound = run("golden", MEMRISTORS)
    monkeypatch.setattr(f_i_curve, "sliced_weights", wrong)
    result = run("golden", MEMRISTORS)
    off = result.sums != result.crossbar.products()
    driven = result.crossbar.patterns[:, at] > 0
    assert result.crossbar.patterns[0, at] == 2 and (off[:, :, neuron] == driven).all()
    assert result.figures()["sums_wrong"] == off.sum() == 2 * driven.sum()
    changed = np.flatnonzero((result.counts != sound.counts).any(axis=(0, 1))).tolist()
    assert changed == ([neuron] if bit == 3 else [])


def test_pictures(tmp_path):
    result = run("golden", FiCurveConfig(ticks=40, reset_ticks=(0, 2)))
    names = f_i_curve.draw(result, tmp_path)
    assert names == ["curves.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in names)
    assert f_i_curve.draw(run("golden", MEMRISTORS), tmp_path) == ["curves.png", "crossbar.png"]
    assert (tmp_path / "crossbar.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "network-conv"}, "shape = 'network-conv': choose one of network-neurons"),
        ({"theta": 0}, "theta = 0 is out of range; give 1 to 2047"),
        ({"width": 0.0}, "width = 0.0 is out of range"),
        ({"synapse": "wall"}, "synapse = 'wall': choose one of none, memristor"),
        (
            {"synapse": "memristor", "theta": 849},
            "theta = 849: walls under memristors could saturate; give 1 to 848",
        ),
        ({"reset_ticks": (16,)}, r"reset_ticks = \(16,\); give some from 0 to 15"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        FiCurveConfig(**fields)

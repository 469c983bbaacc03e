"""Rates of walls and junctions against their law, and the virtual board against the golden
model."""

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


def test_pictures(tmp_path):
    result = run("golden", FiCurveConfig(ticks=40, reset_ticks=(0, 2)))
    names = f_i_curve.draw(result, tmp_path)
    assert names == ["curves.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in names)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "network-conv"}, "shape = 'network-conv': choose one of network-neurons"),
        ({"theta": 0}, "theta = 0 is out of range; give 1 to 2047"),
        ({"width": 0.0}, "width = 0.0 is out of range"),
        ({"reset_ticks": (16,)}, r"reset_ticks = \(16,\); give some from 0 to 15"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        FiCurveConfig(**fields)

"""Square waves recall what is stored, as Hopfield networks do, and the same on every machine."""

import pytest

from spinloom.emulator.spec.square import SHAPES
from spinloom.host.experiments import recall_square
from spinloom.host.experiments.recall_square import RecallSquareConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = {"shape": "square-128", "set": ("letters-10x10",), "flips": (10.0, 40.0), "probes": 40}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return recall_square.run(machine, config, progress)


def test_letters_are_recalled(tmp_path):
    result = run("golden", RecallSquareConfig(**SMALL))
    figures = result.figures()
    assert figures["right"][0][0] >= 0.95 > figures["right"][0][1]
    assert result.hopfield[0, 0] == result.right[0, 0] == 40
    assert 1 <= figures["periods_to_settle"] < 10
    assert recall_square.draw(result, tmp_path) == ["recall.png"]
    (rows,) = recall_square.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 2 and rows[0]["oscillators"] == figures["right"][0][0]


def test_hebb_does_not_hold_letters():
    result = run("golden", RecallSquareConfig(**SMALL | {"rule": "hebb"}))
    assert result.figures()["right"][0][0] < 0.6


def test_the_virtual_board_recalls_the_same():
    config = RecallSquareConfig(
        shape="square-64", set=("letters-7x6",), flips=(25.0,), probes=12, periods=6
    )
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["phases_hash"] == sim.figures()["phases_hash"]
    assert (golden.settled == sim.settled).all() and sim.cycles


@pytest.mark.proof
def test_the_largest_machine_recalls_the_same():
    config = RecallSquareConfig(set=("letters-22x22",), flips=(25.0,), probes=10)
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["phases_hash"] == sim.figures()["phases_hash"]
    assert sim.figures()["right"] == [[1.0]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "phase-64"}, "shape = 'phase-64': choose one of square-16"),
        ({"shape": "square-64"}, "has 484 pixels: shape square-64 has 64 oscillators"),
        ({"rule": "none"}, "rule = 'none': choose one of projection"),
        ({"periods": 0}, "periods = 0; give 1 to 1000"),
        ({"flips": (60.0,)}, "give some of 0 to 50 %"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        RecallSquareConfig(**fields)

"""A network of spin neurons separates what no linear unit can; the virtual board does the same."""

import numpy as np
import pytest

from spinloom.emulator.spec.network import SHAPES
from spinloom.host.experiments import shapes
from spinloom.host.experiments.shapes import ShapesConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return shapes.run(machine, config, progress)


def test_xor():
    """A linear unit can have three of the four cases right; what least squares finds, half."""
    result = run("golden", ShapesConfig(task="xor", train=1000, test=400))
    assert result.figures()["accuracy"] == 1
    assert result.linear < 0.75


def test_squares_and_triangles():
    figures = run("golden", ShapesConfig()).figures()
    assert figures["accuracy"] > 0.93
    assert figures["linear_accuracy"] < 0.87
    assert len(shapes.tables(figures | {"machine": "golden", "seed": 1})) == 1


def test_the_virtual_board_sees_the_same():
    config = ShapesConfig(train=300, test=60, epochs=10)
    golden, sim = run("golden", config), run("sim", config)
    assert (golden.outputs == sim.outputs).all() and golden.outputs.any()
    assert golden.cycles is None and sim.cycles > 60 * 8 * 40


@pytest.mark.parametrize("test", [1, 30])
def test_drawn(test, tmp_path):
    """Of one picture, all answers are right or all are wrong."""
    names = shapes.draw(run("golden", ShapesConfig(train=100, test=test, epochs=2)), tmp_path)
    assert names == ["accuracy.png", "decisions.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in names)


def test_pictures():
    rng = np.random.default_rng(1)
    pictures, labels = shapes.draw_pictures(rng, ShapesConfig(noise=0.0), 200)
    assert labels.sum() == 100 and set(np.unique(pictures)) == {0, 255}
    bright = (pictures > 0).sum(axis=1)
    squares = bright[labels == 0]
    assert set(squares.tolist()) == {4 * (size - 1) for size in range(4, 9)}
    assert set(bright[labels == 1].tolist()) == {3 * (size - 1) for size in range(4, 9)}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "network-digits"}, "shape = 'network-digits': choose one of network-shapes"),
        ({"task": "and"}, "task = 'and': choose one of xor, figures"),
        ({"noise": 2.0}, "noise = 2.0 is out of range; give 0 to 1"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        ShapesConfig(**fields)

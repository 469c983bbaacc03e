"""Pictures are whole PNG files of the arrays given, and a failure leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from spinloom.host import pictures
from spinloom.host.experiments.readout import LaneScore


def colours(path: Path) -> set[tuple[int, ...]]:
    pixels = np.rint(imread(path)[..., :3] * 255).astype(int)
    return {tuple(pixel) for pixel in pixels.reshape(-1, 3).tolist()}


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_weight_maps_show_polarities(tmp_path: Path) -> None:
    """One neuron all ON, one all OFF, one both: the picture has their colours."""
    weights = np.zeros((2 * 6 * 8 + 32, 3), np.uint8)
    weights[:48, 1] = 1
    weights[48:96, 0] = 1
    weights[:96, 2] = 1
    path = tmp_path / "w.png"
    pictures.weight_maps(path, weights, (6, 8), ["a", "b", "c"], [pictures.GREY] * 3)
    assert {rgb(c) for c in (pictures.ON, pictures.OFF, pictures.BOTH)} <= colours(path)


def test_bars_and_curves(tmp_path: Path) -> None:
    pictures.bars(tmp_path / "b.png", {"one": [0.9, 1.0], "two": [0.5]}, "title", "F1")
    pictures.time_to_learn(tmp_path / "t.png", [[(30, 0.5), (300, 0.9)], [(30, 0.6), (300, 0.95)]])
    pictures.learning_curve(tmp_path / "l.png", [np.array([0.2, 0.5])], 30.0, [])
    scores = [LaneScore(passages=4, hits=3, duplicates=0, false_alarms=1)] * 2
    pictures.lane_table(tmp_path / "s.png", scores, [(1, 2), ()], "title")
    assert len(list(tmp_path.iterdir())) == 4
    for path in tmp_path.iterdir():
        assert imread(path).shape[0] > 100


def test_failure_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="reshape"):
        pictures.weight_maps(tmp_path / "w.png", np.zeros((5, 1), np.uint8), (6, 8), ["a"], ["k"])
    assert list(tmp_path.iterdir()) == []

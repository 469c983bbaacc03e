"""Recall by one common gain, and one machine against another."""

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import eight_oscillators
from spinloom.host.experiments.eight_oscillators import RULER, EightOscillatorsConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return eight_oscillators.run(machine, config, progress)


def test_no_two_differences_are_alike():
    marks = np.subtract.outer(RULER, RULER)
    apart = marks[np.triu_indices(len(RULER), 1)]
    assert len(set(np.abs(apart).tolist())) == 28


def test_the_gain_holds_the_couplings():
    """Its part at each difference of frequencies is that pair's J, twice by i and j. The 256
    gains that are not alike (it is even, and eight times the same) are rounded with 1/sqrt(12)
    each, which makes sqrt(2/256) of it in a part: 0.026; five of these."""
    config = EightOscillatorsConfig()
    wave, g = config.wave()
    omega = config.frequencies()
    for i in range(1, 8):
        for j in range(i):
            turns = (omega[i] - omega[j]) * np.arange(len(wave)) / 65536
            part = 2 * np.mean(wave * np.cos(2 * np.pi * turns))
            assert part == pytest.approx(2 * g * config.couplings()[i, j], abs=0.13)


def test_distorted_images_are_recalled(tmp_path):
    """Nine of ten, at least, of 24; without the wave's term for each pair, by a constant gain, all
    oscillators would run free and none would come back."""
    config = EightOscillatorsConfig(probes=24)
    result = run("golden", config)
    figures = result.figures()
    assert figures["recalled"] >= 0.9 and figures["overlap"] > figures["overlap_before"] + 0.1
    assert figures["overlap_before"] == 0.75
    assert eight_oscillators.draw(result, tmp_path) == ["eight.png"]
    assert (tmp_path / "eight.png").read_bytes().startswith(b"\x89PNG")
    (rows,) = eight_oscillators.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert rows[0]["probes"] == 24


def test_a_gain_that_holds_no_image_recalls_none(monkeypatch):
    monkeypatch.setattr(EightOscillatorsConfig, "wave", lambda self: (np.full(4096, 2047), 1.0))
    figures = run("golden", EightOscillatorsConfig(probes=24, periods=8)).figures()
    assert figures["recalled"] < 0.2


@pytest.mark.proof
def test_the_virtual_board_recalls_the_same():
    config = EightOscillatorsConfig(probes=3, periods=2)
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["phases_hash"] == sim.figures()["phases_hash"]
    assert (golden.course == sim.course).all() and sim.cycles > 3 * 2 * 4096 * 8


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "phase-64"}, "shape = 'phase-64': choose one of phase-8"),
        ({"images": 4}, "images = 4 is out of range; give 1 to 3"),
        ({"jitter": 0.3}, "jitter = 0.3 is out of range"),
        ({"spacing": 0}, "spacing = 0 is out of range; give 1 to 32"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        EightOscillatorsConfig(**fields)

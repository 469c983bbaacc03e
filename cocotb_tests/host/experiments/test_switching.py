"""Switching frequencies against the law, on the golden model and on the virtual board."""

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import switching
from spinloom.host.experiments.switching import SwitchingConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

# Above 2.5 critical currents, where the law is a closed form.
SMALL = {"trials": 20_000, "amplitudes": (110.0, 120.0, 160.0), "durations": (1.0, 3.0)}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return switching.run(machine, config, progress)


def test_frequencies_follow_the_law(tmp_path):
    """Four sigma, of six points; a law of another barrier is seen."""
    result = run("golden", SwitchingConfig(**SMALL))
    figures = result.figures()
    assert result.trials == 20 * 1024 and figures["trials"] == 6 * 20 * 1024
    assert figures["max_sigma"] < 4
    assert (np.diff(result.law[0]) > 0.02).all()
    assert switching.draw(result, tmp_path) == ["switching.png"]
    assert (tmp_path / "switching.png").read_bytes().startswith(b"\x89PNG")
    (rows,) = switching.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 6 and rows[0]["law"] == result.law[0, 0]


def test_a_wrong_law_is_seen(monkeypatch):
    """Codes of another barrier than the law is of: 5 % off, many sigma."""
    right = switching.code
    monkeypatch.setattr(switching, "code", lambda p, bits: right(0.95 * p, bits))
    assert run("golden", SwitchingConfig(**SMALL)).figures()["max_sigma"] > 10


def test_pulses_of_the_other_sign():
    """They drive to AP, by the critical current of that direction."""
    result = run("golden", SwitchingConfig(**SMALL | {"to": "AP", "amplitudes": (130.0, 160.0)}))
    assert result.figures()["max_sigma"] < 4
    assert 0.1 < result.measured()[0, 0] < 0.9


def test_the_virtual_board_counts_the_same():
    config = SwitchingConfig(trials=3000, amplitudes=(120.0,), durations=(1.0, 3.0))
    golden, sim = run("golden", config), run("sim", config)
    assert (golden.switched == sim.switched).all() and golden.trials == sim.trials
    assert golden.switched.min() > 1000 and sim.cycles > 2 * 3 * 2 * 128


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "digits-wall"}, "shape = 'digits-wall': choose one of lanes, "),
        ({"trials": 0}, "trials = 0 is out of range; give 1 to"),
        ({"amplitudes": (50.0, 40.0)}, r"amplitudes = \(50.0, 40.0\); give some that rise"),
        ({"amplitudes": (801.0,)}, "from 0 to 800"),
        ({"durations": ()}, r"durations = \(\); give some"),
        ({"to": "up"}, "to = 'up'; give P or AP"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        SwitchingConfig(**fields)

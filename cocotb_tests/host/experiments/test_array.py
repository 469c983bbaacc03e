"""The array as a memory: write errors by the law, and what a reset and a power cycle leave."""

import json

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host import array_view, cli
from spinloom.host.experiments import array
from spinloom.host.experiments.array_config import ArrayConfig
from spinloom.host.image import Image
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

# Above 2.5 critical currents, where the law is a closed form.
SMALL = {"words": 128, "amplitudes": (110.0, 130.0), "durations": (1.0, 1.5)}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return array.run(machine, config, progress)


@pytest.fixture(scope="module")
def small():
    return run("golden", ArrayConfig(**SMALL))


@pytest.mark.parametrize("to", ["P", "AP"])
def test_write_errors_follow_the_law(to):
    """2048 cells a point, four points: 4 sigma."""
    result = run("golden", ArrayConfig(**SMALL | {"to": to}))
    assert result.cells == 128 * 16
    assert not np.isnan(result.sigma()).any() and result.max_sigma < 4
    assert (np.diff(result.law, axis=0) < -0.02).all() and (np.diff(result.law) < -0.02).all()


def test_a_wrong_law_is_seen(monkeypatch):
    """Cells that leave their state 10 % less often: many sigma."""
    right = array_view.switch_probability
    monkeypatch.setattr(array_view, "switch_probability", lambda *args: 0.9 * right(*args))
    assert run("golden", ArrayConfig(**SMALL)).max_sigma > 6


def test_few_errors_are_no_sigma():
    result = run("golden", ArrayConfig(words=2, amplitudes=(160.0,), durations=(10.0,)))
    assert np.isnan(result.sigma()).all() and result.max_sigma is None
    json.dumps(result.figures(), allow_nan=False)


def test_states_survive(small):
    wrong = dict(small.wrong)
    erased = wrong.pop("power off, all erased")
    # Half of 2048 pseudo-random bits: 4 standard deviations of 22.6.
    assert abs(erased - 1024) < 91
    assert set(wrong.values()) == {0} and len(wrong) == 4
    assert small.weights[:128].sum() == erased


def test_states_that_do_not_survive_are_seen(monkeypatch):
    """An image that is not loaded, and a reset that erases."""
    config = ArrayConfig(words=8, amplitudes=(160.0,), durations=(1.0,))
    with monkeypatch.context() as patch:
        patch.setattr(Image, "restore", lambda self, machine: None)
        wrong = run("golden", config).wrong
        assert wrong["power on, image loaded"] == wrong["power off, all erased"] > 0
    with Machine.open("golden", SHAPES[config.shape]) as machine:
        reset = machine.reset

        def erase(**what):
            reset(**what)
            machine.set_weights(np.zeros((1024, 16)))

        monkeypatch.setattr(machine, "reset", erase)
        result = array.run(machine, config, Progress(quiet=True))
    assert result.wrong["after a reset"] > 0


def test_every_pulse_is_counted_and_costs_100_fj(small):
    """One pulse a cell and point; to store words over cells that are mostly P, one for most 0s."""
    figures = small.figures()
    pulses, stored = int(small.pulses.sum()), int(small.weights[:128].sum())
    assert small.pulses.dtype == np.uint64 and figures["counter_bits"] >= 50
    assert small.pulses.shape == (1024, 16) and not small.pulses[128:].any()
    assert (small.pulses[:128] >= 4).all() and pulses > 4 * small.cells + (
        small.cells - stored
    ) // 2
    write, read = figures["energy"]
    assert (write["event"], write["count"], write["joules each"]) == ("write trial", pulses, 1e-13)
    assert write["joules"] == pytest.approx(pulses * 100e-15)
    assert read["count"] > 2 * pulses and 0 < read["joules each"] < 1e-13 / 10
    assert figures["passive_j"] == 0
    # Of the pulses, those of the grid that failed did not switch; all others did (8e-13 fail).
    switched = pulses - int(small.errors.sum())
    assert figures["write_per_switch_j"] == pytest.approx(write["joules"] / switched)


@pytest.mark.parametrize("target", ["golden:numba", "sim"])
def test_every_machine_gives_the_same(target):
    config = ArrayConfig(words=12, amplitudes=(120.0,), durations=(1.0, 2.0))
    golden, other = run("golden", config), run(target, config)
    assert golden.figures()["outcome_hash"] == other.figures()["outcome_hash"]
    assert golden.wrong == other.wrong and golden.errors.min() > 0
    for name, value in golden.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)
    assert (other.ledger.cycles is None) == (target != "sim")


def test_a_run_leaves_all_that_it_promises(tmp_path, capsys):
    options = ("--words", "8", "--amplitudes", "110,160", "--durations", "1,10")
    assert cli.main(["run", "array", *options, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    path = tmp_path / "array-1-1"
    result = json.loads((path / "result.json").read_text())
    assert result["pictures"] == ["write_errors.png"]
    assert (path / "write_errors.png").read_bytes().startswith(b"\x89PNG")
    for words in ("write errors to P", "power on, image loaded", "endurance", "write trial"):
        assert words in printed
    assert cli.main(["results", str(path)]) == 0
    assert result["outcome_hash"][:12] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "digits-wall"}, "shape = 'digits-wall': choose one of lanes, "),
        ({"shape": "network-digits"}, "shape = 'network-digits': choose one of lanes, "),
        ({"words": 1025}, "words = 1025 is out of range; give 1 to 1024"),
        ({"seed": -1}, "seed = -1 is out of range"),
        ({"amplitudes": (50.0, 40.0)}, r"amplitudes = \(50.0, 40.0\); give some that rise"),
        ({"amplitudes": (801.0,)}, "above 0 to 800"),
        ({"durations": (0.0,)}, r"durations = \(0.0,\); give some"),
        ({"delta": 1.0}, r"Junction.delta = 1.0 is out of range"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        ArrayConfig(**fields)

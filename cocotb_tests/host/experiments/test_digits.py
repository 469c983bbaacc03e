"""The digits experiment, small: what it learns, repeats, leaves behind and refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host import cli
from spinloom.host.experiments import digits
from spinloom.host.experiments.digits_config import Seeds
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

TINY = digits.DigitsConfig(
    shape="lanes-small", data="sklearn", train=60, test=40, epochs=2, steps=30, sigma=0.25
)
SHORT = digits.DigitsConfig(train=600, test=200, epochs=1)


def run(config, target="golden"):
    with (
        Machine.open(target, SHAPES[config.shape]) as machine,
        Progress(quiet=True) as progress,
    ):
        return digits.run(machine, config, progress)


@pytest.fixture(scope="module")
def tiny():
    return run(TINY)


@pytest.mark.parametrize("target", ["golden:numba", "sim"])
def test_every_machine_gives_the_same_run(tiny, target):
    other = run(TINY, target)
    mine, theirs = tiny.arrays(), other.arrays()
    assert len(mine["spikes"]) > 100 and len(mine["frozen_test_spikes"]) > 50
    for name in mine:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
    for name in ("spikes_hash", "weights_hash", "accuracy", "curve", "confusion"):
        assert tiny.figures()[name] == other.figures()[name], name
    assert (other.cycles is None) == (target != "sim")


def test_the_frozen_machine_does_not_learn():
    config = replace(TINY, epochs=1)
    with Machine.open("golden:numba", SHAPES[config.shape]) as machine:
        result = digits.run(machine, config, Progress(quiet=True))
        assert np.array_equal(machine.weights(), result.weights)
        # Neither do its thresholds move: they are the share of those learned. And all walls are
        # home when an image is over.
        position, theta = machine.neurons()
        assert np.array_equal(theta, result.theta // 4)  # recall = 0.25
        assert not position.any()


def test_a_time_step_has_one_spike_at_most_and_the_pause_none(tiny):
    for spikes in (tiny.spikes, tiny.frozen_train, tiny.frozen_test):
        ticks = spikes["tick"]
        assert len(np.unique(ticks)) == len(ticks) > 0
        assert (ticks % TINY.image_ticks < TINY.steps).all()


def test_six_hundred_images_teach_something():
    learned = run(SHORT, "golden:numba").figures()
    deaf = run(replace(SHORT, code_p=0, code_ap=0), "golden:numba").figures()
    assert learned["accuracy"] > 0.6
    assert learned["accuracy"] > deaf["accuracy"] + 0.1
    assert learned["neurons_without_spike"] < 10
    assert len(learned["curve"]) == 1


@pytest.mark.parametrize("shape", ["digits4", "digits-wall"])
def test_strength_is_what_drives_a_neuron(shape):
    """One event at a pixel moves every wall by the strength of its synapse."""
    config = replace(TINY, shape=shape, sigma=0.0, train=20, test=10, epochs=1)
    with Machine.open("golden:numba", SHAPES[shape]) as machine:
        result = digits.run(machine, config, Progress(quiet=True))
        strength = result.strength()
        assert strength.shape == (64, 100) and strength.max() > 1
        machine.write("THETA0", machine.shape.theta_max)
        machine.write("STEP", 1)
        for pixel in (0, 9, 63):
            machine.reset(state=True, theta=True)
            machine.stream(np.array([pixel], np.uint16))
            assert np.array_equal(machine.neurons()[0], strength[pixel])


def test_seeds_differ(tiny):
    other = run(replace(TINY, seed=2), "golden:numba")
    assert other.figures()["spikes_hash"] != tiny.figures()["spikes_hash"]
    assert not np.array_equal(other.test.pixels, tiny.test.pixels)
    values = [v for n in range(50) for v in vars(Seeds.derive(n)).values()]
    assert len(set(values)) == len(values)


def test_a_run_leaves_all_that_it_promises(tmp_path, capsys):
    small = ("--shape", "lanes-small", "--data", "sklearn", "--train", "40", "--test", "20")
    assert cli.main(["run", "digits", *small, "--epochs", "1", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    path = tmp_path / "digits-1-1"
    result = json.loads((path / "result.json").read_text())
    assert result["status"] == "complete" and result["experiment"] == "digits"
    table = np.array(result["confusion"])
    assert table.sum() == 20 and table.sum(axis=1).tolist() == result["images_by_label"]
    assert result["accuracy"] == pytest.approx(np.trace(table) / 20)
    assert result["pictures"] == ["weights.png", "learning.png", "confusion.png"]
    for name in result["pictures"]:
        assert (path / name).read_bytes().startswith(b"\x89PNG")
        assert name in printed.splitlines()[-1]
    first = [line.split()[0] for line in printed.splitlines() if line.strip()]
    assert [w for w in first if w in [*"0123456789", "all"]] == [*"0123456789", "all"]
    assert cli.main(["results", str(path)]) == 0
    assert result["weights_hash"][:12] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--data", "no-such-file"], "no-such-file"),
        (["--train", "1800", "--data", "sklearn"], "there are 1797 images"),
        (["--epochs", "0"], "epochs = 0"),
        (["--sigma", "9"], "sigma = 9"),
        (["--theta0", "40000"], "THETA0"),
        (["--step", "16"], "STEP = 16"),
        (["--recall", "2"], "recall = 2"),
        (["--shape", "digits-wall", "--sigma", "0.1"], "have no spread"),
        (["--stuck", "0.1"], "shape digits hashes the levels of its devices"),
        (["--shape", "wide-small", "--theta0", "100"], "784 pixels; shape wide-small has 256"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(options, says, tmp_path, capsys):
    assert cli.main(["run", "digits", "--out", str(tmp_path), *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("spinloom: error: ") and err.count("\n") == 1
    assert says in err
    assert list(tmp_path.iterdir()) == []

"""``spinloom run lanes`` end to end on the golden model, and what it leaves when it is stopped."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from spinloom.host import cli
from spinloom.host.commands import run
from spinloom.host.experiments import lanes, lanes_pictures
from spinloom.host.experiments.lanes_config import SUITED, LanesConfig

SHORT = ["--seconds-train", "3", "--seconds-test", "3"]


def run_lanes(out, *options):
    return cli.main(["run", "lanes", "--on", "golden", "--out", str(out), *SHORT, *options])


def refused(capsys):
    """What was said on stderr, which must be one line."""
    err = capsys.readouterr().err
    assert err.startswith("spinloom: error: ")
    assert err.count("\n") == 1
    return err


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run: its directory, its figures and what was printed."""
    out = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "spinloom.host.cli", "run", "lanes", "--seed", "5", *SHORT]
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (path,) = out.iterdir()
    return path, json.loads((path / "result.json").read_text()), done.stdout


def test_a_run_leaves_all_that_it_promises(done):
    path, result, _ = done
    assert path.name == "lanes-5-1"
    promised = (
        "f1_mean", "f1_by_lane", "detection", "false_alarms", "weights_hash", "spikes_hash",
        "cycles", "seconds",
    )  # fmt: skip
    assert result["status"] == "complete"
    assert set(promised) <= set(result)
    assert len(result["f1_by_lane"]) == 6
    assert result["f1_mean"] == pytest.approx(np.mean(result["f1_by_lane"]))
    arrays = np.load(path / run.ARRAYS)
    assert arrays["weights"].shape == (8192, 32)
    assert result["spikes"] == len(arrays["spikes_pass1"]) + len(arrays["spikes_pass2"])
    assert result["pictures"]
    assert all((path / name).stat().st_size > 1000 for name in result["pictures"])
    known = {"config.toml", "result.json", run.ARRAYS, *result["pictures"]}
    assert {p.name for p in path.iterdir()} == known


def test_a_run_ends_in_a_table_of_lanes_and_its_pictures(done):
    path, result, printed = done
    lines = printed.splitlines()
    first = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first if word in [*"123456", "all"]] == [*"123456", "all"]
    assert all(name in lines[-1] for name in [str(path), *result["pictures"]])


def test_every_pixel_an_input(tmp_path):
    assert run_lanes(tmp_path, "--shape", "lanes-full") == 0
    (path,) = tmp_path.iterdir()
    assert np.load(path / run.ARRAYS)["weights"].shape == (32768, 32)
    config = tomllib.loads((path / "config.toml").read_text())
    assert config["shape"] == "lanes-full" and config["downsample"] == 1


def test_the_saved_configuration_gives_the_same_run_again(done, tmp_path, capsys):
    path, result, _ = done
    assert tomllib.loads((path / "config.toml").read_text())["seed"] == 5
    again = ["--config", str(path / "config.toml"), "--out", str(tmp_path), "--json"]
    assert cli.main(["run", "lanes", *again]) == 0
    (figures,) = json.loads(capsys.readouterr().out)["runs"]
    for name in ("spikes_hash", "weights_hash", "f1_by_lane", "masks"):
        assert figures[name] == result[name], name
    assert (tmp_path / "lanes-5-1" / "config.toml").read_text() == (
        path / "config.toml"
    ).read_text()


def test_results_shows_the_run(done, capsys):
    path, result, _ = done
    assert cli.main(["results", str(path)]) == 0
    assert result["weights_hash"][:12] in capsys.readouterr().out
    assert cli.main(["results", str(path), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["runs"]
    assert row == {"run": str(path), **result}


def resolved(*options):
    args = cli.build_parser().parse_args(["run", "lanes", *options])
    return run.resolve(args)


def test_a_shape_brings_what_suits_it(tmp_path):
    (full,) = resolved("--shape", "lanes-full")
    assert full == LanesConfig(shape="lanes-full", **SUITED["lanes-full"])
    assert full.downsample == 1 and resolved() == [LanesConfig()]
    # A file wins over it, and an option over both.
    file = tmp_path / "a.toml"
    file.write_text('shape = "lanes-full"\ntheta0 = 500\ndownsample = 3\n')
    (mixed,) = resolved("--config", str(file), "--downsample", "2")
    assert mixed == replace(full, theta0=500, downsample=2)


def test_options_win_over_the_file_and_the_file_over_defaults(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("seed = 3\nsigma = 0.5\nleak = 9\n[traffic]\nnoise_hz = 0.25\n")
    (one,) = resolved("--config", str(path), "--sigma", "0.25")
    assert (one.seed, one.sigma, one.leak, one.traffic.noise_hz) == (3, 0.25, 9, 0.25)
    assert resolved() == [LanesConfig()]


@pytest.mark.parametrize(
    ("options", "seeds"),
    [
        (["--seeds", "3"], [1, 2, 3]),
        (["--seed", "7", "--seeds", "2"], [7, 8]),
        (["--seeds", "1,5,9"], [1, 5, 9]),
        (["--seeds", "4,"], [4]),
        (["--seed", "11"], [11]),
    ],
)
def test_seeds(options, seeds):
    assert [one.seed for one in resolved(*options)] == seeds


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--sigma", "9"], "sigma = 9"),
        (["--seed", "-1"], "seed = -1 is out of range"),
        (["--seconds-train", "0"], "seconds_train = 0"),
        (["--seed", "1", "--seeds", "1,2"], "give one of them"),
        (["--config", "no-such.toml"], "no-such.toml does not exist"),
        (["--events", "no-such.aedat4"], "no-such.aedat4"),
        (["--downsample", "1"], "downsample"),
        (["--on", "abacus"], "'abacus'"),
        (["--on", "serial:/dev/no-such-port"], "/dev/no-such-port"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(options, says, tmp_path, capsys):
    out = tmp_path / "runs"
    assert run_lanes(out, *options) in (1, 2)
    assert says in refused(capsys)
    assert not out.exists() or list(out.iterdir()) == []


def test_a_wrong_field_of_a_file_is_named(tmp_path, capsys):
    path = tmp_path / "my.toml"
    path.write_text("teta0 = 700\n")
    assert run_lanes(tmp_path / "runs", "--config", str(path)) == 2
    err = refused(capsys)
    assert "my.toml: unknown field teta0; did you mean theta0?" in err


def test_an_interrupt_leaves_a_usable_run_directory(tmp_path, monkeypatch, capsys):
    def interrupted(machine, config, progress, checkpoint):
        machine.set_weights(np.ones((8192, 32), np.uint8))
        with progress.task("learn, pass 1 of 2", total=10) as advance:
            advance(1)
            raise KeyboardInterrupt

    monkeypatch.setattr(lanes, "run", interrupted)
    assert run_lanes(tmp_path) == 130
    assert capsys.readouterr().err == "spinloom: interrupted\n"
    result = json.loads((tmp_path / "lanes-1-1" / "result.json").read_text())
    assert (result["status"], result["stage"]) == ("interrupted", "learn, pass 1 of 2")
    assert np.load(tmp_path / "lanes-1-1" / run.ARRAYS)["weights"].all()
    assert cli.main(["results", str(tmp_path / "lanes-1-1")]) == 0


def test_ctrl_c_while_it_learns(tmp_path):
    """The real signal to the real process, as soon as the run directory is there."""
    command = [sys.executable, "-m", "spinloom.host.cli", "run", "lanes", "--out", str(tmp_path)]
    # A shell that starts tests in the background has them ignore the signal, and so would the run.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, preexec_fn=heed) as process:
        watch = tmp_path / "lanes-1-1" / "result.json"
        while not watch.exists() and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b"spinloom: interrupted\n"
    assert json.loads(watch.read_text())["status"] == "interrupted"


def test_several_seeds_end_in_one_table_with_their_mean(tmp_path, monkeypatch, capsys):
    class Result:
        def __init__(self, seed):
            self.seed = seed

        def arrays(self):
            return {"weights": np.zeros(1, np.uint8)}

        def figures(self):
            return {"f1_mean": self.seed / 10, "weights_hash": f"{self.seed:064x}"}

    monkeypatch.setattr(lanes, "run", lambda machine, config, *rest: Result(config.seed))
    monkeypatch.setattr(lanes_pictures, "draw", lambda result, folder: [])
    assert run_lanes(tmp_path, "--seeds", "2,6") == 0
    last = [line for line in capsys.readouterr().out.splitlines() if line.strip()][-1].split()
    assert last[:3] == ["mean", "—", "0.4"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lanes-2-1", "lanes-6-1"]


def test_a_recording_without_truth_gives_weights_and_spikes(tmp_path, capsys):
    rng = np.random.default_rng(3)
    recording = tmp_path / "road.npz"
    t = np.sort(rng.integers(0, 2_000_000, 60_000))
    x, y, p = (rng.integers(0, size, t.size) for size in (128, 128, 2))
    np.savez(recording, t=t, x=x, y=y, p=p)
    out = tmp_path / "runs"
    assert run_lanes(out, "--events", str(recording)) == 0
    printed = capsys.readouterr().out
    result = json.loads((out / "lanes-1-1" / "result.json").read_text())
    assert result["events"] == 2 * t.size
    assert result["weights_hash"] in printed
    assert "f1_mean" not in result
    assert str(recording) in (out / "lanes-1-1" / "config.toml").read_text()


def test_the_virtual_board_gives_the_same_run(done, tmp_path):
    """The point of it all: the circuit and the golden model agree on every spike and weight."""
    path, result, _ = done
    assert run_lanes(tmp_path, "--seed", "5", "--on", "sim", "--quiet") == 0
    arrays = [np.load(p / run.ARRAYS) for p in (path, tmp_path / "lanes-5-1")]
    for name in arrays[0]:
        assert np.array_equal(arrays[0][name], arrays[1][name]), name
    figures = json.loads((tmp_path / "lanes-5-1" / "result.json").read_text())
    for name in ("spikes_hash", "weights_hash", "f1_by_lane", "masks"):
        assert figures[name] == result[name], name
    assert figures["cycles"] > result["events"]

"""Runs that are killed in mid-training and go on from their checkpoint on another machine: they
end, bit by bit, as the run that nobody killed."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest

from spinloom.host import cli
from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments import lanes_training
from spinloom.host.link.transport import LinkError

# Images of 31 ticks, so that buckets of 15 are cut; a neuron's refractory time is longer than one.
SMALL = (
    "--shape", "lanes-small", "--data", "sklearn", "--train", "60", "--test", "30", "--epochs", "2",
    "--steps", "30", "--t-ref", "40", "--sigma", "0.25", "--theta0", "100",
)  # fmt: skip
LONG = (*SMALL, "--train", "500", "--epochs", "20")
SAME = (
    "spikes_hash", "weights_hash", "accuracy", "confusion", "curve", "spikes", "theta_median",
    "f1_by_lane", "masks", "energy", "trials_switched",
)  # fmt: skip


def digits(*options):
    return cli.main(["run", "digits", "--quiet", *map(str, options)])


def lanes(*options):
    return cli.main(["run", "lanes", "--quiet", *map(str, options)])


def outcome(path):
    """Figures and arrays of a finished run."""
    figures = json.loads((path / "result.json").read_text())
    assert figures["status"] == "complete"
    with np.load(path / "arrays.npz") as file:
        arrays = {name: file[name] for name in file.files}
    return {name: figures[name] for name in SAME if name in figures}, arrays


def check_same(path, whole):
    figures, arrays = outcome(path)
    assert figures == whole[0]
    assert arrays.keys() == whole[1].keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, whole[1][name], err_msg=name)
    assert not (path / "checkpoint.npz").exists()


def shown(path):
    with np.load(path / "checkpoint.npz") as file:
        return int(file["shown"])


def status(path):
    return json.loads((path / "result.json").read_text())["status"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nobody killed."""
    out = tmp_path_factory.mktemp("whole")
    assert digits(*SMALL, "--out", out) == 0
    whole = outcome(out / "digits-1-1")
    assert whole[0]["spikes"] > 400
    return whole


def strike(monkeypatch, blow, **at):
    """``blow(machine)`` once a checkpoint with these numbers has been saved."""
    save = Checkpoint.save

    def saved(self, journal, **arrays):
        save(self, journal, **arrays)
        if all(arrays[name] == number for name, number in at.items()):
            blow(journal.machine)

    monkeypatch.setattr(Checkpoint, "save", saved)


def lost(machine):
    raise LinkError("virtual board closed the connection")


def killed(machine):
    os.kill(machine._port.session._transport._process.pid, signal.SIGKILL)


@pytest.mark.parametrize("cuts", [[1], [59], [60], [61], [120], [7, 8, 33, 60, 75, 119]], ids=str)
def test_cut_anywhere(cuts, whole, tmp_path, monkeypatch, capsys):
    """Images shown when the machine dies: within both epochs, at their ends, many times. The next
    machine is another object, in turn of another kind."""
    start, path = (*SMALL, "--out", tmp_path), tmp_path / "digits-1-1"
    again = ("--resume", path)
    for number, cut in enumerate(cuts):
        with monkeypatch.context() as patch:
            strike(patch, lost, shown=cut)
            assert digits(*(again if number else start), "--checkpoint", 0) == 1
        assert (status(path), shown(path)) == ("interrupted", cut)
        assert capsys.readouterr().err == (
            "spinloom: error: virtual board closed the connection; "
            f"go on with: spinloom run digits --resume {path} --on golden\n"
        )
    assert digits(*again, "--on", "golden:numba") == 0
    check_same(path, whole)
    figures = json.loads((path / "result.json").read_text())
    assert figures["machine"] == "golden:numba"
    assert figures["earlier_machines"] == ["golden"] * len(cuts)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("trials", lambda n: n + 1024),
        ("learned", lambda spikes: spikes[1:]),
        ("spikes", lambda spikes: spikes[:0]),
        ("weights", lambda words: words ^ 1),
    ],
)
def test_what_is_saved_is_needed(name, change, whole, tmp_path, monkeypatch):
    path = tmp_path / "digits-1-1"
    with monkeypatch.context() as patch:
        strike(patch, lost, shown=50)
        assert digits(*SMALL, "--out", tmp_path, "--checkpoint", 0) == 1
    with np.load(path / "checkpoint.npz") as file:
        arrays = dict(file)
    np.savez(path / "checkpoint.npz", **arrays | {name: change(arrays[name])})
    assert digits("--resume", path) == 0
    assert outcome(path)[0] != whole[0]


def test_the_virtual_board_is_killed_and_another_goes_on(whole, tmp_path, monkeypatch, capsys):
    """SIGKILL to the process of the board, a second time while the run goes on on another."""
    path = tmp_path / "digits-1-1"
    for cut, options in ((41, (*SMALL, "--out", tmp_path)), (90, ("--resume", path))):
        with monkeypatch.context() as patch:
            strike(patch, killed, shown=cut)
            assert digits(*options, "--on", "sim", "--checkpoint", 0) == 1
        assert capsys.readouterr().err.splitlines()[-1] == (
            "spinloom: error: the process of the virtual board was killed by signal 9 while it was "
            f"in use; go on with: spinloom run digits --resume {path} --on sim"
        )
        assert (status(path), shown(path)) == ("interrupted", cut)
    assert digits("--resume", path) == 0
    check_same(path, whole)
    figures = json.loads((path / "result.json").read_text())
    assert figures["machine"] == "sim" and figures["cycles"] > 60 * 2 * 31


def test_from_the_golden_model_to_the_board(whole, tmp_path, monkeypatch):
    path = tmp_path / "digits-1-1"
    with monkeypatch.context() as patch:
        strike(patch, lost, shown=77)
        assert digits(*SMALL, "--out", tmp_path, "--checkpoint", 0) == 1
    assert digits("--resume", path, "--on", "sim") == 0
    check_same(path, whole)
    # A part of the training had no clock.
    assert json.loads((path / "result.json").read_text())["cycles"] is None


@pytest.fixture
def short_chunks(monkeypatch):
    """A recording of three seconds in about nine chunks, snapshots within."""
    monkeypatch.setattr(lanes_training, "CHUNK", 10_000)
    monkeypatch.setattr(lanes_training, "CURVE_SECONDS", (1, 2))


@pytest.mark.usefixtures("short_chunks")
def test_lanes_are_cut_in_both_passes(tmp_path, monkeypatch, capsys):
    """Anywhere, with neurons in their refractory time; on four machines, the third a virtual board
    that is killed."""
    traffic = ("--seconds-train", "3", "--seconds-test", "3", "--curve", "--theta0", "300")
    assert lanes(*traffic, "--out", tmp_path) == 0
    whole = outcome(tmp_path / "lanes-1-1")
    assert len(whole[1]["spikes_pass1"]) > 80 and len(whole[1]["spikes_pass2"]) > 80
    assert len(whole[0]["curve"]) == 4

    path = tmp_path / "lanes-1-2"
    cuts = (
        ((0, 1), (*traffic, "--out", tmp_path), lost),
        ((0, 6), ("--resume", path, "--on", "golden:numba"), lost),
        ((1, 3), ("--resume", path, "--on", "sim"), killed),
    )
    for (number, chunk), options, blow in cuts:
        with monkeypatch.context() as patch:
            strike(patch, blow, number=number, chunk=chunk)
            assert lanes(*options, "--checkpoint", 0) == 1
        assert f"go on with: spinloom run lanes --resume {path}" in capsys.readouterr().err
        with np.load(path / "checkpoint.npz") as file:
            assert (int(file["number"]), int(file["chunk"])) == (number, chunk)
    assert lanes("--resume", path, "--on", "golden") == 0
    check_same(path, whole)


@pytest.mark.usefixtures("short_chunks")
def test_lanes_refuse_other_parameters(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        strike(patch, lost, number=0, chunk=1)
        traffic = ("--seconds-train", "3", "--seconds-test", "3")
        assert lanes(*traffic, "--out", tmp_path, "--checkpoint", 0) == 1
    config = tmp_path / "lanes-1-1" / "config.toml"
    config.write_text(config.read_text().replace("\nleak = ", "\nleak = 1"))
    assert lanes("--resume", tmp_path / "lanes-1-1") == 2
    assert "is of a run with other parameters" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda n: n.name)
def test_the_host_is_killed(number, tmp_path, capsys):
    """The real signal to the real process; then its run goes on here."""
    command = [sys.executable, "-m", "spinloom.host.cli", "run", "digits", "--on", "golden:numba"]
    command += [*LONG, "--out", str(tmp_path), "--checkpoint", "0.05"]
    path = tmp_path / "digits-1-1"
    # A shell that starts tests in the background has them ignore the signal, and so would the run.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, preexec_fn=heed) as process:
        while process.poll() is None:
            if (path / "checkpoint.npz").exists() and shown(path) > 100:
                break
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert 100 < shown(path) < 500 * 20
    if number == signal.SIGKILL:
        assert (process.returncode, status(path)) == (-9, "running")
        (path / ".checkpoint.npz.1.part").touch()  # as if it had been killed while it saved
    else:
        assert (process.returncode, status(path)) == (130, "interrupted")
        assert err.decode() == (
            f"spinloom: interrupted; go on with: spinloom run digits --resume {path} "
            "--on golden:numba\n"
        )
    assert digits("--resume", path) == 0
    assert digits(*LONG, "--out", tmp_path, "--on", "golden:numba") == 0
    check_same(path, outcome(tmp_path / "digits-1-2"))
    assert sorted(p.name for p in path.iterdir()) == sorted(
        ["config.toml", "result.json", "arrays.npz", "weights.png", "learning.png", "confusion.png"]
    )
    assert json.loads((path / "result.json").read_text())["machine"] == "golden:numba"


def test_what_cannot_be_resumed(tmp_path, monkeypatch, capsys):
    path = tmp_path / "digits-1-1"

    def says(*options):
        assert digits(*options) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        return err

    with monkeypatch.context() as patch:
        strike(patch, lost, shown=2)
        assert digits(*SMALL, "--out", tmp_path, "--checkpoint", 0) == 1
    capsys.readouterr()
    again = ("--resume", path)
    assert f"{tmp_path} is not a run directory" in says("--resume", tmp_path)
    assert "--theta-up: a resumed run keeps its" in says(*again, "--theta-up", 3)
    assert "--seed: a resumed run keeps its" in says(*again, "--seed", 0)
    assert "--out: a resumed run keeps its" in says(*again, "--out", tmp_path)
    assert "checkpoint = -1.0 s; give 0" in says(*again, "--checkpoint", -1)
    config = (path / "config.toml").read_text()
    (path / "config.toml").write_text(config.replace("theta_up = 4", "theta_up = 5"))
    assert "is of a run with other parameters" in says(*again)
    (path / "config.toml").write_text(config.replace('"lanes-small"', '"digits"'))
    assert "checkpoint.npz is of a machine lanes-small" in says(*again)
    (path / "config.toml").write_text(config)
    kept = (path / "checkpoint.npz").read_bytes()
    (path / "checkpoint.npz").write_bytes(kept[:99])
    assert "checkpoint.npz is no image of a machine" in says(*again)
    (path / "checkpoint.npz").unlink()
    assert f"start again with spinloom run digits --config {path}/config.toml" in says(*again)
    (path / "checkpoint.npz").write_bytes(kept)
    assert digits(*again) == 0
    assert "is complete: there is nothing to resume" in says(*again)
    result = json.loads((path / "result.json").read_text())
    (path / "result.json").write_text(json.dumps(result | {"experiment": "lanes"}))
    assert "is a run of lanes, not of digits" in says(*again)

"""A run directory is never overwritten, never half-written, and says truly how the run ended."""

import json
import tomllib
from dataclasses import asdict, dataclass, field

import numpy as np
import pytest

from spinloom.host.rundir import RunDirectory, read_result, to_toml, write_atomic


@dataclass(frozen=True, kw_only=True)
class Inner:
    step: int = 4
    codes: tuple[int, ...] = (64, 16)


@dataclass(frozen=True, kw_only=True)
class Config:
    name: str = 'a "quoted" \\ nämé'
    seed: int = (1 << 64) - 1
    sigma: float = 0.25
    learn: bool = True
    events: str | None = None
    inner: Inner = field(default_factory=Inner)


def test_complete_run_can_be_read_back(tmp_path):
    with RunDirectory(tmp_path, "lanes-1", Config()) as run:
        assert read_result(run.path)["status"] == "running"
        run.save("weights.npz", weights=np.arange(6, dtype=np.uint8))
        run.complete({"f1_mean": 0.5, "f1_by_lane": [0.25, 0.75]})
    result = read_result(tmp_path / "lanes-1-1")
    assert result.pop("elapsed_seconds") >= 0
    assert result == {"status": "complete", "f1_mean": 0.5, "f1_by_lane": [0.25, 0.75]}
    assert np.array_equal(np.load(run.path / "weights.npz")["weights"], np.arange(6))
    saved = tomllib.loads((run.path / "config.toml").read_text(encoding="utf-8"))
    expected = asdict(Config())
    expected["inner"]["codes"] = [64, 16]
    del expected["events"]
    assert saved == expected
    assert sorted(p.name for p in run.path.iterdir()) == [
        "config.toml", "result.json", "weights.npz"
    ]  # fmt: skip


def test_earlier_runs_are_never_overwritten(tmp_path):
    paths = []
    for _ in range(3):
        with RunDirectory(tmp_path, "lanes-7", Config()) as run:
            run.complete({})
        paths.append(run.path.name)
    assert paths == ["lanes-7-1", "lanes-7-2", "lanes-7-3"]


def test_interrupted_run_keeps_what_is_known(tmp_path):
    with pytest.raises(KeyboardInterrupt), RunDirectory(tmp_path, "lanes-1", Config()) as run:
        run.save("weights.npz", weights=np.ones(3, np.uint8))
        run.known["stage"] = "pass 2"
        raise KeyboardInterrupt
    result = read_result(run.path)
    assert (result["status"], result["stage"]) == ("interrupted", "pass 2")
    assert (run.path / "weights.npz").is_file()


def test_failed_run_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="broken"), RunDirectory(tmp_path, "x", Config()) as run:
        run.save("weights.npz", weights=np.ones(3, np.uint8))
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []
    assert not run.path.exists()


def test_failed_run_with_a_checkpoint_goes_on(tmp_path):
    known = {"experiment": "digits"}
    with (
        pytest.raises(RuntimeError, match="silent"),
        RunDirectory(tmp_path, "digits-1", Config(), known) as run,
    ):
        assert read_result(run.path)["experiment"] == "digits"
        run.checkpoint.write_bytes(b"all that is needed")
        (run.path / f".{run.checkpoint.name}.99.part").touch()
        raise RuntimeError("the port is silent")
    assert read_result(run.path)["status"] == "interrupted"
    config = (run.path / "config.toml").read_text()
    with RunDirectory.reopen(run.path, known) as again:
        assert read_result(run.path)["status"] == "running"
        assert again.checkpoint.read_bytes() == b"all that is needed"
        again.complete({"accuracy": 0.5})
    assert {p.name for p in run.path.iterdir()} == {"config.toml", "result.json"}
    assert (run.path / "config.toml").read_text() == config
    assert read_result(run.path)["status"] == "complete"


def test_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "result.json"
    path.write_text("old")

    def fail(file):
        file.write(b"half of the n")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_result_with_a_figure_that_json_cannot_hold_fails_whole(tmp_path):
    with pytest.raises(ValueError, match="JSON"), RunDirectory(tmp_path, "x", Config()) as run:
        run.complete({"f1_mean": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_toml_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="object"):
        to_toml({"a": object()})
    nested = {"a": {"b": {"c": [1, 2.5, False]}}, "z": "x"}
    assert tomllib.loads(to_toml(nested)) == nested


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"f1_mean": 1})])
def test_reading_a_directory_that_no_run_wrote(tmp_path, text):
    with pytest.raises(ValueError, match="not a run directory"):
        read_result(tmp_path)
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(ValueError, match=r"result\.json"):
        read_result(tmp_path)

"""The lanes experiment on the golden model: what it learns, what it repeats, what it refuses."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import lanes, lanes_pictures
from spinloom.host.experiments.lanes_config import Seeds
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SHORT = lanes.LanesConfig(seed=5, seconds_train=40, seconds_test=20, codes=((64, 16),))


def run(config: lanes.LanesConfig) -> lanes.LanesResult:
    with (
        Machine.open("golden", SHAPES[config.shape]) as machine,
        Progress(quiet=True) as progress,
    ):
        result = lanes.run(machine, config, progress)
        # The machine keeps what it has learned.
        assert np.array_equal(machine.weights(), result.weights)
        return result


@pytest.fixture(scope="module")
def short() -> lanes.LanesResult:
    return run(SHORT)


def test_forty_seconds_teach_something(short: lanes.LanesResult) -> None:
    figures = short.figures()
    assert figures["f1_mean"] > 0.4
    assert len(figures["f1_by_lane"]) == 6
    assert figures["f1_mean"] == pytest.approx(np.mean(figures["f1_by_lane"]))
    assert figures["events"] > 40 * 20_000
    assert figures["cycles"] is None
    # Silent inputs are pruned: from 0.8 to a few percent.
    assert figures["weights_parallel"] < 0.5


def test_hashes_are_what_they_say(short: lanes.LanesResult) -> None:
    figures = short.figures()
    packed = b"".join(
        int(s["tick"]).to_bytes(4, "little") + int(s["neuron"]).to_bytes(2, "little")
        for one in short.spikes
        for s in one
    )
    assert figures["spikes_hash"] == hashlib.sha256(packed).hexdigest()
    words = np.packbits(short.weights, axis=1, bitorder="little")
    assert figures["weights_hash"] == hashlib.sha256(words.tobytes()).hexdigest()


def test_curve_changes_nothing_else(short: lanes.LanesResult) -> None:
    curved = run(replace(SHORT, curve=True))
    assert [point[0] for point in curved.curve] == [30.0, 40.0]
    assert curved.curve[-1][1] == short.figures()["f1_mean"]
    for name in ("spikes_hash", "weights_hash", "f1_by_lane", "masks"):
        assert curved.figures()[name] == short.figures()[name]


def test_seeds_differ(short: lanes.LanesResult) -> None:
    other = run(replace(SHORT, seed=6))
    assert other.figures()["spikes_hash"] != short.figures()["spikes_hash"]
    seeds = [Seeds.derive(n) for n in range(50)]
    values = [v for s in seeds for v in vars(s).values()]
    assert len(set(values)) == len(values)


def test_recording_without_truth(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    t = np.sort(rng.integers(2_000_000, size=40_000))
    x, y, p = rng.integers(128, size=t.size), rng.integers(128, size=t.size), t % 2
    np.savez(tmp_path / "a.npz", t=t, x=x, y=y, p=p)
    result = run(lanes.LanesConfig(events=str(tmp_path / "a.npz")))
    figures = result.figures()
    assert figures["events"] == 2 * t.size
    assert "f1_mean" not in figures
    assert result.evaluation is None
    assert lanes_pictures.draw(result, tmp_path) == ["weights.png"]


def test_camera_that_does_not_fit(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", t=[0, 1], x=[0, 345], y=[0, 259], p=[0, 1])
    with pytest.raises(ValueError, match=r"346x260 .* give --downsample 5"):
        run(lanes.LanesConfig(events=str(tmp_path / "a.npz")))


def test_pictures(short: lanes.LanesResult, tmp_path: Path) -> None:
    names = lanes_pictures.draw(short, tmp_path)
    assert sorted(names) == ["lanes.png", "learning.png", "raster.png", "weights.png"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"shape": "lane"}, "shape = 'lane' is unknown"),
        ({"seed": -1}, "seed = -1"),
        ({"sigma": 3.0}, "sigma = 3.0"),
        ({"seconds_test": 0.0}, "seconds_test = 0.0"),
        ({"codes": ()}, "codes"),
        ({"codes": ((300, 1),)}, r"\(300, 1\)"),
        ({"theta0": 5000}, "THETA0 = 5000"),
        ({"t_ref": 5000}, "t_ref = 5000"),
        ({"parallel": 1.5}, "parallel = 1.5"),
        ({"curve": True, "events": "a.npz"}, "needs the truth"),
    ],
)
def test_wrong_configuration(wrong: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        replace(lanes.LanesConfig(), **wrong)

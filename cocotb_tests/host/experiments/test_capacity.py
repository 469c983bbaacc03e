"""Capacity of phase oscillators: SHIL holds what sine couplings lose; the same on every body."""

import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import capacity
from spinloom.host.experiments.capacity import CapacityConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return capacity.run(machine, config, progress)


def test_shil_holds_what_sine_couplings_lose(tmp_path):
    result = run("golden", CapacityConfig(alphas=(0.02, 0.1), sets=4, probes=15, seed=9))
    figures = result.figures()
    assert min(figures["overlap"][kind][0] for kind in ("shil", "plain", "hopfield")) > 0.97
    assert figures["overlap_at_tenth"] >= 0.93
    first, second = figures["overlap"]["plain"]
    assert second < 0.5
    at = 0.02 + 0.08 * (first - 0.5) / (first - second)
    assert figures["collapse_without_shil"] == pytest.approx(at)
    assert 0.02 < figures["success_collapse_without_shil"] < at
    assert capacity.draw(result, tmp_path) == ["capacity.png"]
    assert (tmp_path / "capacity.png").read_bytes().startswith(b"\x89PNG")
    rows, collapse = capacity.tables(figures | {"machine": "golden", "seed": 9}).values()
    assert [row["patterns"] for row in rows] == [5, 26]
    assert collapse[0]["half the overlap"] == figures["collapse_without_shil"]


def test_strong_shil_recalls_nothing_whatever_is_stored():
    """What is recalled overlaps with its probe as the pattern does, 0.8; frozen ones keep more of
    it, and their overlap does not tell a low load from one that nothing holds. Overlaps of a set
    have a standard error of about 0.002: ten of which."""
    figures = run("golden", CapacityConfig(alphas=(0.04, 0.2), sets=4, seed=9)).figures()
    assert figures["probe"] == pytest.approx(0.8, abs=0.005)
    low, high = figures["overlap"]["frozen"]
    assert low == pytest.approx(high, abs=0.02) and low < figures["overlap"]["shil"][0] - 0.02
    assert high > figures["overlap"]["shil"][1] + 0.1
    assert figures["overlap_with_probe"]["shil"][0] == pytest.approx(0.8, abs=0.02)
    assert min(figures["overlap_with_probe"]["frozen"]) > 0.83


def test_no_collapse_is_none():
    result = run("golden", CapacityConfig(alphas=(0.02,), sets=1, probes=5, seed=9))
    assert result.collapse(result.mean("plain")) is None


@pytest.mark.proof
def test_every_body_holds_the_same():
    config = CapacityConfig(shape="phase-64", alphas=(0.05,), sets=1, probes=3, ticks=40)
    hashes = {run(t, config).phases_hash for t in ("golden", "sim")}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of phase-8, "),
        ({"alphas": (0.1, 0.05)}, r"alphas = \(0.1, 0.05\); give some that rise"),
        ({"alphas": (0.001,)}, "the first is no pattern of 256 oscillators; give 0.00391 or more"),
        ({"rule": "hope"}, "rule = 'hope': choose one of projection"),
        ({"sets": 0}, "sets = 0 is out of range; give 1 to 1000"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        CapacityConfig(**fields)

"""The long proofs of the lanes experiment: whole recordings, three seeds."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import lanes
from spinloom.host.experiments.lanes_config import SUITED
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]
SEEDS = (1, 2, 3)


@functools.cache
def run(target: str, seed: int, sigma: float, shape: str = "lanes") -> lanes.LanesResult:
    config = lanes.LanesConfig(shape=shape, seed=seed, sigma=sigma, **SUITED.get(shape, {}))
    with Machine.open(target, SHAPES[config.shape]) as machine:
        return lanes.run(machine, config, Progress(quiet=True))


@pytest.mark.parametrize("target", ["sim", "golden:numba"])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_spike_and_every_junction_agree(target: str, seed: int) -> None:
    golden, other = run("golden", seed, 0.0), run(target, seed, 0.0)
    assert len(golden.spikes) == len(other.spikes) == 2
    for mine, theirs in zip(golden.spikes, other.spikes, strict=True):
        assert len(mine) > 1000
        np.testing.assert_array_equal(mine, theirs)
    assert golden.weights_hash == other.weights_hash
    assert golden.figures()["f1_by_lane"] == other.figures()["f1_by_lane"]


def test_the_second_simulator_agrees() -> None:
    golden, other = run("golden", 1, 0.25), run("sim:cxxrtl", 1, 0.25)
    assert [s.tolist() for s in golden.spikes] == [s.tolist() for s in other.spikes]
    assert golden.weights_hash == other.weights_hash


def test_a_million_junctions_agree() -> None:
    golden, other = (run(target, 1, 0.0, "lanes-full") for target in ("golden:numba", "sim"))
    assert [s.tolist() for s in golden.spikes] == [s.tolist() for s in other.spikes]
    assert golden.weights_hash == other.weights_hash
    assert golden.figures()["f1_by_lane"] == other.figures()["f1_by_lane"]


def test_every_pixel_an_input_counts_better() -> None:
    f1 = [run("golden:numba", s, 0.0, "lanes-full").figures()["f1_mean"] for s in SEEDS]
    print(f"full resolution: F1 {f1}, mean {np.mean(f1):.3f}")
    assert np.mean(f1) >= 0.96


@pytest.mark.parametrize(("sigma", "bar"), [(0.0, 0.92), (0.25, 0.90), (0.50, 0.87)])
def test_cars_are_counted(sigma: float, bar: float) -> None:
    f1 = [run("golden", seed, sigma).figures()["f1_mean"] for seed in SEEDS]
    print(f"sigma {sigma}: F1 {f1}, mean {np.mean(f1):.3f}")
    assert np.mean(f1) >= bar

"""The long proofs of the digits experiment: 4,000 images, three epochs, three seeds."""

import functools

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import digits
from spinloom.host.experiments.digits_config import SUITED
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]
SEEDS = (1, 2, 3)
MANY_SEEDS = (1, 2, 3, 4, 5, 6)  # a seed's accuracy has a standard deviation of 1.5 points
LIMIT_SECONDS = 600  # of training on the virtual board


@functools.cache
def run(target: str, shape: str, seed: int, sigma: float = 0.0) -> digits.DigitsResult:
    config = digits.DigitsConfig(shape=shape, seed=seed, sigma=sigma, **SUITED.get(shape, {}))
    with Machine.open(target, SHAPES[shape]) as machine:
        return digits.run(machine, config, Progress(quiet=True))


def accuracies(shape: str, seeds: tuple[int, ...] = SEEDS, sigma: float = 0.0) -> list[float]:
    found = [run("golden:numba", shape, s, sigma).figures()["accuracy"] for s in seeds]
    print(f"{shape}, sigma {sigma}: accuracy {found}, mean {np.mean(found):.3f}")
    return found


@pytest.mark.parametrize(
    ("shape", "bar"),
    [("digits", 0.81), ("digits4", 0.84), ("digits-wall", 0.83), ("digits400", 0.87)],
)
def test_digits_are_read(shape: str, bar: float) -> None:
    assert np.mean(accuracies(shape)) >= bar


def test_device_spread_costs_little() -> None:
    ideal, spread = (accuracies("digits", MANY_SEEDS, sigma) for sigma in (0.0, 0.5))
    assert np.mean(spread) >= np.mean(ideal) - 0.015


def test_several_junctions_a_synapse_read_better() -> None:
    assert np.mean(accuracies("digits4")) > np.mean(accuracies("digits"))


@pytest.mark.parametrize("shape", ["digits", "digits4", "digits-wall"])
def test_the_virtual_board_agrees_in_time(shape: str) -> None:
    golden, board = run("golden:numba", shape, 1), run("sim", shape, 1)
    for name in ("accuracy", "weights_hash", "spikes_hash", "curve", "confusion"):
        assert golden.figures()[name] == board.figures()[name], name
    assert len(golden.spikes) > 10_000
    print(f"{shape}: {board.cycles} cycles, {board.training_seconds:.0f} s")
    assert board.training_seconds < LIMIT_SECONDS

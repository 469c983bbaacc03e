"""The shapes experiment: a network of spin neurons separates what no linear unit can (Fig. 3).

``xor``: two bits, each half of a picture bright or dark; the network has to tell whether they
differ. ``figures``: outlines of squares and of triangles, of all sizes at all places. A network of
two layers is trained offline (``host.training``) and shown in one time step of events; beside it
stands the best linear unit, of real weights, that least squares finds on the same pictures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import SHAPES, Dense, LayerParams, NetworkParams, NetworkShape
from spinloom.host.experiments.options import check, option
from spinloom.host.network import NetworkMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import regular
from spinloom.host.training import train

FINE = 4  # wall steps of an event at a hidden neuron
SIDE = 8  # pixels
NAMES = {"xor": ("alike", "different"), "figures": ("square", "triangle")}

SUITED: dict[str, dict[str, Any]] = {}
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class ShapesConfig:
    """One run."""

    shape: str = option("network-shapes", "a network of two dense layers for 8x8 pictures")
    seed: int = 1
    task: Literal["xor", "figures"] = option("figures", "what the pictures show")
    train: int = option(4000, "pictures to learn from")
    test: int = option(1000, "other pictures, to score")
    noise: float = option(0.02, "share of pixels that are turned round")
    epochs: int = option(60, "how often the pictures to learn from are shown")
    steps: int = option(8, "time a picture is shown, ticks")
    theta: int = option(2, "threshold of a hidden neuron, events")

    def __post_init__(self) -> None:
        shape = self.network()
        if self.task not in NAMES:
            raise ValueError(f"task = {self.task!r}: choose one of {', '.join(NAMES)}")
        check(
            self,
            train=(4, 1 << 20),
            test=(1, 1 << 20),
            noise=(0, 1),
            epochs=(1, 10_000),
            steps=(1, 255),
            theta=(1, shape.highest // (2 * FINE)),
        )

    def network(self) -> NetworkShape:
        """The shape, if it has two dense layers, of 64 inputs and two outputs."""

        def fits(shape: NetworkShape) -> bool:
            ends = (shape.layers[0].inputs, shape.layers[-1].neurons)
            dense = [type(layer) for layer in shape.layers] == [Dense, Dense]
            return dense and ends == (SIDE * SIDE, 2)

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def params(self) -> NetworkParams:
        """Registers: hidden walls on a track of twice their threshold, outputs that never fire."""
        shape, theta = self.network(), FINE * self.theta
        return NetworkParams(
            layers=(
                LayerParams(step=FINE, theta=theta, lo=-2 * theta, hi=2 * theta),
                LayerParams(theta=shape.highest, lo=shape.lowest, hi=shape.highest - 1),
            )
        )


CONFIG = ShapesConfig


@dataclass(frozen=True, kw_only=True)
class ShapesResult:
    """What a run leaves: ``outputs`` int64 [pictures, 2]; ``linear`` is the linear unit's share of
    right answers."""

    config: ShapesConfig
    pictures: Bytes
    labels: Bytes
    outputs: npt.NDArray[np.int64]
    linear: float
    cycles: int | None
    seconds: float

    def answers(self) -> npt.NDArray[np.intp]:
        """The output that has moved farthest."""
        found: npt.NDArray[np.intp] = np.argmax(self.outputs, axis=1)
        return found

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        right = self.answers() == self.labels
        return {
            "accuracy": float(right.mean()),
            "linear_accuracy": self.linear,
            "accuracy_by_kind": {
                name: float(right[self.labels == k].mean())
                for k, name in enumerate(NAMES[self.config.task])
                if (self.labels == k).any()
            },
            "cycles": self.cycles,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"pictures": self.pictures, "labels": self.labels, "outputs": self.outputs}


def run(machine: NetworkMachine, config: ShapesConfig, progress: Progress) -> ShapesResult:
    """Train, write the network into the machine, and score it beside a linear unit."""
    started, before = time.monotonic(), machine.cycles
    rng = np.random.Generator(np.random.PCG64(config.seed))
    shown, labels = draw_pictures(rng, config, config.train)
    test, truth = draw_pictures(rng, config, config.test)
    hidden, output = config.network().layers
    rates = regular.counts(shown, config.steps) / config.steps
    with progress.task("train", total=config.epochs, unit="epochs") as advance:
        trained = train(
            lambda epoch: rates.astype(np.float32),
            labels,
            hidden=hidden.neurons,
            outputs=output.neurons,
            theta=config.theta,
            epochs=config.epochs,
            seed=config.seed,
            ternary=True,
            advance=advance,
        )
    machine.configure(config.params())
    machine.set_weights(trained.weights)
    machine.set_bias(
        [np.rint(trained.bias[0] * FINE).astype(int), np.rint(trained.bias[1]).astype(int)]
    )
    outputs = []
    with progress.task("test", total=len(test), unit="pictures") as advance:
        for pixels in test:
            machine.reset(state=True)
            machine.stream(regular.words(pixels, config.steps))
            outputs.append(machine.positions()[1])
            advance(1)
    cycles = machine.cycles_since(before)
    return ShapesResult(
        config=config,
        pictures=test,
        labels=truth,
        outputs=np.array(outputs),
        linear=linear_accuracy(shown, labels, test, truth),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw_pictures(
    rng: np.random.Generator, config: ShapesConfig, count: int
) -> tuple[Bytes, Bytes]:
    """Pictures uint8 [count, 64] of 0 and 255, as many of each kind, and their labels 0 and 1."""
    pictures = np.zeros((count, SIDE, SIDE), bool)
    labels = rng.permutation(count) % 2
    for pixels, label in zip(pictures, labels, strict=True):
        if config.task == "xor":
            left = bool(rng.integers(2))
            pixels[:, : SIDE // 2], pixels[:, SIDE // 2 :] = left, left ^ bool(label)
        else:
            _outline(rng, pixels, triangle=bool(label))
    pictures ^= rng.random(pictures.shape) < config.noise
    return (255 * pictures.reshape(count, -1)).astype(np.uint8), labels.astype(np.uint8)


def _outline(rng: np.random.Generator, pixels: npt.NDArray[np.bool_], *, triangle: bool) -> None:
    """A square, or half of it under its diagonal in one of four turns, one pixel wide."""
    size = int(rng.integers(4, SIDE + 1))
    figure = np.zeros((size, size), bool)
    figure[0] = figure[:, 0] = True
    if triangle:
        figure |= np.eye(size, dtype=bool)[:, ::-1]
    else:
        figure[-1] = figure[:, -1] = True
    figure = np.rot90(figure, int(rng.integers(4)))
    top, left = rng.integers(0, SIDE - size + 1, 2)
    pixels[top : top + size, left : left + size] = figure


def linear_accuracy(shown: Bytes, labels: Bytes, test: Bytes, truth: Bytes) -> float:
    """Of the linear unit with a bias that least squares finds on the pictures shown."""
    known, new = (np.column_stack([p / 255, np.ones(len(p))]) for p in (shown, test))
    weights, *_ = np.linalg.lstsq(known, 2.0 * labels - 1, rcond=None)
    return float(((new @ weights > 0) == truth).mean())


def draw(result: ShapesResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import shapes_pictures

    return shapes_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The network's answers by kind, and the linear unit's."""
    rows = [{"kind": k, "accuracy": a} for k, a in run["accuracy_by_kind"].items()]
    rows += [
        {"kind": "all", "accuracy": run["accuracy"]},
        {"kind": "all, by a linear unit", "accuracy": run["linear_accuracy"]},
    ]
    return {f"shapes, {run['machine']}, seed {run['seed']}": rows}

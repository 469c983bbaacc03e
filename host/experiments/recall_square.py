"""The recall-square experiment: square-wave oscillators restore stored pictures (Sec. II.D).

A pixel is an oscillator; +1 and -1 are square waves half a period apart. Couplings store a set of
pictures by a rule of ``host.couplings``, as in the recall experiment; a probe has so many percent
of its pixels flipped. Waves of phases 0 and half a period alone stay so, and each period takes two
steps of a Hopfield network: first those turn that are to go low, then, of what that made, those
that are to go high. Far from a pattern that is worse than all at once. The machine itself tells
when no phase moves any more. Right is what is exactly the pattern that the probe was made of, up to
the common sign.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.square import SHAPES, SquareShape
from spinloom.host import hopfield
from spinloom.host.couplings import RULES, quantised
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.recall_config import read_out
from spinloom.host.pictures import LANE_COLOURS, saved_figure
from spinloom.host.progress import Progress
from spinloom.host.square import SquareMachine
from spinloom.host.stimuli import patterns

Ints = npt.NDArray[np.int64]
SUITED: dict[str, dict[str, Any]] = {
    "square-64": {"set": tuple(patterns.BITMAPS)},
    "square-128": {"set": ("letters-10x10",)},
}
TIMED = 10  # probes of each set whose time to settle is taken


@dataclass(frozen=True, kw_only=True)
class RecallSquareConfig:
    """One run; flips in percent of the pixels."""

    shape: str = option("square-704", "a machine of square waves, one a pixel at least")
    seed: int = 1
    set: tuple[str, ...] = option(
        ("letters-22x22", "digits-22x22", "alphabet-22x22"), "sets of patterns"
    )
    flips: tuple[float, ...] = option((10.0, 25.0, 40.0), "flipped pixels of a probe, %")
    rule: str = option("projection", f"of {', '.join(RULES)}")
    probes: int = option(200, "probes of a set and part of flipped pixels")
    periods: int = option(20, "periods of a recall")

    def __post_init__(self) -> None:
        shape = self.square()
        check(self)
        for name in self.set:
            pixels = patterns.load(name).pixels.shape[1]
            if pixels > shape.oscillators:
                raise ValueError(
                    f"set = {name!r} has {pixels} pixels: shape {shape.name} has "
                    f"{shape.oscillators} oscillators; choose a larger shape, or other sets"
                )
        if not self.flips or not all(0 <= f <= 50 for f in self.flips):
            raise ValueError(f"flips = {self.flips}; give some of 0 to 50 %")
        if self.rule not in RULES:
            raise ValueError(f"rule = {self.rule!r}: choose one of {', '.join(RULES)}")
        for name, high in (("probes", 100_000), ("periods", 1000)):
            if not 1 <= getattr(self, name) <= high:
                raise ValueError(f"{name} = {getattr(self, name)}; give 1 to {high}")

    def square(self) -> SquareShape:
        """The shape, if it is one of square waves."""
        if self.shape not in SHAPES:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(SHAPES)}")
        return SHAPES[self.shape]


CONFIG = RecallSquareConfig


@dataclass(frozen=True, kw_only=True)
class RecallSquareResult:
    """What a run leaves: for each set and part of flips, how many probes ended right (``right``,
    ``hopfield``: [sets, flips]) and the last phases; ``settled`` periods, -1 for never."""

    config: RecallSquareConfig
    right: Ints
    hopfield: Ints
    phases: tuple[Ints, ...]
    settled: Ints
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        digest = hashlib.sha256()
        for phases in self.phases:
            digest.update(phases.astype("<u1").tobytes())
        still = self.settled[self.settled >= 0]
        probes = self.config.probes
        return {
            "sets": list(self.config.set),
            "flips": list(self.config.flips),
            "right": (self.right / probes).tolist(),
            "hopfield": (self.hopfield / probes).tolist(),
            "periods_to_settle": float(still.mean()) if len(still) else None,
            "unsettled": int((self.settled < 0).sum()),
            "phases_hash": digest.hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"right": self.right, "hopfield": self.hopfield, "settled": self.settled}


def run(
    machine: SquareMachine, config: RecallSquareConfig, progress: Progress
) -> RecallSquareResult:
    """Store each set, and recall from all its probes."""
    started, before = time.monotonic(), machine.cycles
    shape = machine.shape
    form = len(config.set), len(config.flips)
    right, same, settled = np.zeros(form, np.int64), np.zeros(form, np.int64), []
    ends: list[Ints] = []
    with progress.task("recall", total=form[0] * form[1], unit="cells") as advance:
        for k, name in enumerate(config.set):
            pixels = patterns.load(name).pixels
            n = pixels.shape[1]
            weights = quantised(RULES[config.rule](pixels), shape.weight_max)
            every = np.zeros((shape.oscillators, shape.oscillators), np.int64)
            every[:n, :n] = weights
            machine.set_weights(every)
            for f, flips in enumerate(config.flips):
                rng = np.random.default_rng([config.seed, k, f])
                wanted = pixels[np.arange(config.probes) % len(pixels)]
                probes = patterns.flipped(wanted, round(flips * n / 100), rng)
                starts = np.zeros((config.probes, shape.oscillators), np.int64)
                starts[:, :n] = np.where(probes > 0, 0, shape.period // 2)
                last = machine.ensemble(starts, config.periods)[:, :n]
                ends.append(last)
                given = read_out(last, probes, shape.period)
                right[k, f] = (given == wanted).all(axis=1).sum()
                synchronous = hopfield.synchronous(weights, probes)
                same[k, f] = (synchronous == wanted).all(axis=1).sum()
                settled += [_time(machine, start, config.periods) for start in starts[:TIMED]]
                advance(1)
    cycles = machine.cycles_since(before)
    return RecallSquareResult(
        config=config,
        right=right,
        hopfield=same,
        phases=tuple(ends),
        settled=np.array(settled),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _time(machine: SquareMachine, start: Ints, periods: int) -> int:
    """Periods until no phase moves, -1 for never, as the machine says."""
    machine.set_phases(start)
    machine.reset(state=True)
    machine.run(periods)
    found = machine.settled()
    return -1 if found is None else found


def draw(result: RecallSquareResult, folder: Path) -> list[str]:
    """Parts of the probes that ended right, by flipped pixels, beside Hopfield."""
    config = result.config
    with saved_figure(folder / "recall.png", 6, 3.6) as figure:
        axes = figure.subplots()
        for k, name in enumerate(config.set):
            colour = LANE_COLOURS[k % len(LANE_COLOURS)]
            axes.plot(config.flips, result.right[k] / config.probes, "o", color=colour, label=name)
            axes.plot(config.flips, result.hopfield[k] / config.probes, "-", color=colour, lw=1)
        axes.set(xlabel="flipped pixels (%)", ylabel="recalled exactly", ylim=(-0.02, 1.05))
        axes.legend(frameon=False, loc="lower left")
        axes.set_title(
            f"Square waves (points), synchronous Hopfield (lines), {config.probes} probes a point"
        )
    return ["recall.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a set and part of flipped pixels."""
    rows = [
        {
            "set": name,
            "flips (%)": flips,
            "oscillators": run["right"][k][f],
            "Hopfield, sync.": run["hopfield"][k][f],
        }
        for k, name in enumerate(run["sets"])
        for f, flips in enumerate(run["flips"])
    ]
    return {f"exactly recalled, {run['machine']}, seed {run['seed']}": rows}

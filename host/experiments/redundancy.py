"""The redundancy experiment: many noisy units decide better than one (Sec. II.B).

Junctions without hysteresis (threshold 0) each say in every tick whether a weak current, hidden in
noise of their own, is positive. One errs with a probability p; the majority of K, an odd number of
them, errs with that of a binomial tail, and for many as a Gaussian of K times the power::

    P(error) = sum over k <= K/2 of C(K, k) (1 - p)^k p^(K-k)

p is that of all units and ticks of a run together. Of n decisions, errors are counted with a
standard error of sqrt(n P (1 - P)); deviations are in these, and the greatest of all populations is
judged by the bound of three sigma for them jointly.

In the ledger a junction is read once a tick; what switches it, current and noise, comes from
outside and is not in it, nor is what counts the votes.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.redundancy import majority_error
from spinloom.emulator.spec.junction import TRACE, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.bounds import joint_bound
from spinloom.host.experiments.dither import UNIT
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.experiments.tiles import tiles_shape
from spinloom.host.junction import JunctionMachine
from spinloom.host.pictures import GREY, ON, saved_figure
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class RedundancyConfig:
    """One run; currents in steps of x."""

    shape: str = option("junction-64", "a machine of junction tiles")
    seed: int = 1
    current: int = option(16, "that is to be seen")
    sigma: float = option(48.0, "noise of each junction")
    populations: tuple[int, ...] = option((1, 3, 7, 15, 31, 63), "odd numbers of junctions")
    traces: int = option(32, "of 1,024 decisions each")

    def __post_init__(self) -> None:
        check(self, current=(1, 2047), sigma=(1, 250), traces=(1, 10_000))
        if not self.populations or not all(k > 0 and k % 2 for k in self.populations):
            raise ValueError(f"populations = {self.populations}; give odd numbers")
        self.junction()

    def junction(self) -> JunctionShape:
        """The shape, if it has the largest population."""
        return tiles_shape(self.shape, max(self.populations))


CONFIG = RedundancyConfig


@dataclass(frozen=True, kw_only=True)
class RedundancyResult:
    """What a run leaves: wrong decisions by population, and the error of one unit."""

    config: RedundancyConfig
    wrong: Ints
    unit_error: float
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    @property
    def decisions(self) -> int:
        """Of each population."""
        return self.config.traces * TRACE

    def law(self) -> Floats:
        """Errors of the populations, by that of one unit."""
        return np.array([majority_error(self.unit_error, k) for k in self.config.populations])

    def sigmas(self) -> Floats:
        """How far counts are from the law, in standard errors."""
        law, n = self.law(), self.decisions
        found: Floats = (self.wrong - n * law) / np.sqrt(n * law * (1 - law))
        return found

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        return {
            "populations": list(self.config.populations),
            "errors": (self.wrong / self.decisions).tolist(),
            "law": self.law().tolist(),
            "unit_error": self.unit_error,
            "max_sigma": float(np.abs(self.sigmas()).max()),
            "joint_bound": joint_bound(len(self.config.populations)),
            "decisions": self.decisions,
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"wrong": self.wrong, "law": self.law()}


def run(machine: JunctionMachine, config: RedundancyConfig, progress: Progress) -> RedundancyResult:
    """Let populations of all sizes decide."""
    started, before = time.monotonic(), machine.cycles
    tile = Tile(mode="threshold", bias=config.current, noise=round(config.sigma * UNIT))
    digest = hashlib.sha256()
    wrong, right, reads = [], 0, 0
    machine.set_wave(np.zeros(TRACE, np.int64))
    total = len(config.populations) * config.traces
    with progress.task("decide", total=total, unit="traces") as advance:
        for units in config.populations:
            machine.configure(
                JunctionParams(
                    population=True, smooth=True, tiles=units, seed=derive(config.seed)[-1]
                )
            )
            machine.set_tiles([tile] * units)
            machine.reset(state=True, random=True, probes=True)
            votes, ticks = [], machine.ticks
            for _ in range(config.traces):
                machine.run(TRACE)
                votes.append(machine.trace().values)
                advance(1)
            digest.update(np.array(votes).astype("<i8").tobytes())
            wrong.append(int((2 * np.array(votes) < units).sum()))
            right += int(machine.ups()[:units].sum())
            reads += (machine.ticks - ticks) * units
    cycles = machine.cycles_since(before)
    return RedundancyResult(
        config=config,
        wrong=np.array(wrong),
        unit_error=1 - right / reads,
        run_hash=digest.hexdigest(),
        reads=reads,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: RedundancyResult, folder: Path) -> list[str]:
    """The picture of a run; the name of its file."""
    config = result.config
    with saved_figure(folder / "redundancy.png", 5.5, 4) as figure:
        axes = figure.subplots()
        units = np.arange(1, max(config.populations) + 1, 2)
        law = [majority_error(result.unit_error, int(k)) for k in units]
        axes.semilogy(units, law, color=GREY, label="binomial law")
        axes.semilogy(
            config.populations, result.wrong / result.decisions, "o", color=ON, label="measured"
        )
        axes.set(xlabel="junctions K", ylabel="wrong decisions")
        axes.legend(frameon=False)
        axes.set_title("The majority of many noisy junctions")
    return ["redundancy.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each population."""
    rows = [
        {"junctions": k, "wrong": float(f"{e:.4g}"), "law": float(f"{p:.4g}")}
        for k, e, p in zip(run["populations"], run["errors"], run["law"], strict=True)
    ]
    title = f"redundancy, {run['machine']}, seed {run['seed']}"
    return {title: rows} | ledger.table(run, "deciding")

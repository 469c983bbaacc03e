"""The edges experiment: p-bits select the edges of figures by their energy (Sec. II.D: coupled
nanomagnets recognise patterns of images by minimising theirs).

An edge segment i of a picture is selected, x[i] = 1, or not, 0::

    E = - sum of a[i][j] x[i] x[j] over i < j  +  cost sum of x[i]

for the affinities a of ``host.segments``, in steps of 1/127: outlines hold themselves together,
clutter does not pay for itself. With spins s = 2 x - 1, four times E is, but for a constant, the
energy of the ising engine with couplings a and biases sum of a[i][j] over j, less 2 cost.

What is true of a drawn scene is its outline: ``TRUE_PX`` and ``TRUE_RAD`` say how near to it a
segment is of it. The true-positive rate is the part of those that is selected, the false-positive
rate the part of the others; as many segments of the greatest contrast stand beside them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.ising import sigmoid_table
from spinloom.host.experiments import ledger
from spinloom.host.experiments.edges_config import EdgesConfig
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.ising import IsingMachine
from spinloom.host.progress import Progress
from spinloom.host.segments import Segments, affinities, on_outline, segments
from spinloom.host.stimuli.scenes import Scene, load, scene

CONFIG = EdgesConfig
SUITED: dict[str, dict[str, Any]] = {}
TRUE_PX, TRUE_RAD = 2.5, pi / 8  # of the outline: half a cell's side and the smoothing; a sector

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """A scene and what was selected of it: ``selected`` and ``true`` are flags of its segments;
    ``energy`` of the machine's best state, ``recount`` from its spins."""

    scene: Scene
    segments: Segments
    true: npt.NDArray[np.bool_]
    selected: npt.NDArray[np.bool_]
    energy: int
    recount: int

    def by_contrast(self) -> npt.NDArray[np.bool_]:
        """As many segments, those of the greatest contrast, which come first."""
        return np.asarray(np.arange(len(self.true)) < self.selected.sum())

    def rates(self, flags: npt.NDArray[np.bool_]) -> tuple[float | None, float | None]:
        """Parts of the true and of the false segments that are flagged; None of none."""
        return tuple(
            float(flags[kind].mean()) if kind.any() else None for kind in (self.true, ~self.true)
        )  # type: ignore[return-value]

    def figures(self, known: bool) -> dict[str, Any]:
        """Plain values; rates where the outline is ``known``."""
        rates = {
            f"{name}{by}": rate if known else None
            for by, flags in (("", self.selected), ("_by_contrast", self.by_contrast()))
            for name, rate in zip(("true_positive", "false_positive"), self.rates(flags),
                                  strict=True)
        }  # fmt: skip
        return {
            "segments": len(self.true),
            "true": int(self.true.sum()) if known else None,
            "selected": int(self.selected.sum()),
            "energy": self.energy,
            **rates,
        }


@dataclass(frozen=True, kw_only=True)
class EdgesResult:
    """What a run leaves."""

    config: EdgesConfig
    groups: tuple[Grouped, ...]
    updates: int
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``; rates are means over scenes."""
        known = self.config.image is None
        rows = [one.figures(known) for one in self.groups]
        means = {}
        for name in ("true_positive", "false_positive", "true_positive_by_contrast",
                     "false_positive_by_contrast"):  # fmt: skip
            values = [row[name] for row in rows if row[name] is not None]
            means[name] = float(np.mean(values)) if values else None
        words = [part for one in self.groups for part in (one.selected, [one.energy & 0xFFFFFFFF])]
        return {
            "scenes": rows,
            **means,
            "recounts_wrong": sum(one.energy != one.recount for one in self.groups),
            "updates": self.updates,
            **ledger.spent(self.cycles, reads=self.updates),
            "states_hash": weights_hash(np.concatenate(words).astype(np.uint32)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``: scenes by their number."""
        return {
            f"{name}{k}": array
            for k, one in enumerate(self.groups)
            for name, array in (
                ("places", one.segments.places),
                ("directions", one.segments.directions),
                ("selected", one.selected),
                ("true", one.true),
            )
        }


def run(machine: IsingMachine, config: EdgesConfig, progress: Progress) -> EdgesResult:
    """Segments, affinities and some cooled runs of every scene."""
    started, before = time.monotonic(), machine.cycles
    machine.set_table(sigmoid_table(machine.shape))
    groups, updates = [], 0
    count = config.scenes if config.image is None else 1
    with progress.task("group", total=count * config.runs, unit="runs") as advance:
        for number in range(count):
            rng = np.random.default_rng([config.seed, number])
            ticks = machine.ticks
            groups.append(_group(machine, config, _scene(config, rng), rng, advance))
            updates += (machine.ticks - ticks) * len(groups[-1].true)
    cycles = machine.cycles_since(before)
    return EdgesResult(
        config=config,
        groups=tuple(groups),
        updates=updates,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _scene(config: EdgesConfig, rng: np.random.Generator) -> Scene:
    if config.image is not None:
        return load(Path(config.image))
    return scene(config.size, config.figures, config.strokes, config.noise, rng)


def _group(
    machine: IsingMachine,
    config: EdgesConfig,
    seen: Scene,
    rng: np.random.Generator,
    advance: Any,
) -> Grouped:
    """The best state of some runs from random spins."""
    top = machine.shape.weight_max
    found = segments(seen.pixels, config.cell, config.contrast, machine.shape.spins)
    if len(found) < 2:
        raise ValueError(
            f"contrast = {config.contrast}: the picture has {len(found)} segments; give less"
        )
    couplings = affinities(found, config.reach, config.tolerance, config.rivalry)
    couplings = np.rint(couplings * top).astype(np.int64)
    biases = couplings.sum(axis=1) - round(2 * config.cost * top)
    machine.set_couplings(couplings)
    machine.set_biases(biases)
    bests = []
    for _ in range(config.runs):
        machine.configure(config.params(seed=int(rng.integers(1, 1 << 63)), spins=len(found)))
        machine.set_spins(rng.integers(0, 2, len(found)) * 2 - 1)
        machine.reset(state=True, random=True)
        machine.run(config.sweeps)
        bests.append(machine.best())
        advance(1)
    best = min(bests, key=lambda one: one.energy)
    spins = best.spins[: len(found)]
    return Grouped(
        scene=seen,
        segments=found,
        true=on_outline(found, seen.outline, TRUE_PX, TRUE_RAD),
        selected=spins > 0,
        energy=best.energy,
        recount=-int(spins @ couplings @ spins) // 2 - int(biases @ spins),
    )


def draw(result: EdgesResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import edges_pictures

    return edges_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a scene and their mean; energy."""
    rows = [_row(number, one) for number, one in enumerate(run["scenes"], 1)]
    rows.append(_row("mean", run))
    title = f"edges, {run['machine']}, seed {run['seed']}: {run['recounts_wrong']} recounts wrong"
    return {title: rows} | ledger.table(run, "grouping")


def _row(name: int | str, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "scene": name,
        "segments": one.get("segments"),
        "of outlines": one.get("true"),
        "selected": one.get("selected"),
        "true positive": one["true_positive"],
        "false positive": one["false_positive"],
        "true p., by contrast": one["true_positive_by_contrast"],
        "false p., by contrast": one["false_positive_by_contrast"],
    }

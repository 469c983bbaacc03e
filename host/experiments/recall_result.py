"""What a run of the recall experiment leaves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.experiments.recall_config import RecallConfig
from spinloom.host.stimuli.patterns import PatternSet

NETWORKS = ("oscillators", "hopfield_synchronous", "hopfield_asynchronous", "nearest")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Probes of one set, rule and part of flipped pixels: ``stored`` [probes] says which pattern
    each was made of; ``probes`` and what each of ``NETWORKS`` made of them, ``recalled``, are
    [probes, pixels] of +-1; ``starts`` and ``ends`` [probes, pixels] are their phases."""

    set: str
    rule: str
    flips: float
    stored: Ints
    probes: Ints
    recalled: dict[str, Ints]
    starts: Ints
    ends: Ints

    def right(self, patterns: PatternSet, network: str) -> npt.NDArray[np.bool_]:
        """Which probes became exactly their pattern."""
        same = self.recalled[network] == patterns.pixels[self.stored]
        return np.asarray(same.all(axis=1))

    def overlap(self, patterns: PatternSet) -> float:
        """Mean overlap of what the oscillators recalled with the patterns."""
        return float((self.recalled["oscillators"] * patterns.pixels[self.stored]).mean())


@dataclass(frozen=True, kw_only=True)
class Course:
    """The recall of the first probe of a cell, step by step: ``phases`` [steps, pixels] at
    ``ticks``."""

    cell: Cell
    ticks: tuple[int, ...]
    phases: Ints


@dataclass(frozen=True, kw_only=True)
class RecallResult:
    """What a run leaves; ``patterns`` by the name of a set."""

    config: RecallConfig
    patterns: dict[str, PatternSet]
    cells: tuple[Cell, ...]
    course: Course
    cycles: int | None
    seconds: float

    def rates(self, network: str) -> list[float]:
        """Part of the probes of each cell that became exactly their pattern."""
        return [float(c.right(self.patterns[c.set], network).mean()) for c in self.cells]

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        rates = {name: self.rates(name) for name in NETWORKS}
        ends = b"".join(cell.ends.astype("<u2").tobytes() for cell in self.cells)
        return {
            "cells": [
                {
                    "set": cell.set,
                    "patterns": len(self.patterns[cell.set]),
                    "correlation": self.patterns[cell.set].correlation(),
                    "rule": cell.rule,
                    "flips": cell.flips,
                    **{name: rates[name][k] for name in NETWORKS},
                    "overlap": cell.overlap(self.patterns[cell.set]),
                }
                for k, cell in enumerate(self.cells)
            ],
            **{name: float(np.mean(rates[name])) for name in NETWORKS},
            "probes": self.config.probes * len(self.cells),
            "phases_hash": hashlib.sha256(ends).hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``: cells by their number."""
        cells = {
            f"cell{k}_{name}": array
            for k, cell in enumerate(self.cells)
            for name, array in (
                ("stored", cell.stored),
                ("probes", cell.probes.astype(np.int8)),
                ("phases", cell.ends.astype(np.uint16)),
            )
        }
        return cells | {"course": self.course.phases, "course_ticks": np.array(self.course.ticks)}

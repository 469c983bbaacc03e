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

Floats = npt.NDArray[np.float64]
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

    def spurious(self, patterns: PatternSet) -> npt.NDArray[np.bool_]:
        """Which probes the oscillators made none of the stored patterns of, whatever the sign."""
        overlaps = np.abs(self.recalled["oscillators"] @ patterns.pixels.T)
        return np.asarray(overlaps.max(axis=1) < patterns.pixels.shape[1])

    def coherence(self, turn: int) -> Floats:
        """Order parameter of the doubled phases at the end, |mean of exp(2 i theta)|, of each
        probe: 1 where all phases are one of two that are half a turn apart."""
        return np.asarray(np.abs(np.exp(4j * np.pi / turn * self.ends).mean(axis=1)))

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

    def coherences(self, rule: str) -> tuple[Floats, Floats]:
        """Coherence of the phases of a rule's probes that ended as a stored pattern, and of those
        that ended as none."""
        cells = [c for c in self.cells if c.rule == rule]
        found = np.concatenate([c.coherence(self.config.phase().turn) for c in cells])
        lost = np.concatenate([c.spurious(self.patterns[c.set]) for c in cells])
        return found[~lost], found[lost]

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
            "coherence": [
                {"rule": rule, **told(*self.coherences(rule))} for rule in self.config.rule
            ],
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


def told(stored: Floats, spurious: Floats) -> dict[str, Any]:
    """Means of the two, and ``told_apart``: how likely one of the first is above one of the second
    (ties are half), a half where nothing can be told."""
    rank = np.sort(spurious)
    above = np.searchsorted(rank, stored, "left") + np.searchsorted(rank, stored, "right")
    return {
        "stored": len(stored),
        "spurious": len(spurious),
        "coherence_stored": float(stored.mean()) if len(stored) else None,
        "coherence_spurious": float(spurious.mean()) if len(spurious) else None,
        "told_apart": float(above.mean() / 2 / len(rank)) if len(stored) and len(rank) else None,
    }

"""What a run of the memristor experiment leaves: measured positions of walls beside their laws.

Deviations are in standard errors. Of n trials of probability P, or of N devices whose level varies
by var, and for codes that round by q = 2^-K / sqrt(12)::

    motion : (k/n - P) / sqrt(P (1-P) / n + q^2)
    course : (mean level - law) / sqrt(var / N + (pulses q)^2)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.wall import LEVELS
from spinloom.host.experiments.memristor_config import MemristorConfig
from spinloom.host.experiments.memristor_reads import Reads

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Motion:
    """Steps of walls far from their ends: ``moved`` and ``law`` (a pulse, negative downwards)
    [kinds, durations, currents of both signs], of ``trials`` each."""

    currents_ua: Floats
    moved: Counts
    law: Floats
    trials: int

    def measured(self) -> Floats:
        """Mean steps of a pulse, with their sign."""
        return self.moved / self.trials

    def sigma(self, rounding: float) -> Floats:
        """Deviations from the law."""
        p = np.abs(self.law)
        off: Floats = (self.measured() - self.law) / np.sqrt(
            p * (1 - p) / self.trials + rounding**2
        )
        return off


@dataclass(frozen=True, kw_only=True)
class Course:
    """A column of devices from pulse to pulse: ``counts`` of them at each level, and ``law``, the
    shares that should be there, [pulses + 1, 16]."""

    name: str
    counts: Counts
    law: Floats

    def mean(self) -> Floats:
        """Mean level of the devices."""
        return np.asarray(self.counts @ np.arange(LEVELS) / self.counts.sum(axis=1))

    def law_mean(self) -> Floats:
        """The law of it."""
        return np.asarray(self.law @ np.arange(LEVELS))

    def sigma(self, rounding: float) -> Floats:
        """Deviations from the law after each pulse."""
        level, mean = np.arange(LEVELS), self.law_mean()
        variance = np.maximum(self.law @ level**2 - mean**2, 0) / self.counts.sum(axis=1)
        pulses = np.arange(1, len(mean))
        off = (self.mean() - mean)[1:] / np.sqrt(variance[1:] + (pulses * rounding) ** 2)
        return np.asarray(off)


@dataclass(frozen=True, kw_only=True)
class MemristorResult:
    """What a run leaves. ``loops`` has a course a period, ``torque`` one a current, and the last of
    a wall; ``stairs`` are pulses of a level each, up and down again; ``sums`` [patterns, neurons]
    are walls of neurons beside the integers that they should be, ``products``; ``positions`` are
    those that were read, [directions, inputs, neurons]."""

    config: MemristorConfig
    motion: Motion
    loops: tuple[Course, ...]
    torque: tuple[Course, ...]
    stairs: Course
    reads: Reads
    positions: npt.NDArray[np.uint8]
    sums: Counts
    products: Counts
    trials: int
    cycles: int | None
    seconds: float

    @property
    def rounding(self) -> float:
        """Standard deviation of the rounding of a code."""
        return 1 / self.config.learning().code_one / float(np.sqrt(12))

    def levels_reached(self) -> int:
        """Levels at which, at one time, all devices of a column were."""
        full = self.stairs.counts == self.stairs.counts.sum(axis=1, keepdims=True)
        return int(full.any(axis=0).sum())

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        digest = hashlib.sha256()
        courses = [c.counts for c in (*self.loops, *self.torque, self.stairs)]
        for counts in (self.motion.moved, *courses, self.positions.astype(np.int64), self.sums):
            digest.update(counts.astype("<i8").tobytes())
        steps = np.diff(self.stairs.mean())
        half = len(steps) // 2
        reads = self.reads
        return {
            "motion_max_sigma": float(np.abs(self.motion.sigma(self.rounding)).max()),
            "motion_trials": self.motion.trials * self.motion.moved.size,
            "loop_max_sigma": max(float(np.abs(c.sigma(self.rounding)).max()) for c in self.loops),
            "torque_max_sigma": max(
                float(np.abs(c.sigma(self.rounding)).max()) for c in self.torque
            ),
            "levels": self.levels_reached(),
            "monotone": bool((steps[:half] >= 0).all() and (steps[half:] <= 0).all()),
            "read_noise": list(reads.noises),
            "separation_sigma": reads.separation().tolist(),
            "misread": reads.rates().tolist(),
            "misread_law": reads.law().mean(axis=1).tolist(),
            "misread_sigma": reads.sigma().tolist(),
            "products": self.products.size,
            "products_wrong": int((self.sums != self.products).sum()),
            "trials": self.trials,
            "walls_hash": digest.hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        courses = {c.name: c for c in (*self.loops, *self.torque, self.stairs)}
        return {
            "motion_moved": self.motion.moved,
            "motion_law": self.motion.law,
            **{f"{name}, counts": c.counts for name, c in courses.items()},
            **{f"{name}, law": c.law for name, c in courses.items()},
            "misread": self.reads.wrong,
            "read_histogram": self.reads.histogram,
            "read_edges_ohm": self.reads.edges,
            "positions": self.positions,
            "sums": self.sums,
            "products": self.products,
        }

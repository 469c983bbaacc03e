"""Reads of sixteen levels with noise, as a circuit would that takes each for the nearest level.

A read of resistance R varies by ``noise * R``, normally. The deviation of k misreads of n from
their law P (``physics.levels.misread``) is, in standard errors, ``(k/n - P) / sqrt(P (1-P) / n)``.
The noise is pseudo-random and drawn on the host.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.levels import misread, nearest
from spinloom.emulator.physics.wall import LEVELS
from spinloom.host.experiments.memristor_config import MemristorConfig

BINS = 360

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Reads:
    """Reads with each noise: ``wrong`` [noises, 16] of ``trials`` of each level, and how many fell
    between ``edges`` (ohm), [noises, 16, bins]."""

    noises: tuple[float, ...]
    levels_ohm: Floats
    wrong: Counts
    trials: int
    edges: Floats
    histogram: Counts

    def law(self) -> Floats:
        """Probabilities of a misread, [noises, 16]."""
        return np.array([misread(self.levels_ohm, s) for s in self.noises])

    def rates(self) -> Floats:
        """Part of all reads that was wrong, [noises]."""
        return np.asarray(self.wrong.mean(axis=1) / self.trials)

    def separation(self) -> Floats:
        """The least distance of two neighbours, in standard deviations of a read, [noises]."""
        gaps = np.abs(np.diff(self.levels_ohm)) / self.levels_ohm[:-1]
        return np.array([gaps.min() / s for s in self.noises])

    def sigma(self) -> Floats:
        """Deviations of the rates, [noises]."""
        law = self.law()
        spread = np.sqrt((law * (1 - law)).mean(axis=1) / (self.trials * LEVELS))
        return np.asarray((self.rates() - law.mean(axis=1)) / spread)


def read_levels(config: MemristorConfig, positions: npt.NDArray[np.uint8]) -> Reads:
    """Read walls [directions, inputs, 16] that should be at level v in column v, again and again,
    with each noise."""
    track = config.track("free")
    levels = track.resistance_ohm(np.arange(LEVELS) / (LEVELS - 1) * track.length_m)
    column = positions.reshape(-1, LEVELS)
    again = -(-config.reads // column.size)
    edges = np.linspace(0.9 * levels.min(), 1.1 * levels.max(), BINS + 1)
    wrong = np.zeros((len(config.noises), LEVELS), np.int64)
    histogram = np.zeros((len(config.noises), LEVELS, BINS), np.int64)
    noise = np.random.default_rng([config.seed, 1])
    for k, spread in enumerate(config.noises):
        for _ in range(again):
            read = levels[column] * (1 + spread * noise.standard_normal(column.shape))
            wrong[k] += (nearest(levels, read) != np.arange(LEVELS)).sum(axis=0)
            histogram[k] += [np.histogram(read[:, v], edges)[0] for v in range(LEVELS)]
    return Reads(
        noises=config.noises,
        levels_ohm=levels,
        wrong=wrong,
        trials=again * len(column),
        edges=edges,
        histogram=histogram,
    )

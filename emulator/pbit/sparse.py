"""P-bits on a graph, updated a colour at a time; bit-exact twin of ``rtl.pbit.sparse``. The
equations are those of ``spec.sparse``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.sparse import SparseShape

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Colour:
    """``spins`` [n] of a colour, and of each its ``neighbours`` and ``edges`` [n, d]. Spins of less
    than d neighbours have spin 0 and edge ``synapses``, which couples nothing, for the rest."""

    spins: Ints
    neighbours: Ints
    edges: Ints


class SparseArray:
    """``spins`` int64 [N], +-1; ``couplings`` int64 [edges + 1], the last one 0."""

    def __init__(self, shape: SparseShape) -> None:
        network = shape.network
        self._shape = shape
        self.spins = np.full(network.spins, -1, np.int64)
        self.couplings = np.full(shape.synapses + 1, 0 if shape.zeros else 1, np.int64)
        self.couplings[-1] = 0
        self._ends = np.array(network.edges, np.int64).T
        degree = max(network.degrees)
        padding = ((0, shape.synapses),) * degree
        self.colours = []
        for spins in network.colours:
            pairs = np.array([(network.neighbours[i] + padding)[:degree] for i in spins], np.int64)
            self.colours.append(Colour(np.array(spins, np.int64), pairs[..., 0], pairs[..., 1]))
        self._level = np.zeros(degree + 1, np.int64)  # of |f|, counted from 1; 0: |f| = 0
        self._level[list(shape.levels)] = np.arange(1, len(shape.levels) + 1)
        lanes = np.arange(shape.lanes)
        self._generator = lanes // shape.word_lanes
        self._place = (lanes % shape.word_lanes * shape.probability_bits).astype(np.uint64)

    def update(self, colour: int, words: npt.NDArray[np.uint64], row: Ints) -> None:
        """All spins of a colour, with a word of each generator and the chances Q of a row."""
        shape, mine = self._shape, self.colours[colour]
        bits = shape.probability_bits - 1
        dither = int(words[-1]) >> 64 - shape.dither_bits
        thresholds = np.zeros(len(row) + 1, np.int64)
        thresholds[1:] = (row + dither >> shape.dither_bits) & (1 << bits) - 1
        drawn = words[self._generator[: len(mine.spins)]] >> self._place[: len(mine.spins)]
        number = (drawn & np.uint64((1 << bits) - 1)).astype(np.int64)
        sign = 2 * (drawn >> np.uint64(bits) & np.uint64(1)).astype(np.int64) - 1
        along = sign * (self.couplings[mine.edges] * self.spins[mine.neighbours]).sum(1)
        stays = (along >= 0) & (number >= thresholds[self._level[np.maximum(along, 0)]])
        self.spins[mine.spins] = np.where(stays, sign, -sign)

    def energy(self) -> int:
        """E of the contract."""
        first, second = self.spins[self._ends]
        return -int((self.couplings[:-1] * first * second).sum())

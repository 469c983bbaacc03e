"""Neuron words: 16 positions, each with the timer of its reset pulse, and their adders.

``integrate: pos = saturate(pos + STEP·W)`` in every lane whose timer is 0 (``spec.network``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import LANES, NetworkShape

Ints = npt.NDArray[np.int64]


class Accumulators:
    """Golden twin of ``rtl.neuron.accumulator.Accumulators``: ``pos`` and ``timer`` are int64
    [words, lanes]."""

    def __init__(self, shape: NetworkShape) -> None:
        self._low, self._high = shape.lowest, shape.highest
        self._timer_mask = (1 << shape.timer_bits) - 1
        self._bits = shape.position_bits
        self.pos = np.zeros((shape.words, LANES), np.int64)
        self.timer = np.zeros((shape.words, LANES), np.int64)

    def clear(self) -> None:
        """All at their start."""
        self.pos[:] = 0
        self.timer[:] = 0

    def integrate(self, words: Ints, deltas: Ints) -> None:
        """One event: add ``deltas`` [n, lanes] to ``words`` [n], which differ."""
        pos = self.pos[words]
        moved = (pos + deltas).clip(self._low, self._high)
        self.pos[words] = np.where(self.timer[words] == 0, moved, pos)

    def saturates(self, words: slice, farthest: int) -> bool:
        """Whether a wall of these words that moves, none in its reset pulse, could reach the end of
        its range on a way that long."""
        pos = np.where(self.timer[words] == 0, self.pos[words], 0)
        return bool(pos.max() + farthest > self._high or pos.min() - farthest < self._low)

    def integrate_sum(self, words: slice, deltas: Ints) -> None:
        """Events whose walls can't saturate on the way: their sum, [words, lanes]."""
        self.pos[words] += np.where(self.timer[words] == 0, deltas, 0)

    def read_words(self, addr: int, count: int) -> npt.NDArray[np.uint32]:
        """``count`` words of the memory window from ``addr``."""
        here = slice(addr, addr + count)
        pos = self.pos.ravel()[here] & (1 << self._bits) - 1
        return (pos | self.timer.ravel()[here] << 16).astype(np.uint32)

    def write_words(self, addr: int, words: npt.NDArray[np.uint32]) -> None:
        """Write words of the memory window from ``addr``."""
        here, values = slice(addr, addr + len(words)), words.astype(np.int64)
        sign = 1 << self._bits - 1
        self.pos.ravel()[here] = ((values & 2 * sign - 1) ^ sign) - sign
        self.timer.ravel()[here] = values >> 16 & self._timer_mask

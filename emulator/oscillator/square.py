"""Square-wave oscillators side by side, and what they hear of all others (``spec.square``).

A group keeps twice the sum of each oscillator and its own output, so that a sign tells what
``S > 0, or S = 0 and o = +1`` asks for::

    acc[i] = sum of (2 J[i][j] + [i = j]) o[j]

and when output *j* turns, adds or takes away twice the coupling from *j*, at once in all of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.square import SquareShape

Ints = npt.NDArray[np.int64]


class SquareGroup:
    """Golden twin of ``rtl.oscillator.square.SquareGroup``: oscillators ``first`` on of a network.

    ``weights`` int64 [N, group]: J of these from every oscillator; ``count`` the ticks since each
    one's phase, modulo a period; ``held`` the outputs that the sums are of; ``was`` their signs.
    """

    def __init__(self, shape: SquareShape, first: int) -> None:
        self.shape, self.first = shape, first
        self.weights = np.zeros((shape.oscillators, shape.group), np.int64)
        self.count = np.zeros(shape.group, np.int64)
        self.acc = np.zeros(shape.group, np.int64)
        self.held = np.zeros(shape.group, np.bool_)
        self.was = np.zeros(shape.group, np.bool_)
        self.moved = False

    def levels(self) -> npt.NDArray[np.bool_]:
        """Which outputs are high."""
        return self.count < self.shape.period // 2

    def add(self, column: int, *, up: bool, whole: bool) -> None:
        """Output ``column`` has turned up or down (``whole``), or its share is taken from a clear
        sum."""
        value = 2 * self.weights[column]
        lane = column - self.first
        if 0 <= lane < self.shape.group:
            value = value + (np.arange(self.shape.group) == lane)
            self.held[lane] ^= whole
        self.acc += (1 if up else -1) * (1 + whole) * value

    def clear(self) -> None:
        """Sums of nothing, all outputs as if low."""
        self.acc[:] = 0
        self.held[:] = False

    def evaluate(self) -> None:
        """Signs of the sums; a rising edge resets a phase."""
        high = self.acc >= 0
        rise = high & ~self.was
        self.moved |= bool((rise & (self.count != 0)).any())
        self.count[rise] = 0
        self.was = high

    def advance(self, ticks: int) -> bool:
        """Time passes; whether a phase has changed since the last call."""
        self.count = (self.count + ticks) % self.shape.period
        moved, self.moved = self.moved, False
        return moved

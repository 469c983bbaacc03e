"""Linear random generator over GF(2): ``x(n+1) = A x(n)``, one 64-bit word a draw.

The block form doubles: with S the first 2^m states, A^(2^m) S are the next 2^m. A^(2^m) acts on a
word as eight table look-ups, one a byte (any linear map does), so a block costs eight gathers.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.random import STATE_BITS, check_seed, generator, power

BLOCK_LOG2 = 14
Words = npt.NDArray[np.uint64]


def byte_tables(rows: tuple[int, ...]) -> Words:
    """The map as [8, 256] tables: ``A x`` is the XOR over bytes k of ``table[k, x >> 8k &
    255]``."""
    columns = [sum((row >> c & 1) << b for b, row in enumerate(rows)) for c in range(STATE_BITS)]
    tables = np.zeros((8, 256), np.uint64)
    for byte in range(8):
        for bit in range(8):
            column = np.uint64(columns[8 * byte + bit])
            tables[byte, 1 << bit : 2 << bit] = tables[byte, : 1 << bit] ^ column
    return tables


@cache
def _doubling_tables(name: str) -> tuple[Words, ...]:
    rows = generator(name).rows
    return tuple(byte_tables(power(rows, 1 << m)) for m in range(BLOCK_LOG2 + 1))


def _apply(tables: Words, x: Words) -> Words:
    """``A x`` for every word of ``x``."""
    octets = x.astype("<u8").view(np.uint8).reshape(-1, 8)
    y: Words = tables[0][octets[:, 0]]
    for k in range(1, 8):
        y ^= tables[k][octets[:, k]]
    return y


class LinearGenerator:
    """Golden twin of ``rtl.random.linear.LinearGenerator``; ``name`` as in ``spec.random``.

    The first word drawn is the seed. ``step`` draws one word, ``block`` any number; both advance
    the same state. Raises ``ValueError`` for a zero seed or an unknown name.
    """

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self._rows = generator(name).rows
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Restart from this state."""
        self._state = check_seed(seed)
        self._ahead = np.empty(0, np.uint64)  # states already computed, the current one first
        self._used = 0

    @property
    def state(self) -> int:
        """The word that the next draw returns."""
        return int(self._ahead[self._used]) if self._used < len(self._ahead) else self._state

    def step(self) -> int:
        """Draw one word: the definition, tap by tap."""
        word = self.state
        following = sum(((word & row).bit_count() & 1) << b for b, row in enumerate(self._rows))
        self.seed(following)
        return word

    def block(self, n: int) -> Words:
        """Draw ``n`` words at once: uint64 [n], equal to ``n`` steps."""
        parts = []
        while n > 0:
            if self._used == len(self._ahead):
                self._refill()
            part = self._ahead[self._used : self._used + n]
            self._used += len(part)
            n -= len(part)
            parts.append(part)
        return np.concatenate(parts) if len(parts) != 1 else parts[0]

    def _refill(self) -> None:
        tables = _doubling_tables(self.name)
        if len(self._ahead) == 1 << BLOCK_LOG2:
            self._ahead = _apply(tables[BLOCK_LOG2], self._ahead)
        else:
            ahead = np.array([self._state], np.uint64)
            for m in range(BLOCK_LOG2):
                ahead = np.concatenate([ahead, _apply(tables[m], ahead)])
            self._ahead = ahead
        self._state = int(_apply(tables[0], self._ahead[-1:])[0])
        self._used = 0

"""Linear random generator over GF(2): ``x(n+1) = A x(n)``, one 64-bit word a draw.

The block form doubles: with S the first 2^m states, A^(2^m) S are the next 2^m. A^(2^m) acts on a
word as eight table look-ups, one a byte (any linear map does), so a block costs eight gathers.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    y: Words = tables[0].take(octets[:, 0])
    for k in range(1, 8):
        y ^= tables[k].take(octets[:, k])
    return y


def advance(name: str, states: Words) -> Words:
    """The next state of each generator of this name: uint64 [n]."""
    return _apply(_doubling_tables(name)[0], states)


class LinearGenerators:
    """Generators of one name side by side: word *n* of a block is from generator n mod their
    number, so each of them draws equally many.

    The first words drawn are the ``seeds``. Raises ``ValueError`` for no or a zero seed, an unknown
    name, and a block that is not the same number of words from each.
    """

    def __init__(self, name: str, seeds: Iterable[int]) -> None:
        self._tables = _doubling_tables(name)
        self.seed(seeds)

    def seed(self, seeds: Iterable[int]) -> None:
        """Restart from these states."""
        self._states = np.array([check_seed(seed) for seed in seeds], np.uint64)
        if not len(self._states):
            raise ValueError("seeds = []: give one or more")
        self._ahead = np.empty(0, np.uint64)  # words already computed, the next ones first
        self._used = 0

    @property
    def states(self) -> list[int]:
        """The next word of each generator."""
        if self._used == len(self._ahead):
            return self._states.tolist()  # type: ignore[no-any-return]
        return self._ahead[self._used : self._used + len(self._states)].tolist()  # type: ignore[no-any-return]

    def block(self, n: int) -> Words:
        """Draw ``n`` words at once: uint64 [n]."""
        if n % len(self._states):
            raise ValueError(f"a block of {n} words: give a multiple of {len(self._states)}")
        words = self._ahead[self._used : self._used + n]
        self._used += len(words)
        while len(words) < n:
            self._refill()
            more = self._ahead[: n - len(words)]
            self._used = len(more)
            words = np.concatenate([words, more])
        return words

    def _refill(self) -> None:
        tables, lanes = self._tables, len(self._states)
        doublings = max(0, BLOCK_LOG2 - (lanes - 1).bit_length())
        if len(self._ahead):
            self._ahead = _apply(tables[doublings], self._ahead)
        else:
            self._ahead = self._states
            for m in range(doublings):
                self._ahead = np.concatenate([self._ahead, _apply(tables[m], self._ahead)])
        self._states = _apply(tables[0], self._ahead[-lanes:])
        self._used = 0


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
        self._words = LinearGenerators(self.name, [seed])

    @property
    def state(self) -> int:
        """The word that the next draw returns."""
        return self._words.states[0]

    def step(self) -> int:
        """Draw one word: the definition, tap by tap."""
        word = self.state
        self.seed(sum(((word & row).bit_count() & 1) << b for b, row in enumerate(self._rows)))
        return word

    def block(self, n: int) -> Words:
        """Draw ``n`` words at once: uint64 [n], equal to ``n`` steps."""
        return self._words.block(n)

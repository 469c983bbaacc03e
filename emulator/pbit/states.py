"""Bits of a memory window's words: of spins, bit i of word k is 1 where s[32 k + i] is +1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]
WORD = 32


def pack_bits(bits: npt.NDArray[np.bool_], words: int) -> Words:
    """Bits, lowest first, in so many words; those that are left are 0."""
    every = np.zeros(words * WORD, np.bool_)
    every[: len(bits)] = bits
    return np.packbits(every, bitorder="little").view("<u4").astype(np.uint32)


def unpack_bits(words: Words, count: int) -> Ints:
    """The first so many bits of words; others are dropped."""
    octets = words.astype("<u4").view(np.uint8)
    return np.unpackbits(octets, bitorder="little", count=count).astype(np.int64)


def pack_spins(spins: npt.NDArray[np.signedinteger]) -> Words:
    """Spins, +1 or -1, [N] → as many words as they need."""
    return pack_bits(spins > 0, -(-len(spins) // WORD))


def unpack_spins(words: Words, spins: int) -> Ints:
    """So many spins of words, +1 or -1."""
    return 2 * unpack_bits(words, spins) - 1

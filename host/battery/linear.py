"""Tests for linear relations over GF(2) between bits (NIST SP 800-22, Sec. 2.5 and 2.10).

They are what a linear feedback shift register fails: the sequence of one of L bits has a linear
complexity of L however long it is, and matrices of more than L rows, if a row is a draw, never have
full rank. Bits and p-values are those of ``counts``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.host.battery.counts import Bits, goodness, in_blocks
from spinloom.host.battery.gamma import Floats

SIDE = 32  # of a matrix
COMPLEXITY = (0.010417, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833)  # Sec. 3.10


def rank(bits: Bits) -> Floats:
    """Ranks of matrices of 32 by 32 bits, Sec. 2.5: full, one less, or lower."""
    matrices = in_blocks(bits, SIDE * SIDE)
    rows = np.packbits(matrices, axis=2).view(">u4").astype(np.uint32)
    found = ranks(rows.reshape(-1, SIDE)).reshape(matrices.shape[:2])
    full, less = rank_law(SIDE, 0), rank_law(SIDE, 1)
    seen = np.stack([found == SIDE, found == SIDE - 1, found < SIDE - 1], axis=2).sum(axis=1)
    return goodness(seen, (full, less, 1 - full - less))


def rank_law(side: int, missing: int) -> float:
    """Probability that a random square matrix lacks ``missing`` of its full rank, Sec. 3.5."""
    r = side - missing
    law = 2.0 ** -(missing * missing)
    for i in range(r):
        law *= (1 - 2.0 ** (i - side)) ** 2 / (1 - 2.0 ** (i - r))
    return law


def ranks(rows: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Rank of each matrix, whose rows are words: [matrices, rows] to [matrices]."""
    left = rows.copy()
    found = np.zeros(len(left), np.int64)
    every = np.arange(len(left))
    for bit in range(SIDE):
        has = left >> np.uint32(bit) & np.uint32(1)
        first = has.argmax(axis=1)
        pivot = left[every, first] * has.max(axis=1)
        found += pivot != 0
        left ^= has * pivot[:, None]  # the pivot's row too becomes 0: it is used up
    return found


def linear_complexity(bits: Bits, length: int = 500) -> Floats:
    """Linear complexity of blocks of ``length`` bits, Sec. 2.10."""
    blocks = in_blocks(bits, length)
    found = np.array([[complexity(block) for block in row] for row in blocks])
    sign = -1 if length % 2 else 1
    mean = length / 2 + (9 - sign) / 36 - (length / 3 + 2 / 9) / 2.0**length
    off = sign * (found - mean) + 2 / 9
    kind = np.clip(np.ceil(off + 2.5), 0, len(COMPLEXITY) - 1)
    seen = np.stack([(kind == k).sum(axis=1) for k in range(len(COMPLEXITY))], axis=1)
    return goodness(seen, COMPLEXITY)


def complexity(block: Bits) -> int:
    """Length of the shortest linear feedback shift register that makes these bits: the algorithm of
    Berlekamp and Massey, on polynomials that are the bits of an integer."""
    now, before = 1, 1  # connection polynomials, the constant term lowest
    length, since = 0, 1
    past = 0  # the bits so far, the last one lowest
    for n, bit in enumerate(block.tolist()):
        past = past << 1 | bit
        if (past & now).bit_count() & 1:
            changed = now ^ before << since
            if 2 * length <= n:
                length, before, since = n + 1 - length, now, 0
            now = changed
        since += 1
    return length

"""Linear random generators over GF(2): one state update, ``x(n+1) = A x(n)``, as rows of taps.

A generator is its matrix: row *b* lists the state bits whose XOR is bit *b* of the next state. The
word that a draw returns is the whole state, and the generator advances after the draw, so the
first word is the seed.

Words must be independent in time and across lanes. ``lutopt64`` and ``galois64`` are; ``naive64``,
one shift of the same Galois register per draw, is kept to show what a shift a draw does to
switching statistics: neighbouring draws share all bits but one.

All are linear: good for statistics, worthless for cryptography.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

STATE_BITS = 64

# 64 rows of 3 or 4 taps with a primitive characteristic polynomial, found by random search. Rows of
# both parities are needed: if all are even or all odd, the all-ones vector is an eigenvector.
_LUTOPT64_TAPS = (
    (1, 17, 61),
    (21, 23, 34, 43),
    (1, 2, 13, 31),
    (1, 9, 56, 60),
    (2, 8, 38),
    (6, 31, 34, 41),
    (10, 41, 60),
    (7, 24, 38, 58),
    (12, 16, 20, 26),
    (20, 49, 50, 56),
    (20, 21, 33, 58),
    (0, 2, 45),
    (7, 16, 29),
    (7, 58, 61),
    (9, 16, 23),
    (17, 33, 42),
    (9, 10, 40, 62),
    (9, 19, 53),
    (38, 44, 45, 52),
    (0, 20, 39, 61),
    (12, 14, 19, 49),
    (25, 61, 63),
    (17, 51, 60),
    (3, 18, 45),
    (11, 44, 63),
    (23, 25, 43, 45),
    (36, 51, 59),
    (8, 23, 27, 45),
    (6, 7, 21, 27),
    (17, 46, 51),
    (6, 27, 58, 63),
    (6, 7, 8, 59),
    (33, 55, 60),
    (0, 3, 53, 62),
    (17, 50, 52),
    (12, 47, 50, 61),
    (16, 20, 32, 48),
    (7, 9, 22),
    (19, 23, 25, 36),
    (8, 34, 35),
    (20, 35, 48, 59),
    (7, 11, 27, 29),
    (2, 31, 52, 55),
    (4, 16, 18, 40),
    (25, 27, 28, 55),
    (2, 20, 47, 57),
    (15, 26, 39, 43),
    (6, 22, 37),
    (2, 6, 7, 50),
    (26, 50, 57, 58),
    (10, 28, 54, 62),
    (22, 50, 56, 57),
    (38, 48, 53),
    (4, 39, 42),
    (37, 38, 57),
    (7, 44, 52),
    (3, 5, 21, 37),
    (0, 9, 19, 34),
    (22, 28, 54),
    (17, 33, 59, 60),
    (33, 39, 61),
    (15, 26, 28, 43),
    (8, 24, 40),
    (3, 30, 48),
)
LUTOPT64_POLYNOMIAL = 0x1F1788414D97C0817

# x^64 + x^51 + x^42 + x^21 + 1, primitive: the bits that the outgoing bit of a right shift is XORed
# into. The taps are far apart: with x^64 + x^63 + x^61 + x^60 + 1, a lane's byte after a leap of 64
# shifts shares linear relations with the one before it.
GALOIS64_MASK = 0x8004020000100000


@dataclass(frozen=True, kw_only=True)
class LinearGenerator:
    """A named generator: ``rows[b]`` is the 64-bit mask of the taps of next-state bit *b*."""

    name: str
    rows: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.rows) != STATE_BITS or not all(0 < r < 1 << STATE_BITS for r in self.rows):
            raise ValueError(
                f"LinearGenerator {self.name!r}: needs {STATE_BITS} non-zero tap masks"
            )


def _galois_rows() -> tuple[int, ...]:
    """One right shift: bit b <- bit b+1, and bit 0 (the outgoing bit) into every bit of the
    mask."""
    shifted = [1 << (b + 1) if b + 1 < STATE_BITS else 0 for b in range(STATE_BITS)]
    return tuple(row ^ (GALOIS64_MASK >> b & 1) for b, row in enumerate(shifted))


def _multiply(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Rows of the product A·B over GF(2): the taps of A, each replaced by that row of B."""
    product = []
    for row in a:
        acc = 0
        while row:
            low = row & -row
            acc ^= b[low.bit_length() - 1]
            row ^= low
        product.append(acc)
    return tuple(product)


def power(rows: tuple[int, ...], exponent: int) -> tuple[int, ...]:
    """Rows of A^exponent: the same generator, leaping ``exponent`` steps at a time."""
    result = tuple(1 << b for b in range(STATE_BITS))
    while exponent:
        if exponent & 1:
            result = _multiply(result, rows)
        rows = _multiply(rows, rows)
        exponent >>= 1
    return result


@cache
def generator(name: str) -> LinearGenerator:
    """The generator of this name: ``lutopt64`` (default), ``galois64`` (leaps 64 shifts) or
    ``naive64`` (1 shift)."""
    if name == "lutopt64":
        rows = tuple(sum(1 << t for t in taps) for taps in _LUTOPT64_TAPS)
    elif name == "galois64":
        rows = power(_galois_rows(), STATE_BITS)
    elif name == "naive64":
        rows = _galois_rows()
    else:
        raise ValueError(f"unknown generator {name!r}; choose one of {', '.join(GENERATORS)}")
    return LinearGenerator(name=name, rows=rows)


GENERATORS = ("lutopt64", "galois64", "naive64")


def check_seed(seed: int) -> int:
    """The seed itself, or ``ValueError``: the all-zero state never leaves zero."""
    if not 0 < seed < 1 << STATE_BITS:
        raise ValueError(
            f"seed = {seed:#x} is out of range; give 1 to 2^{STATE_BITS}-1 (zero is a fixed point)"
        )
    return seed

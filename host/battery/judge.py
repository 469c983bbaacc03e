"""The battery applied to a long stream of bits, cut into sequences (NIST SP 800-22, Sec. 4.2).

A generator passes a test if both hold::

    proportion   of m sequences, 0.99 m - 3 sqrt(0.99·0.01·m) have p >= 0.01, or more
    uniformity   the p-values fall evenly into ten intervals: chi-square of p >= 0.0001

The number of sequences is rounded down, as in the suite's own report (96 of 100). The second one
needs 55 sequences and is not asked of fewer. A test that is not defined for a sequence so short is
left out. With 100 sequences a perfect generator fails one judgement in 290 (five p-values or more
below 0.01), so one failure of a hundred says nothing: take another seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log2, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.host.battery import counts, linear
from spinloom.host.battery.counts import Bits
from spinloom.host.battery.gamma import Floats, chi_square

ALPHA = 0.01
UNIFORM = 0.0001
INTERVALS = 10
UNIFORM_FROM = 55  # sequences
SHORTEST = 128  # bits of a sequence


def pattern_bits(n: int) -> tuple[int, int]:
    """Pattern lengths of the serial test and of approximate entropy for sequences of n bits: below
    log2(n) - 2 and log2(n) - 5 (Sec. 2.11.7, 2.12.7), 16 and 10 at most."""
    return max(2, min(16, int(log2(n)) - 3)), max(1, min(10, int(log2(n)) - 6))


def _serial(bits: Bits) -> tuple[Floats, Floats]:
    return counts.serial(bits, pattern_bits(bits.shape[1])[0])


def _approximate_entropy(bits: Bits) -> Floats:
    return counts.approximate_entropy(bits, pattern_bits(bits.shape[1])[1])


# Names of what a test returns, from which length of a sequence on, and the test.
TESTS: tuple[tuple[tuple[str, ...], int, Callable[[Bits], Floats | tuple[Floats, ...]]], ...] = (
    (("monobit",), SHORTEST, counts.monobit),
    (("block frequency",), 1280, counts.block_frequency),
    (("cumulative sums", "the same, backwards"), SHORTEST, counts.cumulative_sums),
    (("runs",), SHORTEST, counts.runs),
    (("longest run",), SHORTEST, counts.longest_run),
    (("matrix rank",), 38 * linear.SIDE**2, linear.rank),
    (("spectral",), 1000, counts.spectral),
    (("universal",), counts.UNIVERSAL[-1][1], counts.universal),
    (("approximate entropy",), 1000, _approximate_entropy),
    (("serial, first", "serial, second"), 1000, _serial),
    (("linear complexity",), 100_000, linear.linear_complexity),
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a test says of a stream: the p-value of each sequence, and of their uniformity (None:
    too few sequences)."""

    test: str
    p_values: Floats
    uniformity: float | None

    @property
    def passing(self) -> int:
        """Sequences that pass."""
        return int((self.p_values >= ALPHA).sum())

    @property
    def proportion(self) -> float:
        """Sequences that pass, as a part of all."""
        return self.passing / len(self.p_values)

    @property
    def passed(self) -> bool:
        """Whether both criteria hold."""
        even = self.uniformity is None or self.uniformity >= UNIFORM
        return self.passing >= least_passing(len(self.p_values)) and even

    def row(self) -> dict[str, object]:
        """Plain values for a table."""
        return {
            "test": self.test,
            "passing": round(self.proportion, 4),
            "uniformity": self.uniformity,
            "smallest_p": float(self.p_values.min()),
            "verdict": "pass" if self.passed else "FAIL",
        }


def least_passing(sequences: int) -> int:
    """How many sequences have to pass."""
    p = 1 - ALPHA
    return int(p * sequences - 3 * sqrt(p * ALPHA * sequences))


def uniformity(p_values: Floats) -> float | None:
    """p-value of the p-values' histogram being flat."""
    if len(p_values) < UNIFORM_FROM:
        return None
    seen, _ = np.histogram(p_values, INTERVALS, (0, 1))
    expected = len(p_values) / INTERVALS
    return float(chi_square(((seen - expected) ** 2).sum() / expected, INTERVALS - 1)[0])


def judge(stream: npt.NDArray[np.uint8], sequences: int) -> list[Verdict]:
    """Every test of a stream of bits, 0 and 1, cut into so many sequences of one length; bits left
    over at its end are not used. Raises ``ValueError`` for sequences too short for any."""
    n = len(stream) // sequences if sequences > 0 else 0
    if n < SHORTEST:
        raise ValueError(
            f"sequences = {sequences} of {len(stream)} bits: give {len(stream) // SHORTEST} or "
            f"fewer, of {SHORTEST} bits or more"
        )
    bits = stream[: n * sequences].reshape(sequences, n)
    verdicts = []
    for names, shortest, test in TESTS:
        if n >= shortest:
            found = test(bits)
            parts = found if isinstance(found, tuple) else (found,)
            for name, p in zip(names, parts, strict=True):
                verdicts.append(Verdict(test=name, p_values=p, uniformity=uniformity(p)))
    return verdicts

"""Tests that count: ones, runs, patterns, frequencies (NIST SP 800-22, Sec. 2.1 to 2.4, 2.6, 2.9,
2.11 to 2.13).

Each takes bits, uint8 [sequences, n] of 0 and 1, and returns the p-value of each sequence, float64
[sequences]. Two of them are pairs: those of the serial test, and the two directions of the
cumulative sums.
"""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.host.battery.gamma import Floats, chi_square, normal_below, two_sided

Bits = npt.NDArray[np.uint8]

# Longest run of ones: from which length of the sequence on, block length, the shortest and the
# longest run told apart, and their probabilities (Sec. 2.4.4 and 3.4).
LONGEST_RUN = (
    (750_000, 10_000, 10, (0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727)),
    (6272, 128, 4, (0.1174, 0.2430, 0.2493, 0.1752, 0.1027, 0.1124)),
    (128, 8, 1, (0.2148, 0.3672, 0.2305, 0.1875)),
)
# Maurer's test: word length, from which length of the sequence on, expected value and variance of
# the logarithm of the distance (Sec. 2.9.4).
UNIVERSAL = (
    (7, 904_960, 6.1962507, 3.125),
    (6, 387_840, 5.2177052, 2.954),
)


def monobit(bits: Bits) -> Floats:
    """Ones against zeros, Sec. 2.1."""
    n = bits.shape[1]
    ones = bits.sum(axis=1, dtype=np.int64)
    return two_sided((2 * ones - n) / sqrt(n))


def block_frequency(bits: Bits, length: int = 128) -> Floats:
    """Ones in blocks of ``length``, Sec. 2.2."""
    share = in_blocks(bits, length).mean(axis=2, dtype=np.float64)
    return chi_square(4 * length * ((share - 0.5) ** 2).sum(axis=1), share.shape[1])


def runs(bits: Bits) -> Floats:
    """Runs of equal bits, Sec. 2.3; 0 where there are too many ones or zeros to ask."""
    n = bits.shape[1]
    share = bits.mean(axis=1, dtype=np.float64)
    found = 1 + (bits[:, 1:] != bits[:, :-1]).sum(axis=1, dtype=np.int64)
    expected = 2 * n * share * (1 - share)
    scale = 2 * sqrt(n) * share * (1 - share)
    z = np.divide(found - expected, scale, out=np.zeros(len(bits)), where=scale > 0)
    return np.where(np.abs(share - 0.5) < 2 / sqrt(n), two_sided(z), 0.0)


def longest_run(bits: Bits) -> Floats:
    """The longest run of ones in blocks, Sec. 2.4; their length follows from that of the
    sequence."""
    n = bits.shape[1]
    _, length, shortest, law = next(row for row in LONGEST_RUN if n >= row[0])
    blocks = in_blocks(bits, length)
    now = np.zeros(blocks.shape[:2], np.int32)
    longest = now.copy()
    for k in range(length):
        now = (now + 1) * blocks[:, :, k]
        np.maximum(longest, now, out=longest)
    kind = np.clip(longest - shortest, 0, len(law) - 1)
    seen = np.stack([(kind == k).sum(axis=1) for k in range(len(law))], axis=1)
    return goodness(seen, law)


def spectral(bits: Bits) -> Floats:
    """Peaks of the discrete Fourier transform that are higher than 95 % should be, Sec. 2.6."""
    n = bits.shape[1]
    below = np.empty(len(bits))
    for k, row in enumerate(bits):  # one at a time: a transform of all takes gigabytes
        peaks = np.abs(np.fft.rfft(2.0 * row - 1))[: n // 2]
        below[k] = (peaks < sqrt(n * log(1 / 0.05))).sum()
    return two_sided((below - 0.95 * n / 2) / sqrt(n * 0.95 * 0.05 / 4))


def universal(bits: Bits) -> Floats:
    """Maurer's test: how far back each word was seen last, Sec. 2.9."""
    n = bits.shape[1]
    length, _, mean, variance = next(row for row in UNIVERSAL if n >= row[1])
    return universal_of(bits, length, 10 << length, mean, variance)


def universal_of(bits: Bits, length: int, first: int, mean: float, variance: float) -> Floats:
    """Maurer's test with words of ``length`` bits, the ``first`` of which only initialise."""
    words = in_blocks(bits, length).astype(np.int64) @ (1 << np.arange(length)[::-1])
    count = words.shape[1]
    measured = count - first
    factor = 0.7 - 0.8 / length + (4 + 32 / length) * measured ** (-3 / length) / 15
    sigma = factor * sqrt(variance / measured)
    found = np.empty(len(bits))
    for k, row in enumerate(words):
        order = np.argsort(row, kind="stable")
        before = np.full(count, -1)  # place of the same word before; a word never seen is at -1
        same = row[order[1:]] == row[order[:-1]]
        before[order[1:][same]] = order[:-1][same]
        found[k] = np.log2((np.arange(count) - before)[first:]).mean()
    return two_sided((found - mean) / sigma)


def serial(bits: Bits, length: int) -> tuple[Floats, Floats]:
    """Overlapping patterns of ``length`` bits, Sec. 2.11: first and second difference."""
    psi = [_psi_square(bits, m) for m in (length, length - 1, length - 2)]
    first = psi[0] - psi[1]
    second = psi[0] - 2 * psi[1] + psi[2]
    return (
        chi_square(np.maximum(first, 0), 2.0 ** (length - 1)),
        chi_square(np.maximum(second, 0), 2.0 ** (length - 2)),
    )


def approximate_entropy(bits: Bits, length: int) -> Floats:
    """Overlapping patterns of ``length`` and one more bits, Sec. 2.12."""
    n = bits.shape[1]
    entropy = []
    for m in (length, length + 1):
        share = _patterns(bits, m) / n
        logs = np.log(share, out=np.zeros_like(share), where=share > 0)
        entropy.append((share * logs).sum(axis=1))
    chi2 = 2 * n * (log(2) - (entropy[0] - entropy[1]))
    return chi_square(np.maximum(chi2, 0), 2.0**length)


def cumulative_sums(bits: Bits) -> tuple[Floats, Floats]:
    """The farthest excursion of a walk of +1 and -1, Sec. 2.13: forwards and backwards."""
    forward = np.array([_excursion(row) for row in bits])
    backward = np.array([_excursion(row[::-1]) for row in bits])
    n = bits.shape[1]
    return _excursion_p(forward, n), _excursion_p(backward, n)


def goodness(seen: npt.NDArray[np.integer], law: tuple[float, ...]) -> Floats:
    """p-values of counts [sequences, kinds] whose probabilities are ``law``."""
    expected = seen.sum(axis=1, keepdims=True) * np.array(law)
    return chi_square(((seen - expected) ** 2 / expected).sum(axis=1), len(law) - 1)


def in_blocks(bits: Bits, length: int) -> Bits:
    """[sequences, blocks, length]; what is left over at the end is dropped."""
    count = bits.shape[1] // length
    return bits[:, : count * length].reshape(len(bits), count, length)


def _patterns(bits: Bits, m: int) -> npt.NDArray[np.int64]:
    """How often each pattern of m bits occurs, the sequence closed to a ring: [sequences, 2^m]."""
    counts = np.empty((len(bits), 1 << m), np.int64)
    for k, row in enumerate(bits):
        ring = np.concatenate([row, row[: m - 1]]).astype(np.int32) if m else row
        value = np.zeros(len(row), np.int32)
        for shift in range(m):
            value = value << 1 | ring[shift : shift + len(row)]
        counts[k] = np.bincount(value, minlength=1 << m)
    return counts


def _psi_square(bits: Bits, m: int) -> Floats:
    if m < 1:
        return np.zeros(len(bits))
    n = bits.shape[1]
    counts = _patterns(bits, m).astype(np.float64)
    found: Floats = (counts**2).sum(axis=1) * (1 << m) / n - n
    return found


def _excursion(row: Bits) -> int:
    walk = np.cumsum(2 * row.astype(np.int32) - 1)
    return max(int(walk.max()), -int(walk.min()))


def _excursion_p(z: npt.NDArray[np.int64], n: int) -> Floats:
    """Sec. 3.13; the sums end where their terms vanish."""
    found = np.empty(len(z))
    for i, reach in enumerate(z.tolist()):
        top = n // reach
        k = np.arange((-top + 1) // 4, (top - 1) // 4 + 1)
        first = normal_below((4 * k + 1) * reach / sqrt(n)) - normal_below(
            (4 * k - 1) * reach / sqrt(n)
        )
        k = np.arange((-top - 3) // 4, (top - 1) // 4 + 1)
        second = normal_below((4 * k + 3) * reach / sqrt(n)) - normal_below(
            (4 * k + 1) * reach / sqrt(n)
        )
        found[i] = min(1.0, max(0.0, 1 - first.sum() + second.sum()))
    return found

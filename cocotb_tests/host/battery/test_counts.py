"""The tests of the battery against the examples that NIST SP 800-22 works out: short ones of
Sec. 2, and a million binary digits of sqrt(2) and sqrt(3), Appendix B."""

from math import isqrt

import numpy as np
import pytest

from spinloom.host.battery import counts, linear

PI = (
    "11001001000011111101101010100010001000010110100011"
    "00001000110100110001001100011001100010100010111000"
)  # binary digits of pi
LONG = (
    "11001100000101010110110001001100111000000000001001001101010100010001001111010110100000001101"
    "011111001100111001101101100010110010"
)
DIGITS = 6  # of the published p-values


def bits(text):
    return np.frombuffer(text.encode(), np.uint8)[None] - ord("0")


def root(k, n=1_000_000):
    """The first n binary digits of the square root of k = 2 or 3, the 1 before the point too."""
    return bits(bin(isqrt(k << 2 * (n - 1)))[2:])


@pytest.mark.parametrize(
    ("test", "text", "extra", "expected"),
    [
        (counts.monobit, "1011010101", (), 0.527089),
        (counts.monobit, PI, (), 0.109599),
        (counts.block_frequency, "0110011010", (3,), 0.801252),
        (counts.block_frequency, PI, (10,), 0.706438),
        (counts.runs, "1001101011", (), 0.147232),
        (counts.runs, PI, (), 0.500798),
        (counts.longest_run, LONG, (), 0.180598),
        (counts.serial, "0011011101", (3,), (0.808792, 0.670320)),
        (counts.approximate_entropy, "0100110101", (3,), 0.261961),
        (counts.approximate_entropy, PI, (2,), 0.235301),
        (counts.cumulative_sums, PI, (), (0.219194, 0.114866)),
    ],
)
def test_worked_examples(test, text, extra, expected):
    assert np.ravel(test(bits(text), *extra)) == pytest.approx(np.ravel(expected), abs=10**-DIGITS)


ROOTS = {
    2: {
        "monobit": 0.811881, "block_frequency": 0.833222, "cumulative_sums": (0.879009, 0.957206),
        "runs": 0.313427, "longest_run": 0.012117, "rank": 0.823810, "spectral": 0.581909,
        "universal": 0.130805, "approximate_entropy": 0.884740, "serial": 0.861925,
        "linear_complexity": 0.317127,
    },
    3: {
        "monobit": 0.610051, "block_frequency": 0.473961, "cumulative_sums": (0.917121, 0.689519),
        "runs": 0.261123, "longest_run": 0.446726, "rank": 0.314498, "spectral": 0.776046,
        "universal": 0.165981, "approximate_entropy": 0.180481, "serial": 0.157500,
        "linear_complexity": 0.346469,
    },
}  # fmt: skip


@pytest.mark.parametrize("k", ROOTS)
def test_a_million_digits(k, monkeypatch):
    # The published values were made with 0.01047 for 1/96.
    monkeypatch.setattr(linear, "COMPLEXITY", (0.01047, *linear.COMPLEXITY[1:]))
    digits = root(k)
    for name, expected in ROOTS[k].items():
        test = getattr(counts, name, None) or getattr(linear, name)
        extra = {"approximate_entropy": (10,), "serial": (16,)}.get(name, ())
        found = np.ravel(test(digits, *extra))[: np.size(expected)]
        assert found == pytest.approx(np.ravel(expected), abs=10**-DIGITS), name


def test_sequences_are_apart():
    """Each sequence has the p-value that it has alone."""
    both = np.concatenate([root(2, 50_000), root(3, 50_000)])
    for test in (counts.monobit, counts.runs, counts.longest_run, counts.spectral, linear.rank):
        alone = [float(test(both[k : k + 1])[0]) for k in (0, 1)]
        assert test(both).tolist() == alone and alone[0] != alone[1]

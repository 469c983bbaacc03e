"""Linear complexity and rank against their definitions."""

import numpy as np

from spinloom.host.battery import linear


def shortest_register(bits):
    """The smallest L for which some taps c give s(n) = c1 s(n-1) + ... + cL s(n-L), by trial."""
    for length in range(len(bits) + 1):
        for taps in range(1 << length):
            if all(
                bits[n] == sum(bits[n - 1 - k] & taps >> k & 1 for k in range(length)) % 2
                for n in range(length, len(bits))
            ):
                return length
    raise AssertionError


def test_complexity_is_that_of_the_shortest_register():
    for value in range(1 << 8):
        bits = np.array([value >> k & 1 for k in range(8)], np.uint8)
        assert linear.complexity(bits) == shortest_register(bits.tolist())


def test_complexity_of_the_published_example():
    assert linear.complexity(np.array([int(c) for c in "1101011110001"], np.uint8)) == 4


def test_ranks():
    """Against matrices of a rank made on purpose: products of 32 by r and r by 32."""
    rng = np.random.default_rng(5)
    identity = np.eye(32, dtype=int)
    for r in (0, 1, 7, 31, 32):
        # Unit triangular factors keep the rank at r exactly.
        low = np.tril(rng.integers(0, 2, (32, 32)), -1) + identity
        high = np.triu(rng.integers(0, 2, (32, 32)), 1) + identity
        matrix = low[:, :r] @ high[:r] % 2
        words = np.packbits(matrix.astype(np.uint8), axis=1).view(">u4").astype(np.uint32)
        assert linear.ranks(words.reshape(1, 32)).tolist() == [r]


def test_law_of_ranks():
    """0.2888, 0.5776 and 0.1336 in Sec. 3.5."""
    full, less = linear.rank_law(32, 0), linear.rank_law(32, 1)
    assert [round(p, 4) for p in (full, less, 1 - full - less)] == [0.2888, 0.5776, 0.1336]

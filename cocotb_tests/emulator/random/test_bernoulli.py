"""The majority fold, the carry and the vectorised decision are one, and exact at code/256."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.random.bernoulli import Bernoulli
from spinloom.emulator.spec.learning import CODE_BITS, CODE_ONE, LANES

ALL_BYTES = np.arange(256, dtype=np.uint8)


def majority_fold(r: int, code: int) -> bool:
    """The definition, with MAJ of three bits written out; the code 256 is always."""
    acc = 0
    for b in range(CODE_BITS):
        x, y = r >> b & 1, code >> b & 1
        acc = (x & acc) | (x & y) | (acc & y)
    return acc == 1 or code == CODE_ONE


def test_fold_and_carry_are_the_definition() -> None:
    for code in range(CODE_ONE + 1):
        for r in range(256):
            want = majority_fold(r, code)
            assert Bernoulli.fold(r, code) == want
            assert (r + code >= 256) == want


@pytest.mark.parametrize("scalar", [False, True])
def test_decide_is_the_fold(scalar: bool) -> None:
    """All (byte, code) pairs, with one code for all lanes or one code a lane."""
    words = ALL_BYTES.view("<u8")
    for code in range(CODE_ONE + 1):
        codes = np.uint16(code) if scalar else np.full(256, code, np.uint16)
        want = [Bernoulli.fold(r, code) for r in range(256)]
        assert Bernoulli.decide(words, codes).tolist() == want  # type: ignore[arg-type]


def test_exact() -> None:
    """Of the 256 equally likely bytes, exactly ``code`` switch."""
    for code in range(CODE_ONE + 1):
        decisions = Bernoulli.decide(ALL_BYTES.view("<u8"), np.full(256, code, np.uint16))
        assert int(decisions.sum()) == code


def test_lane_order() -> None:
    """Lane l of word n takes byte l, the least significant byte first."""
    words = np.array([0xFF, 0xFF << 8, 0xFF << 56], np.uint64)
    decisions = Bernoulli.decide(words, np.full(3 * LANES, 1, np.uint16))
    assert np.flatnonzero(decisions).tolist() == [0, LANES + 1, 2 * LANES + 7]


def test_two_bytes_are_the_fold_of_sixteen_bits() -> None:
    """Of two words, the first has the low bytes; corner codes, and exact over all 2^16 values."""
    rng = np.random.default_rng(1)
    for code in (0, 1, 255, 256, 257, 32768, 65535, 65536):
        octets = rng.integers(0, 256, (2, LANES), np.uint8)
        values = octets[0].astype(int) + (octets[1].astype(int) << 8)
        want = [Bernoulli.fold(int(r), code, 16) for r in values]
        codes = np.full(LANES, code, np.uint32)
        assert Bernoulli.decide(octets.view("<u8").ravel(), codes, 16).tolist() == want
    every = np.arange(1 << 16, dtype=np.uint16).reshape(-1, LANES)
    halves = np.stack([every & 255, every >> 8], axis=1).astype(np.uint8)
    words = halves.reshape(-1).view("<u8")
    for code in (1, 4711, 65535):
        assert int(Bernoulli.decide(words, np.full(1 << 16, code, np.uint32), 16).sum()) == code

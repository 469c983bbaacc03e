"""Bernoulli decisions that are exact at code/2^k: the LSB-first majority fold.

``acc = 0; for b = 0 .. k-1: acc = MAJ(r_b, acc, code_b)``. MAJ is the carry of a full adder, so the
fold is the carry out of r + code, and of the 2^k equally likely r exactly ``code`` carry.
``code = 2^k`` always does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import CODE_BITS


class Bernoulli:
    """Golden twin of ``rtl.random.bernoulli.Bernoulli``: one lane a random byte, or two."""

    @staticmethod
    def fold(r: int, code: int, code_bits: int = CODE_BITS) -> bool:
        """One decision, bit by bit: the definition. ``r`` below 2^k, ``code`` 0 to 2^k."""
        acc = 0
        for b in range(code_bits):
            acc = (r >> b & 1) + acc + (code >> b & 1) >> 1
        return bool(acc | code >> code_bits)

    @staticmethod
    def decide(
        words: npt.NDArray[np.uint64],
        codes: npt.NDArray[np.unsignedinteger],
        code_bits: int = CODE_BITS,
    ) -> npt.NDArray[np.bool_]:
        """Eight decisions a word: lane ``8n + l`` has byte *l* of word *n*; codes [8n] or scalar.
        Or of 16 bits, eight decisions two words, the first of them the low bytes."""
        r = words.astype("<u8", copy=False).view(np.uint8)
        if code_bits == CODE_BITS:
            return (r + codes) >> CODE_BITS != 0  # type: ignore[no-any-return]
        halves = r.reshape(-1, 2, 8).astype(np.uint32)
        wide = (halves[:, 0] + (halves[:, 1] << CODE_BITS)).ravel()
        return (wide + codes) >> code_bits != 0  # type: ignore[no-any-return]

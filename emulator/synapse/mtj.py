"""Stochastic switching of magnetic tunnel junctions under pulses of several classes (Sec. II.B).

A pulse of class *a* (0 to AP, others to P) switches a junction of device level *v* with probability
``codes[a, v] / 2^k`` and leaves it in state ``a > 0``, whatever it was.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.bernoulli import Bernoulli
from spinloom.emulator.spec.learning import CODE_BITS, LEVELS


class Mtj:
    """Golden twin of ``rtl.synapse.mtj.Mtj``: ``codes`` is uint32 [classes, 16], values 0 to
    2^k, for k = ``code_bits``."""

    def __init__(self, classes: int = 2, code_bits: int = CODE_BITS) -> None:
        self.code_bits = code_bits
        self.codes = np.zeros((classes, LEVELS), np.uint32)

    def pulse(
        self,
        classes: npt.NDArray[np.bool_] | npt.NDArray[np.uint8],
        level: npt.NDArray[np.uint8],
        words: npt.NDArray[np.uint64],
    ) -> npt.NDArray[np.bool_]:
        """Which junctions switch under pulses of ``classes`` [8n] at ``level`` [8n], given random
        ``words`` [n], or [2n] for codes of 16 bits."""
        where = classes.astype(np.uint8) * np.uint8(LEVELS) + level
        return Bernoulli.decide(words, self.codes.ravel().take(where), self.code_bits)

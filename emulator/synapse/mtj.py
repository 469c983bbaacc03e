"""Stochastic switching of magnetic tunnel junctions under two pulse classes (Sec. II.B, Fig. 4).

A pulse of class *a* (0 to AP, 1 to P) switches a junction of device level *v* with probability
``codes[a, v] / 256`` and leaves it in state *a*, whatever it was.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.bernoulli import Bernoulli
from spinloom.emulator.spec.learning import LEVELS


class Mtj:
    """Golden twin of ``rtl.synapse.mtj.Mtj``: ``codes`` is uint16 [2, 16], values 0 to 256."""

    def __init__(self) -> None:
        self.codes = np.zeros((2, LEVELS), np.uint16)

    def pulse(
        self,
        state: npt.NDArray[np.bool_],
        level: npt.NDArray[np.uint8],
        words: npt.NDArray[np.uint64],
    ) -> npt.NDArray[np.bool_]:
        """Which junctions switch to ``state`` [8n] at ``level`` [8n], given random ``words``
        [n]."""
        codes = np.where(state, self.codes[1].take(level), self.codes[0].take(level))
        return Bernoulli.decide(words, codes)

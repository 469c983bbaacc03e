"""Simplified stochastic STDP: one write trial for every junction of the neuron that fired (Fig. 4).

Junctions of active inputs get a pulse of class P, all others one of class AP.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.mtj import Mtj


class StochasticStdp:
    """Golden twin of ``rtl.synapse.stdp.StochasticStdp``."""

    def __init__(self, synapses: SynapseArray, mtj: Mtj) -> None:
        self._synapses, self._mtj = synapses, mtj

    def sweep(
        self,
        column: int,
        active: npt.NDArray[np.bool_],
        levels: npt.NDArray[np.uint8],
        words: npt.NDArray[np.uint64],
    ) -> tuple[int, int]:
        """Sweep a column, arrays by input, a random word a group; trials switched (to AP, to P)."""
        switched = self._mtj.pulse(active, levels, words)
        self._synapses.write_column(column, switched, active)
        to_p = int(np.count_nonzero(switched & active))
        return int(np.count_nonzero(switched)) - to_p, to_p

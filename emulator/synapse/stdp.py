"""Simplified stochastic STDP: one write trial for every junction of the neuron that fired (Fig. 4).

Junctions of active inputs get a pulse to P, of a class that may depend on the age of the input's
event, all others one to AP.
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
        classes: npt.NDArray[np.bool_] | npt.NDArray[np.uint8],
        levels: npt.NDArray[np.uint8],
        words: npt.NDArray[np.uint64],
    ) -> tuple[int, int]:
        """Sweep a column, arrays by input; trials switched (to AP, to P)."""
        switched, active = self._mtj.pulse(classes, levels, words), classes != 0
        self._synapses.write_column(column, switched, active)
        to_p = int(np.count_nonzero(switched & active))
        return int(np.count_nonzero(switched)) - to_p, to_p

"""Domain-wall memristors: a synapse whose strength is the position of a wall on its track.

A pulse of class *a* moves the wall by one position, up for 1 and down for 0, and not beyond the
track's ends, with a probability that the class and the present position set: ``CODES[a][v]`` of the
level ``v = position >> max(0, C - 4)``, for positions of C bits. So a flat table is a linear
response, one that falls with the position saturates, and one with notches has pinning sites.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.mtj import Mtj


class DomainWallMemristor:
    """Golden twin of ``rtl.synapse.memristor.DomainWallMemristor``."""

    def __init__(self, synapses: SynapseArray, mtj: Mtj) -> None:
        self._synapses, self._mtj = synapses, mtj

    def sweep(
        self,
        neuron: int,
        classes: npt.NDArray[np.bool_] | npt.NDArray[np.uint8],
        levels: npt.NDArray[np.uint8],
        words: npt.NDArray[np.uint64],
    ) -> tuple[int, int]:
        """Sweep a neuron's walls, arrays by input; trials that switched
        (down, up), those at a track's end among them."""
        switched, active = self._mtj.pulse(classes, levels, words), classes != 0
        self._synapses.move_walls(neuron, switched, active)
        up = int(np.count_nonzero(switched & active))
        return int(np.count_nonzero(switched)) - up, up

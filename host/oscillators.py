"""``OscillatorMachine``: what the drivers of oscillators that are all coupled to all have in
common."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.host.link.ports import Words
from spinloom.host.machine import Machine

Ints = npt.NDArray[np.int64]


class OscillatorMachine(Machine):
    """Couplings and phases of a machine of oscillators."""

    @property
    @abstractmethod
    def shape(self) -> OscillatorShape:
        """What is fixed in this machine."""

    @abstractmethod
    def _pack(self, weights: Ints) -> Words:
        """Couplings [N, N] as words of the memory window."""

    def set_weights(self, weights: npt.ArrayLike) -> None:
        """Write all couplings, [N, N]: J[i][j] acts on oscillator i, from oscillator j."""
        n, top = self.shape.oscillators, self.shape.weight_max
        array = np.asarray(weights)
        if array.shape != (n, n) or array.dtype.kind not in "iu":
            raise ValueError(f"weights of shape {array.shape}; give integers of ({n}, {n})")
        if array.min() < -top - 1 or array.max() > top:
            raise ValueError(
                f"weights from {array.min()} to {array.max()}: shape {self.shape.name} holds "
                f"{-top - 1} to {top}"
            )
        self.write_memory("weights", self._pack(array.astype(np.int64)))

    def set_phases(self, phases: npt.ArrayLike) -> None:
        """Write all phases, 2^-P turns, [N]; they are taken modulo a turn."""
        array = self._each("phases", phases) & self.shape.turn - 1
        self.write_memory("phases", array.astype(np.uint32))

    def phases(self) -> Ints:
        """All phases, 2^-P turns, [N]."""
        return self.read_memory("phases").astype(np.int64)

    def _each(self, what: str, values: npt.ArrayLike) -> Ints:
        array = np.asarray(values)
        n = self.shape.oscillators
        if array.shape != (n,) or array.dtype.kind not in "iu":
            raise ValueError(f"{what} of shape {array.shape}; give {n} integers")
        return array.astype(np.int64)

"""``SpinMachine``: what the drivers of networks of p-bits have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.phase import signed
from spinloom.emulator.pbit.states import unpack_spins
from spinloom.host.machine import Machine

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Best:
    """The state of the lowest energy that the machine has latched since its reset: ``spins`` +-1
    [N], and the tick."""

    energy: int
    tick: int
    spins: Ints


class SpinMachine(Machine):
    """States and energies of a machine of spins; ``measure`` is the bit of COMMAND that brings
    ENERGY up to date."""

    measure: ClassVar[int]

    def run(self, sweeps: int) -> None:
        """So many sweeps."""
        self.pass_time(sweeps)

    def spins(self) -> Ints:
        """All spins, +1 or -1, [N]."""
        return self._states("spins")

    def energy(self) -> int:
        """Energy of the spins as they are."""
        self.write("COMMAND", self.measure)
        return signed(self.read("ENERGY"), 32)

    def best(self) -> Best:
        """The best state that was latched since the reset."""
        energy, tick = self._read(["BEST_ENERGY", "BEST_TICK"])
        return Best(energy=signed(energy, 32), tick=tick, spins=self._states("best"))

    def trace(self, count: int | None = None) -> Ints:
        """Energies that were kept, the first ``count`` of them."""
        return self.read_memory("trace", 0, count).astype(np.int32).astype(np.int64)

    def _states(self, memory: str) -> Ints:
        return unpack_spins(self.read_memory(memory), self.shape.neurons)

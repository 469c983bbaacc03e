"""``SquareMachine``: the driver of the square engine, wherever it runs.

with Machine.open("sim", SHAPES["square-64"]) as machine:
    machine.set_weights(couplings)
    machine.set_phases(phases)
    machine.reset(state=True)
    machine.run(20)
    machine.phases()
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.square import SquareEngine, pack_weights, unpack_weights
from spinloom.emulator.spec import square as spec
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK
from spinloom.host.link.ports import GoldenPort, Port
from spinloom.host.machine import Machine

Ints = npt.NDArray[np.int64]


class SquareMachine(Machine):
    """A square engine of a known shape.

    Opened by ``Machine.open``. Memories hold what they held; ``quiet`` is how it starts.
    """

    def __init__(self, port: Port, shape: spec.SquareShape) -> None:
        super().__init__(port, shape)
        self._square_shape = shape

    @property
    def shape(self) -> spec.SquareShape:
        """What is fixed in this machine."""
        return self._square_shape

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
        self.write_memory("weights", pack_weights(self.shape, array.astype(np.int64)))

    def weights(self) -> Ints:
        """All couplings, as they are set."""
        return unpack_weights(self.shape, self.read_memory("weights"))

    def set_phases(self, phases: npt.ArrayLike) -> None:
        """Write all phases, in ticks, [N]; they are taken modulo a period."""
        array = np.asarray(phases)
        if array.shape != (self.shape.oscillators,) or array.dtype.kind not in "iu":
            raise ValueError(
                f"phases of shape {array.shape}; give {self.shape.oscillators} integers"
            )
        self.write_memory("phases", (array.astype(np.int64) % self.shape.period).astype(np.uint32))

    def phases(self) -> Ints:
        """All phases, in ticks, [N]."""
        return self.read_memory("phases").astype(np.int64)

    def run(self, periods: int) -> None:
        """So many periods."""
        whole, rest = divmod(periods * self.shape.period, MAX_TICKS)
        words = [WORD_TICK | MAX_TICKS] * whole + [WORD_TICK | rest] * (rest > 0)
        self.stream(np.array(words, np.uint16))

    def settled(self) -> int | None:
        """Periods from the reset to the end of the first in which no phase changed, if there was
        one."""
        tick = self.read("SETTLED")
        return tick // self.shape.period if tick else None

    def ensemble(self, phases: npt.ArrayLike, periods: int) -> Ints:
        """Many runs from the reset, [runs, N] phases: those after so many periods. One after the
        other, or on the golden model all at once, with the same bits."""
        array = np.asarray(phases, np.int64) % self.shape.period
        if isinstance(self._port, GoldenPort) and isinstance(self._port.engine, SquareEngine):
            return self._port.engine.ensemble(array, periods * self.shape.period)
        ends = []
        for start in array:
            self.set_phases(start)
            self.reset(state=True)
            self.run(periods)
            ends.append(self.phases())
        return np.array(ends, np.int64).reshape(array.shape)

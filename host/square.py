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
from spinloom.host.link.ports import GoldenPort, Port, Words
from spinloom.host.oscillators import Ints, OscillatorMachine


class SquareMachine(OscillatorMachine):
    """A square engine of a known shape.

    Opened by ``Machine.open``. Memories hold what they held; ``quiet`` is how it starts. A turn of
    a phase is a period, and its unit a tick.
    """

    def __init__(self, port: Port, shape: spec.SquareShape) -> None:
        super().__init__(port, shape)
        self._square_shape = shape

    @property
    def shape(self) -> spec.SquareShape:
        """What is fixed in this machine."""
        return self._square_shape

    def _pack(self, weights: Ints) -> Words:
        return pack_weights(self.shape, weights)

    def weights(self) -> Ints:
        """All couplings, as they are set."""
        return unpack_weights(self.shape, self.read_memory("weights"))

    def run(self, periods: int) -> None:
        """So many periods."""
        self.pass_time(periods * self.shape.period)

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

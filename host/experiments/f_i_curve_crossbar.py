"""The crossbar of the f-i-curve experiment: currents of neurons through memristors of 16 levels.

Each tick brings ``pattern`` events to the inputs of the crossbar. Positions are pseudo-random, then
trimmed one level at a time at pseudo-random devices, until every neuron has its current::

    STEP * sum_i n_i g_in = I_n

Sums are read where they arise, as positions of the neurons before a tick: of the pattern of the
curves and of pseudo-random ones, for neurons of both kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.host.bit_slices import BITS, TOP, sliced_events
from spinloom.host.network import NetworkMachine

Ints = npt.NDArray[np.int64]

STEP = 4  # wall steps of an event through a memristor of level 1
EVENTS = 20  # of a tick, dealt to the inputs in turn
REACH = STEP * TOP * EVENTS  # wall steps that no sum of a tick exceeds on its way
PATTERNS = 32  # pseudo-random ones that are summed


@dataclass(frozen=True, kw_only=True)
class Crossbar:
    """Signed ``levels``, -15 to 15 [inputs, neurons], and ``patterns`` of events at the inputs
    [1 + 32, inputs], of which the first is that of every tick of a curve."""

    levels: Ints
    patterns: Ints

    def events(self) -> npt.NDArray[np.uint16]:
        """Stream words of the events of a tick."""
        return sliced_events(self.patterns[0])

    def products(self) -> Ints:
        """The integers that the sums should be, wall steps [patterns, neurons]."""
        return STEP * (self.patterns @ self.levels)

    def sums(self, machine: NetworkMachine) -> Ints:
        """The same, read as positions of the machine's neurons, which start at 0."""
        sums = []
        for pattern in self.patterns:
            machine.reset(state=True)
            machine.stream(sliced_events(pattern))
            sums.append(machine.positions()[0])
        return np.array(sums)


def trimmed(rows: int, currents: Ints, highest: int, seed: int) -> Crossbar:
    """A crossbar of so many rows of junctions, for these currents, multiples of ``STEP`` up to
    ``REACH``, and neurons whose highest position is ``highest``."""
    inputs = rows // BITS
    rng = np.random.default_rng([seed, 1])
    count = np.bincount(np.arange(EVENTS) % inputs, minlength=inputs)
    levels = rng.integers(-TOP, TOP + 1, size=(inputs, len(currents)))
    for n, target in enumerate((currents // STEP).tolist()):
        while left := target - int(count @ levels[:, n]):
            sign = 1 if left > 0 else -1
            free = np.flatnonzero((sign * levels[:, n] < TOP) & (count > 0))
            levels[rng.choice(free), n] += sign
    # So few events that no neuron saturates, whatever the order.
    events = rng.integers(inputs, size=(PATTERNS, highest // (STEP * TOP)))
    patterns = [count, *(np.bincount(row, minlength=inputs) for row in events)]
    return Crossbar(levels=levels, patterns=np.array(patterns))

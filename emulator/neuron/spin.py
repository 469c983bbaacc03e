"""One time step of a spin neuron: a domain wall, or a junction that switches by chance.

The wall (Sec. II.C, Fig. 8) keeps its position, moved by a bias and pulled back by a leak, between
the ends of its track; it fires where it has passed its junction. The junction (Sec. II.C) feels
the current of the time step alone, and switches with a probability that is a table of it. Both are
silent from then on to the end of an explicit reset pulse. The equations are those of
``spec.network``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import CODE_ONE, CODES

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class SpinNeuron:
    """Golden twin of ``rtl.neuron.spin.SpinNeuron``, with the registers of a layer."""

    lowest: int
    theta: int
    lo: int
    hi: int
    leak: int
    reset_ticks: int
    to_zero: bool
    junction: bool
    shift: int

    def tick(
        self, pos: Ints, timer: Ints, bias: Ints, r: Ints, codes: Ints
    ) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
        """(pos, timer, fires) of neurons behind the step, arrays of one shape; ``r`` are 16 random
        bits, ``codes`` the table."""
        v = pos + bias
        v = np.sign(v) * np.maximum(np.abs(v) - self.leak, 0)
        v = np.minimum(np.maximum(v, self.lo), self.hi)
        if self.junction:
            index = ((v - self.lo) >> self.shift).clip(0, CODES - 1)
            arrived = r + codes[index] >= CODE_ONE
            v = np.zeros_like(v)
        else:
            arrived = v >= self.theta
        waits = timer > 0
        fires = arrived & ~waits
        left = np.where(waits, timer - 1, np.where(fires, self.reset_ticks, 0))
        reset = (waits | fires) & (left == 0)
        kept = np.where(waits, pos, v)
        if self.junction or self.to_zero:
            fresh = np.zeros_like(kept)
        else:
            fresh = np.maximum(kept - self.theta, self.lowest)
        return np.where(reset, fresh, kept), left, fires

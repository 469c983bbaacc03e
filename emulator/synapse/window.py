"""The STDP window: an input is active if its last event is in this bucket or one of those before.

A bucket lasts BUCKET_TICKS ticks, so a window of A ages is between A-1 and A buckets long (Sec.
II.B, the simplified rule: inputs that spiked shortly before the neuron did are potentiated). A
window of more than two ages tells them apart: P(dt) may be any staircase.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import MAX_AGES

_NEVER = -MAX_AGES


class StdpWindow:
    """Golden twin of ``rtl.synapse.window.StdpWindow``."""

    def __init__(self, inputs: int, ages: int = 2) -> None:
        self.ages = ages
        self.last = np.full(inputs, _NEVER, np.int64)  # bucket of each input's last event
        self.bucket = 0

    def clear(self) -> None:
        """No input has spiked."""
        self.last.fill(_NEVER)
        self.bucket = 0

    def event(self, addr: npt.NDArray[np.integer] | int, bucket: npt.ArrayLike) -> None:
        """Inputs ``addr`` spiked in ``bucket``; both in time order, so that the last one counts."""
        self.last[addr] = bucket

    def active(self) -> npt.NDArray[np.bool_]:
        """bool [inputs]: which inputs are inside the window now."""
        return self.last > self.bucket - self.ages

    def classes(self) -> npt.NDArray[np.uint8]:
        """uint8 [inputs]: the pulse class of each input, 0 outside the window; inside it 1 for
        either of two ages, or 1 + the age of more."""
        if self.ages == 2:
            return self.active().view(np.uint8)
        ages = np.minimum(self.bucket - self.last, self.ages)
        return np.where(ages < self.ages, ages + 1, 0).astype(np.uint8)

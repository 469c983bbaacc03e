"""The two-bucket STDP window: an input is active if its last event is in this bucket or the last.

A bucket lasts BUCKET_TICKS ticks, so the window is between one and two buckets long (Sec. II.B, the
simplified rule: inputs that spiked shortly before the neuron did are potentiated).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_NEVER = -2


class StdpWindow:
    """Golden twin of ``rtl.synapse.window.StdpWindow``."""

    def __init__(self, inputs: int) -> None:
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
        return self.last >= self.bucket - 1

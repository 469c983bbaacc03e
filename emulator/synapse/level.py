"""Cycle-to-cycle spread: the level of a device in one cycle, off its own by what all of its column
share.

``v = min(max(v0 + x - y, 0), 15)``, x and y the low ``spread`` bits of the first two bytes of a
random word: a triangular distribution of 2^(spread+1) - 1 steps around the device's own level.
Where levels are stored, one of 0 stays 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import CODE_BITS, LEVELS


class CycleLevel:
    """Golden twin of ``rtl.synapse.level.CycleLevel``."""

    @staticmethod
    def levels(
        own: npt.NDArray[np.uint8], spread: int, word: int, *, zero_stays: bool = False
    ) -> npt.NDArray[np.uint8]:
        """Levels in this cycle of devices of ``own`` levels, for a random ``word``."""
        mask = (1 << spread) - 1
        shift = (word & mask) - (word >> CODE_BITS & mask)
        levels = (own.astype(np.int8) + np.int8(shift)).clip(0, LEVELS - 1).astype(np.uint8)
        return np.where(own > 0, levels, np.uint8(0)) if zero_stays else levels

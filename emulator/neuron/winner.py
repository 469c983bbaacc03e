"""Winner-take-all: among neurons over threshold, the one with the largest margin (Sec. II.B, Fig.
4)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class WinnerTakeAll:
    """Golden twin of ``rtl.neuron.winner.WinnerTakeAll``."""

    @staticmethod
    def winner(margin: npt.NDArray[np.integer], eligible: npt.NDArray[np.bool_]) -> int | None:
        """argmax of ``margin = pos - theta`` where eligible and ``margin >= 0``; lowest on a
        tie."""
        candidates = np.where(eligible, margin, -1)
        best = int(np.argmax(candidates))
        return best if candidates[best] >= 0 else None

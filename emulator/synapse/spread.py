"""Device-to-device spread: the 4-bit level of a junction, hashed from its address
(``spec.synapse``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.spec.synapse import ROUND_KEYS

SHIFTS = np.arange(0, 4 * LANES, 4, dtype=np.uint32)  # of the levels in a word


def _rotl(x: npt.NDArray[np.uint16], n: int) -> npt.NDArray[np.uint16]:
    return (x << np.uint16(n)) | (x >> np.uint16(16 - n))


class DeviceSpread:
    """Golden twin of ``rtl.synapse.spread.DeviceSpread``; ``seed`` 32 bits."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def levels(self, groups: int, column: int) -> npt.NDArray[np.uint8]:
        """Levels 0 to 15 of the junctions of one column: uint8 [8 × groups], by input."""
        x = np.arange(groups, dtype=np.uint16) ^ np.uint16(self.seed & 0xFFFF)
        y = np.full(groups, column, np.uint16) ^ np.uint16(self.seed >> 16)
        for key in ROUND_KEYS:
            x, y = y ^ (_rotl(x, 1) & _rotl(x, 8)) ^ _rotl(x, 2) ^ np.uint16(key), x
        block = y.astype(np.uint32) << np.uint32(16) | x
        return unpack_words(block)


def unpack_words(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """The eight levels in each word, the first in its low bits: uint8 [8 × words]."""
    return (words[:, None] >> SHIFTS & 15).astype(np.uint8).ravel()

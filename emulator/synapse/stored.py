"""Device-to-device spread: the 4-bit level of a junction, kept in a memory beside it
(``spec.learning``, region LEVELS)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.synapse.spread import SHIFTS, unpack_words


class StoredLevels:
    """Golden twin of ``rtl.synapse.stored.StoredLevels``: ``words`` is uint32 [columns × 2^ceil(
    log2 groups)], a word for each eight inputs of a column, the first input in its low bits."""

    def __init__(self, groups: int, columns: int) -> None:
        self.stride = 1 << (groups - 1).bit_length()
        self.words = np.zeros(columns * self.stride, np.uint32)

    def levels(self, groups: int, column: int) -> npt.NDArray[np.uint8]:
        """Levels 0 to 15 of the junctions of one column: uint8 [8 × groups], by input."""
        mine = self.words[column * self.stride : column * self.stride + groups]
        return unpack_words(mine)


def pack_levels(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Levels [columns, inputs] → the words of region LEVELS; what no junction has is 0."""
    columns, inputs = levels.shape
    groups = levels.reshape(columns, -1, LANES).astype(np.uint32) << SHIFTS
    stride = 1 << (inputs // LANES - 1).bit_length()
    words = np.zeros((columns, stride), np.uint32)
    words[:, : inputs // LANES] = np.bitwise_or.reduce(groups, axis=2)
    return words.ravel()


def unpack_levels(
    words: npt.NDArray[np.uint32], columns: int, inputs: int
) -> npt.NDArray[np.uint8]:
    """Inverse of ``pack_levels``."""
    mine = words.reshape(columns, -1)[:, : inputs // LANES]
    return unpack_words(mine.ravel()).reshape(columns, inputs)

"""Multilevel memristors on the network engine: bit slices of 16 levels.

A wall memristor of position g, 0 to 15, conducts in proportion to g (Sec. II.C, Fig. 6). Its
position in binary is four rows of one-bit junctions, of which bit b is driven 2^b times::

    g = sum_b 2^b g_b,   current = step * sum_i n_i g_i = step * sum_i sum_b (2^b n_i) g_ib

for n_i events at input i: the integer multiply-accumulate of a crossbar of 16 levels, exact while
no position of a neuron saturates on the way. The sign of a level is the junction of each pair that
holds its bits: plus or minus. Row 4i+b of a dense layer is bit b of memristor input i.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.shape import MAX_INPUTS

BITS = 4  # rows of a memristor
TOP = (1 << BITS) - 1  # the highest position

Ints = npt.NDArray[np.int64]


def sliced_weights(levels: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Weights of -1, 0, +1 [4 inputs, neurons] of signed levels, -15 to 15 [inputs, neurons].
    Raises ``ValueError`` for others."""
    array = np.asarray(levels)
    if array.ndim != 2 or array.dtype.kind not in "iu":
        raise ValueError(f"levels of shape {array.shape}: give integers [inputs, neurons]")
    if array.size and not -TOP <= array.min() <= array.max() <= TOP:
        raise ValueError(f"levels: values are out of range; give {-TOP} to {TOP}")
    bits = np.abs(array.astype(np.int8))[:, None] >> np.arange(BITS)[:, None] & 1
    signed = bits * np.sign(array)[:, None]
    return np.asarray(signed.reshape(BITS * len(array), -1), np.int8)


def sliced_events(counts: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """Stream words of ``counts`` events at each input of memristors, [inputs]: 15 for each event,
    2^b at the row of bit b. Raises ``ValueError`` for other counts."""
    array = np.asarray(counts)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array < 0).any():
        raise ValueError(f"counts = {array.tolist()}: give integers from 0 up, [inputs]")
    if BITS * len(array) > MAX_INPUTS:
        raise ValueError(f"counts of {len(array)} inputs; give {MAX_INPUTS // BITS} or fewer")
    driven = array[:, None] << np.arange(BITS)
    return np.repeat(np.arange(driven.size), driven.ravel()).astype(np.uint16)

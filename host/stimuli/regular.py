"""Regular coding: brightness as evenly spaced events, without chance.

In time step t = 1, 2, ... of T, an input of brightness x (0 to 255) has an event when
``(t·x + 128) >> 8`` grows: ``(T·x + 128) >> 8`` events in all. Then one tick passes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.shape import WORD_TICK

Bytes = npt.NDArray[np.uint8]


def counts(pixels: Bytes, steps: int) -> npt.NDArray[np.int64]:
    """Events of each input in so many time steps."""
    return steps * pixels.astype(np.int64) + 128 >> 8


def words(pixels: Bytes, steps: int) -> npt.NDArray[np.uint16]:
    """Stream words of an image [inputs]; the events of a step in ascending order of their
    inputs."""
    after = np.array([counts(pixels, step) for step in range(steps + 1)])
    step, which = np.nonzero(np.diff(after, axis=0))
    out = np.full(len(which) + steps, WORD_TICK | 1, np.uint16)
    out[np.arange(len(which)) + step] = which
    return out

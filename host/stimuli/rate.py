"""Rate coding: an image as independent pseudo-random spike trains, one an input.

In each time step, input *i* has an event with probability ``(x[i] >> 2) / 256``: at most a quarter,
for a white pixel. Then one tick passes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import WORD_TICK

BRIGHTNESS_SHIFT = 2


def words(
    pixels: npt.NDArray[np.uint8], steps: int, rng: np.random.Generator
) -> npt.NDArray[np.uint16]:
    """Stream words of ``steps`` time steps of an image [inputs]; the events of a step in ascending
    order of their inputs."""
    drawn = rng.integers(0, 256, (steps, len(pixels)), dtype=np.uint8)
    step, which = np.nonzero(drawn < pixels >> BRIGHTNESS_SHIFT)
    out = np.full(len(which) + steps, WORD_TICK | 1, np.uint16)
    out[np.arange(len(which)) + step] = which
    return out

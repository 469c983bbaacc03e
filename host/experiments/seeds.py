"""The seeds that one seed means, independent of one another (``numpy.random.SeedSequence``)."""

from __future__ import annotations

import numpy as np


def derive(seed: int) -> tuple[int, int, int, int, int]:
    """Four seeds of 32 bits, and one of 64 bits for a machine's generator, which is not 0."""
    a, b, c, d, low, high = map(int, np.random.SeedSequence(seed).generate_state(6, np.uint32))
    return a, b, c, d, low | high << 32 or 1

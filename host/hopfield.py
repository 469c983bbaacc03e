"""Hopfield networks of two-state units in software, to compare machines with (Hopfield, PNAS 79,
2554, 1982)::

    x_i = sign(sum of J[i][j] x_j),  0 leaves x_i as it was

Many probes at once, [probes, N] of +-1; couplings J [N, N].
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SWEEPS = 100  # at most; a network may go to and fro for ever

Ints = npt.NDArray[np.int64]


def synchronous(weights: Ints, probes: Ints) -> Ints:
    """All units see the states before the step; ends where nothing changes."""
    x = probes
    for _ in range(SWEEPS):
        after = _decide(x @ weights.T, x)
        if (after == x).all():
            break
        x = after
    return x


def asynchronous(weights: Ints, probes: Ints, rng: np.random.Generator) -> Ints:
    """One unit after the other, in an order that is drawn for each sweep and is that of all
    probes; ends where a sweep changes nothing."""
    x = probes.copy()
    for _ in range(SWEEPS):
        before = x.copy()
        for i in rng.permutation(x.shape[1]):
            x[:, i] = _decide(x @ weights[i], x[:, i])
        if (x == before).all():
            break
    return x


def _decide(field: Ints, x: Ints) -> Ints:
    return np.where(field == 0, x, np.sign(field))

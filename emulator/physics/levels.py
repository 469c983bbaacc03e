"""Levels of a memristor: where pulses take many devices, and how well a read tells levels apart.

A pulse moves a device at level v by one level or none, with the mean ``s(v)`` of ``wall.Levels``,
so the shares n(v) of many devices go from pulse to pulse as (up; downwards mirrored)::

    n'(v) = n(v) (1 - s(v)) + n(v-1) s(v-1)

A read of resistance R varies by ``spread * R``, normally, and is taken for the nearest level.
Between the neighbours R_u > R > R_d a level is misread with the probability::

    Phi(-(R_u - R) / 2 sigma) + Phi(-(R - R_d) / 2 sigma),   sigma = spread * R

Phi is the normal distribution; the first and the last level have one neighbour, one term.
"""

from __future__ import annotations

from math import erfc, isfinite, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.wall import LEVELS, Array, Levels


def after_pulse(share: npt.ArrayLike, device: Levels, current_a: float, duration_s: float) -> Array:
    """Shares of devices [16] after a pulse on those that were at each level; ``ValueError`` where a
    pulse moves more than one level."""
    before = np.asarray(share, np.float64)
    if before.shape != (LEVELS,):
        raise ValueError(f"share of shape {before.shape}; give ({LEVELS},)")
    steps = np.array([device.mean_steps(v, current_a, duration_s) for v in range(LEVELS)])
    if steps.max() > 1:
        raise ValueError(
            f"a pulse of {current_a} A, {duration_s} s moves {steps.max():.3g} levels; "
            "give a shorter one, of one level at most"
        )
    moved = before * steps
    return np.asarray(before - moved + np.roll(moved, 1 if current_a > 0 else -1))


def misread(levels_ohm: npt.ArrayLike, spread: float) -> Array:
    """Probability that a read takes each of these resistances (they rise or fall) for another;
    ``spread`` is the relative standard deviation of a read."""
    ohm = np.asarray(levels_ohm, np.float64)
    if not (isfinite(spread) and spread > 0):
        raise ValueError(f"spread = {spread}; give a number above 0")
    gaps = np.abs(np.diff(ohm))
    sides = np.array([np.append(np.inf, gaps), np.append(gaps, np.inf)])
    tail = np.vectorize(lambda sigmas: erfc(sigmas / sqrt(2)) / 2)
    wrong: Array = tail(sides / 2 / (spread * ohm)).sum(axis=0)
    return wrong


def nearest(levels_ohm: npt.ArrayLike, read_ohm: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Which of these resistances (they fall) each read, of any shape, is nearest to."""
    rising = np.asarray(levels_ohm, np.float64)[::-1]
    found = np.searchsorted((rising[1:] + rising[:-1]) / 2, np.asarray(read_ohm, np.float64))
    return np.asarray(len(rising) - 1 - found, np.int64)

"""Couplings that store patterns: the rules of attractor networks, and what hardware holds of them.

Patterns are int [p, N] of +-1, one a row; a rule gives real couplings J[i][j] from j to i, [N, N],
with a zero diagonal. Their scale is that of the rule: ``quantised`` brings it to the machine's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.wall import LEVELS, WallTrack

CLIP_RMS = 3  # couplings beyond are cut: little is lost of patterns, much is won of resolution
SWEEPS = 1000  # of the Diederich-Opper rule, at most

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def hebb(patterns: Ints) -> Floats:
    """J = 1/N sum of xi_i xi_j over the patterns (Hopfield, PNAS 79, 2554, 1982)."""
    x = checked(patterns)
    return _no_self(x.T @ x / x.shape[1])


def storkey(patterns: Ints) -> Floats:
    """Pattern by pattern, with what the couplings so far make of it (Storkey, ICANN 1997)::

    J[i][j] += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N,
    h_ij = sum of J[i][k] xi_k over all k but i and j
    """
    x = checked(patterns)
    n = x.shape[1]
    coupling = np.zeros((n, n))
    for xi in x:
        # The diagonal is kept at 0, so that k = i drops out by itself.
        h = (coupling @ xi)[:, None] - coupling * xi
        coupling = _no_self(coupling + (np.outer(xi, xi) - xi[:, None] * h.T - h * xi) / n)
    return coupling


def diederich_opper(patterns: Ints) -> Floats:
    """Add xi_i xi_j / N to the row of every i whose field is short of 1, pattern by pattern, until
    all xi_i sum J[i][j] xi_j reach 1 (Diederich and Opper, Phys. Rev. Lett. 58, 949, 1987, rule I).
    ``ValueError`` where that does not end."""
    x = checked(patterns)
    n = x.shape[1]
    coupling = np.zeros((n, n))
    for _ in range(SWEEPS):
        short = 0
        for xi in x:
            weak = xi * (coupling @ xi) < 1
            coupling += np.where(weak, xi, 0)[:, None] * xi / n
            np.fill_diagonal(coupling, 0)
            short += int(weak.sum())
        if not short:
            return coupling
    raise ValueError(
        f"patterns = {len(x)} of {n} pixels: {short} fields stay below 1; give fewer or other ones"
    )


def projection(patterns: Ints) -> Floats:
    """J = X^+ X, the projection on the space of the patterns (rows of X), whose self-couplings are
    left out: patterns may overlap as they like (Personnaz, Guyon, Dreyfus, J. Physique Lett. 46,
    L359, 1985)."""
    x = checked(patterns)
    return _no_self(np.linalg.pinv(x) @ x)


RULES: dict[str, Callable[[Ints], Floats]] = {
    "projection": projection,
    "diederich-opper": diederich_opper,
    "storkey": storkey,
    "hebb": hebb,
}


def checked(patterns: Ints) -> Floats:
    """The patterns, if they are some."""
    x = np.asarray(patterns)
    if x.ndim != 2 or not x.size or not np.isin(x, (-1, 1)).all():
        raise ValueError(f"patterns of shape {x.shape}; give +1 and -1 of [patterns, pixels]")
    return x.astype(np.float64)


def quantised(couplings: Floats, top: int) -> Ints:
    """Integers from -top to top, of which top is three times the root mean square of the couplings;
    stronger ones are clipped. With a zero diagonal, which does not count."""
    n = len(couplings)
    rms = np.sqrt((couplings**2).sum() / (n * (n - 1)))
    if rms == 0:
        raise ValueError("couplings are all 0; give patterns that leave some")
    scaled = np.clip(couplings * top / (CLIP_RMS * rms), -top, top)
    return np.asarray(np.rint(scaled), np.int64)


def memristor_pairs(
    weights: Ints, track: WallTrack, *, spread: float, noise: float, seed: int | Sequence[int]
) -> Ints:
    """What a read of domain-wall memristors gives for these weights: ``programmed_pairs`` that are
    read once. Pseudo-random by ``seed``."""
    rng = np.random.default_rng(seed)
    conductances = programmed_pairs(weights, track, spread=spread, rng=rng)
    return read_pairs(conductances, track, noise=noise, rng=rng)


def programmed_pairs(
    weights: Ints, track: WallTrack, *, spread: float, rng: np.random.Generator
) -> Floats:
    """Conductances [2, N, N] in siemens of the pairs of memristors that hold these weights.

    A weight w is the difference of two conductances, of which one stands at level \\|w\\| of 16 and
    the other at 0; the device is ``emulator.physics.wall.WallTrack``. Its wall is off by ``spread``
    of a level (standard deviation, normal): the same draw for the same ``rng``, whatever the
    weights are.
    """
    top = LEVELS - 1
    if np.abs(weights).max() > top:
        raise ValueError(f"weights to {np.abs(weights).max()}: a device has {LEVELS} levels")
    levels = np.stack([np.maximum(weights, 0), np.maximum(-weights, 0)]).astype(np.float64)
    off, unit = _scale(track)
    placed = np.clip(levels + spread * rng.standard_normal(levels.shape), 0, top)
    return np.asarray(off + unit * placed)


def read_pairs(
    conductances: Floats, track: WallTrack, *, noise: float, rng: np.random.Generator
) -> Ints:
    """Weights [N, N] that one read of the pairs gives: every conductance is off by ``noise`` of
    itself (standard deviation, normal), and the converter rounds to the weight's unit."""
    _, unit = _scale(track)
    seen = conductances * (1 + noise * rng.standard_normal(conductances.shape))
    read = np.rint((seen[0] - seen[1]) / unit)
    np.fill_diagonal(read, 0)  # there is no device from an oscillator to itself
    return np.asarray(np.clip(read, 1 - LEVELS, LEVELS - 1), np.int64)


def _scale(track: WallTrack) -> tuple[float, float]:
    """Conductance of level 0, the one that conducts least, at whichever end of the track that is;
    and of one level more."""
    ends = 1 / track.resistance_ohm(np.array([0.0, track.length_m]))
    return float(ends.min()), float((ends.max() - ends.min()) / (LEVELS - 1))


def _no_self(couplings: Floats) -> Floats:
    np.fill_diagonal(couplings, 0)
    return couplings

"""Spins of two states, enumerated: the exact distributions that p-bits are judged by.

    E(s) = - sum of J[i][j] s[i] s[j] over i < j  - sum of b[i] s[i],   s[i] = +1 or -1
    p(s) = exp(-beta E(s)) / Z                                          Boltzmann

Spins that are all updated at once, each by the field h that the old state gives it, sample another
law (Peretto, "Collective properties of neural networks: a statistical physics approach", Biol.
Cybern. 50, 51, 1984; Little's model)::

    q(s) = exp(beta sum of b[i] s[i]) product of 2 cosh(beta h[i](s)) / Z'

Arrays over states are [2^n]; state number k has s[i] = +1 where bit i of k is 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST = 22  # spins: 32 MiB an array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def energies(couplings: npt.ArrayLike, biases: npt.ArrayLike) -> Ints:
    """E of every state, for whole numbers J [n, n], symmetric, and b [n]."""
    j, b = _checked(couplings, biases)
    found = np.zeros(1, np.int64)
    for i in range(len(b)):
        field = _field(j[i, :i], b[i])
        found = np.concatenate([found + field, found - field])
    return found


def boltzmann(energy: Ints, beta: float) -> Floats:
    """Probability of every state."""
    return _normal(np.asarray(-beta * energy, np.float64))


def all_at_once(couplings: npt.ArrayLike, biases: npt.ArrayLike, beta: float) -> Floats:
    """Probability of every state where all spins are updated at once."""
    j, b = _checked(couplings, biases)
    exponent = beta * _field(b, 0).astype(np.float64)
    for i in range(len(b)):
        h = beta * _field(j[i], b[i])
        exponent += np.logaddexp(h, -h)
    return _normal(exponent)


def divergence(counts: npt.ArrayLike, law: Floats) -> float:
    """KL(sampled, law) = sum of f ln(f / p), nats, of the frequencies f of the states.

    In this order it is finite: no p is 0, but states that are rare enough are never sampled. Of M
    independent samples of the law itself it is (K - 1) / 2M on average, K the number of states (2 M
    KL is chi-squared).
    """
    count = np.asarray(counts, np.float64)
    if count.shape != law.shape or not count.sum() > 0 or count.min() < 0:
        raise ValueError(f"counts of shape {count.shape}; give {law.shape}, some above 0")
    seen = count > 0
    f = count[seen] / count.sum()
    return float((f * np.log(f / law[seen])).sum())


def _checked(couplings: npt.ArrayLike, biases: npt.ArrayLike) -> tuple[Ints, Ints]:
    j, b = np.asarray(couplings), np.asarray(biases)
    n = b.size
    if b.ndim != 1 or not 1 <= n <= MOST:
        raise ValueError(f"biases of shape {b.shape}; give 1 to {MOST}: all states are visited")
    if j.shape != (n, n) or (j != j.T).any() or np.diagonal(j).any():
        raise ValueError(f"couplings of shape {j.shape}; give ({n}, {n}), symmetric, diagonal 0")
    return j, b


def _field(row: Ints, bias: int) -> Ints:
    """bias + sum of row[i] s[i], of every state of len(row) spins."""
    found = np.array([bias])
    for weight in row:
        found = np.concatenate([found - weight, found + weight])
    return found


def _normal(exponent: Floats) -> Floats:
    weights = np.exp(exponent - exponent.max())
    return np.asarray(weights / weights.sum())

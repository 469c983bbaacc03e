"""Hopfield networks in software: steps, fixed points, energy."""

import numpy as np

from spinloom.host import hopfield
from spinloom.host.couplings import hebb, quantised

RNG = np.random.default_rng(1)
PATTERNS = RNG.choice([-1, 1], (3, 60))
WEIGHTS = quantised(hebb(PATTERNS), 15)


def test_both_recall_what_is_stored():
    probes = PATTERNS.copy()
    probes[:, :6] *= -1
    assert (hopfield.synchronous(WEIGHTS, probes) == PATTERNS).all()
    assert (hopfield.asynchronous(WEIGHTS, probes, RNG) == PATTERNS).all()


def test_asynchronous_steps_end_in_a_minimum_of_energy():
    """Where no unit can turn, below where they began; the probes are not changed."""
    probes = RNG.choice([-1, 1], (20, 60))
    kept = probes.copy()
    ends = hopfield.asynchronous(WEIGHTS, probes, RNG)
    energy = lambda x: -np.einsum("ki,ij,kj->k", x, WEIGHTS, x)  # noqa: E731
    assert (energy(ends) < energy(probes)).all() and (probes == kept).all()
    assert (ends * (ends @ WEIGHTS.T) >= 0).all()


def test_no_field_changes_nothing():
    assert (hopfield.synchronous(0 * WEIGHTS, PATTERNS) == PATTERNS).all()

"""Enumerated spins against sums written out, and against chains that are solved by hand."""

from itertools import product

import numpy as np
import pytest

from spinloom.emulator.physics import ising


@pytest.fixture
def network():
    rng = np.random.default_rng(3)
    upper = np.triu(rng.integers(-9, 10, (5, 5)), 1)
    return upper + upper.T, rng.integers(-4, 5, 5)


def states(n):
    """By number: spin 0 is the lowest bit."""
    return [np.array(s[::-1]) for s in product([-1, 1], repeat=n)]


def test_energies_are_the_sums(network):
    couplings, biases = network
    expected = [
        -sum(couplings[i, j] * s[i] * s[j] for i in range(5) for j in range(i)) - biases @ s
        for s in states(5)
    ]
    assert ising.energies(couplings, biases).tolist() == expected


def test_a_pair_is_boltzmanns():
    """Alike with exp(beta J), apart with exp(-beta J)."""
    p = ising.boltzmann(ising.energies([[0, 2], [2, 0]], [0, 0]), 0.3)
    alike, apart = np.exp(0.6), np.exp(-0.6)
    assert np.allclose(p, np.array([alike, apart, apart, alike]) / (2 * (alike + apart)))


def test_each_law_stands_still_under_its_update(network):
    """The law is an eigenvector of the matrix of transitions: a sweep of all spins in turn keeps
    Boltzmann's, an update of all at once the other, and neither the other's."""
    couplings, biases = network
    beta, every = 0.1, states(5)
    up = np.array([1 / (1 + np.exp(-2 * beta * (biases + couplings @ s))) for s in every])
    spins = np.array(every) > 0
    at_once = np.array([np.where(spins, p, 1 - p).prod(axis=1) for p in up])
    sweep = np.eye(32)
    for i in range(5):
        step = np.zeros((32, 32))
        for k in range(32):
            step[k, k | 1 << i] += up[k, i]
            step[k, k & ~(1 << i)] += 1 - up[k, i]
        sweep = sweep @ step
    boltzmann = ising.boltzmann(ising.energies(couplings, biases), beta)
    parallel = ising.all_at_once(couplings, biases, beta)
    assert np.allclose(boltzmann @ sweep, boltzmann) and np.allclose(parallel @ at_once, parallel)
    assert np.abs(boltzmann @ at_once - boltzmann).max() > 1e-3


def test_divergence_is_what_chance_leaves():
    """Of 32 states 31 / 2M, with a relative scatter of sqrt(2/31) a draw: 400 draws, five sigma."""
    rng = np.random.default_rng(4)
    law = ising.boltzmann(rng.integers(-3, 4, 32), 0.3)
    found = [ising.divergence(rng.multinomial(20_000, law), law) for _ in range(400)]
    assert abs(np.mean(found) / (31 / 40_000) - 1) < 5 * np.sqrt(2 / 31 / 400)
    assert ising.divergence(law, law) == pytest.approx(0, abs=1e-12)
    assert ising.divergence([1, 0], np.array([0.25, 0.75])) == pytest.approx(np.log(4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ising.energies(np.zeros((23, 23)), np.zeros(23)), "give 1 to 22"),
        (lambda: ising.energies([[0, 1], [2, 0]], [0, 0]), r"give \(2, 2\), symmetric"),
        (lambda: ising.divergence([0, 0], np.array([0.5, 0.5])), "some above 0"),
        (lambda: ising.divergence([1], np.array([0.5, 0.5])), r"shape \(1,\); give \(2,\)"),
    ],
)
def test_mistakes(call, message):
    with pytest.raises(ValueError, match=message):
        call()

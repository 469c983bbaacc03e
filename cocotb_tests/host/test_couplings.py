"""Rules that store patterns, against what defines each; what quantising and devices leave."""

import numpy as np
import pytest

from spinloom.emulator.physics.wall import WallTrack
from spinloom.host import couplings
from spinloom.host.couplings import RULES, memristor_pairs, programmed_pairs, quantised, read_pairs


def random_patterns(count, pixels, seed=1):
    return np.random.default_rng(seed).choice([-1, 1], (count, pixels))


@pytest.mark.parametrize("rule", RULES)
def test_stored_patterns_are_fixed_points(rule):
    patterns = random_patterns(4, 100)
    coupling = RULES[rule](patterns)
    assert (np.diag(coupling) == 0).all()
    assert (np.sign(patterns @ coupling.T) == patterns).all()


def test_hebb_is_the_mean_of_products():
    patterns = random_patterns(3, 7)
    coupling = RULES["hebb"](patterns)
    for i in range(7):
        for j in range(7):
            expected = 0 if i == j else sum(x[i] * x[j] for x in patterns) / 7
            assert coupling[i, j] == pytest.approx(expected)


def test_storkey_term_by_term():
    patterns = random_patterns(3, 6)
    n, expected = 6, np.zeros((6, 6))
    for x in patterns:
        old = expected.copy()
        for i in range(n):
            for j in set(range(n)) - {i}:
                h_ij = sum(old[i, k] * x[k] for k in range(n) if k not in (i, j))
                h_ji = sum(old[j, k] * x[k] for k in range(n) if k not in (i, j))
                expected[i, j] += (x[i] * x[j] - x[i] * h_ji - h_ij * x[j]) / n
    assert np.allclose(RULES["storkey"](patterns), expected)


def test_diederich_opper_reaches_its_margin():
    """Of patterns that overlap by half, where Hebb loses some."""
    common = random_patterns(1, 60, 2)
    patterns = np.where(np.random.default_rng(3).random((8, 60)) < 0.25, -common, common)
    assert (patterns * (patterns @ RULES["hebb"](patterns).T) < 0).any()
    fields = patterns * (patterns @ RULES["diederich-opper"](patterns).T)
    assert fields.min() >= 1 - 1e-9
    with pytest.raises(ValueError, match="2 of 3 pixels: 2 fields stay below 1; give fewer"):
        # Pixels 0 and 1 agree with pixel 2 in one pattern, and in the other do not.
        RULES["diederich-opper"](np.array([[1, 1, 1], [1, 1, -1]]))


def test_projection_leaves_what_is_stored_as_it_is():
    patterns = random_patterns(5, 40)
    coupling = RULES["projection"](patterns)
    assert np.allclose(coupling, coupling.T)
    project = np.linalg.pinv(patterns.astype(float)) @ patterns
    whole = coupling + np.diag(np.diag(project))
    assert np.allclose(whole @ whole, whole) and np.allclose(patterns @ whole, patterns)


def test_quantised_couplings():
    coupling = RULES["hebb"](random_patterns(20, 50))
    weights = quantised(coupling, 15)
    rms = np.sqrt((coupling[~np.eye(50, dtype=bool)] ** 2).mean())
    assert np.abs(weights).max() == 15
    inside = np.abs(coupling) < 3 * rms
    assert np.abs(weights - coupling * 15 / (3 * rms))[inside].max() <= 0.5
    assert (np.abs(weights[np.abs(coupling) >= 3 * rms]) == 15).all()
    with pytest.raises(ValueError, match="couplings are all 0"):
        quantised(np.zeros((4, 4)), 15)


def test_pairs_of_perfect_devices_are_the_weights():
    weights = quantised(RULES["projection"](random_patterns(6, 50)), 15)
    assert (memristor_pairs(weights, WallTrack(), spread=0, noise=0, seed=1) == weights).all()
    with pytest.raises(ValueError, match="weights to 16: a device has 16 levels"):
        memristor_pairs(np.array([[0, 16], [0, 0]]), WallTrack(), spread=0, noise=0, seed=1)


def test_devices_deviate_as_they_should():
    """Two devices of level 5 and 0, of spread s and noise of a conductance g in levels: variance
    s^2 + noise^2 (g0 + 5)^2, and of the other s^2 / 2 - clipped at 0 - and noise^2 g0^2, and 1/12
    of the rounding. 90,000 weights: a variance is known to sqrt(2/90000) = 0.5 %, four of which."""
    n, spread, noise = 300, 0.5, 0.05
    weights = np.full((n, n), 5) * ~np.eye(n, dtype=bool)
    track = WallTrack()
    read = memristor_pairs(weights, track, spread=spread, noise=noise, seed=3)
    assert (np.diag(read) == 0).all()
    off = 15 / track.tmr  # conductance of level 0 in levels: G_P / G_AP = 1 + TMR
    half = spread**2 * (1 / 2 - 1 / (2 * np.pi))  # variance of max(0, x)
    mean_low = spread / np.sqrt(2 * np.pi)
    high = spread**2 + noise**2 * ((off + 5) ** 2 + spread**2)
    low = half + noise**2 * ((off + mean_low) ** 2 + half)
    off_diagonal = read[~np.eye(n, dtype=bool)]
    assert off_diagonal.var() == pytest.approx(high + low + 1 / 12, rel=0.02)
    # Five standard errors of the mean.
    assert off_diagonal.mean() == pytest.approx(5 - mean_low, abs=5 * off_diagonal.std() / n)


def test_a_device_errs_by_the_same_at_every_level_and_anew_in_every_read():
    track, n = WallTrack(), 40
    weights = np.full((n, n), 6) * ~np.eye(n, dtype=bool)

    def programmed(w):
        return programmed_pairs(w, track, spread=0.3, rng=np.random.default_rng(5))

    step = np.diff(1 / track.resistance_ohm(np.array([0.0, track.length_m])))[0] / 15
    moved = programmed(2 * weights)[0] - programmed(weights)[0]
    assert np.allclose(moved[weights > 0], 6 * step)
    rng = np.random.default_rng(6)
    first, second = (read_pairs(programmed(weights), track, noise=0.1, rng=rng) for _ in range(2))
    assert (first != second).mean() > 0.5 and (np.diag(first) == 0).all()
    still = [read_pairs(programmed(weights), track, noise=0, rng=rng) for _ in range(2)]
    assert (still[0] == still[1]).all() and (still[0] != weights).any()


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.ones(3), np.ones((0, 3))])
def test_patterns_that_are_none(bad):
    with pytest.raises(ValueError, match="patterns of shape"):
        couplings.hebb(bad)

"""Overlaps of large Hopfield networks."""

from math import erf, sqrt

import pytest

from spinloom.emulator.physics.hopfield import CAPACITY, overlap


def test_the_known_points():
    """Patterns are lost at 0.138, rounded, where the overlap is 0.967."""
    assert overlap(CAPACITY) == pytest.approx(0.967, abs=0.003)
    assert overlap(0.138) == 0


def test_few_patterns_are_gaussian_noise():
    """Errors are those of a normal field of variance alpha, where there are hardly any."""
    assert 1 - overlap(0.05) == pytest.approx(1 - erf(1 / sqrt(2 * 0.05)), rel=0.02)
    assert all(overlap(a / 100) > overlap((a + 1) / 100) for a in range(5, 20) if a < 14)


def test_no_patterns():
    with pytest.raises(ValueError, match=r"alpha = 0; give more than 0"):
        overlap(0)

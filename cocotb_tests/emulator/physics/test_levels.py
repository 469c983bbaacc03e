"""Levels of memristors: where pulses take them, and how a read tells them apart."""

from math import erfc, sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.levels import after_pulse, misread, nearest
from spinloom.emulator.physics.wall import SpinOrbitStack, WallTrack

STACK = SpinOrbitStack()
FREE = WallTrack(sites=16, depinning_a=1e-12)
OHM = FREE.resistance_ohm(np.arange(16) * FREE.length_m / 15)


def only(level):
    return np.eye(16)[level]


def test_a_torque_moves_the_mean_as_its_law():
    """The mean step is p (15 - m): the mean is 15 (1 - (1-p)^n), and the shares stay shares."""
    share, p = only(0), STACK.turning(90e-6, 1e-9)
    for n in range(1, 60):
        share = after_pulse(share, STACK, 90e-6, 1e-9)
        assert share @ np.arange(16) == pytest.approx(15 * (1 - (1 - p) ** n), rel=1e-9)
    assert share.sum() == pytest.approx(1) and share.min() >= 0


def test_ends_hold_the_wall():
    """80 uA for 1 ns are 0.2315 levels of 50 nm: up by as much, and no further than the end."""
    s = 0.8 * FREE.displacement_m(100e-6, 1e-9) / 50e-9
    assert after_pulse(only(3), FREE, 80e-6, 1e-9)[[3, 4]] == pytest.approx([1 - s, s])
    assert after_pulse(only(3), FREE, -80e-6, 1e-9)[[2, 3]] == pytest.approx([s, 1 - s])
    assert after_pulse(only(15), FREE, 80e-6, 1e-9)[15] == 1
    assert after_pulse(only(0), FREE, -80e-6, 1e-9)[0] == 1


def test_misreads():
    """Half of 600 ohm between levels of 15000 and 6000 ohm, 1 %: 2 and 5 sigma, one neighbour each.
    Between, against 400 000 reads a level: binomial, 5 sigma."""
    law = misread(OHM, 0.01)
    assert law[0] == pytest.approx(erfc(2 / sqrt(2)) / 2)
    assert law[15] == pytest.approx(erfc(5 / sqrt(2)) / 2)
    noise = np.random.default_rng(3).standard_normal((400_000, 16))
    wrong = (nearest(OHM, OHM * (1 + 0.01 * noise)) != np.arange(16)).mean(axis=0)
    assert np.all(np.abs(wrong - law) < 5 * np.sqrt(law * (1 - law) / 400_000) + 1e-6)
    assert (nearest(OHM, OHM) == np.arange(16)).all()


def test_mistakes():
    with pytest.raises(ValueError, match=r"moves 1\.74 levels; give a shorter one"):
        after_pulse(only(0), FREE, 100e-6, 6e-9)
    with pytest.raises(ValueError, match=r"share of shape \(3,\); give \(16,\)"):
        after_pulse([1, 0, 0], FREE, 1e-6, 1e-9)
    with pytest.raises(ValueError, match="spread = 0; give a number above 0"):
        misread(OHM, 0)

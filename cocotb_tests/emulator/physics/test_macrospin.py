"""The macrospin: the Fokker-Planck chain against Monte Carlo, against its own refinement, and
against what is known of its equilibrium."""

from math import sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.macrospin import FokkerPlanck, fokker_planck, llg_switched

DEVICES = 4000


@pytest.mark.parametrize(
    ("delta", "i", "duration"),
    [(10, 0.7, 5.0), (20, 0.9, 6.0), (20, 1.2, 4.0), (40, 1.5, 3.0), (20, 2.0, 2.0)],
)
def test_against_monte_carlo_of_the_vector_equation(delta, i, duration):
    """Binomial law: sigma = sqrt(p (1-p) / 4000), below 0.0079; 4 sigma, and 0.004 for the two
    discretisations (0.002 measured for the chain by halving its cells)."""
    p = fokker_planck(delta, i).switched(duration)
    measured = llg_switched(delta, i, duration, alpha=0.1, devices=DEVICES, seed=3)
    assert 0.2 < p < 0.9
    assert abs(measured - p) < 4 * sqrt(p * (1 - p) / DEVICES) + 0.004


@pytest.mark.parametrize(
    ("delta", "i", "duration", "tolerance"),
    [(40, 0.3, 1e6, 5e-3), (20, 0.8, 10, 2e-3), (60, 1.2, 7.5, 1e-3), (60, 2.0, 2.0, 6e-3)],
)
def test_finer_cells_change_little(delta, i, duration, tolerance):
    coarse = fokker_planck(delta, i).switched(duration)
    fine = FokkerPlanck(delta, i, 320).switched(duration)
    assert coarse == pytest.approx(fine, rel=5e-3, abs=tolerance if fine > 0.1 else 0)


def test_probability_is_conserved_and_positive():
    for duration in (0.0, 0.37, 12.5, 1e9):
        p = fokker_planck(20, 0.6).after(duration)
        assert p.min() >= 0 and p.sum() == pytest.approx(1, abs=1e-9)


def test_two_pulses_in_a_row_are_one():
    """Markov: what is left of a duration between whole steps is not lost."""
    chain = fokker_planck(10, 0.5)
    first = chain.after(1.234)
    second = FokkerPlanck(10, 0.5, 128)
    second.start = first
    assert np.allclose(second.after(0.777), chain.after(2.011), rtol=1e-9, atol=1e-14)


def test_long_rest_is_the_boltzmann_distribution():
    """exp(5 u^2): both wells alike, and the equator exp(-5) below the poles."""
    chain = fokker_planck(5, 0.0)
    density = chain.after(1e6) / chain.weight
    assert density[:64] == pytest.approx(density[:63:-1], rel=1e-6)
    assert density[63] / density[0] == pytest.approx(np.exp(-5), rel=1e-2)


def test_no_time_no_switching():
    assert fokker_planck(20, 2.0).switched(0.0) == 0.0

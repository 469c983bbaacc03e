"""Parameters of a tunnel junction: times that follow from them, the sign of the current, errors."""

from math import exp, pi, sqrt

import pytest

from spinloom.emulator.physics.constants import GYROMAGNETIC
from spinloom.emulator.physics.junction import Junction


def test_damping_time():
    """alpha = 0.01 and 0.3 T: 1.0001 / (0.01 * 5.2826e10 rad/s) = 1.8932 ns."""
    junction = Junction(alpha=0.01, anisotropy_t=0.3)
    assert junction.damping_time_s == pytest.approx(1.8932e-9, rel=1e-4)
    assert junction.tau0_s == pytest.approx(1.8932e-9 * sqrt(pi / 40), rel=1e-4)
    assert junction.dwell_s == pytest.approx(junction.tau0_s * exp(40))


def test_a_measured_attempt_time():
    """Another damping, so that everything else follows from it: alpha/(1+alpha^2) ~ 1/tau0."""
    junction = Junction(delta=30).with_tau0(1e-9)
    assert junction.tau0_s == pytest.approx(1e-9, rel=1e-9)
    slow = 1e-9 / sqrt(pi / 30) * GYROMAGNETIC * 0.3
    assert junction.alpha == pytest.approx(1 / slow, rel=1e-4)
    with pytest.raises(ValueError, match="tau0_s = 1e-14 is too short"):
        junction.with_tau0(1e-14)


def test_the_sign_selects_the_direction_and_each_has_its_own_critical_current():
    junction = Junction(ic0_p_to_ap_a=50e-6, ic0_ap_to_p_a=40e-6)
    assert junction.drive(0, 40e-6) == pytest.approx(1)
    assert junction.drive(1, -50e-6) == pytest.approx(1)
    assert junction.drive(0, -20e-6) == pytest.approx(-0.5)
    assert junction.drive(1, 25e-6) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("field", "value"),
    [("delta", 0.0), ("delta", 101.0), ("alpha", 1.5), ("tmr", 0.4), ("tmr", 6.1)]
    + [(f, v) for f in ("anisotropy_t", "ic0_p_to_ap_a", "r_p_ohm") for v in (0.0, float("nan"))],
)
def test_values_out_of_range(field, value):
    with pytest.raises(ValueError, match=rf"^Junction\.{field} = {value}"):
        Junction(**{field: value})


def test_wrong_state_and_current():
    with pytest.raises(ValueError, match="state = 2; give 0"):
        Junction().drive(2, 1e-6)
    with pytest.raises(ValueError, match="current_a = inf"):
        Junction().drive(0, float("inf"))

"""The incomplete gamma function against closed forms."""

from math import erfc, exp, sqrt

import pytest

from spinloom.host.battery import gamma


@pytest.mark.parametrize("x", [0.0, 0.1, 1.0, 2.5, 9.0, 40.0])
def test_closed_forms(x):
    """Q(1, x) = exp(-x), Q(2, x) = (1+x) exp(-x), Q(1/2, x) = erfc(sqrt(x))."""
    assert gamma.upper_gamma(1, x) == pytest.approx(exp(-x), rel=1e-10, abs=1e-15)
    assert gamma.upper_gamma(2, x) == pytest.approx((1 + x) * exp(-x), rel=1e-10, abs=1e-15)
    assert gamma.upper_gamma(0.5, x) == pytest.approx(erfc(sqrt(x)), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("z", [-2.0, 0.0, 1.0, 2.5])
def test_many_degrees_are_normal(z):
    """Cube root of chi-square (Wilson and Hilferty): of 32768 degrees within 1e-5."""
    n = 32768
    chi2 = n * (1 - 2 / (9 * n) + z * sqrt(2 / (9 * n))) ** 3
    expected = erfc(z / sqrt(2)) / 2
    assert gamma.chi_square([chi2], n)[0] == pytest.approx(expected, abs=1e-5)


def test_out_of_range():
    with pytest.raises(ValueError, match=r"upper_gamma of a = 0, x = 1; give a > 0"):
        gamma.upper_gamma(0, 1)

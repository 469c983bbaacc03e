"""Tables of switching codes: sixteen levels that stand for a lognormal distribution."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.physics.spread import lognormal_factors, spread_codes


def test_no_spread() -> None:
    assert spread_codes(64, 0.0) == (64,) * 16


@pytest.mark.parametrize("sigma", [0.1, 0.25, 0.5, 1.0])
def test_levels_are_the_means_of_sixteenths(sigma: float) -> None:
    """Against a million draws of exp(s z - s^2/2), sorted and averaged in sixteenths."""
    s = np.sqrt(np.log(1 + sigma**2))
    draws = np.sort(np.exp(s * np.random.default_rng(1).normal(size=1 << 20) - s * s / 2))
    measured = draws.reshape(16, -1).mean(axis=1)
    factors = np.array(lognormal_factors(sigma))
    assert factors.mean() == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(factors) > 0)
    assert factors[:15] == pytest.approx(measured[:15], rel=0.01)
    assert factors[15] == pytest.approx(measured[15], rel=0.03)


def test_spread_of_the_levels() -> None:
    """Sixteen levels keep nearly all of the standard deviation."""
    assert np.std(lognormal_factors(0.25)) == pytest.approx(0.25, rel=0.05)
    assert np.std(lognormal_factors(0.5)) == pytest.approx(0.5, rel=0.1)


def test_codes_are_rounded_and_clipped() -> None:
    codes = spread_codes(64, 0.5)
    assert codes == tuple(round(64 * f) for f in lognormal_factors(0.5))
    assert sum(codes) == pytest.approx(16 * 64, abs=8)
    assert spread_codes(200, 1.0)[-1] == 256
    assert spread_codes(0, 0.5) == (0,) * 16


@pytest.mark.parametrize("sigma", [-0.1, 2.5, float("nan"), float("inf")])
def test_wrong_sigma(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma = "):
        spread_codes(64, sigma)


def test_wrong_code() -> None:
    with pytest.raises(ValueError, match="code = 257"):
        spread_codes(257, 0.0)

"""Tables of switching codes: sixteen levels that stand for a lognormal distribution."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from spinloom.emulator.physics.junction import ANTIPARALLEL, Junction
from spinloom.emulator.physics.spread import barrier_codes, lognormal_factors, spread_codes
from spinloom.emulator.physics.switching import pulse_amplitude, switch_probability


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


def test_stored_levels_have_a_stuck_one() -> None:
    codes = spread_codes(8, 0.5, code_bits=16, stored=True)
    assert len(codes) == 16 and codes[0] == 0
    assert codes[1:] == tuple(round(8 * 256 * f) for f in lognormal_factors(0.5, 15))
    assert np.mean(codes[1:]) == pytest.approx(8 * 256, abs=0.5)


def test_codes_of_a_spread_barrier_follow_the_law() -> None:
    junction = Junction(delta=40)
    same = barrier_codes(8, 0.0, junction=junction, pulse_s=1e-8, to_p=True, code_bits=16)
    # The pulse is found to 1e-4 of the probability or better.
    assert same == pytest.approx((8 * 256,) * 16, abs=1)
    codes = barrier_codes(
        8, 0.1, junction=junction, pulse_s=1e-8, to_p=True, code_bits=16, stored=True
    )
    assert codes[0] == 0 and codes[8] == same[0]  # the median device of 15 is the nominal one
    assert all(low < high for low, high in pairwise(codes))
    # Level 15 is the quantile 14.5/15 from the top of the rate: a barrier lower by 1.834 sigma.
    current = pulse_amplitude(junction, ANTIPARALLEL, 8 / 256, 1e-8)
    lowest = Junction(delta=40 * (1 - 0.1 * 1.8339))
    law = switch_probability(lowest, ANTIPARALLEL, current, 1e-8)
    assert codes[15] == pytest.approx(law * 65536, abs=1)


@pytest.mark.parametrize("code", [0, 256])
def test_a_barrier_has_no_pulse_for_never_and_always(code: int) -> None:
    with pytest.raises(ValueError, match=f"code = {code} is out of range; give 1 to 255"):
        barrier_codes(code, 0.1, junction=Junction(), pulse_s=1e-8, to_p=True)

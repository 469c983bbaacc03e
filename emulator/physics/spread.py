"""Device-to-device spread of the switching probability, as tables of switching codes.

The probability of a junction is its nominal value times a factor of mean 1. The factor is lognormal
(the energy barrier, an exponent of the switching rate, varies normally), with a standard deviation
of ``sigma`` of its mean::

    factor = exp(s*z - s^2/2),   s^2 = ln(1 + sigma^2),   z normal

Sixteen levels stand for the distribution: level v is the mean of the v-th sixteenth of it, so the
mean over levels is 1 before rounding. With Phi the normal distribution and z_v its quantile v/16::

    factor_v = 16 * (Phi(z_{v+1} - s) - Phi(z_v - s))

Spread of stochastic memristive junctions and its effect on learning: Querlioz, Bichler, Dollfus and
Gamrat, "Immunity to device variations in a spiking neural network with memristive nanodevices",
IEEE Trans. Nanotechnology 12, 2013.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite, log, sqrt
from statistics import NormalDist

from spinloom.emulator.spec.learning import CODE_ONE, LEVELS


def lognormal_factors(sigma: float) -> tuple[float, ...]:
    """Factors of the 16 levels, ascending, mean 1; ``sigma`` = relative standard deviation."""
    if not (isfinite(sigma) and 0 <= sigma <= 2):
        raise ValueError(f"sigma = {sigma} is out of range; give 0 to 2 (0.25 = 25 % spread)")
    if sigma == 0:
        return (1.0,) * LEVELS
    normal = NormalDist()
    s = sqrt(log(1 + sigma * sigma))
    borders = [-inf, *(normal.inv_cdf(v / LEVELS) for v in range(1, LEVELS)), inf]
    below = [0.0 if z == -inf else 1.0 if z == inf else normal.cdf(z - s) for z in borders]
    return tuple(LEVELS * (high - low) for low, high in pairwise(below))


def spread_codes(code: int, sigma: float) -> tuple[int, ...]:
    """Switching codes of the 16 levels of a junction of nominal probability ``code`` / 256.

    A product above 1 is clipped to 256 (always).
    """
    if not 0 <= code <= CODE_ONE:
        raise ValueError(f"code = {code} is out of range; give 0 to {CODE_ONE}")
    return tuple(min(CODE_ONE, round(code * factor)) for factor in lognormal_factors(sigma))

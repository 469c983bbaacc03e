"""Device-to-device spread of the switching probability, as tables of switching codes.

The probability of a junction is its nominal value times a factor of mean 1. The factor is lognormal
(the energy barrier, an exponent of the switching rate, varies normally), with a standard deviation
of ``sigma`` of its mean::

    factor = exp(s*z - s^2/2),   s^2 = ln(1 + sigma^2),   z normal

N levels stand for the distribution, each as likely as the others: level v is the mean of the v-th
N-th of it, so the mean over levels is 1 before rounding. With Phi the normal distribution and z_v
its quantile v/N::

    factor_v = N * (Phi(z_{v+1} - s) - Phi(z_v - s))

N is 16; of levels that are stored 15, for level 0 is a stuck device there: code 0 in every class.

Where the barrier itself is given, Delta (1 + sigma z), the codes follow from the switching law at
the pulse that switches the nominal device with the nominal probability (``barrier_codes``); level v
is the device of the quantile (v + 1/2)/N.

Spread of stochastic memristive junctions and its effect on learning: Querlioz, Bichler, Dollfus and
Gamrat, "Immunity to device variations in a spiking neural network with memristive nanodevices",
IEEE Trans. Nanotechnology 12, 2013.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf, isfinite, log, sqrt
from statistics import NormalDist

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.switching import pulse_amplitude, switch_probability
from spinloom.emulator.spec.learning import CODE_BITS, CODE_ONE, LEVELS

STUCK = (0,)  # the code of level 0 where levels are stored


def lognormal_factors(sigma: float, levels: int = LEVELS) -> tuple[float, ...]:
    """Factors of so many levels, ascending, mean 1; ``sigma`` = relative standard deviation."""
    if not (isfinite(sigma) and 0 <= sigma <= 2):
        raise ValueError(f"sigma = {sigma} is out of range; give 0 to 2 (0.25 = 25 % spread)")
    if sigma == 0:
        return (1.0,) * levels
    normal = NormalDist()
    s = sqrt(log(1 + sigma * sigma))
    borders = [-inf, *(normal.inv_cdf(v / levels) for v in range(1, levels)), inf]
    below = [0.0 if z == -inf else 1.0 if z == inf else normal.cdf(z - s) for z in borders]
    return tuple(levels * (high - low) for low, high in pairwise(below))


def spread_codes(
    code: int, sigma: float, *, code_bits: int = CODE_BITS, stored: bool = False
) -> tuple[int, ...]:
    """Switching codes of the 16 levels, of ``code_bits``, of a junction of nominal probability
    ``code`` / 256.

    A product above 1 is clipped to always.
    """
    _check_code(code)
    one = 1 << code_bits
    nominal = code << code_bits - CODE_BITS
    factors = lognormal_factors(sigma, LEVELS - stored)
    return STUCK * stored + tuple(min(one, round(nominal * factor)) for factor in factors)


def barrier_codes(
    code: int,
    sigma: float,
    *,
    junction: Junction,
    pulse_s: float,
    to_p: bool,
    code_bits: int = CODE_BITS,
    stored: bool = False,
) -> tuple[int, ...]:
    """Switching codes, as above, of junctions whose barrier has the relative standard deviation
    ``sigma``, under pulses of ``pulse_s`` to P or to AP; 0 < ``code`` < 256."""
    _check_code(code, inside=True)
    state = ANTIPARALLEL if to_p else PARALLEL
    current = pulse_amplitude(junction, state, code / CODE_ONE, pulse_s)
    levels = LEVELS - stored
    codes = []
    for v in range(levels):
        z = NormalDist().inv_cdf((v + 0.5) / levels)
        device = replace(junction, delta=junction.delta * (1 + sigma * z))
        probability = switch_probability(device, state, current, pulse_s)
        codes.append(round(probability * (1 << code_bits)))
    return STUCK * stored + tuple(codes[::-1])  # ascending, as those of ``spread_codes``


def _check_code(code: int, *, inside: bool = False) -> None:
    if not inside <= code <= CODE_ONE - inside:
        raise ValueError(
            f"code = {code} is out of range; give {int(inside)} to {CODE_ONE - inside}"
        )

"""The p-values of a chi-square and of a normal deviate.

``upper_gamma`` is the regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a): by the
series of 1 - Q where x < a + 1, else by Lentz's continued fraction, as in Press et al., "Numerical
Recipes", Sec. 6.2. ``chi_square`` is Q(degrees/2, chi2/2), ``two_sided`` the probability of a
deviate of z sigma or more to either side, erfc(|z|/sqrt(2)).
"""

from __future__ import annotations

from math import erf, erfc, exp, lgamma, log, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TERMS = 100_000  # a square root of the largest a, and then some
TINY = 1e-300


def upper_gamma(a: float, x: float) -> float:
    """Q(a, x) for a > 0 and x >= 0."""
    if not (a > 0 and x >= 0):
        raise ValueError(f"upper_gamma of a = {a}, x = {x}; give a > 0 and x >= 0")
    if x == 0:
        return 1.0
    scale = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, TERMS):
            term *= x / (a + n)
            total += term
            if term < total * 1e-16:
                break
        return max(0.0, 1 - total * scale)
    b = x + 1 - a
    c, d = 1 / TINY, 1 / b
    fraction = d
    for n in range(1, TERMS):
        b += 2
        step = -n * (n - a)
        d = 1 / (step * d + b or TINY)
        c = b + step / c or TINY
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return scale * fraction


def chi_square(chi2: npt.ArrayLike, degrees: float) -> Floats:
    """Probability of a chi-square so large or larger, for each."""
    values = np.atleast_1d(np.asarray(chi2, np.float64))
    return np.array([upper_gamma(degrees / 2, x / 2) for x in values.tolist()])


def two_sided(z: npt.ArrayLike) -> Floats:
    """Probability of a normal deviate so far from 0 or farther, for each."""
    values = np.atleast_1d(np.asarray(z, np.float64))
    return np.array([erfc(abs(x) / sqrt(2)) for x in values.tolist()])


def normal_below(z: npt.ArrayLike) -> Floats:
    """Probability of a normal deviate below z, for each."""
    values = np.asarray(z, np.float64)
    below = [(1 + erf(x / sqrt(2))) / 2 for x in values.ravel().tolist()]
    return np.array(below).reshape(values.shape)

"""How well a large Hopfield network recalls random patterns that Hebb's rule stores (Amit,
Gutfreund, Sompolinsky, "Storing infinite numbers of patterns in a spin-glass model of neural
networks", Phys. Rev. Lett. 55, 1530, 1985), without noise of temperature.

Of P = alpha N patterns, the overlap m of the state with its pattern is the greatest solution of::

    m = erf(y),   y (sqrt(2 alpha) + 2/sqrt(pi) exp(-y^2)) = erf(y)

and 0 beyond alpha = 0.1379, where there is none but y = 0.
"""

from __future__ import annotations

from math import erf, exp, pi, sqrt

CAPACITY = 0.1379
_TOP, _STEPS = 6.0, 6000  # of y: beyond 6 the overlap is 1 in double precision


def overlap(alpha: float) -> float:
    """m of a network that holds alpha patterns a unit."""
    if not alpha > 0:
        raise ValueError(f"alpha = {alpha}; give more than 0")
    for k in range(_STEPS, 0, -1):
        y = _TOP * k / _STEPS
        if y * (sqrt(2 * alpha) + 2 / sqrt(pi) * exp(-y * y)) <= erf(y):
            return erf(y)
    return 0.0

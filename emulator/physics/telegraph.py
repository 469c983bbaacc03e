"""A superparamagnetic junction: a barrier so low that it switches by itself (Sec. II.B, II.D).

Neel and Brown's law with a current that tilts the barrier: the state that a current x drives out of
lives for a mean time of::

    tau = exp(Delta (1 - x / Vc)) / f              and the other one, exp(Delta (1 + x / Vc)) / f

for the thermal stability Delta = E / kT, the critical current Vc and an attempt rate f. Times are
exponentially distributed (Brown, Phys. Rev. 130, 1677, 1963; Sec. II.D: tau0 exp(Delta (1 -+
I/Ic))).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS = 256  # of the current, from -Vc to Vc


def escape(x: npt.ArrayLike, delta: float, attempts: float) -> Floats:
    """P(switch) in a tick of a state that x / Vc drives out of, for f dt = ``attempts``."""
    rate = attempts * np.exp(-delta * (1 - np.asarray(x, np.float64)))
    return -np.expm1(-rate)


def rate_table(delta: float, attempts: float) -> Floats:
    """Probabilities of the junction engine's RATE, [256]: u + 1/2 of 128 is x / Vc."""
    if not 0 < delta <= 100 or not attempts > 0:
        raise ValueError(f"delta = {delta}, attempts = {attempts}; give 0 to 100, and above 0")
    u = np.arange(STEPS) - STEPS // 2
    return escape((u + 0.5) / (STEPS // 2), delta, attempts)


def mean_state(x: npt.ArrayLike, delta: npt.ArrayLike) -> Floats:
    """Mean of +1 in P and -1 in AP: tanh(Delta x / Vc), from the ratio of both times."""
    mean: Floats = np.tanh(np.asarray(delta, np.float64) * np.asarray(x, np.float64))
    return mean

"""Resistance of a tunnel junction, and what a read of a crossbar's column tells (Sec. I.B, Fig. 1).

::

    R_AP = R_P (1 + TMR),  TMR = 2 P1 P2 / (1 - P1 P2)                  [1]
    TMR(V) = TMR / (1 + (V/V_h)^2)                                      [2]

A column of N junctions, each behind its own transistor and read at V, so that no current takes
another path. With k of them parallel it carries ``I(k) = V (k G_P + (N-k) G_AP)``; a junction more
in P adds ``V (G_P - G_AP) = V G_P TMR/(1+TMR)``. The read current fluctuates by its noise and by
the spread of conductances from junction to junction, ``sigma^2 = sigma_n^2 + s^2 V^2 (k G_P^2 +
(N-k) G_AP^2)``, so that k and k+1, told apart half way, are confused with the probability
``Phi(-dI / 2 sigma)``.

[1] Julliere, "Tunneling between ferromagnetic films", Phys. Lett. A 54, 1975.
[2] The usual fit of compact models; V_h, where the TMR is halved, is 0.3 to 0.6 V.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, inf, isfinite, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import Junction, positive


def julliere_tmr(polarisation_1: float, polarisation_2: float) -> float:
    """TMR of two electrodes by the spin polarisations of their currents, each 0 to below 1."""
    for p in (polarisation_1, polarisation_2):
        if not 0 <= p < 1:
            raise ValueError(f"polarisation = {p} is out of range; give 0 to below 1")
    product = polarisation_1 * polarisation_2
    return 2 * product / (1 - product)


def resistance(junction: Junction, state: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Ohms of junctions by their states, 0 (AP) or 1 (P), of any shape."""
    states = np.asarray(state)
    if not np.isin(states, (0, 1)).all():
        raise ValueError("state holds other values than 0 (antiparallel) and 1 (parallel)")
    return np.where(states == 1, junction.r_p_ohm, junction.r_p_ohm * (1 + junction.tmr))


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of ``rows`` junctions of one kind, all read at ``read_v``.

    ``half_v`` is V_h of [2] (infinite: no dependence on the bias); ``noise_a`` the standard
    deviation of the read current; ``spread`` that of a junction's conductance, relative.
    """

    junction: Junction
    rows: int
    read_v: float = 0.1
    half_v: float = inf
    noise_a: float = 0.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError(f"Column.rows = {self.rows}; give 1 or more")
        positive(self, "read_v")
        if not self.half_v > 0:
            raise ValueError(f"Column.half_v = {self.half_v}; give a number above 0")
        for field in ("noise_a", "spread"):
            value = getattr(self, field)
            if not (isfinite(value) and value >= 0):
                raise ValueError(f"Column.{field} = {value}; give 0 or more")

    @property
    def tmr(self) -> float:
        """TMR at the read voltage."""
        return self.junction.tmr / (1 + (self.read_v / self.half_v) ** 2)

    @property
    def unit_a(self) -> float:
        """Current of a parallel junction."""
        return self.read_v / self.junction.r_p_ohm

    @property
    def step_a(self) -> float:
        """Current that a junction more in P adds."""
        return self.unit_a * self.tmr / (1 + self.tmr)

    def current_a(self, parallel: int) -> float:
        """Current with so many junctions in P."""
        self._check(parallel)
        return self.rows * self.unit_a / (1 + self.tmr) + parallel * self.step_a

    @property
    def contrast(self) -> float:
        """(I_max - I_min) / (I_max + I_min) = TMR/(2 + TMR): whole column P against whole AP."""
        most, least = self.current_a(self.rows), self.current_a(0)
        return (most - least) / (most + least)

    @property
    def step_contrast(self) -> float:
        """One junction's step as a part of the whole current: TMR/(1+TMR)/rows."""
        return self.step_a / self.current_a(self.rows)

    def sigma_a(self, parallel: int) -> float:
        """Standard deviation of the current with so many junctions in P."""
        self._check(parallel)
        squares = parallel + (self.rows - parallel) / (1 + self.tmr) ** 2
        return sqrt(self.noise_a**2 + self.spread**2 * self.unit_a**2 * squares)

    def reading_error(self, parallel: int) -> float:
        """Probability that a read takes ``parallel`` junctions for one more."""
        sigma = self.sigma_a(parallel)
        self._check(parallel + 1)
        return erfc(self.step_a / (2 * sqrt(2) * sigma)) / 2 if sigma else 0.0

    def read(self, states: npt.ArrayLike, rng: np.random.Generator) -> npt.NDArray[np.float64]:
        """Currents (A) of columns ``states`` [..., rows] with fresh noise and spread: [...]."""
        array = np.asarray(states)
        if array.shape[-1:] != (self.rows,) or not np.isin(array, (0, 1)).all():
            raise ValueError(f"states of shape {array.shape}; give 0 and 1, [..., {self.rows}]")
        nominal = np.where(array == 1, self.unit_a, self.unit_a / (1 + self.tmr))
        spread = nominal * (1 + self.spread * rng.standard_normal(array.shape))
        total = spread.sum(axis=-1)
        return np.asarray(total + self.noise_a * rng.standard_normal(total.shape))

    def _check(self, parallel: int) -> None:
        if not 0 <= parallel <= self.rows:
            raise ValueError(f"parallel = {parallel} is out of range; give 0 to {self.rows}")

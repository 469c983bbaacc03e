"""A low barrier takes less energy and makes more errors: which barrier and how many copies of a bit
are cheapest at a wanted error (Sec. II.B)?

A bit is written into M junctions (M odd), kept for a time T, and read by majority. With barrier
Delta in units of kT, one junction::

    Ic0 = (4 e / hbar) (alpha / eta) Delta kT                                             [1]
    t_w : precessional switching at overdrive i, P = 1 - e_w  (``physics.switching`` [2])
    E_w = (i Ic0)^2 R t_w,   R the mean of both states
    L   = (1 - exp(-2 T/tau)) / 2,   tau = tau0 exp(Delta)                                [2]
    e   = e_w (1 - L) + (1 - e_w) L

and, of M of them, energy ``M E_w`` and error ``sum over k > M/2 of binom(M, k) e^k (1-e)^(M-k)``.
Delta varies from junction to junction with a relative standard deviation ``spread``: L is then the
mean over a normal distribution. The pulse and its e_w are those of the nominal barrier for all.
At a wanted error of the bit, M and Delta leave each junction an error e, and what L does not take
of it may be e_w: a shorter pulse.

[1] Sun, "Spin-current interaction with a monodomain magnetic body: a model study", Phys. Rev. B 62,
    2000, perpendicular; eta is the spin polarisation of the current.
[2] Symmetric two-state process; tau0 of ``Junction``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import comb, isfinite, log, log1p, pi
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.constants import BOLTZMANN, ELECTRON, HBAR
from spinloom.emulator.physics.energy import pulse_energy_j
from spinloom.emulator.physics.junction import Junction, positive
from spinloom.emulator.physics.switching import precessional_exponent
from spinloom.emulator.spec.learning import LEVELS

FARTHEST = 8  # sigma: how far the normal distribution is taken
SPREAD_POINTS = 801  # of all of it
LEVEL_POINTS = 401  # of the sixteenth of a level


@dataclass(frozen=True, kw_only=True)
class Storage:
    """How a bit is written and kept: ``junction`` gives all but the barrier and the currents."""

    junction: Junction
    hold_s: float
    overdrive: float = 2.5
    write_error: float = 1e-12
    polarisation: float = 0.6
    temperature_k: float = 300.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        positive(self, "hold_s", "overdrive", "write_error", "polarisation", "temperature_k")
        if self.overdrive < 2:
            raise ValueError(f"Storage.overdrive = {self.overdrive}; give 2 or more")
        if self.write_error >= 0.5:
            raise ValueError(f"Storage.write_error = {self.write_error}; give less than 0.5")
        if not (isfinite(self.spread) and 0 <= self.spread <= 0.3):
            raise ValueError(f"Storage.spread = {self.spread} is out of range; give 0 to 0.3")

    def critical_a(self, delta: float) -> float:
        """Ic0 of [1]."""
        barrier_j = delta * BOLTZMANN * self.temperature_k
        return 4 * ELECTRON / HBAR * self.junction.alpha / self.polarisation * barrier_j

    def write_s(self, delta: float) -> float:
        """Length of the write pulse: P = exp(-exp(a - b t)) = 1 - e_w."""
        a, b = precessional_exponent(delta, self.overdrive)
        return (a - log(-log1p(-self.write_error))) / b * self.junction.damping_time_s

    def write_energy_j(self, delta: float) -> float:
        """Energy of writing one junction."""
        resistance = self.junction.r_p_ohm * (1 + self.junction.tmr / 2)
        current = self.overdrive * self.critical_a(delta)
        return pulse_energy_j(current, resistance, self.write_s(delta))

    def error(self, delta: float) -> float:
        """Probability e that one junction is wrong at the end."""
        lost = self.loss(delta)
        return self.write_error * (1 - lost) + (1 - self.write_error) * lost

    def loss(self, delta: float) -> float:
        """L: probability that one junction has another state at the end than after the write."""
        return self._mean_lost(delta, -FARTHEST, FARTHEST, SPREAD_POINTS)

    def loss_by_level(self, delta: float) -> npt.NDArray[np.float64]:
        """The same of the device levels, [16]: level v stands for the v-th sixteenth of all
        barriers, so that the mean over levels is ``loss``."""
        normal = NormalDist()
        borders = [normal.inv_cdf(v / LEVELS) for v in range(1, LEVELS)]
        edges = [-FARTHEST, *borders, FARTHEST]
        return np.array([self._mean_lost(delta, a, b, LEVEL_POINTS) for a, b in pairwise(edges)])

    def _mean_lost(self, delta: float, low: float, high: float, points: int) -> float:
        """Mean over barriers from ``low`` to ``high`` sigma."""
        z = np.linspace(low, high, points) if self.spread else np.zeros(2)
        weight = np.exp(-z * z / 2)
        weight[[0, -1]] /= 2
        return float(weight @ self._lost(delta * (1 + self.spread * z)) / weight.sum())

    def _lost(self, delta: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Probabilities that junctions have changed their state while they were kept."""
        high = np.maximum(delta, 1.0)  # below, there are no two states to speak of
        tau = self.junction.damping_time_s * np.sqrt(pi / high) * np.exp(high)
        return np.asarray(-np.expm1(-2 * self.hold_s / tau) / 2)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A barrier and a number of copies; energy and error of a bit."""

    delta: float
    copies: int
    energy_j: float
    error: float


def majority_error(error: float, copies: int) -> float:
    """Probability that more than half of ``copies`` (odd) are wrong, each with ``error``."""
    if copies < 1 or not copies & 1:
        raise ValueError(f"copies = {copies}; give an odd number")
    if not 0 <= error <= 1:
        raise ValueError(f"error = {error} is out of range; give 0 to 1")
    return sum(
        comb(copies, k) * error**k * (1 - error) ** (copies - k)
        for k in range(copies // 2 + 1, copies + 1)
    )


def allowed_error(target_error: float, copies: int) -> float:
    """The error of a junction at which a majority of ``copies`` has ``target_error``."""
    if not 0 < target_error < 0.5:
        raise ValueError(f"target_error = {target_error} is out of range; give 0 to 0.5")
    low, high = 0.0, 0.5
    for _ in range(60):  # halves the interval to 2^-61
        middle = (low + high) / 2
        below = majority_error(middle, copies) < target_error
        low, high = (middle, high) if below else (low, middle)
    return low


def for_error(storage: Storage, delta: float, copies: int, target_error: float) -> Storage | None:
    """The storage whose write is just good enough for a bit of ``copies`` to have ``target_error``;
    None where the barrier alone loses more."""
    allowed, lost = allowed_error(target_error, copies), storage.loss(delta)
    if lost >= allowed:
        return None
    return replace(storage, write_error=(allowed - lost) / (1 - 2 * lost))


def choices(storage: Storage, deltas: Iterable[float], copies: Iterable[int]) -> list[Choice]:
    """Every combination of barrier and copies, barriers first."""
    counts = tuple(copies)
    found = []
    for delta in map(float, deltas):
        error, energy = storage.error(delta), storage.write_energy_j(delta)
        found += [
            Choice(delta=delta, copies=m, energy_j=m * energy, error=majority_error(error, m))
            for m in counts
        ]
    return found


def cheapest(found: Iterable[Choice], target_error: float) -> Choice:
    """The choice of least energy whose error is ``target_error`` or less."""
    good = [c for c in found if c.error <= target_error]
    if not good:
        raise ValueError(
            f"target_error = {target_error}: none of the choices reaches it; "
            "give higher barriers or more copies"
        )
    return min(good, key=lambda c: c.energy_j)

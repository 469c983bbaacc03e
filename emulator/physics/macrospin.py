"""A single-domain free layer under spin torque and thermal noise, two ways.

With the easy axis along z, u = cos(theta) the component along it, and the current i in units of the
critical one (i > 0 pushes u from +1 to -1), in time units of the damping time tau_D::

    du/dt = (1 - u^2)(u - i) + noise,   equilibrium at i = 0: exp(delta u^2)

``FokkerPlanck`` solves the equation of the distribution P(u, t),

    dP/dt = -d/du (1 - u^2) [(u - i) P - 1/(2 delta) dP/du],

without any sampling: Brown, "Thermal fluctuations of a single-domain particle", Phys. Rev. 130,
1963; with spin torque: Butler et al., "Switching distributions for perpendicular spin-torque
devices within the macrospin approximation", IEEE Trans. Magn. 48, 2012.

``llg_switched`` integrates the vector equation of many devices with a random field instead; it
shares nothing with the other one, so that each checks the other.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import ceil, cos, exp, pi, sin

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

CELLS = (128, 200)  # of theta, for i <= 1 and above: 320 change a probability by less than 0.006
TAYLOR_TERMS = 18
_STEP = 0.5  # of a time step times the fastest rate: terms fall like 0.5^k / k!


class FokkerPlanck:
    """Distribution of the angle at barrier ``delta`` (kT) and current ``i``.

    A finite-volume chain of ``cells`` in theta: neighbours exchange probability at rates that obey
    detailed balance exactly (Scharfetter and Gummel, IEEE Trans. Electron Devices 16, 1969). All
    terms are sums of positive numbers, so that even a probability of 1e-15 has its digits.
    """

    def __init__(self, delta: float, i: float, cells: int) -> None:
        edges = [pi * k / cells for k in range(cells + 1)]
        u = np.array([cos((a + b) / 2) for a, b in pairwise(edges)])
        self.weight = np.array([cos(a) - cos(b) for a, b in pairwise(edges)])
        psi = delta * (u * u - 2 * i * u)  # logarithm of the equilibrium under this current
        rise = np.diff(psi)
        conductance = np.array([sin(e) ** 2 for e in edges[1:-1]]) / (2 * delta * -np.diff(u))
        down = conductance * _exchange(-rise, i) / self.weight[:-1]
        up = conductance * _exchange(rise, i) / self.weight[1:]
        leave = np.append(down, 0.0) + np.append(0.0, up)
        self._fastest = float(leave.max())
        # One jump of a chain whose fastest cell always jumps.
        self._jump = (
            np.diag(1 - leave / self._fastest)
            + np.diag(down / self._fastest, -1)
            + np.diag(up / self._fastest, 1)
        )
        self._powers: list[npt.NDArray[np.float64]] = []
        start = np.where(u > 0, np.exp(delta * (u * u - 1)), 0.0) * self.weight
        self.start: Vector = start / start.sum()

    def _series(self, x: float, what: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """exp of the generator over ``x`` (0 to 0.5) jump times, applied to ``what``: the number
        of jumps is Poisson."""
        total = what * exp(-x)
        term = total
        for k in range(1, TAYLOR_TERMS):
            term = self._jump @ term * (x / k)
            total = total + term
        return total

    def _power(self, k: int) -> npt.NDArray[np.float64]:
        """The propagator over 2^k steps."""
        while len(self._powers) <= k:
            last = self._powers[-1] if self._powers else None
            step = self._series(_STEP, np.eye(len(self.start))) if last is None else last @ last
            self._powers.append(step / step.sum(axis=0))  # probability is conserved
        return self._powers[k]

    def after(self, duration: float) -> Vector:
        """Probability of each cell after ``duration`` (tau_D) from rest at u > 0."""
        steps, rest = divmod(duration * self._fastest, _STEP)
        p = self._series(rest, self.start)
        left, k = int(steps), 0
        while left:
            if left & 1:
                p = self._power(k) @ p
            left, k = left >> 1, k + 1
        return p

    def switched(self, duration: float) -> float:
        """Probability of being beyond the equator, u < 0, after ``duration`` (tau_D)."""
        return min(1.0, float(self.after(duration)[len(self.start) // 2 :].sum()))


def _exchange(x: Vector, i: float) -> Vector:
    """Rate of a jump that climbs ``x`` in -log P: ``x / (exp(x) - 1)``, which keeps the equilibrium
    of a chain that waits at a barrier. Where the current leaves none (i > 1), ``1 - x/2`` spreads
    less; both have the same drift."""
    safe = np.where(np.abs(x) < 1e-9, 1e-9, x)
    balanced = np.asarray(safe / np.expm1(safe))
    return np.where(np.abs(x) < 2, 1 - x / 2, balanced) if i > 1 else balanced


@lru_cache(maxsize=8)  # some megabytes each
def fokker_planck(delta: float, i: float) -> FokkerPlanck:
    """The solver of a barrier and a current, kept for other durations."""
    return FokkerPlanck(delta, i, CELLS[int(i > 1)])


def llg_switched(
    delta: float, i: float, duration: float, alpha: float, devices: int, seed: int
) -> float:
    """Fraction of ``devices`` beyond the equator after ``duration`` (tau_D): Monte Carlo of the
    stochastic Landau-Lifshitz-Gilbert equation with damping-like spin torque.

    In time units of (1+alpha^2)/(gamma mu0 Hk) and fields of Hk, with h = m_z z + noise::

        dm/dt = -m x h - alpha m x (m x h) + alpha i m x (m x z)

    The field's noise per component has the variance ``alpha / (delta (1 + alpha^2) dt)``: then the
    equilibrium is exp(delta m_z^2). Heun's rule, which converges to the Stratonovich solution
    (Garcia-Palacios and Lazaro, Phys. Rev. B 58, 1998), 100 steps a precession period.
    """
    rng = np.random.default_rng(seed)
    steps = ceil(duration / alpha / (2 * pi / 100))
    dt = duration / alpha / max(1, steps)
    m = _equilibrium(delta, devices, rng)
    amplitude = (alpha / (delta * (1 + alpha**2) * dt)) ** 0.5

    def slope(m: Vector, noise: Vector) -> Vector:
        h = noise.copy()
        h[2] += m[2]
        torque = alpha * h
        torque[2] -= alpha * i
        return -_cross(m, h + _cross(m, torque))

    for _ in range(steps):
        noise = amplitude * rng.standard_normal(m.shape)
        first = slope(m, noise)
        m = m + dt / 2 * (first + slope(m + dt * first, noise))
        m /= np.sqrt((m * m).sum(axis=0))
    return float((m[2] < 0).mean())


def _equilibrium(delta: float, devices: int, rng: np.random.Generator) -> Vector:
    """Unit vectors [3, devices] distributed as exp(delta u^2) on u > 0."""
    grid = np.linspace(0, 1, 20001)
    cumulative = np.cumsum(np.exp(delta * (grid * grid - 1)))
    u = np.interp(rng.random(devices), cumulative / cumulative[-1], grid)
    phi = 2 * pi * rng.random(devices)
    s = np.sqrt(1 - u * u)
    return np.stack([s * np.cos(phi), s * np.sin(phi), u])


def _cross(a: Vector, b: Vector) -> Vector:
    """Cross products of vectors [3, n]."""
    return np.stack(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )

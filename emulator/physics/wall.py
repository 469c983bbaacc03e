"""Memristors by gradual magnetisation: a domain wall that current pushes, and a stack of grains
that spin-orbit torque turns over; and both as code tables of a synapse of 16 levels (Sec. II.C).

The wall of a track of length L moves by the charge, up to the ends, and divides the junction above
it into a parallel and an antiparallel part (Fig. 7)::

    dx = u I t,   u = (beta/alpha) mu_B P / (e M_s w d)  [m/C]                           [1]
    R(x) = R_P (1 + TMR (1 - x/L))

Pinned, it first has to leave its site, as it does in a pulse with the probability [2]

    1 - exp(-t/tau),   tau = tau_0 exp(E (1 - |I|/I_d)),  E in kT;  1 from |I| = I_d on

Sites lie L/(sites-1) apart on average but not evenly, so that after a travel of a part of that
distance as large a part of the walls finds a new site, and the others fall back.

Grains of a stack are small magnets of their own, which a pulse turns with the same kind of
probability p: of a fraction m that is turned already, ``dm = p (1-m)`` upwards and ``-p m``
downwards: large at first, then saturating [3].

[1] Thiaville, Nakatani, Miltat and Suzuki, "Micromagnetic understanding of current-driven domain
    wall motion in patterned nanowires", Europhys. Lett. 69, 2005.
[2] The law of Neel and Brown with a barrier that the current lowers in proportion, the usual first
    term: Attane et al., Phys. Rev. Lett. 96, 2006.
[3] Fukami, Zhang, DuttaGupta, Kurenkov and Ohno, "Magnetization switching by spin-orbit torque in
    an antiferromagnet-ferromagnet bilayer system", Nature Materials 15, 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, isfinite, pi
from typing import Protocol

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.constants import BOHR_MAGNETON, ELECTRON
from spinloom.emulator.physics.junction import positive
from spinloom.emulator.physics.switching import SwitchingCode, code

LEVELS = 16  # of a multilevel synapse
Array = npt.NDArray[np.float64]


def activated(current_a: float, duration_s: float, barrier_kt: float, critical_a: float,
              tau0_s: float) -> float:  # fmt: skip
    """Probability that a pulse lifts something over a barrier that its current lowers."""
    if not (isfinite(current_a) and isfinite(duration_s) and duration_s >= 0):
        raise ValueError(
            f"pulse of {current_a} A, {duration_s} s; give finite numbers, no less than 0 s"
        )
    left = max(0.0, 1 - abs(current_a) / critical_a)
    return -expm1(-duration_s / tau0_s * exp(-barrier_kt * left))


class Levels(Protocol):
    """A memristor of some levels, of which a pulse moves it up or down."""

    def mean_steps(self, level: int, current_a: float, duration_s: float) -> float:
        """Mean number of levels, without sign, that a pulse moves a device at ``level``."""
        ...


@dataclass(frozen=True, kw_only=True)
class WallTrack:
    """A track with a junction along all of it; a positive current moves the wall upwards in x.

    ``sites`` 0 is an ideal track; with 2 or more the wall rests at one of them, the first and the
    last at the ends, and leaves it as the docstring of the module says.
    """

    length_m: float = 750e-9
    width_m: float = 100e-9
    thickness_m: float = 3e-9
    polarisation: float = 0.6
    magnetisation_a_m: float = 8e5
    beta_over_alpha: float = 1.0
    r_p_ohm: float = 6e3
    tmr: float = 1.5
    sites: int = 0
    pinning_kt: float = 20.0
    depinning_a: float = 100e-6
    tau0_s: float = 1e-9

    def __post_init__(self) -> None:
        positive(
            self, "length_m", "width_m", "thickness_m", "polarisation", "magnetisation_a_m",
            "beta_over_alpha", "r_p_ohm", "tmr", "pinning_kt", "depinning_a", "tau0_s",
        )  # fmt: skip
        if self.polarisation > 1:
            raise ValueError(f"WallTrack.polarisation = {self.polarisation}; give 1 or less")
        if self.sites < 0 or self.sites == 1:
            raise ValueError(f"WallTrack.sites = {self.sites}; give 0 (none) or 2 or more")

    @property
    def metres_per_coulomb(self) -> float:
        """u of [1]."""
        moment = self.magnetisation_a_m * self.width_m * self.thickness_m
        return self.beta_over_alpha * BOHR_MAGNETON * self.polarisation / (ELECTRON * moment)

    def displacement_m(self, current_a: float, duration_s: float) -> float:
        """How far a free wall goes, with the sign of the current."""
        return self.metres_per_coulomb * current_a * duration_s

    def depinning(self, current_a: float, duration_s: float) -> float:
        """Probability that the wall leaves its site in a pulse; 1 without sites."""
        if not self.sites or abs(current_a) >= self.depinning_a:
            return 1.0
        return activated(current_a, duration_s, self.pinning_kt, self.depinning_a, self.tau0_s)

    def pulse(
        self, x_m: npt.ArrayLike, current_a: float, duration_s: float, rng: np.random.Generator
    ) -> Array:
        """Positions of walls after a pulse, of the shape of ``x_m``; with sites, ``x_m`` are
        taken at the nearest ones."""
        x = np.asarray(x_m, np.float64)
        moved = self.displacement_m(current_a, duration_s)
        if not self.sites:
            return np.clip(x + moved, 0.0, self.length_m)
        spacing = self.length_m / (self.sites - 1)
        free = rng.random(x.shape) < self.depinning(current_a, duration_s)
        travel = np.floor(abs(moved) / spacing + rng.random(x.shape)) * np.sign(moved)
        site = np.round(x / spacing) + np.where(free, travel, 0.0)
        return np.asarray(np.clip(site, 0, self.sites - 1) * spacing)

    def resistance_ohm(self, x_m: npt.ArrayLike) -> Array:
        """R(x): linear from R_P (1+TMR) at 0 down to R_P at the end."""
        x = np.asarray(x_m, np.float64)
        return np.asarray(self.r_p_ohm * (1 + self.tmr * (1 - x / self.length_m)))

    def mean_steps(self, level: int, current_a: float, duration_s: float) -> float:
        """``Levels``: as many levels as sites; none beyond the ends."""
        if self.sites < 2:
            raise ValueError("WallTrack.sites = 0 has no levels; give as many sites as levels")
        if level == (self.sites - 1 if current_a > 0 else 0):
            return 0.0
        spacing = self.length_m / (self.sites - 1)
        travel = abs(self.displacement_m(current_a, duration_s)) / spacing
        return self.depinning(current_a, duration_s) * travel


@dataclass(frozen=True, kw_only=True)
class SpinOrbitStack:
    """A junction on a stack of ``grains`` that spin-orbit torque turns one by one; a positive
    current turns them to P."""

    grains: int = LEVELS - 1
    barrier_kt: float = 30.0
    critical_a: float = 100e-6
    tau0_s: float = 1e-9
    r_p_ohm: float = 6e3
    tmr: float = 1.5

    def __post_init__(self) -> None:
        positive(self, "barrier_kt", "critical_a", "tau0_s", "r_p_ohm", "tmr")
        if self.grains < 1:
            raise ValueError(f"SpinOrbitStack.grains = {self.grains}; give 1 or more")

    def turning(self, current_a: float, duration_s: float) -> float:
        """Probability p that a pulse turns a grain."""
        return activated(current_a, duration_s, self.barrier_kt, self.critical_a, self.tau0_s)

    def pulse(
        self, turned: npt.ArrayLike, current_a: float, duration_s: float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Numbers of grains in P after a pulse on stacks with ``turned`` of them, any shape."""
        n = np.asarray(turned, np.int64)
        p = self.turning(current_a, duration_s)
        if current_a > 0:
            return n + rng.binomial(self.grains - n, p)
        return n - rng.binomial(n, p)

    def resistance_ohm(self, turned: npt.ArrayLike) -> Array:
        """R, linear in the fraction of grains in P, as that of a wall."""
        part = np.asarray(turned, np.float64) / self.grains
        return np.asarray(self.r_p_ohm * (1 + self.tmr * (1 - part)))

    def mean_steps(self, level: int, current_a: float, duration_s: float) -> float:
        """``Levels``: a level is a number of grains."""
        left = self.grains - level if current_a > 0 else level
        return left * self.turning(current_a, duration_s)


def step_codes(
    device: Levels, current_a: float, duration_s: float, bits: int = 8
) -> tuple[SwitchingCode, ...]:
    """Codes of moving one level by a pulse, for the 16 levels that a device may be at: up for a
    positive current, down for a negative one.

    The machine moves one level or none, with the device's mean. Raises ``ValueError`` where that is
    more than one level a pulse.
    """
    steps = [device.mean_steps(level, current_a, duration_s) for level in range(LEVELS)]
    if max(steps) > 1:
        raise ValueError(
            f"a pulse of {current_a} A, {duration_s} s moves {max(steps):.3g} levels; "
            "give a shorter one, of one level at most"
        )
    return tuple(code(step, bits) for step in steps)


@dataclass(frozen=True, kw_only=True)
class Loop:
    """A sine current through a memristor: current (A), voltage (V) and position (m) over time."""

    current_a: Array
    voltage_v: Array
    x_m: Array


def hysteresis(
    track: WallTrack, amplitude_a: float, period_s: float, x_m: float, points: int = 400
) -> Loop:
    """One period of a sine current through an ideal track whose wall starts at ``x_m``: pinched at
    the origin, because V = I R; its lobes shrink as 1/f, because R follows the charge."""
    if points < 4:
        raise ValueError(f"points = {points}; give 4 or more")
    if track.sites:
        raise ValueError(f"WallTrack.sites = {track.sites}: give an ideal track, without sites")
    step = period_s / points
    current = amplitude_a * np.sin(2 * pi * np.arange(points + 1) / points)
    current[[0, -1]] = 0.0
    x = np.empty(points + 1)
    x[0] = x_m
    for k in range(points):
        moved = track.displacement_m((current[k] + current[k + 1]) / 2, step)
        x[k + 1] = min(max(x[k] + moved, 0.0), track.length_m)
    return Loop(current_a=current, voltage_v=current * track.resistance_ohm(x), x_m=x)

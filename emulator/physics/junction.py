"""Parameters of a magnetic tunnel junction with perpendicular anisotropy, in SI units (Sec. I.B).

A positive current drives antiparallel to parallel (AP→P), a negative one P→AP; each direction has
its critical current, because spin torque is not equally efficient in both (Slonczewski, "Currents,
torques, and polarization factors in magnetic tunnel junctions", Phys. Rev. B 71, 2005). The state
is 1 for P, 0 for AP, as in the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, isfinite, pi, sqrt

from spinloom.emulator.physics.constants import GYROMAGNETIC

ANTIPARALLEL, PARALLEL = 0, 1


def positive(owner: object, *fields: str) -> None:
    """Raise ``ValueError`` unless each field of a parameter set is a finite number above 0."""
    for field in fields:
        value = getattr(owner, field)
        if not (isfinite(value) and value > 0):
            raise ValueError(f"{type(owner).__name__}.{field} = {value}; give a number above 0")


@dataclass(frozen=True, kw_only=True)
class Junction:
    """One junction; the defaults are typical of a storage cell.

    ``delta`` is the barrier between the states in units of kT: 40 to 60 keeps ten years, 5 to 15
    is for stochastic uses. ``tmr`` is (R_AP - R_P)/R_P: 1.5 is 150 %, an OFF/ON ratio of 2.5.
    """

    delta: float = 40.0
    ic0_p_to_ap_a: float = 50e-6
    ic0_ap_to_p_a: float = 40e-6
    alpha: float = 0.02  # Gilbert damping
    anisotropy_t: float = 0.3  # mu0 Hk
    r_p_ohm: float = 6e3
    tmr: float = 1.5

    def __post_init__(self) -> None:
        positive(
            self, "delta", "ic0_p_to_ap_a", "ic0_ap_to_p_a", "alpha", "anisotropy_t", "r_p_ohm",
            "tmr",
        )  # fmt: skip
        if not 2 <= self.delta <= 100:
            raise ValueError(f"Junction.delta = {self.delta} is out of range; give 2 to 100")
        if self.alpha >= 1:
            raise ValueError(f"Junction.alpha = {self.alpha} is not below 1")
        if not 0.5 <= self.tmr <= 6:
            raise ValueError(
                f"Junction.tmr = {self.tmr} is out of range; give 0.5 to 6 (50 % to 600 %)"
            )

    @property
    def damping_time_s(self) -> float:
        """tau_D = (1 + alpha^2) / (alpha gamma mu0 Hk): small deviations decay as exp(-t/tau_D)."""
        return (1 + self.alpha**2) / (self.alpha * GYROMAGNETIC * self.anisotropy_t)

    @property
    def tau0_s(self) -> float:
        """Attempt time: the mean dwell time without current is ``tau0 exp(delta)``.

        ``tau0 = tau_D sqrt(pi/delta)`` (Brown, "Thermal fluctuations of a single-domain particle",
        Phys. Rev. 130, 1963, for a high barrier). It follows from damping and anisotropy: a
        junction of another tau0 has another damping, see ``with_tau0``.
        """
        return self.damping_time_s * sqrt(pi / self.delta)

    def with_tau0(self, tau0_s: float) -> Junction:
        """The same junction with the damping that gives a measured attempt time."""
        # (1 + alpha^2)/alpha = k, the root below 1.
        k = tau0_s / sqrt(pi / self.delta) * GYROMAGNETIC * self.anisotropy_t
        if not k > 2:
            raise ValueError(f"tau0_s = {tau0_s} is too short for damping below 1; give more")
        return replace(self, alpha=(k - sqrt(k * k - 4)) / 2)

    @property
    def dwell_s(self) -> float:
        """Mean time in a state without current."""
        return self.tau0_s * exp(self.delta)

    def drive(self, state: int, current_a: float) -> float:
        """The current in units of what destabilises ``state``: above 1 the state is unstable,
        below 0 the current holds it."""
        if state not in (ANTIPARALLEL, PARALLEL):
            raise ValueError(f"state = {state!r}; give 0 (antiparallel) or 1 (parallel)")
        if not isfinite(current_a):
            raise ValueError(f"current_a = {current_a} is not finite")
        return current_a / self.ic0_ap_to_p_a if state == 0 else -current_a / self.ic0_p_to_ap_a

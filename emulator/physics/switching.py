"""P(switch) of a junction against amplitude, sign and duration of a current pulse (Sec. II.B,
Fig. 4), and as switching codes of the machine.

With i the current in units of the critical one that destabilises the state, t the duration::

    thermal       P = 1 - exp(-t/tau),  1/tau = (1-i^2)(1-i) / tau0 * exp(-delta (1-i)^2)   [1]
    precessional  P = exp(-exp(a - b t)),  b = 2(i-1)/tau_D,  a = ln(delta K),
                  K = 2(i-1)/i * 2^((i-1)/(i+1)) * ((i-1)/i)^(2/(i+1))                      [2]

``switch_probability`` solves the macrospin's Fokker-Planck equation, of which both are limits: the
first where the barrier delta (1-i)^2 is high and t >> tau_D, the second from i = 2 (error below
0.045; at 1.5, 0.13) on. Above i = 2.5, where they differ by less than 0.015, it takes the second.
So there is one law from rest to the fastest write, and a read is a pulse like any other: its
disturb is this law at the read current.

[1] Brown, Phys. Rev. 130, 1963, in axial symmetry, where spin torque acts as a field; the law of
    Neel and Brown with a current: Li and Zhang, Phys. Rev. B 69, 2004; Koch, Katine and Sun, Phys.
    Rev. Lett. 92, 2004.
[2] Time to the equator without noise, from a thermal angle, with the noise of the growth: our
    derivation; same structure as Butler et al., IEEE Trans. Magn. 48, 2012.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, expm1, isfinite, log, log1p, pi, sqrt

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.macrospin import fokker_planck

CLOSED_FROM = 2.5  # drives above take the precessional form
MAX_DRIVE = 20.0
CODE_BITS = (8, 16)


def thermal_probability(delta: float, i: float, duration: float) -> float:
    """Equation [1], for -1 < i < 1; ``duration`` in tau_D."""
    rate = sqrt(delta / pi) * (1 - i * i) * (1 - i) * exp(-delta * (1 - i) ** 2)
    return -expm1(-duration * rate)


def precessional_exponent(delta: float, i: float) -> tuple[float, float]:
    """(a, b) of equation [2], for i > 1; b for durations in tau_D."""
    power = (i - 1) / (i + 1)
    k = 2 * (i - 1) / i * 2**power * ((i - 1) / i) ** (2 / (i + 1))
    return log(delta * k), 2 * (i - 1)


def precessional_probability(delta: float, i: float, duration: float) -> float:
    """Equation [2], for i > 1; ``duration`` in tau_D."""
    a, b = precessional_exponent(delta, i)
    return exp(-exp(min(700.0, a - b * duration)))


def switch_probability(
    junction: Junction, state: int, current_a: float, duration_s: float
) -> float:
    """Probability that a junction at rest in ``state`` (0 AP, 1 P) is in the other after a pulse.

    A positive current drives AP→P, a negative one P→AP; the other sign holds the state. Raises
    ``ValueError`` for a current above 20 critical ones, where one domain is no model.
    """
    _check_duration(duration_s)
    i = junction.drive(state, current_a)
    if abs(i) > MAX_DRIVE:
        raise ValueError(
            f"current_a = {current_a} is {abs(i):.3g} critical currents; give {MAX_DRIVE:g} or less"
        )
    return _probability(junction.delta, i, duration_s / junction.damping_time_s)


def pulse_amplitude(junction: Junction, state: int, probability: float, duration_s: float) -> float:
    """The current (A, signed) whose pulse switches ``state`` with this probability.

    Raises ``ValueError`` where no pulse of this duration does: the junction switches more often
    without current, or less often at 20 critical ones.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability = {probability}; give more than 0, less than 1")
    _check_duration(duration_s)
    unit = 1.0 / junction.drive(state, 1.0)
    t = duration_s / junction.damping_time_s

    def excess(i: float) -> float:
        return _gumbel(_probability(junction.delta, i, t)) - _gumbel(probability)

    low, high = 0.0, CLOSED_FROM
    below, above = excess(low), excess(high)
    if below > 0:
        raise ValueError(
            f"probability = {probability}: this junction switches more often without current; "
            "give a shorter pulse, a higher barrier or more"
        )
    if above < 0:
        low, below, high = high, above, MAX_DRIVE
        above = excess(high)
        if above < 0:
            raise ValueError(
                f"probability = {probability}: out of reach of a pulse of {duration_s} s; "
                "give a longer one"
            )
    return unit * _root(excess, low, below, high, above)


@dataclass(frozen=True, kw_only=True)
class SwitchingCode:
    """A probability as the machine holds it: ``value`` / 2^bits; ``error`` = that - the law's."""

    value: int
    bits: int
    error: float

    @property
    def probability(self) -> float:
        """The machine's probability."""
        return self.value / (1 << self.bits)


def code(probability: float, bits: int = 8) -> SwitchingCode:
    """The nearest code of ``bits`` (8 or 16): an error of at most 2^-(bits+1); 2^bits = always.

    Below 2^-(bits+1) the code is 0, and a machine that holds it never switches.
    """
    if bits not in CODE_BITS:
        raise ValueError(f"bits = {bits}; give 8 or 16")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability = {probability} is out of range; give 0 to 1")
    value = round(probability * (1 << bits))
    return SwitchingCode(value=value, bits=bits, error=value / (1 << bits) - probability)


def pulse_codes(
    junction: Junction, current_a: float, duration_s: float, bits: int = 8
) -> tuple[SwitchingCode, SwitchingCode]:
    """Codes of one pulse, by the state that it finds: (AP → P, P → AP).

    One of them is the wanted write, the other what the same pulse does to a junction that is
    already written: next to nothing.
    """
    found = (
        switch_probability(junction, state, current_a, duration_s)
        for state in (ANTIPARALLEL, PARALLEL)
    )
    up, down = (code(p, bits) for p in found)
    return up, down


def _check_duration(duration_s: float) -> None:
    if not (isfinite(duration_s) and duration_s >= 0):
        raise ValueError(f"duration_s = {duration_s}; give 0 or more seconds")


@lru_cache(maxsize=4096)  # a pulse is asked for again and again, and takes 0.1 s
def _probability(delta: float, i: float, duration: float) -> float:
    if i > CLOSED_FROM:
        return precessional_probability(delta, i, duration)
    return fokker_planck(delta, i).switched(duration)


def _gumbel(p: float) -> float:
    """ln(-ln(1-p)): linear in what the closed forms have in their exponents."""
    inner = -log1p(-min(p, 1 - 1e-16))
    return log(max(inner, 1e-300))


def _root(
    f: Callable[[float], float], low: float, below: float, high: float, above: float
) -> float:
    """Where a rising ``f`` is 0, by the Illinois variant of false position."""
    kept = 0
    for _ in range(100):
        middle = (low * above - high * below) / (above - below)
        value = f(middle)
        if abs(value) < 1e-5 or high - low < 1e-9:
            break
        if value < 0:
            low, below = middle, value
            above, kept = (above / 2, -1) if kept == -1 else (above, -1)
        else:
            high, above = middle, value
            below, kept = (below / 2, 1) if kept == 1 else (below, 1)
    return middle

"""Spin-torque nano-oscillators: frequency against bias, linewidth, locking and synchronisation
(Sec. II.D), and their numbers as registers of the phase engine.

The oscillator's power p in units of its natural scale, and its phase, obey [1]::

    Gamma+ = G (1 + Q p)    Gamma- = s I (1 - p)    f(p) = f0 + N p        (G, N in Hz)
    z = I/I_th,  p0 = (z-1)/(z+Q),  nu = N/(G (z+Q)),  Gamma_p = G (z-1)
    linewidth = G (1 + Q p0) kT/(E p0) (1 + nu^2)                          FWHM in Hz

The last, for times longer than 1/(4 pi Gamma_p), is white noise of the frequency: the phase's
variance after a time t is 2 pi linewidth t, in rad^2. Below the threshold there is no oscillation.

In a tick of dt the phase moves by (f - carrier) dt 2^P. Around a bias I0, that of BIAS = 0, a unit
U of BIAS moves the frequency by SLOPE/2^8 + CURVE BIAS/2^20, which are f' U and f'' U^2/2. Noise of
NOISE is uniform over M = 2^(NOISE+1) values, of variance (M^2 - 1)/12 a tick.

Phases locked to a signal, d(phi)/dt = dw - A sin(phi), stand still for |dw| <= A and beat with the
frequency sqrt(dw^2 - A^2) beyond [2]. Two that pull each other by K sin stand still up to 2 K. Of
many, with a Lorentzian of half width gamma and the mean-field coupling K, the order parameter is
r = sqrt(1 - 2 gamma/K), from K = 2 gamma on [3].

Coupled along the links of a graph, d(theta_i)/dt = w_i + K sum of sin(theta_j - theta_i) over its
links, phases are locked where all of these are the mean of w. That is stable where the Laplacian of
the graph, of weights cos(theta_j - theta_i), is positive but for a common turn of all [4].

[1] Slavin and Tiberkevich, "Nonlinear auto-oscillator theory of microwave generation by spin-
    polarized current", IEEE Trans. Magn. 45, 2009. Frequencies beyond 50 GHz: Bonetti, Muduli,
    Mancoff and Akerman, Appl. Phys. Lett. 94, 2009.
[2] Adler, "A study of locking phenomena in oscillators", Proc. IRE 34, 1946.
[3] Kuramoto, "Chemical oscillations, waves, and turbulence", Springer, 1984.
[4] Dorfler and Bullo, "Synchronization in complex networks of phase oscillators: a survey",
    Automatica 50, 2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log2, pi, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.constants import BOLTZMANN
from spinloom.emulator.physics.junction import positive

THERMAL_J = 300 * BOLTZMANN
STEP = 1e-3  # relative, of the critical coupling
ITERATIONS = 40  # of Newton's method, which needs a few where there is something to find

Floats = npt.NDArray[np.float64]


def order_parameter(coupling: float, gamma: float) -> float:
    """Kuramoto's r of equation [3]; both in the same unit."""
    return sqrt(1 - 2 * gamma / coupling) if coupling > 2 * gamma else 0.0


def beat(detuning: float, half_width: float) -> float:
    """Equation [2]: how fast a phase slips, with the detuning's sign; 0 within the band."""
    slip = sqrt(max(0.0, detuning**2 - half_width**2))
    return slip if detuning > 0 else -slip


def critical_coupling(links: npt.NDArray[np.bool_], frequencies: npt.ArrayLike) -> float:
    """The lowest K at which phases of these frequencies [N] lock along links [N, N], a connected
    graph, in the unit of the frequencies and to 0.1 %.

    A strong coupling's locked state is followed to lower ones until it is lost [4].
    """
    graph = np.asarray(links, np.float64)
    omega = np.asarray(frequencies, np.float64)
    omega = omega - omega.mean()
    laplacian = np.diag(graph.sum(axis=1)) - graph
    # Without its first row and column, as the first phase is 0, it has an inverse.
    flat = np.append(0.0, np.linalg.solve(laplacian[1:, 1:], omega[1:]))
    coupling = 2 * float(np.abs(flat[:, None] - flat)[graph > 0].max(initial=0.0))
    if not coupling:
        return 0.0
    theta, step = flat / coupling, 0.1
    while step > STEP / 2:
        found = _locked(graph, omega / (coupling * (1 - step)), theta)
        if found is None:
            step /= 2
        else:
            theta, coupling = found, coupling * (1 - step)
    return coupling


def _locked(graph: Floats, omega: Floats, theta: Floats) -> Floats | None:
    """The stable locked phases for K = 1 near these, by Newton's method; None without some."""
    for _ in range(ITERATIONS):
        apart = theta - theta[:, None]
        rest = omega + (graph * np.sin(apart)).sum(axis=1)
        weights = graph * np.cos(apart)
        laplacian = (np.diag(weights.sum(axis=1)) - weights)[1:, 1:]
        try:
            np.linalg.cholesky(laplacian)
        except np.linalg.LinAlgError:
            return None
        if np.abs(rest).max() < 1e-9:
            return theta
        theta = theta + np.append(0.0, np.linalg.solve(laplacian, rest[1:]))
    return None


@dataclass(frozen=True, kw_only=True)
class Registers:
    """What an oscillator means to the phase engine: fields of ``spec.phase.PhaseParams``, the
    frequency of all oscillators, and the linewidth that NOISE gives, Hz."""

    omega: int
    slope: int
    curve: int
    noise: int
    linewidth_hz: float


@dataclass(frozen=True, kw_only=True)
class NanoOscillator:
    """A nano-contact, magnetised along its axis, whose frequency rises with current.

    ``frequency_hz`` f0 at the threshold ``threshold_a``; ``damping_hz`` G; ``non_linear_damping``
    Q; ``shift_hz`` N; ``energy_j`` E of the oscillation at p = 1, ``thermal_j`` kT.
    """

    frequency_hz: float = 50e9
    threshold_a: float = 5e-3
    damping_hz: float = 0.5e9
    non_linear_damping: float = 2.0
    shift_hz: float = 10e9
    energy_j: float = 2e-17
    thermal_j: float = THERMAL_J

    def __post_init__(self) -> None:
        positive(self, "frequency_hz", "threshold_a", "damping_hz", "energy_j", "thermal_j")
        if not (isfinite(self.non_linear_damping) and self.non_linear_damping >= 0):
            raise ValueError(
                f"NanoOscillator.non_linear_damping = {self.non_linear_damping}; give 0 or more"
            )
        if not isfinite(self.shift_hz):
            raise ValueError(f"NanoOscillator.shift_hz = {self.shift_hz}; give a number")

    def power(self, current_a: float) -> float:
        """p0 at this current; 0 below the threshold."""
        z = current_a / self.threshold_a
        return max(0.0, (z - 1) / (z + self.non_linear_damping))

    def frequency(self, current_a: float) -> float:
        """f, Hz."""
        return self.frequency_hz + self.shift_hz * self.power(current_a)

    def non_linearity(self, current_a: float) -> float:
        """nu, of the frequency by the power's decay."""
        z = current_a / self.threshold_a
        return self.shift_hz / (self.damping_hz * (z + self.non_linear_damping))

    def linewidth(self, current_a: float) -> float:
        """FWHM of the oscillation's spectrum, Hz; ``ValueError`` where it does not oscillate."""
        power = self._oscillating(current_a)
        damping = self.damping_hz * (1 + self.non_linear_damping * power)
        noise = self.thermal_j / (self.energy_j * power)
        return damping * noise * (1 + self.non_linearity(current_a) ** 2)

    def registers(
        self, bias_a: float, unit_a: float, tick_s: float, carrier_hz: float, phase_bits: int = 16
    ) -> Registers:
        """Around a bias (A), for a unit (A) of BIAS, a tick (s) and the frequency of a phase that
        stands still. ``PhaseParams`` refuses what a register cannot hold."""
        self._oscillating(bias_a)
        scale = tick_s * (1 << phase_bits)
        q, z = self.non_linear_damping, bias_a / self.threshold_a
        step = unit_a / self.threshold_a
        slope = self.shift_hz * (1 + q) / (z + q) ** 2 * step
        curve = -self.shift_hz * (1 + q) / (z + q) ** 3 * step**2
        deviation = sqrt(2 * pi * self.linewidth(bias_a) * tick_s) * (1 << phase_bits) / (2 * pi)
        # Uniform over 2^(n+1) values: a standard deviation of 2^n / sqrt(3).
        noise = max(0, round(log2(deviation * sqrt(3))))
        return Registers(
            omega=round((self.frequency(bias_a) - carrier_hz) * scale),
            slope=round(slope * scale * (1 << 8)),
            curve=round(curve * scale * (1 << 20)),
            noise=noise,
            linewidth_hz=noise_linewidth(noise, tick_s, phase_bits),
        )

    def _oscillating(self, current_a: float) -> float:
        power = self.power(current_a)
        if not power > 0:
            raise ValueError(
                f"current_a = {current_a} is at the threshold or below; give more than "
                f"{self.threshold_a}"
            )
        return power


def noise_variance(noise: int) -> float:
    """Variance of a phase a tick by the engine's NOISE, in 2^-2P turns^2."""
    return ((1 << 2 * noise + 2) - 1) / 12 if noise else 0.0


def noise_linewidth(noise: int, tick_s: float, phase_bits: int = 16) -> float:
    """FWHM (Hz) of an oscillator with the engine's NOISE."""
    radians = 2 * pi / (1 << phase_bits)
    return noise_variance(noise) * radians**2 / (2 * pi * tick_s)

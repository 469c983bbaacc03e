"""Configuration of the oscillator experiment: the device, its registers, and the laws of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.oscillator import (
    NanoOscillator,
    Registers,
    noise_linewidth,
    noise_variance,
)
from spinloom.emulator.spec.phase import SHAPES, PhaseShape
from spinloom.host.experiments.options import check, option

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class OscillatorConfig:
    """One run. Devices differ by ``shifts`` and ``dampings``; the first is the one with noise."""

    shape: str = option("phase-256", "a machine of phase oscillators")
    seed: int = 1
    frequency: float = option(55.0, "frequency of the devices at their threshold of 5 mA, GHz")
    carrier: float = option(50.0, "frequency of a phase that stands still, GHz")
    # With it, NOISE = 10 is the linewidth of the first device at 300 K, to 0.2 %.
    tick: float = option(19.4, "device time of a tick, ps")
    current: float = option(8.0, "current at a BIAS of 0, mA")
    unit: float = option(16.0, "current of a unit of BIAS, uA")
    span: int = option(125, "BIAS goes from minus to plus so many units")
    points: int = option(21, "biases of the sweep")
    shifts: tuple[float, ...] = option((10.0, 10.0, -5.0), "frequency shift N of the devices, GHz")
    dampings: tuple[float, ...] = option((2.0, 0.5, 2.0), "non-linear damping Q of each")
    sweep_ticks: int = option(128, "ticks of a point of the sweep")
    noises: tuple[int, ...] = option((8, 9, 10), "NOISE at which the linewidth is measured")
    samples: int = option(512, "readings of the phases with noise")
    every: int = option(64, "ticks from one to the next")

    def __post_init__(self) -> None:
        self.phase()
        check(
            self,
            span=(1, 2047),
            points=(2, 4095),
            sweep_ticks=(1, 1 << 15),
            samples=(8, 1 << 16),
            every=(1, 1 << 15),
        )
        for name in ("frequency", "carrier", "tick", "current", "unit"):
            if not 0 < getattr(self, name) < 1e6:
                raise ValueError(f"{name} = {getattr(self, name)}; give a number above 0")
        if not self.shifts or len(self.shifts) != len(self.dampings):
            raise ValueError(
                f"shifts = {self.shifts}, dampings = {self.dampings}; give one of each a device"
            )
        most = self.most_noise()
        if not self.noises or not all(1 <= n <= most for n in self.noises):
            raise ValueError(
                f"noises = {self.noises}; give some from 1 to {most} (with every = {self.every})"
            )
        self._check_sweep()

    def _check_sweep(self) -> None:
        low, threshold = float(self.amperes().min()), self.device(0).threshold_a
        if low <= threshold:
            raise ValueError(
                f"current = {self.current}: less span times unit it is {low * 1e3:g} mA; give more "
                f"than {threshold * 1e3:g} mA"
            )
        for k in range(len(self.shifts)):
            made, rates = self.registers(k), self.rates(k)
            if max(abs(made.slope), abs(made.curve)) >= 1 << 15:
                raise ValueError(
                    f"unit = {self.unit}: SLOPE = {made.slope} and CURVE = {made.curve} of device "
                    f"{k} are signed numbers of 16 bits; give a smaller unit, or a shorter tick"
                )
            if rates.min() < 0 or rates.max() >= self.phase().turn // 2:
                raise ValueError(
                    f"carrier = {self.carrier}: device {k} turns by {rates.min()} to {rates.max()} "
                    f"of {self.phase().turn} a tick; give a carrier below it, or a shorter tick"
                )

    def phase(self) -> PhaseShape:
        """The shape, if it is of this engine."""
        shape = SHAPES.get(self.shape)
        if shape is None:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(SHAPES)}")
        return shape

    def most_noise(self) -> int:
        """The highest NOISE of which a phase moves by half a turn, six standard deviations, between
        readings at most: one in 10^9 does, and cannot be followed."""
        most = (self.phase().turn / 12) ** 2
        return max(n for n in range(16) if self.every * noise_variance(n) <= most)

    def tick_s(self) -> float:
        """A tick, s."""
        return self.tick * 1e-12

    def device(self, k: int) -> NanoOscillator:
        """Device k."""
        return NanoOscillator(
            frequency_hz=self.frequency * 1e9,
            shift_hz=self.shifts[k] * 1e9,
            non_linear_damping=self.dampings[k],
        )

    def registers(self, k: int) -> Registers:
        """What the machine holds of device k."""
        return self.device(k).registers(
            self.current * 1e-3, self.unit * 1e-6, self.tick_s(), self.carrier * 1e9,
            self.phase().phase_bits,
        )  # fmt: skip

    def biases(self) -> Ints:
        """BIAS of the sweep."""
        return np.rint(np.linspace(-self.span, self.span, self.points)).astype(np.int64)

    def amperes(self) -> Floats:
        """Currents of the sweep, A."""
        return np.asarray(self.current * 1e-3 + self.biases() * (self.unit * 1e-6))

    def rates(self, k: int) -> Ints:
        """The registers' law: what device k turns by in a tick, 2^-P turns, [points]."""
        made, bias = self.registers(k), self.biases()
        return np.asarray(made.omega + (made.slope * bias >> 8) + (made.curve * bias**2 >> 20))

    def noisy_rate(self) -> float:
        """The same of the first device at a BIAS of 0, with noise: the mean of the whole numbers
        from -2^NOISE to 2^NOISE - 1 is -1/2."""
        return self.registers(0).omega - 0.5

    def lsb_ghz(self) -> float:
        """The frequency of a phase that moves by one in a tick."""
        return 1e3 / (self.tick * self.phase().turn)

    def theory_ghz(self, k: int) -> Floats:
        """The physical model's frequencies, [points]."""
        return np.array([self.device(k).frequency(i) for i in self.amperes().tolist()]) / 1e9

    def bound_ghz(self, k: int) -> Floats:
        """How far the registers' law may be from the physical model, [points].

        A hyperbola is its parabola and, exactly, N (1+Q)/(z+Q) d^3/(1+d), d = dz/(z+Q). Of the
        registers, omega is rounded to half a unit, SLOPE to 2^-9 and CURVE to 2^-21, of BIAS and of
        its square; two shifts floor, by less than a unit each.
        """
        bias, device, q = self.biases(), self.device(k), self.dampings[k]
        above = self.current * 1e-3 / device.threshold_a + q
        d = bias * (self.unit * 1e-6 / device.threshold_a) / above
        third = self.shifts[k] * (1 + q) / above * d**3 / (1 + d)
        rounding = 2.5 + np.abs(bias) / (1 << 9) + bias**2 / (1 << 21)
        return np.asarray(np.abs(third) + rounding * self.lsb_ghz())

    def linewidth(self, noise: int) -> float:
        """NOISE's law: FWHM, Hz."""
        return noise_linewidth(noise, self.tick_s(), self.phase().phase_bits)

    def theory_linewidth(self) -> float:
        """The physical model's, of the first device at 300 K, Hz."""
        return self.device(0).linewidth(self.current * 1e-3)

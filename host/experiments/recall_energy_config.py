"""What the recall-energy experiment is told: the recall, and the devices of both arrays."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, pi

from spinloom.emulator.physics.energy import pulse_energy_j
from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.oscillator import NanoOscillator
from spinloom.emulator.spec.ising import IsingShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.pbits import ising_shape
from spinloom.host.experiments.recall_config import STEP, phase_shape
from spinloom.host.stimuli import patterns

OSCILLATOR, JUNCTION = NanoOscillator(), Junction()
# Ic is proportional to the barrier, so that this tilts it by kT in a junction of any barrier.
TILT_A = (JUNCTION.ic0_p_to_ap_a + JUNCTION.ic0_ap_to_p_a) / 2 / JUNCTION.delta


@dataclass(frozen=True, kw_only=True)
class RecallEnergyConfig:
    """One run. Of the devices nothing but time and energy depends."""

    shape: str = option("phase-128", "a machine of phase oscillators, one a pixel at least")
    pbits: str = option("ising-256", "a machine of p-bits, the same")
    seed: int = 1
    set: str = option("letters-10x10", "set of patterns, or a folder of PNG files")
    flips: float = option(25.0, "flipped pixels of a probe, %")
    probes: int = option(100, "probes")
    steps: int = option(150, "time steps of the oscillators, a multiple of 5")
    sweeps: int = option(20, "sweeps of the p-bits")
    first: float = option(4.0, "beta of the p-bits at first, times the field of a stored pattern")
    last: float = option(6.0, "the same at last")
    current: float = option(7.5, "current of an oscillator, mA")
    resistance: float = option(10.0, "resistance of an oscillator, ohm")
    pull: float = option(0.5, "frequency by which a stored pattern's field pulls at most, GHz")
    delta: float = option(8.0, "thermal stability Delta = E / kT of a p-bit")
    attempt: float = option(1.0, "attempt time of a p-bit, ns")

    def __post_init__(self) -> None:
        pixels = patterns.load(self.set).pixels.shape[1]
        for name, most in (
            (self.shape, self.phase().oscillators),
            (self.pbits, self.ising().spins),
        ):
            if pixels > most:
                raise ValueError(
                    f"set = {self.set!r} has {pixels} pixels: shape {name} has {most} units; "
                    "choose a larger shape, or another set"
                )
        threshold = 1e3 * OSCILLATOR.threshold_a
        check(
            self,
            flips=(0, 50),
            probes=(1, 100_000),
            steps=(20, 10_000),
            sweeps=(2, 1000),
            current=(1.01 * threshold, 20 * threshold),
            resistance=(1e-3, 1e6),
            pull=(1e-6, 50),
            delta=(2, 40),
            attempt=(1e-3, 1e3),
        )
        if self.steps % EVERY:
            raise ValueError(f"steps = {self.steps}; give a multiple of {EVERY}")
        if not 0 < self.first <= self.last <= 20:
            raise ValueError(f"first, last = {self.first}, {self.last}; give rising ones, to 20")

    def phase(self) -> PhaseShape:
        """The shape, if it is one of phase oscillators."""
        return phase_shape(self.shape)

    def ising(self) -> IsingShape:
        """The shape, if it is one of p-bits."""
        return ising_shape(self.pbits)

    def step_s(self) -> float:
        """Device time of a step, in which a stored pattern's field turns a phase by ``STEP`` at
        most: STEP / (2 pi pull)."""
        return STEP / (2 * pi * 1e9 * self.pull)

    def frequency_hz(self) -> float:
        """Of an oscillator."""
        return OSCILLATOR.frequency(1e-3 * self.current)

    def period_j(self) -> float:
        """What an oscillator takes in a period."""
        return pulse_energy_j(1e-3 * self.current, self.resistance, 1 / self.frequency_hz())

    def sweep_s(self, delta: float | None = None) -> float:
        """Device time of a sweep, in which each p-bit decides once: tau0 exp(Delta) / 2."""
        return 1e-9 * self.attempt * exp(self.delta if delta is None else delta) / 2

    def decision_j(self, square: float, delta: float | None = None) -> float:
        """What a p-bit takes for a decision, of the mean square of beta times its field."""
        return square * pulse_energy_j(TILT_A, JUNCTION.r_p_ohm, self.sweep_s(delta))


EVERY = 5  # time steps between looks at the oscillators

"""Configuration of the memristor experiment: its devices, and the pulses that they get."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from spinloom.emulator.physics.wall import LEVELS, SpinOrbitStack, WallTrack
from spinloom.emulator.spec.learning import SHAPES, LearningParams, LearningShape
from spinloom.host.experiments.options import check, option

STEP = 4  # wall steps of a neuron for an event through a synapse of strength 1
KINDS = ("free", "pinned")


@dataclass(frozen=True, kw_only=True)
class MemristorConfig:
    """One run; amplitudes in uA, durations in ns."""

    shape: str = option("memristors", "a machine of walls of 16 positions, codes of 16 bits")
    seed: int = 1
    currents: tuple[float, ...] = option(
        (20.0, 40.0, 60.0, 70.0, 80.0, 90.0, 100.0), "currents of both signs that move walls, uA"
    )
    durations: tuple[float, ...] = option((1.0, 2.0, 3.4), "lengths of those pulses, ns")
    pinning: float = option(20.0, "barrier of a pinning site, kT")
    depinning: float = option(75.0, "current that lifts walls over it, uA")
    amplitude: float = option(100.0, "amplitude of the loop's sine current, uA")
    periods: tuple[float, ...] = option((50.0, 120.0, 400.0), "periods of that current, ns")
    points: int = option(128, "pulses of a period, divisible by 4")
    torques: tuple[float, ...] = option((85.0, 88.0, 90.0), "currents of spin-orbit torque, uA")
    pulses: int = option(80, "pulses of 1 ns of potentiation, and of depression")
    noises: tuple[float, ...] = option(
        (0.006, 0.01, 0.015, 0.02, 0.03), "standard deviations of a read, of its resistance"
    )
    reads: int = option(1_000_000, "reads with each of them, at least")

    def __post_init__(self) -> None:
        self.learning()
        check(self)
        for name in ("currents", "durations", "periods", "torques", "noises"):
            values = getattr(self, name)
            if not values or not all(0 < v < float("inf") for v in values):
                raise ValueError(f"{name} = {values}; give some numbers above 0")
        for name in ("pulses", "reads"):
            if not 1 <= getattr(self, name) <= 100_000_000:
                raise ValueError(f"{name} = {getattr(self, name)}; give 1 to 100000000")
        if self.points < 4 or self.points % 4:
            raise ValueError(f"points = {self.points}; give a multiple of 4")
        free, pinned = self.track("free"), self.track("pinned")
        for name, device, current, duration in (
            ("durations", free, max(self.currents), max(self.durations)),
            ("durations", pinned, max(self.currents), max(self.durations)),
            ("periods", free, self.amplitude, max(self.periods) / self.points),
            ("torques", SpinOrbitStack(), max(self.torques), 1.0),
        ):
            most = device.mean_steps(0, current * 1e-6, duration * 1e-9)
            if most > 1:
                raise ValueError(
                    f"{name} = {getattr(self, name)}: a pulse of {current:g} uA, {duration:.3g} ns "
                    f"moves {most:.3g} levels; give less than one level a pulse"
                )

    def learning(self) -> LearningShape:
        """The shape, if its synapses are walls of 16 positions."""

        def fits(shape: LearningShape) -> bool:
            return shape.is_wall and shape.strength_max == LEVELS - 1 and shape.classes == 2

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def track(self, kind: str) -> WallTrack:
        """A track of 16 sites that holds its wall up to ``depinning``, or, free, not at all."""
        current = self.depinning * 1e-6 if kind == "pinned" else 1e-12
        return WallTrack(sites=LEVELS, pinning_kt=self.pinning, depinning_a=current)

    def one_level_ns(self) -> float:
        """Length of the pulse of ``amplitude`` that moves a free wall by one level, always."""
        track = self.track("free")
        spacing = track.length_m / (LEVELS - 1)
        # Less by what rounding may add: a mean above one level would be no code. The code is 2^K.
        return (1 - 1e-9) * spacing / track.displacement_m(self.amplitude * 1e-6, 1.0) * 1e9

    def sine(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Currents (uA) of the pulses of a period, each that of its middle."""
        phase = 2 * pi * (np.arange(self.points) + 0.5) / self.points
        return self.amplitude * np.sin(phase)

    def params(self) -> LearningParams:
        """Registers: no learning, no leak, and thresholds that no sum of the run reaches."""
        shape = self.learning()
        state = np.random.SeedSequence(self.seed).generate_state(1, np.uint64)
        never = (0,) * LEVELS
        return LearningParams(
            step=min(STEP, shape.register_max("STEP")),
            leak=0,
            theta0=shape.theta_max,
            code_bits=shape.code_bits,
            codes_p=never,
            codes_ap=never,
            seed=int(state[0]),
            learn=False,
            homeostasis=False,
        )

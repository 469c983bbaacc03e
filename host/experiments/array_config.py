"""Configuration of the array experiment (``experiments.array``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.resistance import resistance
from spinloom.emulator.physics.switching import MAX_DRIVE, switch_probability
from spinloom.emulator.spec.learning import LEVELS, SHAPES, LearningParams, LearningShape
from spinloom.host.array_view import Pulses
from spinloom.host.experiments.options import check, option

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ArrayConfig:
    """One run; amplitudes in uA without their sign, durations in ns."""

    shape: str = option("lanes-small", "a machine whose synapses are junctions")
    seed: int = 1
    to: Literal["P", "AP"] = option("P", "state that the pulses drive to")
    words: int = option(256, "word lines that are written")
    amplitudes: tuple[float, ...] = option(
        (40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0), "currents, uA"
    )
    durations: tuple[float, ...] = option((3.0, 5.0, 10.0), "lengths of a pulse, ns")
    delta: float = option(40.0, "barrier between the two states, kT")
    ic0_p_to_ap: float = option(50.0, "critical current from P to AP, uA")
    ic0_ap_to_p: float = option(40.0, "critical current from AP to P, uA")
    tmr: float = option(150.0, "TMR of the cells, %")
    tmrs: tuple[float, ...] = option(
        (50.0, 100.0, 150.0, 300.0, 600.0), "TMRs that stored cells are read at, %"
    )
    read_noise: float = option(1.5, "standard deviation of the current of these reads, uA")
    read_voltages: tuple[float, ...] = option(
        (0.36, 0.42, 0.48, 0.54), "voltages of the reads that disturb, V"
    )
    reads: int = option(12, "reads of a cell at each of these voltages")

    def __post_init__(self) -> None:
        shape = self.learning()
        check(self)
        if not 1 <= self.words <= shape.inputs:
            raise ValueError(f"words = {self.words} is out of range; give 1 to {shape.inputs}")
        if not 1 <= self.reads <= 10_000:
            raise ValueError(f"reads = {self.reads} is out of range; give 1 to 10000")
        if not 0 < self.read_noise < 1e6:
            raise ValueError(f"read_noise = {self.read_noise} uA; give a number above 0")
        cell = self.junction()
        critical = np.array([cell.ic0_ap_to_p_a, cell.ic0_p_to_ap_a])  # of AP, of P
        volts = critical * resistance(cell, (ANTIPARALLEL, PARALLEL))
        for name, top in (
            ("amplitudes", MAX_DRIVE * 1e6 * critical.min()),
            ("durations", 1e9),
            ("tmrs", 600.0),
            ("read_voltages", MAX_DRIVE * volts.min()),
        ):
            values = getattr(self, name)
            rises = all(a < b for a, b in pairwise(values))
            if not values or not rises or not 0 < values[0] <= values[-1] <= top:
                raise ValueError(f"{name} = {values}; give some that rise, above 0 to {top:g}")
        for tmr in self.tmrs:
            self.junction(tmr)

    def learning(self) -> LearningShape:
        """The shape, if its synapses are junctions."""
        shape = SHAPES.get(self.shape)
        if shape is None or shape.is_wall:
            good = [s.name for s in SHAPES.values() if not s.is_wall]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def junction(self, tmr: float | None = None) -> Junction:
        """The device of a cell; of another TMR (%), if one is given."""
        return Junction(
            delta=self.delta,
            ic0_p_to_ap_a=self.ic0_p_to_ap * 1e-6,
            ic0_ap_to_p_a=self.ic0_ap_to_p * 1e-6,
            tmr=(self.tmr if tmr is None else tmr) / 100,
        )

    @property
    def noise_a(self) -> float:
        """``read_noise`` in A."""
        return self.read_noise * 1e-6

    def signed(self) -> tuple[float, ...]:
        """All amplitudes with both signs, uA, rising."""
        return tuple(-i for i in reversed(self.amplitudes)) + self.amplitudes

    def pulses(self, amplitude: float, duration: float) -> Pulses:
        """A write pulse (uA, ns), of the sign that the target asks for."""
        amperes = amplitude * 1e-6
        return Pulses(to_p_a=amperes, to_ap_a=amperes, write_s=duration * 1e-9)

    def law(self, amplitude: float, duration: float) -> float:
        """Write-error rate: probability that a pulse (uA, ns) leaves the other state."""
        up = self.to == "P"
        state, sign = (ANTIPARALLEL, 1) if up else (PARALLEL, -1)
        amperes = sign * amplitude * 1e-6
        return 1 - switch_probability(self.junction(), state, amperes, duration * 1e-9)

    def grid(self, of: Callable[[float, float], float]) -> Floats:
        """``of(amplitude, duration)`` at each point, [durations, amplitudes]."""
        return np.array([[of(i, t) for i in self.amplitudes] for t in self.durations])

    def params(self) -> LearningParams:
        """Registers of a machine that neither learns nor forgets."""
        codes = (0,) * LEVELS
        return LearningParams(
            step=1,
            theta0=100,
            code_bits=self.learning().code_bits,
            codes_p=codes,
            codes_ap=codes,
            learn=False,
            homeostasis=False,
        )

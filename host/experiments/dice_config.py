"""Configuration of the dice experiment: the devices, their drift, and the drive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, exp, pi
from statistics import NormalDist

from spinloom.emulator.physics.junction import ANTIPARALLEL, Junction
from spinloom.emulator.physics.switching import code, pulse_amplitude, switch_probability
from spinloom.emulator.spec.learning import LEVELS, SHAPES, LearningParams, LearningShape
from spinloom.host.battery.judge import SHORTEST
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive

JUNCTIONS = 8  # of a die


@dataclass(frozen=True, kw_only=True)
class DiceConfig:
    """One run; every junction of the machine is thrown, in dice of eight."""

    shape: str = option("devices", "a machine of one-bit junctions under two classes of pulses")
    seed: int = 1
    throws: int = option(5000, "throws of each die, with the drive held and tracked")
    sequences: int = option(100, "sequences that the battery cuts a stream into")
    duration: float = option(1.0, "length of the exciting pulse, ns")
    delta: float = option(40.0, "barrier of the nominal junction, kT")
    spread: float = option(0.03, "spread of barrier and critical current, as a part")
    drift: float = option(0.08, "how far both sink until half-time, as a part")
    gain: float = option(0.1, "part of an error that the tracked drive corrects in a throw")

    def __post_init__(self) -> None:
        shape = self.learning()
        most = self.throws * die_count(shape) // SHORTEST
        # Barriers end at 100 kT with the spread; above 1.1 ns, P = 1/2 lies where the law has no
        # closed form.
        check(
            self,
            throws=(1, 1 << 20),
            sequences=(1, most),
            duration=(0.2, 1.1),
            delta=(20, 80),
            spread=(0, 0.1),
            drift=(0, 0.2),
            gain=(0, 1),
        )

    def learning(self) -> LearningShape:
        """The shape, if its junctions can be pulsed one by one and spread."""

        def fits(shape: LearningShape) -> bool:
            return (
                shape.cells == 1 and not shape.is_wall and shape.classes == 2
                and shape.levels == LEVELS and shape.row_groups == 1
                and shape.columns >= JUNCTIONS
            )  # fmt: skip

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def junction(self, factor: float = 1.0) -> Junction:
        """The device whose barrier and critical currents are so many times the nominal ones."""
        nominal = Junction(delta=self.delta)
        return replace(
            nominal,
            delta=factor * nominal.delta,
            ic0_p_to_ap_a=factor * nominal.ic0_p_to_ap_a,
            ic0_ap_to_p_a=factor * nominal.ic0_ap_to_p_a,
        )

    def factors(self) -> tuple[float, ...]:
        """f of the devices of each level: means of the sixteenths of a normal distribution."""
        normal = NormalDist()
        edges = [normal.pdf(normal.inv_cdf(v / LEVELS)) if 0 < v < LEVELS else 0.0
                 for v in range(LEVELS + 1)]  # fmt: skip
        return tuple(1 + self.spread * LEVELS * (edges[v] - edges[v + 1]) for v in range(LEVELS))

    def sunk(self, throw: int) -> float:
        """What the drift has left of every f at this throw."""
        return 1 - self.drift * (1 - cos(2 * pi * throw / self.throws)) / 2

    def probability(self, current_a: float, factor: float = 1.0) -> float:
        """P of a pulse."""
        return switch_probability(
            self.junction(factor), ANTIPARALLEL, current_a, self.duration * 1e-9
        )

    def nominal_drive(self) -> tuple[float, float]:
        """The current (A) at which a nominal junction has P = 1/2, and dP / d ln I there."""
        current = pulse_amplitude(self.junction(), ANTIPARALLEL, 0.5, self.duration * 1e-9)
        step = 0.01
        rise = self.probability(current * exp(step)) - self.probability(current * exp(-step))
        return current, rise / (2 * step)

    def codes(self, current_a: float, throw: int) -> tuple[int, ...]:
        """Switching codes of the 16 levels at this throw."""
        bits = self.learning().code_bits
        sunk = self.sunk(throw)
        return tuple(
            code(self.probability(current_a, f * sunk), bits).value for f in self.factors()
        )

    def params(self, codes: tuple[int, ...]) -> LearningParams:
        """Registers, a reset pulse that always switches, and these codes."""
        shape = self.learning()
        spread_seed, *_, seed = derive(self.seed)
        return LearningParams(
            code_bits=shape.code_bits,
            codes_p=codes,
            codes_ap=(shape.code_one,) * LEVELS,
            seed=seed,
            spread_seed=spread_seed,
            learn=False,
            homeostasis=False,
        )


def die_count(shape: LearningShape) -> int:
    """Dice of a machine: eight columns side by side in each row."""
    return shape.inputs * (shape.columns // JUNCTIONS)

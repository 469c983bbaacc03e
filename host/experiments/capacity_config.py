"""Configuration of the capacity experiment, and how the second harmonic (SHIL) comes on in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from spinloom.emulator.spec.phase import PhaseShape
from spinloom.host.couplings import RULES
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.recall_config import RISE, phase_shape


class Shil(NamedTuple):
    """A second harmonic: ``top`` at last, of the coupling's step; ``late``, part of the run that it
    waits; ``rise``, part of the rest in which it rises, or as fast as its register can tell."""

    top: float
    late: float
    rise: float


# Late SHIL comes when sine couplings have lost the patterns already; frozen, the probe stays as it
# is but for what the first steps make of it, whatever is stored: that is no recall.
SCHEDULES = {
    "shil": Shil(top=1.0, late=0.05, rise=RISE),
    "plain": Shil(top=0.0, late=0.05, rise=RISE),
    "frozen": Shil(top=2.0, late=0.0, rise=0.01),
}
KINDS = {
    "shil": "oscillators, SHIL rises",
    "plain": "oscillators without SHIL",
    "frozen": "control: twice the SHIL at once",
    "hopfield": "Hopfield, asynchronous",
}
SUCCESS = 0.95  # overlap from which on a pattern is recalled
SINE, BINARY = 0.042, 0.138  # alpha at which sine couplings and binary units lose the patterns


@dataclass(frozen=True, kw_only=True)
class CapacityConfig:
    """One run."""

    shape: str = option("phase-256", "a machine of phase oscillators")
    seed: int = 1
    alphas: tuple[float, ...] = option(
        (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.14, 0.17), "patterns an oscillator"
    )
    rule: str = option("hebb", f"one of {', '.join(RULES)}")
    flips: float = option(10.0, "flipped pixels of a probe, %")
    sets: int = option(8, "sets of patterns of each alpha")
    probes: int = option(25, "probes of each set")
    ticks: int = option(150, "time steps of a recall")

    def __post_init__(self) -> None:
        shape = self.phase()
        rises = all(a < b for a, b in pairwise(self.alphas))
        if not self.alphas or not rises or not 0 < self.alphas[0] <= self.alphas[-1] <= 1:
            raise ValueError(f"alphas = {self.alphas}; give some that rise, above 0, to 1")
        if round(self.alphas[0] * shape.oscillators) < 1:
            raise ValueError(
                f"alphas = {self.alphas}: the first is no pattern of {shape.oscillators} "
                f"oscillators; give {1 / shape.oscillators:.3g} or more"
            )
        if self.rule not in RULES:
            raise ValueError(f"rule = {self.rule!r}: choose one of {', '.join(RULES)}")
        if not 0 <= self.flips <= 50:
            raise ValueError(f"flips = {self.flips} is out of range; give 0 to 50")
        check(self, sets=(1, 1000), probes=(1, 10_000), ticks=(20, 10_000))

    def phase(self) -> PhaseShape:
        """The shape, if it is one of phase oscillators."""
        return phase_shape(self.shape)

    def counts(self) -> list[int]:
        """Patterns of each alpha."""
        return [round(alpha * self.phase().oscillators) for alpha in self.alphas]

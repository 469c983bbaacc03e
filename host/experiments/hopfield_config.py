"""What the hopfield experiment is told: the picture, the random patterns, the machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from spinloom.emulator.spec.ising import IsingShape
from spinloom.host.couplings import RULES
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.pbits import ising_shape
from spinloom.host.stimuli import patterns


@dataclass(frozen=True, kw_only=True)
class HopfieldConfig:
    """One run."""

    shape: str = option("ising-512", "a machine of p-bits, one a pixel at least")
    seed: int = 1
    set: str = option("digits-22x22", "set of patterns, or a folder of PNG files")
    picture: str = option("4", "the pattern that is recalled")
    rule: str = option("projection", f"of its couplings, one of {', '.join(RULES)}")
    flips: float = option(25.0, "flipped pixels of its probes, %")
    trials: int = option(20, "probes of it")
    units: int = option(256, "units of the capacity")
    alphas: tuple[float, ...] = option(
        (0.02, 0.05, 0.08, 0.10, 0.12, 0.14, 0.16, 0.18, 0.20), "random patterns a unit"
    )
    sets: int = option(10, "sets of random patterns of each alpha")
    probes: int = option(10, "probes of each set")
    sweeps: int = option(20, "sweeps of a recall")

    def __post_init__(self) -> None:
        most = self.ising().spins
        stored = patterns.load(self.set)
        if stored.pixels.shape[1] > most:
            raise ValueError(
                f"set = {self.set!r} has {stored.pixels.shape[1]} pixels: shape {self.shape} has "
                f"{most} spins; choose a larger shape, or another set"
            )
        if self.picture not in stored.names:
            raise ValueError(f"picture = {self.picture!r}: choose one of {', '.join(stored.names)}")
        if self.rule not in RULES:
            raise ValueError(f"rule = {self.rule!r}: choose one of {', '.join(RULES)}")
        if not 0 <= self.flips <= 50:
            raise ValueError(f"flips = {self.flips} is out of range; give 0 to 50")
        check(
            self,
            units=(2, most),
            trials=(1, 10_000),
            sets=(1, 1000),
            probes=(1, 10_000),
            sweeps=(2, 1000),
        )
        rises = all(a < b for a, b in pairwise(self.alphas))
        if not self.alphas or not rises or not 0 < self.alphas[0] <= self.alphas[-1] <= 1:
            raise ValueError(f"alphas = {self.alphas}; give some that rise, above 0, to 1")
        if round(self.alphas[0] * self.units) < 1:
            raise ValueError(
                f"alphas = {self.alphas}: the first is no pattern of {self.units} units; give "
                f"{1 / self.units:.3g} or more"
            )

    def ising(self) -> IsingShape:
        """The shape, if it is one of p-bits."""
        return ising_shape(self.shape)

"""What the edges experiment is told: the scenes, the affinities, the machine and its cooling."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spinloom.emulator.spec.ising import IsingParams, IsingShape
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.pbits import annealed, ising_shape


@dataclass(frozen=True, kw_only=True)
class EdgesConfig:
    """One run."""

    shape: str = option("ising-512", "a machine of p-bits, one a segment at most")
    seed: int = 1
    image: str | None = option(None, "a PNG file instead of the scenes; nothing is known of it")
    scenes: int = option(10, "scenes that are drawn")
    size: int = option(96, "pixels of a side of theirs")
    figures: int = option(3, "polygons and ellipses of a scene")
    strokes: int = option(40, "short strokes strewn over it")
    noise: float = option(0.03, "standard deviation of a pixel's noise, of 1 for white")
    cell: int = option(4, "pixels of a side of the cells that give one segment each")
    contrast: float = option(0.03, "least gradient of a segment, a pixel")
    reach: float = option(9.0, "distance at which affinity has fallen to 0.61, pixels")
    tolerance: float = option(0.5, "deviation from a circle to which it has fallen so, rad")
    rivalry: float = option(0.1, "affinity of what is near and does not fit, negative")
    cost: float = option(0.8, "energy of a selected segment, of 1 for the greatest affinity")
    sweeps: int = option(500, "sweeps of a run")
    runs: int = option(4, "runs of each scene, of which the lowest energy counts")
    beta_first: float = option(0.0005, "inverse temperature at the start, of a step of affinity")
    beta_last: float = option(0.05, "at the end")

    def __post_init__(self) -> None:
        self.params(seed=1)
        if self.image is not None and not Path(self.image).is_file():
            raise ValueError(f"image = {self.image!r} is no file; give a PNG file")
        check(
            self,
            scenes=(1, 1000),
            size=(32, 512),
            figures=(1, 20),
            strokes=(0, 1000),
            noise=(0, 1),
            cell=(2, 32),
            contrast=(0, 1),
            reach=(0.5, 100),
            tolerance=(0.01, 10),
            rivalry=(0, 0.9),
            cost=(0, 100),
            sweeps=(1, 100_000),
            runs=(1, 1000),
        )

    def ising(self) -> IsingShape:
        """The shape, if it is one of p-bits with couplings that are weights."""
        shape = ising_shape(self.shape)
        if shape.weight_bits < 8:
            raise ValueError(
                f"shape = {self.shape!r} has couplings of {shape.weight_bits} bits; choose "
                "ising-512 or another of 8 bits"
            )
        return shape

    def params(self, *, seed: int, spins: int = 0) -> IsingParams:
        """Registers of a run."""
        return annealed(
            IsingParams(spins=spins, seed=seed),
            self.ising(), self.beta_first, self.beta_last, self.sweeps,
        )  # fmt: skip

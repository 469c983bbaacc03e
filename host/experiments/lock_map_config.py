"""Configuration of the lock-map experiment: the grid, its oscillators and its couplings."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isqrt, log2

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.oscillator import critical_coupling
from spinloom.emulator.physics.wall import LEVELS, WallTrack
from spinloom.emulator.spec.phase import GAIN_BITS, SHAPES, PhaseParams, PhaseShape
from spinloom.host.couplings import programmed_pairs
from spinloom.host.experiments.options import check, option
from spinloom.host.phase import first_harmonic

NEIGHBOURS = 4  # of an oscillator inside the grid
READINGS = 16  # of the phases in a window
CLIPPED = 4  # standard deviations of a frequency at most

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class LockMapConfig:
    """One run; frequencies in 2^-P turns a tick, couplings of a link in levels of a memristor."""

    shape: str = option("phase-64", "a machine of phase oscillators")
    seed: int = 1
    rows: int | None = option(None, "rows of the grid; as square as can be if not given")
    deviation: float = option(256.0, "standard deviation of the frequencies, 2^-P turns a tick")
    mean: int = option(5003, "frequency that all have in common, the same unit")
    levels: tuple[int, ...] = option(tuple(range(LEVELS)), "levels of all links, one a point")
    strongest: float = option(2.5, "coupling of the highest level, in standard deviations")
    spread: float = option(0.5, "a memristor's wall is off by so much of a level")
    noise: float = option(0.05, "noise of a read of a memristor, of its conductance")
    window: int = option(1024, "ticks of the detectors' window; couplings are read once in each")
    settle: int = option(2, "windows before a point is measured")
    measured: int = option(2, "windows in which it is measured; flags are those of the last")

    def __post_init__(self) -> None:
        shape = self.phase()
        n = shape.oscillators
        if self.rows is not None and (not 1 <= self.rows <= n // 2 or n % self.rows):
            raise ValueError(
                f"rows = {self.rows}: give a divisor of {n}, the oscillators of shape "
                f"{shape.name}, up to {n // 2}: the grid is cut into two halves of columns"
            )
        if not self.levels or not all(0 <= level < LEVELS for level in self.levels):
            raise ValueError(f"levels = {self.levels}; give some from 0 to {LEVELS - 1}")
        check(
            self,
            deviation=(1, 1024),
            strongest=(0.1, 50),
            spread=(0, 10),
            noise=(0, 1),
            settle=(1, 1000),
            measured=(1, 1000),
        )
        if not 64 <= self.window < 1 << 16 or self.window % READINGS:
            raise ValueError(
                f"window = {self.window}; give a multiple of {READINGS} from 64 to 65520"
            )
        # |c s' - s c'| of two entries of the table is at most the square of the longer one.
        sine = np.array(shape.table)
        longest = (sine**2 + np.roll(sine, len(sine) // 4) ** 2).max()
        excess = longest / first_harmonic(shape) ** 2
        most = NEIGHBOURS * excess * self.coupling(max(self.levels))
        need = ceil(CLIPPED * self.deviation + most) + 1
        if not need <= self.mean <= shape.turn // 4:
            raise ValueError(
                f"mean = {self.mean}: a phase that always advances fires once a turn; give "
                f"{need} to {shape.turn // 4}, or a lower deviation or strongest"
            )

    def phase(self) -> PhaseShape:
        """The shape, if it is of this engine."""
        shape = SHAPES.get(self.shape)
        if shape is None:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(SHAPES)}")
        return shape

    def grid(self) -> tuple[int, int]:
        """Rows and columns."""
        n = self.phase().oscillators
        square = next(r for r in range(isqrt(n), 0, -1) if n % r == 0)
        rows = square if self.rows is None else self.rows
        return rows, n // rows

    def links(self) -> Bools:
        """[N, N]: which oscillators are neighbours in a row or a column."""
        rows, columns = self.grid()
        row, column = np.divmod(np.arange(rows * columns), columns)
        steps = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
        return np.asarray(steps == 1)

    def left(self) -> Bools:
        """[N]: the oscillators in the left half of the columns."""
        _, columns = self.grid()
        return np.asarray(np.arange(self.phase().oscillators) % columns < columns // 2)

    def draw(self) -> tuple[Ints, Ints]:
        """Frequencies without their mean, and first phases."""
        shape, rng = self.phase(), np.random.default_rng([self.seed, 1])
        normal = np.clip(rng.standard_normal(shape.oscillators), -CLIPPED, CLIPPED)
        phases = rng.integers(0, shape.turn, shape.oscillators)
        return np.rint(self.deviation * normal).astype(np.int64), phases

    def devices(self, level: int) -> Floats:
        """Conductances of the memristors on all links at this level: a device's own error is the
        same at every level."""
        return programmed_pairs(
            level * self.links().astype(np.int64),
            WallTrack(),
            spread=self.spread,
            rng=np.random.default_rng([self.seed, 2]),
        )

    def reference(self) -> int:
        """The oscillator that the others are compared with: whose frequency is the middle one."""
        omega, _ = self.draw()
        return int(np.argsort(omega, kind="stable")[len(omega) // 2])

    def scale(self) -> tuple[int, int]:
        """GAIN and SHIFT of the coupling."""
        unit = self.strongest * self.deviation / (LEVELS - 1) / first_harmonic(self.phase()) ** 2
        shift = min(24, floor(log2(((1 << GAIN_BITS - 1) - 1) / unit)))
        return round(unit * (1 << shift)), shift

    def coupling(self, level: float) -> float:
        """K of a link at this level, in 2^-P turns a tick."""
        gain, shift = self.scale()
        return level * gain * first_harmonic(self.phase()) ** 2 / (1 << shift)

    def critical(self) -> float:
        """Level from which ideal couplings lock all, by ``critical_coupling``."""
        omega, _ = self.draw()
        return critical_coupling(self.links(), omega) / self.coupling(1)

    def params(self) -> PhaseParams:
        """Registers of all points."""
        gain, shift = self.scale()
        return PhaseParams(
            gain=gain,
            shift=shift,
            lock_ticks=self.window,
            lock_width=self.phase().turn // 4,
            lock_oscillator=self.reference(),
        )

    def bound(self) -> float:
        """Frequencies that differ by no more are equal: LOCK_WIDTH in a window."""
        return self.phase().turn / 4 / self.window

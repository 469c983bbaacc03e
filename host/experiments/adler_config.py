"""Configuration of the adler experiment, and the bands of its law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import SHAPES, UNIT_SHIFT, PhaseShape
from spinloom.host.experiments.options import check, option
from spinloom.host.phase import first_harmonic

PULL_SHIFT, TOP_WEIGHT = 12, 15  # of the pairs

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class AdlerConfig:
    """One run; amplitudes are the machine's INJ, frequencies 2^-P turns a tick."""

    shape: str = option("phase-64", "a machine of phase oscillators")
    seed: int = 1
    amplitudes: tuple[int, ...] = option(
        (512, 1024, 2048, 3072, 4096), "injected signals of the tongue, 1/64 of a table step"
    )
    beats: int = option(128, "injected signal of the beats, the same unit")
    beat_ticks: int = option(32768, "ticks of the beats; the second half is measured")
    gain: int = option(48, "gain of the pairs' coupling, with a shift of 12")
    pair_ticks: int = option(6400, "ticks of the pairs")
    frequency: float = option(50.0, "frequency of the pairs' oscillators, GHz")
    period: int = option(32, "ticks of a period of theirs")

    def __post_init__(self) -> None:
        self.phase()
        if not self.amplitudes or not all(160 <= a <= 8192 for a in self.amplitudes):
            raise ValueError(f"amplitudes = {self.amplitudes}; give some from 160 to 8192")
        check(
            self,
            beats=(16, 8192),
            beat_ticks=(64, 1 << 20),
            gain=(1, 500),
            pair_ticks=(64, 1 << 20),
            period=(4, 4096),
        )
        if not 0 < self.frequency < 1e6:
            raise ValueError(f"frequency = {self.frequency}; give some GHz above 0")

    def phase(self) -> PhaseShape:
        """The shape, if it has pairs enough of this engine's oscillators."""
        good = {name: s for name, s in SHAPES.items() if s.oscillators <= 256}
        if self.shape not in good:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return good[self.shape]

    def edge(self, amplitude: int) -> float:
        """Half width of the band of a signal."""
        return amplitude * self.phase().amplitude / (1 << UNIT_SHIFT)

    def beat_detunings(self) -> Ints:
        """Of all oscillators."""
        pull = self.beat_pull()
        steps = np.linspace(1.1 * pull, 4 * pull, self.phase().oscillators)
        return np.rint(steps).astype(np.int64)

    def beat_pull(self) -> float:
        """A of the beats."""
        return self.beats * first_harmonic(self.phase()) / (1 << UNIT_SHIFT)

    def band(self) -> float:
        """Half width of a pair's band, 2 K."""
        a = first_harmonic(self.phase())
        return 2 * self.gain * TOP_WEIGHT * a * a / (1 << PULL_SHIFT)

    def pair_detunings(self) -> Ints:
        """Of each pair, up to one and a half bands."""
        pairs = self.phase().oscillators // 2
        return np.rint(np.linspace(-1.5, 1.5, pairs) * self.band()).astype(np.int64)

    def period_ns(self) -> float:
        """A period of the pairs' oscillators."""
        return 1 / self.frequency

    def period_cycles(self) -> int:
        """Clock cycles of the circuit in it, a stream word of so many ticks."""
        return 1 + self.period * self.phase().step_cycles()

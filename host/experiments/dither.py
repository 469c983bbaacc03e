"""The dither experiment: an array of noisy junctions hears a signal too weak for one (Sec. II.B).

Threshold junctions are driven by a chord of two tones whose peak is below their critical current,
each with noise of its own. The number of them in P codes the chord, as the hair cells of a cochlea
code a sound below their threshold. From R repeats of the chord, with F its tones and X the Fourier
transform of a repeat::

    signal = sum over F of |mean of X|^2 - |X - mean|^2 / (R (R - 1)) summed over repeats
    noise  = mean over repeats of sum over all frequencies of |X - mean of X|^2
    SNR    = signal / noise

The noise of K junctions adds as K, their signal as K^2: where their noises are independent, the SNR
grows as K. Without noise nothing switches, and nothing is heard.

In the ledger a junction is read once a tick; what switches it, chord and noise, comes from outside
and is not in it, nor is what counts the junctions in P.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.junction import TRACE, WAVE, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.experiments.tiles import tiles_shape
from spinloom.host.junction import JunctionMachine, wave_step
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
TONES = (3, 7)  # of the chord, turns a repeat
SAMPLE_SHIFT = 2  # a sample every four ticks, so a repeat is 4,096 ticks
UNIT = (1 << 6) / np.sqrt(16 + 1 / 3)  # NOISE of a standard deviation of 1
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class DitherConfig:
    """One run; currents in steps of x."""

    shape: str = option("junction-256", "a machine of junction tiles")
    seed: int = 1
    amplitude: int = option(25, "of each of two tones")
    critical: int = option(100, "critical current Ic")
    sigma: float = option(48.0, "noise of each junction")
    arrays: tuple[int, ...] = option((1, 4, 16, 64, 256), "junctions of an array")
    repeats: int = option(16, "of the chord")

    def __post_init__(self) -> None:
        check(self, amplitude=(1, 63), critical=(1, 2047), sigma=(0, 250), repeats=(2, 10_000))
        if 2 * self.amplitude >= self.critical:
            raise ValueError(
                f"amplitude = {self.amplitude}: the chord is weak only below half the critical "
                f"current, {self.critical}"
            )
        if not self.arrays or min(self.arrays) < 1:
            raise ValueError(f"arrays = {self.arrays}; give some of 1 or more")
        self.junction()

    def junction(self) -> JunctionShape:
        """The shape, if it has the largest array."""
        return tiles_shape(self.shape, max(self.arrays))

    def wave(self) -> Ints:
        """The chord, one repeat."""
        turn = 2 * np.pi * np.arange(WAVE) / WAVE
        chord = sum(np.sin(tone * turn) for tone in TONES)
        wave: Ints = np.rint(self.amplitude * chord).astype(np.int64)
        return wave


CONFIG = DitherConfig


@dataclass(frozen=True, kw_only=True)
class DitherResult:
    """What a run leaves: junctions in P by array, [arrays + 1, repeats, samples]; the last is the
    largest array without noise."""

    config: DitherConfig
    populations: Ints
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    def ratios(self) -> Floats:
        """SNR of each array, and of the silent one."""
        found = []
        repeats = self.config.repeats
        for population in self.populations:
            x = np.fft.rfft(population / TRACE, axis=1)[:, 1:]
            mean = x.mean(0)
            apart = np.abs(x - mean) ** 2
            tones = np.array(TONES) - 1
            chance = apart[:, tones].sum() / repeats / (repeats - 1)
            signal = max(0.0, float((np.abs(mean[tones]) ** 2).sum() - chance))
            noise = float(apart.sum(1).mean()) * repeats / (repeats - 1)
            found.append(signal / noise if noise else 0.0)
        return np.array(found)

    def exponent(self) -> float:
        """x of SNR ~ K^x, least squares of the logarithms."""
        ratios = np.maximum(self.ratios()[:-1], 1e-12)
        if len(ratios) < 2:
            return float("nan")
        return float(np.polyfit(np.log(self.config.arrays), np.log(ratios), 1)[0])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        ratios = self.ratios()
        return {
            "arrays": list(self.config.arrays),
            "snr": ratios[:-1].tolist(),
            "snr_without_noise": float(ratios[-1]),
            "exponent": self.exponent(),
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"populations": self.populations}


def run(machine: JunctionMachine, config: DitherConfig, progress: Progress) -> DitherResult:
    """Let arrays of all sizes hear the chord, and the largest once more without noise."""
    started, before = time.monotonic(), machine.cycles
    machine.set_wave(config.wave())
    tile = Tile(mode="threshold", ic=config.critical, gain=64, noise=round(config.sigma * UNIT))
    cases = [(k, tile) for k in config.arrays]
    cases.append((max(config.arrays), replace(tile, noise=0)))
    found, reads = [], 0
    with progress.task("hear", total=len(cases) * config.repeats, unit="repeats") as advance:
        for junctions, one in cases:
            ticks = machine.ticks
            params = JunctionParams(
                population=True, smooth=True, tiles=junctions, trace_shift=SAMPLE_SHIFT,
                wave_step=wave_step(TRACE << SAMPLE_SHIFT), seed=derive(config.seed)[-1],
            )  # fmt: skip
            machine.configure(params)
            machine.set_tiles([one] * junctions)
            machine.set_states(np.zeros(machine.shape.tiles, np.int64))
            machine.reset(state=True, random=True)
            machine.run(TRACE << SAMPLE_SHIFT)  # the start is forgotten
            traces = []
            for _ in range(config.repeats):
                machine.reset(state=True)
                machine.run(TRACE << SAMPLE_SHIFT)
                traces.append(machine.trace().values)
                advance(1)
            found.append(traces)
            reads += (machine.ticks - ticks) * junctions
    populations = np.array(found)
    cycles = machine.cycles_since(before)
    return DitherResult(
        config=config,
        populations=populations,
        run_hash=hashlib.sha256(populations.astype("<i8").tobytes()).hexdigest(),
        reads=reads,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: DitherResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import dither_pictures

    return dither_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each array."""
    rows: list[dict[str, Any]] = [
        {"junctions": k, "SNR": float(f"{s:.3g}"), "SNR (dB)": round(10 * float(np.log10(s)), 1)}
        for k, s in zip(run["arrays"], run["snr"], strict=True)
        if s > 0
    ]
    quiet = {"junctions": f"{max(run['arrays'])}, no noise", "SNR": run["snr_without_noise"],
             "SNR (dB)": ""}  # fmt: skip
    title = f"dither, {run['machine']}, seed {run['seed']}"
    return {title: [*rows, quiet]} | ledger.table(run, "hearing")

"""The resonance experiment: noise makes a junction see a weak signal (Sec. II.B, Fig. 5).

A threshold junction is driven by a sine of amplitude A below its critical current Ic, plus noise of
standard deviation sigma. Without noise it never switches; with much, its state is the noise's. In
between its state follows the signal: stochastic resonance (Gammaitoni, Haenggi, Jung, Marchesoni,
Rev. Mod. Phys. 70, 223, 1998). The measure is Pearson's correlation of state and signal, from the
probes on chip, a mean over several junctions for each sigma::

    C = <s x> / sqrt(<x^2> (1 - <s>^2))                     0 where s never changes

Noise is a sum of random bits, 16 or 8 of them a tick, with the gaps between its values filled:
sigma = NOISE sqrt(bits + 1/3) / 2^shift.

In the ledger a junction is read once a tick; what switches it, signal and noise, comes from outside
and is not in it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.junction import TRACE, WAVE, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.experiments.tiles import tiles_shape
from spinloom.host.junction import JunctionMachine, Trace, wave_step
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
SOURCES = {16: (0xFFFF, 6), 8: (0x00FF, 5)}  # bits of noise: NOISE_MASK, NOISE_SHIFT
PERIODS_SHOWN = 4
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ResonanceConfig:
    """One run; currents in steps of x."""

    shape: str = option("junction-64", "a machine of junction tiles, levels times copies")
    seed: int = 1
    amplitude: int = option(64, "of the sine")
    critical: int = option(100, "critical current Ic")
    period: int = option(1024, "of the sine, ticks")
    periods: int = option(400, "that are measured")
    copies: int = option(4, "junctions for each level of noise")
    sigmas: tuple[float, ...] = option(
        (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 100, 120, 140, 170, 200), "levels of noise"
    )

    def __post_init__(self) -> None:
        check(
            self,
            amplitude=(1, 127),
            critical=(1, 2047),
            period=(16, 1 << 20),
            periods=(1, 1_000_000),
            copies=(1, 64),
        )
        if self.amplitude >= self.critical:
            raise ValueError(
                f"amplitude = {self.amplitude}: the signal is weak only below the critical "
                f"current, {self.critical}"
            )
        if len(self.sigmas) < 3 or not all(0 <= s <= 340 for s in self.sigmas):
            raise ValueError(f"sigmas = {self.sigmas}; give three or more of 0 to 340")
        self.junction()

    def junction(self) -> JunctionShape:
        """The shape, if it has a tile for each copy."""
        return tiles_shape(self.shape, len(self.sigmas) * self.copies)

    def wave(self) -> npt.NDArray[np.int64]:
        """The signal, one turn."""
        turn = 2 * np.pi * np.arange(WAVE) / WAVE
        wave: npt.NDArray[np.int64] = np.rint(self.amplitude * np.sin(turn)).astype(np.int64)
        return wave

    def tiles(self, bits: int) -> list[Tile]:
        """Copies of the junction at every level of noise."""
        unit = (1 << SOURCES[bits][1]) / sqrt(bits + 1 / 3)
        return [
            Tile(mode="threshold", ic=self.critical, gain=64, noise=round(sigma * unit))
            for sigma in self.sigmas
            for _ in range(self.copies)
        ]


CONFIG = ResonanceConfig


@dataclass(frozen=True, kw_only=True)
class ResonanceResult:
    """What a run leaves: correlations [levels] by bits of noise; traces by level of noise."""

    config: ResonanceConfig
    correlations: dict[int, Floats]
    traces: dict[float, Trace]
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        curve = self.correlations[16]
        best = int(np.argmax(curve))
        return {
            "sigmas": list(self.config.sigmas),
            "correlations": {str(bits): c.tolist() for bits, c in self.correlations.items()},
            "best": float(curve[best]),
            "best_at": self.config.sigmas[best],
            "silent": float(curve[0]),
            "loudest": float(curve[-1]),
            "source_difference": float(np.abs(curve - self.correlations[8]).max()),
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        arrays: dict[str, npt.NDArray[Any]] = {
            f"correlation_{bits}": c for bits, c in self.correlations.items()
        }
        for sigma, trace in self.traces.items():
            arrays |= {f"state_{sigma:g}": trace.values >> 15, f"drive_{sigma:g}": trace.drives}
        return arrays


def run(machine: JunctionMachine, config: ResonanceConfig, progress: Progress) -> ResonanceResult:
    """Correlations with both sources of noise, and traces of three levels."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    digest = hashlib.sha256()
    found: dict[int, Floats] = {}
    traces: dict[float, Trace] = {}
    wave = config.wave()
    machine.set_wave(wave)
    with progress.task("listen", total=2 * config.periods, unit="periods") as advance:
        for bits, (mask, shift) in SOURCES.items():
            tiles = config.tiles(bits)
            params = JunctionParams(
                smooth=True, tiles=len(tiles), wave_step=wave_step(config.period),
                noise_mask=mask, noise_shift=shift, seed=derive(config.seed)[-1],
            )  # fmt: skip
            machine.configure(params)
            machine.set_tiles(tiles)
            machine.set_states(np.zeros(machine.shape.tiles, np.int64))
            machine.reset(state=True, random=True, probes=True)
            for _ in range(config.periods):
                machine.run(config.period)
                advance(1)
            each = machine.correlations()[: len(tiles)], machine.ups()[: len(tiles)]
            for array in each:
                digest.update(array.astype("<i8").tobytes())
            found[bits] = _correlations(config, *each)
            if bits != max(SOURCES):
                continue
            best = config.sigmas[int(np.argmax(found[bits]))]
            samples = max(0, (PERIODS_SHOWN * config.period // TRACE).bit_length() - 1)
            for sigma in (config.sigmas[0], best, config.sigmas[-1]):
                probe = config.sigmas.index(sigma) * config.copies
                machine.configure(replace(params, probe=probe, trace_shift=samples))
                machine.reset(state=True)
                machine.run(TRACE << samples)
                traces[sigma] = machine.trace()
                digest.update(traces[sigma].values.astype("<i8").tobytes())
    cycles = machine.cycles_since(before)
    return ResonanceResult(
        config=config,
        correlations=found,
        traces=traces,
        run_hash=digest.hexdigest(),
        reads=(machine.ticks - ticks) * len(tiles),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _correlations(config: ResonanceConfig, sums: npt.ArrayLike, ups: npt.ArrayLike) -> Floats:
    """Means over the copies at each level, [levels]."""
    ticks = config.period * config.periods
    power = np.mean(config.wave().astype(float) ** 2)
    mean = 2 * np.asarray(ups) / ticks - 1
    spread = np.sqrt(np.maximum(1 - mean**2, 0) * power)
    each = np.divide(np.asarray(sums) / ticks, spread, out=np.zeros(len(mean)), where=spread > 0)
    found: Floats = each.reshape(len(config.sigmas), config.copies).mean(1)
    return found


def draw(result: ResonanceResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import resonance_pictures

    return resonance_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each level of noise."""
    rows = [
        {"sigma": sigma, "correlation": round(a, 3), "8-bit noise": round(b, 3)}
        for sigma, a, b in zip(
            run["sigmas"], run["correlations"]["16"], run["correlations"]["8"], strict=True
        )
    ]
    title = f"resonance, {run['machine']}, seed {run['seed']}"
    return {title: rows} | ledger.table(run, "listening")

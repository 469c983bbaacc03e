"""The phase-lock experiment: noise locks a junction to a weak drive (Sec. II.D).

A square current, too weak to switch a junction of this barrier in its half period, tilts the
barrier; electrical noise, +-nz at random, shakes it. With noise that is right the junction switches
once in every half period: its frequency sits on a plateau at the drive's, and its phase does not
diffuse. With less it misses half periods, with more it slips ahead (Mizrahi, Locatelli, Lebrun,
Cros, Fukushima, Kubota, Yuasa, Querlioz, Grollier, "Controlling the phase locking of stochastic
magnetic bits for ultra-low power computation", Sci. Rep. 6, 30535, 2016). Of N(t) switches::

    f / f_drive = N / (2 periods)                          cycles are two switches
    D = var(N(t + m) - N(t)) / (8 m)                       cycles^2 a period, m periods apart

Pairs of junctions without a drive, each of which pulls the other by a coupling of either sign,
agree or disagree; how much is the mean of s1 s2 over snapshots.

In the ledger a junction is read once a tick, and thermal noise switches it for nothing; drive,
electrical noise and couplings are currents from outside and not in it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.telegraph import rate_table
from spinloom.emulator.spec.junction import WAVE, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.experiments.tiles import tiles_shape
from spinloom.host.junction import JunctionMachine, wave_step
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
HOLD = 4  # noise is new every 2^HOLD ticks
SNAPSHOTS = 16  # of all states in a period
BLOCK = 4  # periods that a phase diffuses in
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PhaseLockConfig:
    """One run; currents in 1/128 of Vc."""

    shape: str = option("junction-64", "a machine of junction tiles, one a noise and two a pair")
    seed: int = 1
    delta: float = option(16.0, "thermal stability Delta = E / kT")
    attempts: float = option(0.5, "attempts of a switch a tick, f dt")
    amplitude: int = option(48, "of the square drive")
    period: int = option(2048, "of the drive, ticks")
    periods: int = option(400, "that are measured")
    noises: tuple[int, ...] = option(
        (0, 24, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112), "electrical noise, +-nz"
    )
    couplings: tuple[int, ...] = option((-32, -16, 0, 16, 32), "of the pairs")
    pair_noise: int = option(80, "electrical noise of the pairs, +-nz")

    def __post_init__(self) -> None:
        check(
            self,
            delta=(1, 40),
            attempts=(1e-9, 10),
            amplitude=(1, 127),
            period=(64, 1 << 20),
            periods=(2 * BLOCK, 1_000_000),
            pair_noise=(0, 2047),
        )
        if self.period % SNAPSHOTS:
            raise ValueError(f"period = {self.period}; give a multiple of {SNAPSHOTS}")
        if not self.noises or not all(0 <= n <= 2047 for n in self.noises):
            raise ValueError(f"noises = {self.noises}; give some of 0 to 2047")
        if not self.couplings or not all(abs(c) <= 2047 for c in self.couplings):
            raise ValueError(f"couplings = {self.couplings}; give some of -2047 to 2047")
        self.junction()

    def junction(self) -> JunctionShape:
        """The shape, if it has the tiles."""
        return tiles_shape(self.shape, len(self.noises) + 2 * len(self.couplings))

    def tiles(self) -> list[Tile]:
        """Driven junctions by their noise, then pairs by their coupling."""
        first = len(self.noises)
        driven = [Tile(gain=64, noise=noise) for noise in self.noises]
        pairs = [
            Tile(noise=self.pair_noise, partner=first + (n ^ 1), coupling=self.couplings[n // 2])
            for n in range(2 * len(self.couplings))
        ]
        return driven + pairs


CONFIG = PhaseLockConfig


@dataclass(frozen=True, kw_only=True)
class PhaseLockResult:
    """What a run leaves: ``counts`` of switches [periods + 1, driven], states +-1 [snapshots,
    tiles]."""

    config: PhaseLockConfig
    counts: Ints
    states: Ints
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    def ratios(self) -> Floats:
        """Frequencies over the drive's, by noise."""
        found: Floats = (self.counts[-1] - self.counts[0]) / 2 / self.config.periods
        return found

    def diffusion(self) -> Floats:
        """Of the phases, cycles squared a period, by noise."""
        steps = np.diff(self.counts[::BLOCK], axis=0)
        found: Floats = steps.var(0, ddof=1) / (8 * BLOCK)
        return found

    def agreement(self) -> Floats:
        """Mean of s times the drive's sign, over a period, by noise."""
        t = np.arange(len(self.states)) % SNAPSHOTS
        drive = np.where((t > 0) & (t <= SNAPSHOTS // 2), 1, -1)  # snapshots are behind their ticks
        found: Floats = (self.states[:, : len(self.config.noises)] * drive[:, None]).mean(0)
        return found

    def pairs(self) -> Floats:
        """Mean of s1 s2, by coupling."""
        first = len(self.config.noises)
        both = self.states[:, first:].reshape(len(self.states), -1, 2)
        found: Floats = both.prod(2).mean(0)
        return found

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        ratios, diffusion = self.ratios(), self.diffusion()
        noises = self.config.noises
        on = [n for n, r in zip(noises, ratios, strict=True) if abs(r - 1) <= 0.005]
        moving = np.where(ratios > 0.5, diffusion, np.inf)  # one that stands still does not lock
        return {
            "noises": list(noises),
            "ratios": ratios.tolist(),
            "diffusion": diffusion.tolist(),
            "agreement": self.agreement().tolist(),
            "plateau": on,
            "quiet_ratio": float(ratios[0]),
            "loud_ratio": float(ratios[-1]),
            "least_diffusion_at": noises[int(np.argmin(moving))],
            "couplings": list(self.config.couplings),
            "pairs": self.pairs().tolist(),
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"counts": self.counts, "states": self.states.astype(np.int8)}


def run(machine: JunctionMachine, config: PhaseLockConfig, progress: Progress) -> PhaseLockResult:
    """Drive all junctions at once, with snapshots of their states, and counts by period."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    tiles = config.tiles()
    high = np.arange(WAVE) < WAVE // 2
    machine.configure(
        JunctionParams(
            tiles=len(tiles), wave_step=wave_step(config.period), noise_mask=1, noise_shift=0,
            noise_hold=HOLD, seed=derive(config.seed)[-1],
        )
    )  # fmt: skip
    machine.set_rates(rate_table(config.delta, config.attempts))
    machine.set_wave(np.where(high, config.amplitude, -config.amplitude))
    machine.set_tiles(tiles)
    machine.set_states(np.zeros(machine.shape.tiles, np.int64))
    machine.reset(state=True, random=True, probes=True)
    machine.run(BLOCK * config.period)  # the start is forgotten
    driven = len(config.noises)
    counts, states = [machine.switches()[:driven]], []
    with progress.task("drive", total=config.periods, unit="periods") as advance:
        for _ in range(config.periods):
            for _ in range(SNAPSHOTS):
                states.append(machine.states()[: len(tiles)] >> 15)
                machine.run(config.period // SNAPSHOTS)
            counts.append(machine.switches()[:driven])
            advance(1)
    digest = hashlib.sha256()
    for array in (np.array(counts), np.array(states)):
        digest.update(array.astype("<i8").tobytes())
    cycles = machine.cycles_since(before)
    return PhaseLockResult(
        config=config,
        counts=np.array(counts),
        states=2 * np.array(states) - 1,
        run_hash=digest.hexdigest(),
        reads=(machine.ticks - ticks) * len(tiles),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: PhaseLockResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import phase_lock_pictures

    return phase_lock_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each noise, one for each coupling."""
    rows = [
        {"noise": n, "f / f_drive": round(f, 4), "diffusion": round(d, 5), "agreement": round(a, 3)}
        for n, f, d, a in zip(
            run["noises"], run["ratios"], run["diffusion"], run["agreement"], strict=True
        )
    ]
    pairs = [
        {"coupling": c, "mean of s1 s2": round(p, 3)}
        for c, p in zip(run["couplings"], run["pairs"], strict=True)
    ]
    name = f"phase-lock, {run['machine']}, seed {run['seed']}"
    tables = {f"{name}: driven": rows, f"{name}: pairs without a drive": pairs}
    return tables | ledger.table(run, "locking")

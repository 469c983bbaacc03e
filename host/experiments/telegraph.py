"""The telegraph experiment: a junction of so low a barrier that it switches by itself (Sec. II.D).

Measured on chip:

- the mean state of all tiles of the machine, each with a current x of its own, against
  tanh(Delta x / Vc), the law of two states whose dwell times are tau0 exp(Delta (1 -+ x / Vc));
- the dwell times of the device nearest to x = 0, by state, while it is alone on the machine, so
  that it sees one random word after the other. They are geometric with the probability p of a
  switch in a tick: their mean is 1/p, and their coefficient of variation sqrt(1 - p), 1 for p << 1.
  A CV beyond 0.97 to 1.03 says that draws depend on each other: shape ``junction-16-naive``, which
  shifts its generator once a draw, is there to show it;
- the spectrum of its telegraph signal, from the trace. Sampled every k ticks, with
  r = (1 - p_up - p_down)^k and the variance v of its states, it is::

      S(f) = 2 v (1 - r^2) / (1 - 2 r cos(2 pi f) + r^2)           f in cycles a sample

  which is a Lorentzian below the sampling rate. A mean over n bins has a standard error of
  S / sqrt(n): deviations are in these, over bands of frequency.

Devices may differ in Delta and Vc; the law of each is that of its own OFFSET and SCALE.

In the ledger a junction is read once a tick, and thermal noise switches it for nothing; the
currents that bias it are not in it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.telegraph import escape, mean_state, rate_table
from spinloom.emulator.spec.junction import BINS, TRACE, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.experiments.tiles import tiles_shape
from spinloom.host.junction import JunctionMachine
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
MEANS = 16  # mean dwells that the histogram is long: it holds all but exp(-16) of them
BANDS = 8
PART = 1 << 17  # ticks between steps of the progress bar
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TelegraphConfig:
    """One run."""

    shape: str = option("junction-16", "a machine of junction tiles; junction-16-naive fails")
    seed: int = 1
    delta: float = option(8.0, "thermal stability Delta = E / kT")
    dwell: float = option(64.0, "mean dwell at no current, ticks")
    reach: int = option(30, "currents of the tiles, up to so many 1/128 of Vc")
    ticks: int = option(4_000_000, "time that means and dwells are counted, ticks")
    traces: int = option(32, "stretches of 1,024 samples for the spectrum")
    delta_spread: float = option(0.0, "standard deviation of Delta from tile to tile, %")
    vc_spread: float = option(0.0, "the same of Vc, %")

    def __post_init__(self) -> None:
        self.junction()
        check(
            self,
            delta=(1, 40),
            dwell=(16, 1000),
            reach=(1, 120),
            ticks=(10_000, 10**9),
            traces=(1, 10_000),
            delta_spread=(0, 20),
            vc_spread=(0, 20),
        )

    def junction(self) -> JunctionShape:
        """The shape, if it is one of tiles."""
        return tiles_shape(self.shape, 4)

    def currents(self) -> Ints:
        """x of each tile, from -reach to reach."""
        return np.rint(np.linspace(-self.reach, self.reach, self.junction().tiles)).astype(np.int64)

    def devices(self) -> tuple[Floats, Floats]:
        """Delta and Vc / 128 of each tile."""
        rng = np.random.default_rng(derive(self.seed)[0])
        size = 2, self.junction().tiles
        spread = np.clip(rng.normal(size=size), -3, 3)
        return (
            self.delta * (1 + self.delta_spread / 100 * spread[0]),
            1 + self.vc_spread / 100 * spread[1],
        )

    def tiles(self) -> list[Tile]:
        """Each tile's current, and Delta and Vc as an address of the one table."""
        deltas, critical = self.devices()
        part = deltas / self.delta
        return [
            Tile(bias=int(x), offset=round(128 * (1 - d)), scale=round(64 * d / c))
            for x, d, c in zip(self.currents(), part, critical, strict=True)
        ]

    def attempts(self) -> float:
        """f dt: attempts a tick that make the mean dwell at no current what it is to be."""
        return float(-np.log1p(-1 / self.dwell) * np.exp(self.delta))

    def rates(self) -> Floats:
        """Probabilities of a switch in a tick, to P and from P, [2, tiles], as they are stored."""
        u = [
            (t.offset + (t.scale * t.bias >> 6), t.offset + ~(t.scale * t.bias >> 6))
            for t in self.tiles()
        ]
        address = np.clip(np.array(u).T, -128, 127)
        exact = escape((address + 0.5) / 128, self.delta, self.attempts())
        return np.minimum(np.rint(exact * 2**24), 2**24 - 1) / 2**24

    def probed(self) -> int:
        """The tile nearest to no current."""
        return int(np.argmin(np.abs(self.currents() + 0.5)))

    def dwell_shift(self) -> int:
        """log2 of a bin of dwells."""
        return max(0, ceil(log2(MEANS * self.dwell / BINS)))

    def sample_shift(self) -> int:
        """log2 of the ticks between samples: eight a mean dwell."""
        return max(0, round(log2(self.dwell / 8)))


CONFIG = TelegraphConfig


@dataclass(frozen=True, kw_only=True)
class TelegraphResult:
    """What a run leaves: ticks in P by tile, dwells [state, bin], samples [traces, 1024] of +-1."""

    config: TelegraphConfig
    ups: Ints
    switches: Ints
    dwells: Ints
    samples: Ints
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    def means(self) -> Floats:
        """Mean states of the tiles."""
        return 2 * self.ups / self.config.ticks - 1

    def law(self) -> Floats:
        """tanh of each tile's own Delta and Vc, half a step off the grid of x."""
        deltas, critical = self.config.devices()
        return mean_state((self.config.currents() + 0.5) / 128 / critical, deltas)

    def dwell_times(self) -> list[dict[str, float]]:
        """Of both states: number, mean and CV of the dwells, and their law."""
        config = self.config
        width = 1 << config.dwell_shift()
        ticks = width * np.arange(BINS) + (width - 1) / 2
        ticks[0] = max(width, 2) / 2  # no dwell is of 0 ticks
        found = []
        for state, bins in enumerate(self.dwells):
            rate = config.rates()[state, config.probed()]
            mean = float(np.average(ticks, weights=bins)) if bins.any() else np.nan
            square = np.average((ticks - mean) ** 2, weights=bins) if bins.any() else np.nan
            found.append(
                {
                    "state": state,
                    "dwells": int(bins.sum()),
                    "mean": mean,
                    "mean_law": 1 / rate,
                    "cv": float(np.sqrt(square) / mean),
                    "cv_law": float(np.sqrt(1 - rate)),
                }
            )
        return found

    def spectrum(self) -> tuple[Floats, Floats, Floats]:
        """Frequencies, cycles a sample, the mean power there, and the law."""
        up, down = self.config.rates()[:, self.config.probed()]
        mean = (up - down) / (up + down)
        power = np.abs(np.fft.rfft(self.samples - mean, axis=1)) ** 2 * 2 / TRACE
        f = np.arange(1, TRACE // 2) / TRACE
        r = (1 - up - down) ** (1 << self.config.sample_shift())
        law = 2 * (1 - mean**2) * (1 - r**2) / (1 - 2 * r * np.cos(2 * np.pi * f) + r**2)
        return f, power.mean(0)[1:-1], law

    def deviations(self) -> Floats:
        """Of the power from its law in standard errors, by bands of frequency."""
        f, power, law = self.spectrum()
        edges = np.unique(np.geomspace(1, len(f) + 1, BANDS + 1).astype(int)) - 1
        each = [(power / law)[a:b] for a, b in pairwise(edges)]
        return np.array([(e.mean() - 1) * np.sqrt(len(e) * len(self.samples)) for e in each])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        dwells = self.dwell_times()
        return {
            "dwell_times": dwells,
            "cv": max((d["cv"] for d in dwells), key=lambda cv: abs(cv - 1)),
            "greatest_error_of_means": float(np.abs(self.means() - self.law()).max()),
            "means": self.means().tolist(),
            "law": self.law().tolist(),
            "currents": self.config.currents().tolist(),
            "spectrum_max_sigma": float(np.abs(self.deviations()).max()),
            "switches": int(self.switches.sum()),
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "ups": self.ups, "switches": self.switches, "dwells": self.dwells,
            "samples": self.samples.astype(np.int8),
        }  # fmt: skip


def run(machine: JunctionMachine, config: TelegraphConfig, progress: Progress) -> TelegraphResult:
    """Let the junctions switch, and read what the probes have counted."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    shift = config.sample_shift()
    tiles = config.tiles()
    machine.set_rates(rate_table(config.delta, config.attempts()))
    machine.set_wave(np.zeros(TRACE, np.int64))
    machine.set_states(np.zeros(machine.shape.tiles, np.int64))
    with progress.task("switch", total=2 * config.ticks, unit="ticks") as advance:

        def count(devices: list[Tile]) -> None:
            """The time of the run with these devices, once they have forgotten their start."""
            machine.configure(
                JunctionParams(
                    tiles=len(devices), dwell_shift=config.dwell_shift(), trace_shift=shift,
                    seed=derive(config.seed)[-1],
                )
            )  # fmt: skip
            machine.set_tiles(devices)
            machine.reset(state=True, random=True)
            machine.run(round(MEANS * config.dwell))
            machine.reset(state=True, probes=True)
            for first in range(0, config.ticks, PART):
                part = min(PART, config.ticks - first)
                machine.run(part)
                advance(part)

        count(tiles)
        ups, switches = machine.ups(), machine.switches()
        reads, ticks = (machine.ticks - ticks) * len(tiles), machine.ticks
        count([tiles[config.probed()]])
        dwells = machine.dwells()
    samples = []
    with progress.task("trace", total=config.traces, unit="stretches") as advance:
        for _ in range(config.traces):
            machine.reset(state=True)
            machine.run(TRACE << shift)
            samples.append(np.where(machine.trace().values >> 15, 1, -1))
            advance(1)
    digest = hashlib.sha256()
    for array in (ups, switches, dwells, np.array(samples)):
        digest.update(array.astype("<i8").tobytes())
    cycles = machine.cycles_since(before)
    return TelegraphResult(
        config=config,
        ups=ups,
        switches=switches,
        dwells=dwells,
        samples=np.array(samples),
        run_hash=digest.hexdigest(),
        reads=reads + machine.ticks - ticks,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: TelegraphResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import telegraph_pictures

    return telegraph_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each state, and the summary."""
    rows = [
        {
            "state": "P" if d["state"] else "AP",
            "dwells": d["dwells"],
            "mean (ticks)": round(d["mean"], 2),
            "law": round(d["mean_law"], 2),
            "CV": round(d["cv"], 4),
            "law ": round(d["cv_law"], 4),
        }
        for d in run["dwell_times"]
    ]
    other = {
        "greatest error of a mean state": round(run["greatest_error_of_means"], 4),
        "spectrum, greatest deviation (sigma)": round(run["spectrum_max_sigma"], 2),
        "switches": run["switches"],
    }
    name = f"telegraph, {run['machine']}, seed {run['seed']}"
    tables = {f"{name}: dwell times": rows, f"{name}: mean states and spectrum": [other]}
    return tables | ledger.table(run, "switching")

"""The f-i-curve experiment: how often a spin neuron fires, against its current (Sec. II.C, Fig. 8).

Every neuron of a single layer gets a constant current of its own, so a whole curve is measured at
once: through its bias or, with ``synapse = "memristor"``, through a crossbar of 16-level memristors
(``f_i_curve_crossbar``), whose sums are checked too. The currents are the same to the wall step. A
*wall* of threshold theta under a current I and a leak L fires after n ticks, and waits for r more
until its reset pulse is over::

    n = ceil(theta / (I - L)),   rate = 1 / (n + r),   0 for I <= L

A *junction* switches in a tick with the probability of its current, here of a critical current Ic
and a width w of the transition (a thermally activated switch near its threshold), and is then
silent until the reset pulse::

    p = 1 / (1 + exp(-(I - Ic) / w)),   rate = p / (1 + p·r)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.host.bit_slices import sliced_weights
from spinloom.host.experiments.f_i_curve_config import KINDS, FiCurveConfig, Floats
from spinloom.host.experiments.f_i_curve_crossbar import Crossbar
from spinloom.host.network import NetworkMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "FiCurveConfig", "FiCurveResult", "draw", "run", "tables"]

CHUNK = 500  # ticks with events that are sent at once

SUITED: dict[str, dict[str, Any]] = {}
CONFIG = FiCurveConfig


@dataclass(frozen=True, kw_only=True)
class FiCurveResult:
    """What a run leaves: ``counts`` are spikes, int64 [kinds, reset_ticks, neurons]; of a run with
    memristors, ``sums`` are what a crossbar summed, wall steps [kinds, patterns, neurons]."""

    config: FiCurveConfig
    counts: npt.NDArray[np.int64]
    crossbar: Crossbar | None
    sums: npt.NDArray[np.int64]
    cycles: int | None
    seconds: float

    def rates(self) -> Floats:
        """Spikes a tick."""
        return self.counts / self.config.ticks

    def law(self) -> Floats:
        """The same, by the equations."""
        resets = self.config.reset_ticks
        return np.array([[self.config.law(kind, r) for r in resets] for kind in KINDS])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        off = np.abs(self.rates() - self.law()).max(axis=2)
        sums = {}
        if self.crossbar is not None:
            wrong = int((self.sums != self.crossbar.products()).sum())
            sums = {"sums": self.sums.size, "sums_wrong": wrong}
        return {
            "currents": self.config.currents().tolist(),
            "rates": self.rates().tolist(),
            "law": self.law().tolist(),
            **{
                f"greatest_error_{k}": e
                for k, e in zip(KINDS, off.max(axis=1).tolist(), strict=True)
            },
            **sums,
            "cycles": self.cycles,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        arrays = {"currents": self.config.currents(), "counts": self.counts, "law": self.law()}
        if self.crossbar is not None:
            arrays |= {
                "levels": self.crossbar.levels,
                "patterns": self.crossbar.patterns,
                "sums": self.sums,
                "products": self.crossbar.products(),
            }
        return arrays


def run(machine: NetworkMachine, config: FiCurveConfig, progress: Progress) -> FiCurveResult:
    """Measure a curve of each kind of neuron and for each time of the reset pulse."""
    started, before = time.monotonic(), machine.cycles
    layer, crossbar = config.network().layers[0], config.crossbar()
    weights = np.zeros((layer.inputs, layer.neurons), np.int8)
    bias, events = config.currents(), np.empty(0, np.uint16)
    if crossbar is not None:
        weights, events = sliced_weights(crossbar.levels), crossbar.events()
        bias = np.zeros_like(bias)
    counts, sums = [], []
    total = len(KINDS) * len(config.reset_ticks)
    with progress.task("measure", total=total, unit="curves") as advance:
        for kind in KINDS:
            for n, reset_ticks in enumerate(config.reset_ticks):
                machine.configure(config.params(kind, reset_ticks))
                machine.set_weights([weights])
                machine.set_bias([bias])
                if crossbar is not None and n == 0:
                    sums.append(crossbar.sums(machine))
                machine.reset(state=True, random=True)
                _ticks(machine, events, config.ticks)
                spikes = machine.spikes()["neuron"]
                counts.append(np.bincount(spikes, minlength=layer.neurons))
                advance(1)
    cycles = machine.cycles_since(before)
    return FiCurveResult(
        config=config,
        counts=np.array(counts).reshape(len(KINDS), len(config.reset_ticks), -1),
        crossbar=crossbar,
        sums=np.array(sums, np.int64),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _ticks(machine: NetworkMachine, events: npt.NDArray[np.uint16], ticks: int) -> None:
    """So many time steps, each after these events."""
    longest = CHUNK if len(events) else WORD_TICK - 1
    while ticks:
        step = min(ticks, longest)
        if len(events):
            machine.stream(np.tile(np.append(events, np.uint16(WORD_TICK | 1)), step))
        else:
            machine.stream([WORD_TICK | step])
        ticks -= step


def draw(result: FiCurveResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import f_i_curve_pictures

    return f_i_curve_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rates of some currents, without a reset pulse's wait as the first of ``reset_ticks``."""
    rows = [
        {
            "current": current,
            **{kind: run["rates"][k][0][n] for k, kind in enumerate(KINDS)},
            **{f"{kind}, law": run["law"][k][0][n] for k, kind in enumerate(KINDS)},
        }
        for n, current in enumerate(run["currents"])
        if n % 8 == 0
    ]
    where = f"{run['machine']}, seed {run['seed']}"
    tables: dict[str, list[dict[str, Any]]] = {f"spikes a tick, {where}": rows}
    if "sums" in run:
        tables[f"sums of memristors, {where}"] = [
            {"sums": run["sums"], "of them wrong": run["sums_wrong"]}
        ]
    return tables

"""The maxcut experiment: p-bits that are cooled cut a graph in two (Sec. II.D).

A node is a p-bit and an edge of weight w a coupling -w, so that::

    cut = (sum of w - E) / 2

beta rises linearly over a run; the machine keeps its best state by itself, and the host counts the
cut of that edge by edge. Time to solution is that of ``experiments.solution_time``.

In the ledger a decision of a p-bit is one read of its junction, which thermal noise switches for
nothing; what adds up the fields is no junction and not in it.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.ising import sigmoid_table
from spinloom.host.experiments import ledger
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.maxcut_config import BEST_KNOWN, MaxcutConfig
from spinloom.host.experiments.solution_time import repeats
from spinloom.host.ising import IsingMachine
from spinloom.host.progress import Progress
from spinloom.host.rundir import write_atomic
from spinloom.host.stimuli.graphs import Graph

CONFIG = MaxcutConfig
SUITED: dict[str, dict[str, Any]] = {}
NEAR = 0.999  # of the target: what is as good as a solution

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class MaxcutResult:
    """What a run leaves: of each run the best state ``spins`` [runs, nodes], its ``energies`` as
    the machine has it and its ``ticks`` [runs]; ``traces`` [runs, points], energies on the way."""

    config: MaxcutConfig
    graph: Graph
    spins: Ints
    energies: Ints
    ticks: Ints
    traces: Ints
    updates: int
    flips: int
    cycles: int | None
    seconds: float

    def cuts(self) -> Ints:
        """The best cut of each run, edge by edge."""
        return np.array([self.graph.cut(state) for state in self.spins])

    def cut_of(self, energies: Ints) -> Ints:
        """Cuts of these energies."""
        return np.asarray((self.graph.weights.sum() - energies) // 2)

    def trace_sweeps(self) -> Ints:
        """After how many sweeps the energies of the traces were."""
        step = 1 << self.config.params(self.graph).trace_shift
        return step * np.arange(1, self.traces.shape[1] + 1)

    def target(self) -> int:
        """The cut that solves it."""
        known = BEST_KNOWN.get(self.config.graph)
        wanted = known if self.config.target is None else self.config.target
        return int(self.cuts().max()) if wanted is None else wanted

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config, graph, cuts = self.config, self.graph, self.cuts()
        first, last = config.betas(graph)
        scatter = float(cuts.std(ddof=1) / np.sqrt(len(cuts))) if len(cuts) > 1 else None
        solved = [self._solved(wanted) for wanted in (self.target(), ceil(NEAR * self.target()))]
        states = [self.spins > 0, self.energies, self.ticks, self.traces]
        words = np.concatenate([part.ravel().astype(np.int64) for part in states])
        return {
            "graph": graph.name,
            "nodes": len(graph.nodes),
            "edges": len(graph.ends),
            "weight": int(graph.weights.sum()),
            "runs": config.runs,
            "sweeps": config.sweeps,
            "beta_first": first,
            "beta_last": last,
            "cuts": cuts.tolist(),
            "best_cut": int(cuts.max()),
            "mean_cut": float(cuts.mean()),
            "mean_cut_error": scatter,
            "recounts_wrong": int((cuts != self.cut_of(self.energies)).sum()),
            "solved": solved,
            "updates": self.updates,
            "flips": self.flips,
            **ledger.spent(self.cycles, reads=self.updates),
            "states_hash": weights_hash((words & 0xFFFFFFFF).astype(np.uint32)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def _solved(self, wanted: int) -> dict[str, Any]:
        """Runs that reached a cut, and the time to it in sweeps, spin updates and FPGA cycles."""
        config = self.config
        solved = int((self.cuts() >= wanted).sum())
        needed = repeats(solved, config.runs)
        each = None if self.cycles is None else self.cycles / config.runs

        def times(factor: float | None, starts: float | None) -> float | None:
            return None if factor is None or starts is None else factor * starts

        return {
            "cut": wanted,
            "runs": solved,
            "sweeps": times(config.sweeps, needed.mean),
            "sweeps_low": times(config.sweeps, needed.low),
            "sweeps_high": times(config.sweeps, needed.high),
            "updates": times(config.sweeps * len(self.graph.nodes), needed.mean),
            "cycles": times(each, needed.mean),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "spins": self.spins.astype(np.int8),
            "energies": self.energies,
            "ticks": self.ticks,
            "traces": self.traces,
            "trace_sweeps": self.trace_sweeps(),
        }


def run(machine: IsingMachine, config: MaxcutConfig, progress: Progress) -> MaxcutResult:
    """Cool the graph so many times, each from spins at random."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    graph = config.load()
    nodes, params = len(graph.nodes), config.params(graph)
    points = config.sweeps >> params.trace_shift
    machine.set_table(sigmoid_table(machine.shape))
    machine.set_couplings(graph.couplings())
    machine.set_biases(np.zeros(nodes, np.int64))
    machine.configure(params)
    best, traces, flips = [], [], 0
    with progress.task("cut", total=config.runs, unit="runs") as advance:
        for number in range(config.runs):
            rng = np.random.default_rng([config.seed, number])
            machine.set_spins(rng.choice([-1, 1], nodes))
            machine.reset(state=True)
            machine.set_random(int(rng.integers(1, 1 << 63)))
            machine.run(config.sweeps)
            best.append(machine.best())
            traces.append(machine.trace(points))
            flips += machine.read("FLIPS")
            advance(1)
    cycles = machine.cycles_since(before)
    return MaxcutResult(
        config=config,
        graph=graph,
        spins=np.array([one.spins[:nodes] for one in best]),
        energies=np.array([one.energy for one in best]),
        ticks=np.array([one.tick for one in best]),
        traces=np.array(traces),
        updates=(machine.ticks - ticks) * nodes,
        flips=flips,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: MaxcutResult, folder: Path) -> list[str]:
    """The picture of a run and its best partition; the names of the files."""
    from spinloom.host.experiments import maxcut_pictures

    maxcut_pictures.draw(result, folder / "maxcut.png")
    state = result.spins[int(result.cuts().argmax())]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["node", "side"])
    rows.writerows(zip(result.graph.nodes, state.tolist(), strict=True))
    write_atomic(folder / "partition.csv", lambda file: file.write(text.getvalue().encode()))
    return ["maxcut.png", "partition.csv"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Cuts; times to solution; energy."""
    cut = {
        "nodes": run["nodes"],
        "edges": run["edges"],
        "runs": run["runs"],
        "sweeps": run["sweeps"],
        "beta (1/J)": f"{run['beta_first']:.3g} to {run['beta_last']:.3g}",
        "best cut": run["best_cut"],
        "mean cut": f"{run['mean_cut']:.1f}",
        "± error": run["mean_cut_error"],
        "recounts wrong": run["recounts_wrong"],
    }
    solved = [
        {
            "cut": f"{one['cut']} or more",
            "runs": f"{one['runs']} of {run['runs']}",
            "TTS99 (sweeps)": one["sweeps"],
            "from": one["sweeps_low"],
            "to (one sigma)": one["sweeps_high"],
            "spin updates": one["updates"],
            "FPGA cycles": one["cycles"],
        }
        for one in run["solved"]
    ]
    title = f"maxcut of {run['graph']}, {run['machine']}, seed {run['seed']}"
    return {title: [cut], "time to solution": solved} | ledger.table(run, "cutting")

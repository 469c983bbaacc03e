"""The recall experiment: coupled oscillators restore stored pictures from probes with flipped
pixels (Sec. II.D; Aonishi, Phys. Rev. E 58, 4865, 1998).

A pixel is an oscillator; +1 and -1 are phases half a turn apart. Couplings store a set of pictures
by a rule of ``host.couplings``, three rms at the highest weight of the machine. A probe has so many
percent of its pixels flipped and its phases jittered; the second harmonic (SHIL), which makes
phases binary, rises late. Right is what is exactly the pattern that the probe was made of. Hopfield
networks in software get the same weights and probes; the pattern nearest to each probe is the
likeliest one, the bound of all.

Spurious states, which are none of the stored patterns, are less coherent: their phases do not all
come to one of two, because a weak second harmonic leaves them apart where fields are weak. Where
patterns overlap so much that a rule makes one strong state of them all, as Hebb's does of letters,
that is as coherent as they. Aonishi, Kurata and Okada ("A statistical mechanics of an oscillator
associative memory with scattered natural frequencies", abstract) find spurious states that
desynchronise where frequencies differ; here all are the same.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.wall import WallTrack
from spinloom.emulator.spec.phase import SEED
from spinloom.host import hopfield
from spinloom.host.couplings import RULES, memristor_pairs, quantised
from spinloom.host.experiments.recall_config import (
    LATE,
    RISE,
    SHIL,
    RecallConfig,
    probe_phases,
    read_out,
    recall_params,
)
from spinloom.host.experiments.recall_pictures import draw
from spinloom.host.experiments.recall_result import Cell, Course, RecallResult
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import patterns

CONFIG = RecallConfig
SUITED: dict[str, dict[str, Any]] = {
    "phase-64": {"set": tuple(patterns.BITMAPS)},
    "phase-128": {"set": (*patterns.BITMAPS, "letters-10x10")},
    "phase-256": {"set": (*patterns.BITMAPS, "letters-10x10")},
}
FRAMES = 50  # of the course that is shown

Ints = npt.NDArray[np.int64]
__all__ = ["CONFIG", "SUITED", "draw", "run", "tables"]


def run(machine: PhaseMachine, config: RecallConfig, progress: Progress) -> RecallResult:
    """Store each set by each rule, and recall from all probes; then one recall step by step."""
    started, before = time.monotonic(), machine.cycles
    sets = {name: patterns.load(name) for name in config.set}
    cells: list[Cell] = []
    total = len(config.rule) * len(sets) * len(config.flips)
    with progress.task("recall", total=total, unit="cells") as advance:
        for k, rule in enumerate(config.rule):
            for number, (name, stored) in enumerate(sets.items()):
                weights = quantised(RULES[rule](stored.pixels), machine.shape.weight_max)
                if config.spread or config.noise:
                    weights = memristor_pairs(
                        weights,
                        WallTrack(),
                        spread=config.spread,
                        noise=config.noise,
                        seed=[config.seed, number, k],
                    )
                store(machine, stored.pixels, weights, config.ticks, shil=SHIL, late=LATE)
                for n, flips in enumerate(config.flips):
                    # The same probes for every rule.
                    rng = np.random.default_rng([config.seed, number, n])
                    recall = partial(_recall, machine, config, stored.pixels, weights, rng)
                    cells.append(recall(set=name, rule=rule, flips=flips))
                    advance(1)
    course = _course(machine, config.ticks, cells[-1 - len(config.flips) // 2])
    cycles = machine.cycles_since(before)
    return RecallResult(
        config=config,
        patterns=sets,
        cells=tuple(cells),
        course=course,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def store(
    machine: PhaseMachine,
    pixels: Ints,
    weights: Ints,
    ticks: int,
    *,
    shil: float,
    late: float,
    rise: float = RISE,
) -> None:
    """Couple the first oscillators with these weights [N, N] and the others not at all, and set
    everything for recalls of so many ticks of these patterns [p, N]."""
    n, oscillators = len(weights), machine.shape.oscillators
    field = float((pixels * (pixels @ weights.T)).mean())
    every = np.zeros((oscillators, oscillators), np.int64)
    every[:n, :n] = weights
    machine.configure(recall_params(machine.shape, field, ticks, shil=shil, late=late, rise=rise))
    machine.set_weights(every)
    machine.set_frequencies(np.zeros(oscillators, np.int64))


def _recall(
    machine: PhaseMachine,
    config: RecallConfig,
    pixels: Ints,
    weights: Ints,
    rng: np.random.Generator,
    **cell: Any,
) -> Cell:
    stored = np.arange(config.probes) % len(pixels)
    n = pixels.shape[1]
    probes = patterns.flipped(pixels[stored], round(cell["flips"] * n / 100), rng)
    starts = probe_phases(probes, machine.shape, rng)
    # The seeds change nothing here: a recall draws no random words.
    ends = machine.ensemble(starts, config.ticks, [SEED] * config.probes)[:, :n]
    return Cell(
        **cell,
        stored=stored,
        probes=probes,
        starts=starts[:, :n],
        ends=ends,
        recalled={
            "oscillators": read_out(ends, probes, machine.shape.turn),
            "hopfield_synchronous": hopfield.synchronous(weights, probes),
            "hopfield_asynchronous": hopfield.asynchronous(weights, probes, rng),
            "nearest": pixels[(probes @ pixels.T).argmax(axis=1)],
        },
    )


def _course(machine: PhaseMachine, ticks: int, cell: Cell) -> Course:
    """Its first probe again, in small steps, with what is stored now."""
    starts = np.zeros(machine.shape.oscillators, np.int64)
    starts[: cell.starts.shape[1]] = cell.starts[0]
    machine.set_phases(starts)
    machine.reset(state=True)
    moments = np.unique(np.linspace(0, ticks, FRAMES).round().astype(int)).tolist()
    phases = [cell.starts[0]]
    for earlier, later in pairwise(moments):
        machine.run(later - earlier)
        phases.append(machine.phases()[: cell.starts.shape[1]])
    return Course(cell=cell, ticks=tuple(moments), phases=np.array(phases))


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a cell: the parts of the probes that became exactly their pattern; one a rule: how
    coherent the phases are at the end, by whether it is a stored pattern."""
    rows = [
        {
            "set": cell["set"],
            "rule": cell["rule"],
            "flips (%)": cell["flips"],
            "oscillators": cell["oscillators"],
            "Hopfield, sync.": cell["hopfield_synchronous"],
            "Hopfield, async.": cell["hopfield_asynchronous"],
            "nearest pattern": cell["nearest"],
            "overlap": cell["overlap"],
        }
        for cell in run["cells"]
    ]
    ends = [
        {
            "rule": row["rule"],
            "ended as a stored pattern": row["stored"],
            "as none": row["spurious"],
            "coherence, stored": row["coherence_stored"],
            "coherence, none": row["coherence_spurious"],
            "told apart": row["told_apart"],
        }
        for row in run["coherence"]
    ]
    return {
        f"exactly recalled, {run['machine']}, seed {run['seed']}": rows,
        "coherence of the phases": ends,
    }

"""The capacity experiment: how many random patterns coupled oscillators hold (Sec. II.D; Aonishi,
Phys. Rev. E 58, 4865, 1998).

P = alpha N random patterns are stored by a rule, three rms at the highest weight; probes have 10 %
of their pixels flipped. The overlap of what is recalled with its pattern is drawn against alpha,
with the second harmonic (SHIL) rising slowly and without it. Sine couplings alone lose the patterns
near alpha = 0.042, binary units hold them up to 0.138 (Amit, Gutfreund, Sompolinsky, Phys. Rev.
Lett. 55, 1530, 1985): SHIL makes binary units of the oscillators. As SHIL holds any binary state
when it is strong, there is a control that freezes the probe: its overlap hardly knows alpha.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import SEED
from spinloom.host import hopfield
from spinloom.host.couplings import RULES, quantised
from spinloom.host.experiments.capacity_config import KINDS, SCHEDULES, CapacityConfig
from spinloom.host.experiments.capacity_pictures import draw
from spinloom.host.experiments.capacity_result import CapacityResult
from spinloom.host.experiments.recall import store
from spinloom.host.experiments.recall_config import probe_phases, read_out
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli.patterns import flipped

CONFIG = CapacityConfig
SUITED: dict[str, dict[str, Any]] = {}

Floats = npt.NDArray[np.float64]
__all__ = ["CONFIG", "KINDS", "SUITED", "draw", "run", "tables"]


def run(machine: PhaseMachine, config: CapacityConfig, progress: Progress) -> CapacityResult:
    """Every alpha, every set of patterns; each with every SHIL from the same probes."""
    started, before = time.monotonic(), machine.cycles
    digest = hashlib.sha256()
    found: dict[str, list[Floats]] = {kind: [] for kind in KINDS}
    kept: dict[str, list[Floats]] = {kind: [] for kind in KINDS}
    n, turn = machine.shape.oscillators, machine.shape.turn
    with progress.task("recall", total=len(config.alphas) * config.sets, unit="sets") as advance:
        for count in config.counts():
            for number in range(config.sets):
                rng = np.random.default_rng([config.seed, count, number])
                patterns = rng.integers(0, 2, (count, n)) * 2 - 1
                weights = quantised(RULES[config.rule](patterns), machine.shape.weight_max)
                stored = patterns[np.arange(config.probes) % count]
                probes = flipped(stored, round(config.flips * n / 100), rng)
                starts = probe_phases(probes, machine.shape, rng)
                recalled = {"hopfield": hopfield.asynchronous(weights, probes, rng)}
                for kind, (shil, late, rise) in SCHEDULES.items():
                    store(machine, patterns, weights, config.ticks, shil=shil, late=late, rise=rise)
                    # The seeds change nothing here: a recall draws no random words.
                    ends = machine.ensemble(starts, config.ticks, [SEED] * config.probes)
                    digest.update(ends.astype("<u2").tobytes())
                    recalled[kind] = read_out(ends, probes, turn)
                for kind in KINDS:
                    found[kind].append((recalled[kind] * stored).mean(axis=1))
                    kept[kind].append((recalled[kind] * probes).mean(axis=1))
                advance(1)
    form = len(config.alphas), config.sets, config.probes
    cycles = machine.cycles_since(before)
    return CapacityResult(
        config=config,
        overlaps={kind: np.reshape(rows, form) for kind, rows in found.items()},
        kept={kind: np.reshape(rows, form) for kind, rows in kept.items()},
        phases_hash=digest.hexdigest(),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line an alpha; where patterns collapse without SHIL."""
    rows = [
        {"alpha": alpha, "patterns": run["patterns"][k]}
        | {label: run["overlap"][kind][k] for kind, label in KINDS.items()}
        | {"recalled, SHIL": run["success"]["shil"][k]}
        | {"recalled, without": run["success"]["plain"][k]}
        for k, alpha in enumerate(run["alphas"])
    ]
    collapse = {
        "oscillators": run["oscillators"],
        "half the overlap": run["collapse_without_shil"],
        "half the recalls": run["success_collapse_without_shil"],
    }
    return {
        f"overlap, {run['machine']}, seed {run['seed']}": rows,
        "without SHIL, alpha at which is lost": [collapse],
    }

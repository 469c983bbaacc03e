"""The lock-map experiment: a grid of oscillators coupled by memristors, and on-chip detectors that
say who is locked (Sec. II.D).

Oscillators of different frequencies, normal around a common mean, are coupled to their neighbours
in rows and columns by pairs of domain-wall memristors, all at the same level of 16::

    K = level G a^2 / 2^SHIFT

a is the amplitude of the table's first harmonic. Each direction of a link has a pair of its own,
whose programming error is drawn once and whose noise in every read; couplings are read, and loaded,
at the start of each window. Ideal couplings are the levels themselves.

Locked by the chip: in the last window the phase stayed within a quarter turn of where it began, as
seen from the oscillator of the middle frequency. Locked by the host: over all measured windows its
mean frequency, by its spikes and by its phases at both ends, is that oscillator's, within a quarter
turn a window. An oscillator that swings but does not slip is locked by the host alone; one that
slipped earlier, or slowly, by the flag alone.

Ideal couplings can lock all from the K on that ``physics.oscillator.critical_coupling`` gives.

At last both halves of the grid run at the highest level without the links between them, which are
then written: the halves join.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from spinloom.emulator.physics.wall import WallTrack
from spinloom.host.couplings import read_pairs
from spinloom.host.experiments.lock_map_config import READINGS, Bools, Floats, Ints, LockMapConfig
from spinloom.host.experiments.lock_map_result import KINDS, LockMapResult
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress

CONFIG = LockMapConfig
SUITED: dict[str, dict[str, Any]] = {}


def run(machine: PhaseMachine, config: LockMapConfig, progress: Progress) -> LockMapResult:
    """Every level with ideal couplings and with memristors; then the halves."""
    started, before = time.monotonic(), machine.cycles
    links = config.links()
    points: list[dict[str, Any]] = []
    total = len(KINDS) * len(config.levels) + 1
    with progress.task("lock", total=total, unit="points") as advance:
        for kind in KINDS:
            for level in config.levels:
                points.append(_point(machine, config, level, memristors=kind == "memristor"))
                advance(1)
        joined = _join(machine, config, links)
        advance(1)
    cycles = machine.cycles_since(before)

    def every(name: str) -> Any:
        values = np.array([point[name] for point in points])
        return values.reshape(len(KINDS), len(config.levels), *values.shape[1:])

    return LockMapResult(
        config=config,
        flags=every("flags"),
        advanced=every("advanced"),
        phases=every("phases"),
        summed=every("summed"),
        couplings=every("couplings"),
        joined=joined,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _start(machine: PhaseMachine, config: LockMapConfig) -> None:
    omega, first = config.draw()
    machine.configure(config.params())
    machine.set_frequencies(omega + config.mean)
    machine.set_phases(first)
    machine.reset(state=True, random=True)


def _point(
    machine: PhaseMachine, config: LockMapConfig, level: int, *, memristors: bool
) -> dict[str, Any]:
    """All links at one level: settle, then measure."""
    links, rng = config.links(), np.random.default_rng([config.seed, 3, level])
    devices = config.devices(level)
    weights = level * links.astype(np.int64)
    _start(machine, config)
    phases, summed = [], []
    for window in range(config.settle + config.measured):
        if window == config.settle:
            machine.configure(replace(config.params(), quiet=False))
            first = machine.phases()
        if memristors:
            weights = _read(config, devices, links, rng)
        machine.set_weights(weights)
        for _ in range(READINGS):
            machine.run(config.window // READINGS)
            if window >= config.settle:
                phases.append(machine.phases())
                summed.append(machine.order())
    # The detectors judge a window in the step that begins the next one.
    machine.run(1)
    flags, spikes = machine.locked(), machine.spikes()
    spikes = spikes[spikes["tick"] < (config.settle + config.measured) * config.window]
    turns = np.bincount(spikes["neuron"], minlength=machine.shape.oscillators)
    return {
        "flags": flags,
        "advanced": turns * machine.shape.turn + phases[-1] - first,
        "phases": phases,
        "summed": summed,
        "couplings": weights[links],
    }


def _read(config: LockMapConfig, devices: Floats, links: Bools, rng: np.random.Generator) -> Ints:
    """What one read of the devices gives; there are some on links alone."""
    return np.where(links, read_pairs(devices, WallTrack(), noise=config.noise, rng=rng), 0)


def _join(machine: PhaseMachine, config: LockMapConfig, links: Bools) -> Ints:
    """Phases [readings, N] while the halves are apart, and then joined."""
    left, rng = config.left(), np.random.default_rng([config.seed, 4])
    devices = config.devices(max(config.levels))
    inside = left[:, None] == left
    _start(machine, config)
    phases = []
    for shown in (links & inside, links):
        machine.set_weights(_read(config, devices, shown, rng))
        for _ in range((config.settle + config.measured) * READINGS):
            machine.run(config.window // READINGS)
            phases.append(machine.phases())
    return np.array(phases)


def draw(result: LockMapResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import lock_map_pictures

    return lock_map_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a level; how flags and host agree; the halves."""
    where = f"{run['machine']}, seed {run['seed']}"
    ideal, memristor = KINDS
    rows = [
        {
            "level": level,
            "K (st. dev.)": run["couplings"][k],
            "memristors read": f"{run['read_mean'][k]:.2f} ± {run['read_deviation'][k]:.2f}",
            **{f"{kind}, flags": run["locked"][kind][k] for kind in KINDS},
            **{f"{kind}, host": run["locked_by_host"][kind][k] for kind in KINDS},
            "largest cluster": run["cluster"][memristor][k],
            "r": run["order"][memristor][k],
            "r, on-chip sums": run["order_summed"][memristor][k],
        }
        for k, level in enumerate(run["levels"])
    ]
    agreement = [{"couplings": kind, **run["confusion"][kind]} for kind in KINDS]
    summary = {
        "theory, ideal: from level": run["critical_level"],
        "all locked from": run[f"all_locked_from_{ideal}"],
        "memristors": run[f"all_locked_from_{memristor}"],
        "halves apart (LSB/tick)": run["drift_apart"],
        "joined": run["drift_joined"],
    }
    return {
        f"locked, {where}": rows,
        f"flags against host, {where}": agreement,
        f"all locked, and halves joined, {where}": [summary],
    }

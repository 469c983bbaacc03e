"""The array experiment: junctions as a memory, by word, bit and source line (Sec. I.B, Fig. 2).

Words are written at every point of a grid of pulses (``host.array_view``), one pulse a cell, over
cells in the other state. Of n cells, k stay wrong; the law ``emulator.physics.switching`` gives the
write-error rate p, and the deviation is in standard errors::

    sigma = (k/n - p) / sqrt(p (1-p) / n),   where n p (1-p) >= 9

Cells of both states are read again and again at high voltages (read disturb), and get one pulse of
each current with either sign (``experiments.array_reads``, for the laws of these too).

Then pseudo-random words are written with verify, read back by word and by bit, and looked for again
after a reset of the machine, and after a power cycle: all memories erased, the image of a file
restored. At the end they are read with noise at several TMRs. The pulses of the grid and of these
words are counted cell by cell (endurance) and go to the ledger of energy, a stable write at 100 fJ.

The pseudo-random numbers of the pulses are drawn by the host, so that all machines give the same.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import DeviceEnergies, EnergyLedger, Events, pulse_energy_j
from spinloom.emulator.physics.junction import PARALLEL
from spinloom.emulator.physics.resistance import resistance
from spinloom.emulator.synapse.array import pack
from spinloom.host.array_view import ArrayView, Pulses
from spinloom.host.experiments import array_reads
from spinloom.host.experiments.array_config import SUITED, ArrayConfig
from spinloom.host.experiments.array_result import ArrayResult
from spinloom.host.image import Image
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "ArrayConfig", "ArrayResult", "draw", "run", "tables"]

CONFIG = ArrayConfig
STORE = Pulses()  # of the words that are kept
ATTEMPTS = 20  # pulses of a verified write, at most

Counts = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]


def run(machine: LearningMachine, config: ArrayConfig, progress: Progress) -> ArrayResult:
    """Errors of the grid, then the words that are kept; the machine ends with these."""
    started, before = time.monotonic(), machine.cycles
    seeds = np.random.SeedSequence(config.seed).spawn(5)
    machine.configure(config.params())
    machine.reset(state=True, theta=True, random=True)
    views, errors = _errors(machine, config, seeds[0], progress)
    disturbed = array_reads.disturb(machine, config, seeds[2], progress)
    left = array_reads.signs(machine, config, seeds[3], progress)
    store = ArrayView(machine, config.junction(), STORE, seed=_number(seeds[1]))
    bits = np.random.default_rng(seeds[1]).integers(0, 2, (config.words, store.bit_lines))
    wrong, failed = _stored(machine, config, store, bits.astype(np.uint8), progress)
    views.append(store)
    sensed = array_reads.sense(machine, config, seeds[4], progress)
    counts = np.zeros_like(store.cycles)
    for view in views:
        counts += view.cycles
    cycles = machine.cycles_since(before)
    return ArrayResult(
        config=config,
        law=config.grid(config.law),
        errors=errors,
        cells=config.words * store.bit_lines,
        wrong=wrong,
        sensed=sensed,
        disturbed=disturbed,
        left=left,
        pulses=counts,
        ledger=_ledger(config, views, int(errors.sum()) + failed, cycles),
        weights=machine.weights(),
        seconds=time.monotonic() - started,
    )


def _number(seed: np.random.SeedSequence) -> int:
    return int(seed.generate_state(1, np.uint32)[0])


def _errors(
    machine: LearningMachine,
    config: ArrayConfig,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> tuple[list[ArrayView], Counts]:
    """One pulse a cell at each point: the views, and cells that stayed wrong [durations,
    amplitudes]."""
    target = int(config.to == "P")
    form = len(config.durations), len(config.amplitudes)
    views: list[ArrayView] = []
    errors: list[int] = []
    seeds = seed.spawn(form[0] * form[1])
    with progress.task("write errors", total=len(seeds), unit="points") as advance:
        for duration in config.durations:
            for amplitude in config.amplitudes:
                point = seeds[len(views)]
                pulses = config.pulses(amplitude, duration)
                view = ArrayView(machine, config.junction(), pulses, seed=_number(point))
                start = np.full((config.words, view.bit_lines), 1 - target, np.uint8)
                machine.write_memory("weights", pack(start))
                for word_line in range(config.words):
                    view.write_word(word_line, start[word_line] ^ 1)
                errors.append(int((machine.weights()[: config.words] != target).sum()))
                views.append(view)
                advance(1)
    return views, np.reshape(errors, form)


def _stored(
    machine: LearningMachine,
    config: ArrayConfig,
    view: ArrayView,
    bits: Bits,
    progress: Progress,
) -> tuple[dict[str, int], int]:
    """Write words with verify: cells that are wrong, by what was done to them; pulses that failed
    to switch a cell."""
    wrong = {}

    def lost() -> int:
        return int((machine.weights()[: config.words] != bits).sum())

    with progress.task("store", total=config.words, unit="words") as advance:
        missed = misread = failed = 0
        for word_line, word in enumerate(bits):
            written = view.write_word(word_line, word, attempts=ATTEMPTS)
            missed += written.errors
            switched = int(np.count_nonzero(written.pulses)) - written.errors
            failed += int(written.pulses.sum()) - switched
            misread += int((view.read_word(word_line) != word).sum())
            line = word_line % view.bit_lines
            misread += int(view.read_bit(word_line, line) != word[line])
            advance(1)
    wrong["written with verify"] = missed
    wrong["read by word and by bit"] = misread
    machine.reset(state=True)
    wrong["after a reset"] = lost()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.npz"
        Image.of(machine, config.params()).save(file)
        for memory in ("weights", "neurons"):
            machine.write_memory(memory, np.zeros_like(machine.read_memory(memory)))
        wrong["power off, all erased"] = lost()
        Image.load(file, machine.shape).restore(machine)
    wrong["power on, image loaded"] = lost()
    return wrong, failed


def _ledger(
    config: ArrayConfig, views: list[ArrayView], failed: int, cycles: int | None
) -> EnergyLedger:
    """Pulses of some views; a read counts as that of a cell in P, which takes the most."""
    events = sum((view.events for view in views), Events())
    ohm = float(resistance(config.junction(), PARALLEL))
    read_j = pulse_energy_j(STORE.read_v / ohm, ohm, STORE.read_s)
    return EnergyLedger(
        events=events,
        energies=DeviceEnergies(read_j=read_j),
        switched=events.write_trials - failed,
        cycles=cycles,
    )


def draw(result: ArrayResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import array_pictures

    return array_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Errors by pulse, what became of the words that were kept, endurance and energy."""
    name = f"array, {run['machine']}, seed {run['seed']}"
    errors = [
        {
            "duration (ns)": duration,
            "amplitude (uA)": amplitude,
            "write-error rate": run["measured"][k][n],
            "law": run["law"][k][n],
            "sigma": run["sigma"][k][n],
        }
        for k, duration in enumerate(run["durations_ns"])
        for n, amplitude in enumerate(run["amplitudes_ua"])
    ]
    kept = [
        {"stored words": what, "cells": run["cells"], "wrong": wrong}
        for what, wrong in run["wrong"].items()
    ]
    return {
        f"{name}: write errors to {run['to']}": errors,
        f"{name}: reads at {run['reads_noise_ua']:g} uA noise, misread by state": run["tmr"],
        f"{name}: read disturb, switched by state": run["disturb"],
        f"{name}: one pulse of either sign, switched by state": run["signs"],
        f"{name}: what stays": kept,
        f"{name}: endurance": [
            {
                "write pulses": run["pulses"],
                "most on a cell": run["pulses_most"],
                "counter (bits)": run["counter_bits"],
                "counts to": f"{2.0 ** run['counter_bits']:.1e}",
            }
        ],
        f"{name}: energy": run["energy"],
    }

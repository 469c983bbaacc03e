"""The functions experiment: one stack is four devices by its bias (Sec. I.B, Fig. 1, lower row).

Tile 0 of a machine is all that there is; between the parts only its run-time parameters change, and
one table of rates serves all. Currents are in units of the critical one, x / 128. ::

    memory      a barrier of ``barrier`` kT, and a current that goes up, down and back, 1/128 a tick
    memristor   a wall: a slow sine, then pulses up and down; G = G_AP + (G_P - G_AP) position
    harmonic    above IC it turns by (16 OFFSET + (SCALE x >> 6)) 2^-16 turns a tick;
                G = (G_P + G_AP) / 2 + (G_P - G_AP) / 2 cos(angle) [1]
    stochastic  a barrier of ``low_barrier`` kT: it switches by itself

The first must switch where the rates say: survival of the sweep gives the mean current of either
switch. Dwell times of the last are geometric: mean 1 / p, CV sqrt(1 - p).

In the ledger the stack is read once a tick. A tick of the memory's current is a write trial, at the
energy of a stable write however small the current; one that moves the wall is a step of it, at
I^2 R t of the greatest current through R_AP for as long as a read. Thermal noise switches the
stochastic oscillator for nothing. The current of the harmonic one, which flows all the time that it
turns, is not in it, nor is what makes the currents.

[1] Slonczewski, "Conductance and exchange coupling of two ferromagnets separated by a tunneling
    barrier", Phys. Rev. B 39, 6995, 1989.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import pulse_energy_j
from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.spec.junction import BINS, JunctionParams, Tile
from spinloom.host.experiments import ledger
from spinloom.host.experiments.functions_config import (
    CRITICAL,
    CURRENTS,
    DWELL_SHIFT,
    OSCILLATOR,
    PULSE_TICKS,
    PULSES,
    REST_TICKS,
    SHOWN,
    SINE_PEAK,
    WALL,
    FunctionsConfig,
    advance,
    resistances,
    sine,
    sweep,
)
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.junction import JunctionMachine
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WALL_A = SINE_PEAK / CRITICAL * Junction().ic0_p_to_ap_a
ENERGIES = replace(
    ledger.ENERGIES, wall_step_j=pulse_energy_j(WALL_A, float(resistances(0)), ledger.READ_S)
)

CONFIG = FunctionsConfig


@dataclass(frozen=True, kw_only=True)
class FunctionsResult:
    """Values of tile 0: ``memory`` [loops, ticks] and ``memristor`` [ticks] a tick of their
    currents, ``levels`` after each pulse, ``oscillator`` and ``telegraph`` [ticks]; ``turns`` of
    each current; ``dwells`` in AP and P [2, 256]."""

    config: FunctionsConfig
    memory: Ints
    memristor: Ints
    levels: Ints
    turns: Ints
    oscillator: Ints
    telegraph: Ints
    dwells: Ints
    reads: int
    cycles: int | None
    seconds: float

    def width(self) -> float:
        """Mean of the loops: x of the switch up less that of the switch down."""
        x = sweep()
        states = self.memory >> 15
        up = x[np.argmax(states == 1, axis=1)]
        down = x[len(x) - np.argmax(states[:, ::-1] == 1, axis=1)]
        return float((up - down).mean())

    def dwell(self) -> tuple[Floats, Floats, Ints]:
        """Mean (ticks), CV and number of the dwells in AP and P."""
        middle = (np.arange(BINS) + 0.5) * (1 << DWELL_SHIFT) - 0.5
        count = self.dwells.sum(1)
        mean = self.dwells @ middle / count
        square = self.dwells @ middle**2 / count
        return mean, np.sqrt(square - mean**2) / mean, count

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        ends = resistances(np.array([0, 1]))
        law = [advance(x) * config.turn_ticks + 0x8000 >> 16 for x in CURRENTS]
        mean, cv, count = self.dwell()
        up = self.levels[: PULSES + 1]
        return {
            "width": self.width() / CRITICAL,
            "width_law": config.coercive() / CRITICAL,
            "tmr": float(ends[0] / ends[1] - 1),
            "states_without_current": np.unique(self.memory[:, sweep() == 0] >> 15).tolist(),
            "levels": len(np.unique(up)),
            "monotone": bool((np.diff(up) > 0).all() and (np.diff(self.levels[PULSES:]) < 0).all()),
            "back": bool(self.levels[-1] == self.levels[0]),
            "turns": self.turns.tolist(),
            "turns_law": law,
            "turns_wrong": int((self.turns != law).sum()),
            "dwell_ap": float(mean[0]),
            "dwell_p": float(mean[1]),
            "dwell_law": (1 / config.escapes()).tolist(),
            "cv_ap": float(cv[0]),
            "cv_p": float(cv[1]),
            "dwells": count.tolist(),
            "run_hash": weights_hash(
                np.concatenate([a.ravel() for a in self.arrays().values()]).astype(np.uint32)
            ),
            **self.spent(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def spent(self) -> dict[str, Any]:
        """The ledger, of what the stack was seen to do."""
        states = self.memory >> 15
        driven = np.count_nonzero(np.diff(self.memristor, prepend=0))
        pulsed = PULSE_TICKS * np.count_nonzero(np.diff(self.levels))
        return ledger.spent(
            self.cycles,
            energies=ENERGIES,
            reads=self.reads,
            write_trials=int(len(states) * np.count_nonzero(sweep())),
            switched=int(np.count_nonzero(np.diff(states, axis=1, prepend=0))),
            wall_steps=int(driven + pulsed),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        names = ("memory", "memristor", "levels", "turns", "oscillator", "telegraph", "dwells")
        return {name: getattr(self, name) for name in names}


def run(machine: JunctionMachine, config: FunctionsConfig, progress: Progress) -> FunctionsResult:
    """Memory, memristor, harmonic and stochastic oscillator, one after the other."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    machine.configure(JunctionParams(tiles=1, dwell_shift=DWELL_SHIFT, seed=config.seed))
    machine.set_rates(config.rates())
    machine.set_wave(np.zeros(1024, np.int64))
    machine.reset(random=True)
    with progress.task("stack", total=config.loops + 3, unit="parts") as advanced:
        loops = []
        for _ in range(config.loops):
            _become(machine, Tile(gain=64))
            loops.append(_played(machine, sweep()))
            advanced(1)
        _become(machine, WALL)
        memristor = _played(machine, sine())
        levels = _pulses(machine)
        advanced(1)
        turns = []
        for x in CURRENTS:
            _become(machine, OSCILLATOR)
            machine.play([x])
            machine.run(config.turn_ticks - 1)
            turns.append(machine.read("SPIKES"))
        _become(machine, OSCILLATOR)
        oscillator = _played(machine, np.full(256, SHOWN))
        advanced(1)
        _become(machine, config.low())
        machine.run(config.ticks)
        dwells = machine.dwells()
        telegraph = machine.trace().values
        advanced(1)
    cycles = machine.cycles_since(before)
    return FunctionsResult(
        config=config,
        memory=np.array(loops),
        memristor=memristor,
        levels=levels,
        turns=np.array(turns),
        oscillator=oscillator,
        telegraph=telegraph,
        dwells=dwells,
        reads=machine.ticks - ticks,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _become(machine: JunctionMachine, tile: Tile) -> None:
    """Tile 0 with other parameters, from AP."""
    machine.set_tiles([tile])
    machine.set_states([0])
    machine.reset(state=True, probes=True)


def _played(machine: JunctionMachine, currents: Ints) -> Ints:
    """Its value after each tick."""
    machine.play(currents)
    return machine.trace(len(currents)).values


def _pulses(machine: JunctionMachine) -> Ints:
    """Positions of the wall at first and after each pulse, up and then down again."""
    _become(machine, WALL)
    held = [int(machine.states()[0])]
    for sign in [1] * PULSES + [-1] * PULSES:
        machine.play([sign * SINE_PEAK], PULSE_TICKS)
        machine.play([0], REST_TICKS)
        held.append(int(machine.states()[0]))
    return np.array(held)


def draw(result: FunctionsResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import functions_pictures

    return functions_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What each of the four functions shows, against its law."""
    ap, p = run["dwell_law"]
    rows = [
        {"function": "memory", "property": "width of the loop (Ic)",
         "measured": run["width"], "law": run["width_law"]},
        {"function": "memristor", "property": "levels, one a pulse",
         "measured": run["levels"], "law": PULSES + 1},
        {"function": "harmonic oscillator", "property": "currents off the law",
         "measured": run["turns_wrong"], "law": 0},
        {"function": "stochastic oscillator", "property": "dwell in AP (ticks)",
         "measured": run["dwell_ap"], "law": ap},
        {"function": "stochastic oscillator", "property": "dwell in P (ticks)",
         "measured": run["dwell_p"], "law": p},
        {"function": "stochastic oscillator", "property": "CV of dwells in AP",
         "measured": run["cv_ap"], "law": (1 - 1 / ap) ** 0.5},
        {"function": "stochastic oscillator", "property": "CV of dwells in P",
         "measured": run["cv_p"], "law": (1 - 1 / p) ** 0.5},
    ]  # fmt: skip
    title = f"one tile, four functions, {run['machine']}, seed {run['seed']}"
    return {title: rows} | ledger.table(run, "acting")

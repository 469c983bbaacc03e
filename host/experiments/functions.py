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

[1] Slonczewski, "Conductance and exchange coupling of two ferromagnets separated by a tunneling
    barrier", Phys. Rev. B 39, 6995, 1989.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.telegraph import rate_table
from spinloom.emulator.spec.junction import BINS, SHAPES, JunctionParams, JunctionShape, Tile
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.options import option
from spinloom.host.junction import JunctionMachine
from spinloom.host.progress import Progress

CRITICAL = 128  # x that is the critical current
PEAK = 160  # of the memory's sweep
SINE_PEAK, SINE_TICKS = 60, 512
PULSE_TICKS, REST_TICKS, PULSES = 4, 4, 32
PINNED = 20  # x below which walls rest and oscillators damp
WALL = Tile(mode="wall", gain=64, ic=PINNED, scale=640)
OSCILLATOR = Tile(mode="oscillator", gain=64, ic=PINNED, scale=640, offset=40)
CURRENTS = tuple(range(0, 121, 10))  # of the oscillator
SHOWN = 60  # of them, the current of its trace
DWELL_SHIFT = 2

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class FunctionsConfig:
    """One run."""

    shape: str = option("junction-16", "a machine of junctions; its tile 0 is used")
    seed: int = 1
    barrier: float = option(40.0, "barrier of the memory, kT")
    low_barrier: float = option(5.0, "barrier of the stochastic oscillator, kT")
    dwell: float = option(64.0, "its mean dwell time without current, ticks")
    loops: int = option(16, "sweeps of the memory")
    turn_ticks: int = option(4096, "ticks of each current of the oscillator")
    ticks: int = option(400_000, "ticks of the stochastic oscillator")

    def __post_init__(self) -> None:
        self.junction()
        if not 0 <= self.seed < 1 << 64:
            raise ValueError(f"seed = {self.seed} is out of range; give 0 to 2^64-1")
        for name, low, high in (
            ("barrier", 20, 60), ("low_barrier", 3, 12), ("dwell", 16, 128), ("loops", 1, 1000),
            ("turn_ticks", 1024, 1 << 20), ("ticks", 1024, 1 << 28),
        ):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} = {getattr(self, name)}; give {low} to {high}")

    def junction(self) -> JunctionShape:
        """The shape."""
        if self.shape not in SHAPES:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(SHAPES)}")
        return SHAPES[self.shape]

    def rates(self) -> Floats:
        """Probabilities of a switch in a tick, as the machine has them, [256]."""
        table = rate_table(self.barrier, exp(self.low_barrier) / self.dwell)
        return np.minimum(np.rint(table * 2**24), 2**24 - 1) / 2**24

    def low(self) -> Tile:
        """The stochastic oscillator: offset and scale move the address to the low barrier."""
        part = self.low_barrier / self.barrier
        return Tile(offset=round(128 * (1 - part)), scale=round(64 * part), gain=64)

    def escapes(self) -> Floats:
        """Its probabilities to leave AP and P in a tick; they are half a step off each other."""
        at = self.low().offset + CRITICAL
        return self.rates()[[at, at - 1]]

    def coercive(self) -> float:
        """Mean x at which the memory's sweep switches it up, less that of down."""
        return self._mean_switch(0) + self._mean_switch(1)

    def _mean_switch(self, side: int) -> float:
        x = np.arange(PEAK + 1)
        p = self.rates()[np.minimum(x - side, CRITICAL - 1) + CRITICAL]
        first = p * np.cumprod(np.concatenate([[1.0], 1 - p[:-1]]))
        return float((first * x).sum() / first.sum())


CONFIG = FunctionsConfig


def sweep() -> Ints:
    """Currents of the memory: up, down and back."""
    return np.concatenate(
        [np.arange(PEAK), np.arange(PEAK, -PEAK, -1), np.arange(-PEAK, 1)]
    ).astype(np.int64)


def sine() -> Ints:
    """Currents of the memristor."""
    turns = np.arange(SINE_TICKS) / SINE_TICKS
    currents: Ints = np.rint(SINE_PEAK * np.sin(2 * np.pi * turns)).astype(np.int64)
    return currents


def advance(x: int) -> int:
    """What the oscillator turns by in a tick, 2^-16 turns: the law of its registers."""
    step = 16 * OSCILLATOR.offset + (OSCILLATOR.scale * x >> 6)
    return step if x > OSCILLATOR.ic else 0


def resistances(parallel: npt.ArrayLike) -> Floats:
    """Ohms of a stack of which this part conducts as P and the rest as AP."""
    junction, part = Junction(), np.asarray(parallel, np.float64)
    g_p = 1 / junction.r_p_ohm
    g_ap = g_p / (1 + junction.tmr)
    return 1 / (g_ap + (g_p - g_ap) * part)


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
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        names = ("memory", "memristor", "levels", "turns", "oscillator", "telegraph", "dwells")
        return {name: getattr(self, name) for name in names}


def run(machine: JunctionMachine, config: FunctionsConfig, progress: Progress) -> FunctionsResult:
    """Memory, memristor, harmonic and stochastic oscillator, one after the other."""
    started, before = time.monotonic(), machine.cycles
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
    after = machine.cycles
    return FunctionsResult(
        config=config,
        memory=np.array(loops),
        memristor=memristor,
        levels=levels,
        turns=np.array(turns),
        oscillator=oscillator,
        telegraph=telegraph,
        dwells=dwells,
        cycles=None if before is None or after is None else after - before,
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
    return {f"one tile, four functions, {run['machine']}, seed {run['seed']}": rows}

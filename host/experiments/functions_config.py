"""Configuration of the functions experiment, and what its parts are to do."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.telegraph import rate_table
from spinloom.emulator.spec.junction import SHAPES, JunctionShape, Tile
from spinloom.host.experiments.options import check, option

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
        check(
            self,
            barrier=(20, 60),
            low_barrier=(3, 12),
            dwell=(16, 128),
            loops=(1, 1000),
            turn_ticks=(1024, 1 << 20),
            ticks=(1024, 1 << 28),
        )

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

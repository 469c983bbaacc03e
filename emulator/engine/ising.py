"""The ising engine, bit-exact to ``rtl.engine.ising``; the contract is ``spec.ising``."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine import gibbs
from spinloom.emulator.engine.base import (
    SEED_HALVES,
    SPIKE_DTYPE,
    Engine,
    Spikes,
    Words,
    reseeded,
)
from spinloom.emulator.engine.gibbs import Ints, Small
from spinloom.emulator.engine.jit import compiled
from spinloom.emulator.pbit.states import pack_spins, unpack_spins
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec import ising as spec
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK

BLOCK = 1 << 20  # random words drawn at once, or a sweep's if that is more
_U32 = 0xFFFFFFFF


class IsingEngine(Engine[spec.IsingShape]):
    """Golden model of the ising engine behind the same registers and memory window as the RTL.

    ``weights`` int32 [N, N], ``biases``, ``spins`` (+-1) and ``fields`` int32 [N]. ``path`` is
    "numpy" or "numba" (needs the ``fast`` extra); both give the same bits.
    """

    def __init__(self, shape: spec.IsingShape, path: Literal["numpy", "numba"] = "numpy") -> None:
        super().__init__(shape)
        n = shape.spins
        self._sweep = compiled(gibbs.sweep) if path == "numba" else gibbs.sweep
        self.weights = np.zeros((n, n), np.int32)
        self.biases, self.fields = np.zeros((2, n), np.int32)
        self.spins, self.best = np.full((2, n), -1, np.int32)
        self.table = np.zeros(1 << shape.index_bits, np.int64)
        self.counts = np.zeros(1 << shape.histogram_bits, np.int64)
        self.trace = np.zeros(shape.trace, np.int64)
        self.random = LinearGenerators(shape.generator, [spec.SEED])
        self.power_on()

    def power_on(self) -> None:
        """State and generator to their start; registers and memories stay."""
        self.bad_event = False
        self.random.seed([spec.SEED])
        self._reset()

    def _reset(self) -> None:
        self.state = gibbs.start()
        self.stale = True

    @property
    def active(self) -> int:
        """n of the contract."""
        return self.regs["SPINS"] or self.shape.spins

    def _build(self) -> None:
        """Fields and energy, if they are stale."""
        if not self.stale:
            return
        self.stale = False
        self.fields = self.biases.copy()
        energy = 0
        for j in range(self.active):
            energy -= int(self.spins[j]) * int(self.fields[j])
            self.fields += self.spins[j] * self.weights[j]
        self.state[gibbs.ENERGY] = energy
        self._latch()

    def _latch(self) -> None:
        if self.state[gibbs.ENERGY] < self.state[gibbs.BEST_ENERGY]:
            self.state[gibbs.BEST_ENERGY] = self.state[gibbs.ENERGY]
            self.state[gibbs.BEST_TICK] = self.state[gibbs.TICK]
            self.best = self.spins.copy()

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time, counters and read-outs."""
        state = self.state.tolist()
        now = self.regs["BETA"] + (state[gibbs.RAMP] >> spec.RAMP_SHIFT)
        return {
            "TICK": state[gibbs.TICK],
            "FLIPS": state[gibbs.FLIPS],
            "ENERGY": state[gibbs.ENERGY],
            "BEST_ENERGY": state[gibbs.BEST_ENERGY],
            "BEST_TICK": state[gibbs.BEST_TICK],
            "BETA_NOW": min(now, self.regs["BETA_END"]),
        }

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name == "COMMAND":
            if value & spec.RESET_STATE:
                self._reset()
            if value & spec.BUILD:
                self._build()
            return
        self.regs[reg.name] = value
        if reg.name in SEED_HALVES:
            (state,) = self.random.states
            self.random.seed([reseeded(state, reg.name, value)])

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        end, shape = addr + len(words), self.shape
        if region == spec.REGION_WEIGHTS:
            every = pack_weights(shape, self.weights)
            every[addr:end] = words
            self.weights = unpack_weights(shape, every)
        elif region == spec.REGION_BIASES:
            half = 1 << shape.bias_bits - 1
            self.biases[addr:end] = (words.astype(np.int64) & 2 * half - 1 ^ half) - half
        elif region == spec.REGION_SPINS:
            every = pack_spins(self.spins)
            every[addr:end] = words
            self.spins = unpack_spins(every, shape.spins).astype(np.int32)
        elif region == spec.REGION_TABLE:
            self.table[addr:end] = words & shape.always
        elif region == spec.REGION_HISTOGRAM:
            self.counts[addr:end] = words
        elif region == spec.REGION_TRACE:
            self.trace[addr:end] = words.view(np.int32)
        self.stale |= region in (spec.REGION_WEIGHTS, spec.REGION_BIASES, spec.REGION_SPINS)

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; write-only regions read 0."""
        self.check_window(region, addr, count)
        if region == spec.REGION_FIELDS:
            self._build()
        shape = self.shape
        if region == spec.REGION_WEIGHTS:
            every = pack_weights(shape, self.weights)
        elif region == spec.REGION_SPINS:
            every = pack_spins(self.spins)
        elif region == spec.REGION_BEST:
            every = pack_spins(self.best)
        else:
            memories: dict[int, Ints | Small] = {
                spec.REGION_BIASES: self.biases,
                spec.REGION_TABLE: np.zeros_like(self.table),
                spec.REGION_HISTOGRAM: self.counts,
                spec.REGION_TRACE: self.trace,
                spec.REGION_FIELDS: self.fields,
            }
            every = (memories[region].astype(np.int64) & _U32).astype(np.uint32)
        return every[addr : addr + count]

    # Sweeps and flips.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        spikes = [np.empty(0, SPIKE_DTYPE)]
        for word in np.asarray(words, np.uint16).tolist():
            self._build()
            if word >= WORD_TICK:
                spikes += self._sweeps(word & MAX_TICKS)
            elif word >= self.active:
                self.bad_event = True
            else:
                spikes.append(self._flip(word))
        return np.concatenate(spikes)

    def _flip(self, i: int) -> Spikes:
        state = self.state
        state[gibbs.ENERGY] += 2 * int(self.spins[i]) * int(self.fields[i])
        self.spins[i] = -self.spins[i]
        self.fields += 2 * self.spins[i] * self.weights[i]
        state[gibbs.FLIPS] += 1
        self._latch()
        return self._sent(state[[gibbs.TICK]], np.array([i]))

    def _sent(self, ticks: Ints, spins: Ints) -> Spikes:
        """Flips as spikes, unless quiet."""
        out = np.empty(0 if self.regs["CONTROL"] & spec.CONTROL_QUIET else len(spins), SPIKE_DTYPE)
        out["tick"], out["neuron"] = ticks[: len(out)] & _U32, spins[: len(out)]
        return out

    def _sweeps(self, ticks: int) -> list[Spikes]:
        """So many ticks, in blocks that random words are drawn for."""
        shape, regs, n = self.shape, self.regs, self.active
        control, path = regs["CONTROL"], np.zeros(gibbs.REGS, np.int64)
        for place, name in ((gibbs.BETA, "BETA"), (gibbs.BETA_END, "BETA_END"),
                            (gibbs.BETA_STEP, "BETA_STEP"), (gibbs.SHIFT, "SHIFT"),
                            (gibbs.TRACE_SHIFT, "TRACE_SHIFT")):  # fmt: skip
            path[place] = regs[name]
        path[gibbs.PARALLEL] = control & spec.CONTROL_PARALLEL
        path[gibbs.ALWAYS] = shape.always
        if control & spec.CONTROL_HISTOGRAM:
            path[gibbs.HISTOGRAM] = shape.histogram_bits
        quiet = control & spec.CONTROL_QUIET
        spikes, block = [], max(1, BLOCK // n)
        for first in range(0, ticks, block):
            count = min(block, ticks - first)
            draws = self.random.block(count * n) >> np.uint64(STATE_BITS - shape.probability_bits)
            flipped = np.empty(0 if quiet else count * n, np.int64)
            began = int(self.state[gibbs.TICK])
            done = self._sweep(
                n, self.weights, self.table, draws.astype(np.int64).reshape(count, n), self.spins,
                self.fields, self.best, self.counts, self.trace, self.state, path, flipped,
            )  # fmt: skip
            done = min(done, len(flipped))
            spikes.append(self._sent(began + (flipped[:done] >> 16), flipped[:done] & 0xFFFF))
        return spikes


def pack_weights(shape: spec.IsingShape, weights: Small) -> Words:
    """Couplings [N, N] → the words of region WEIGHTS."""
    bits, n = shape.weight_bits, shape.spins
    words = (weights.astype(np.int64) & (1 << bits) - 1).reshape(n, -1, shape.word_weights)
    every = np.zeros((n, 1 << shape.row_bits), np.uint32)
    every[:, : words.shape[1]] = words @ (1 << bits * np.arange(shape.word_weights))
    return every.ravel()


def unpack_weights(shape: spec.IsingShape, words: Words) -> Small:
    """Inverse of ``pack_weights``; bits that no coupling has are dropped."""
    bits, n = shape.weight_bits, shape.spins
    half = 1 << bits - 1
    row = words.reshape(n, -1)[:, : n // shape.word_weights].astype(np.int64)
    values = (row[:, :, None] >> bits * np.arange(shape.word_weights) & 2 * half - 1 ^ half) - half
    return values.reshape(n, n).astype(np.int32)

"""The sparse engine, bit-exact to ``rtl.engine.sparse``; the contract is ``spec.sparse``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Engine, Spikes, Words
from spinloom.emulator.pbit.sparse import Ints, SparseArray
from spinloom.emulator.pbit.states import pack_bits, pack_spins, unpack_bits, unpack_spins
from spinloom.emulator.random.linear import LinearGenerators, advance
from spinloom.emulator.random.linear import Words as Random
from spinloom.emulator.spec import sparse as spec
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK

BLOCK = 1 << 20  # random words drawn at once, or a sweep's if that is more
_U32 = 0xFFFFFFFF


class SparseEngine(Engine[spec.SparseShape]):
    """Golden model of the sparse engine behind the same registers and memory window as the RTL.

    ``array`` holds spins and couplings, ``couplings`` these as the words of the window, and
    ``schedule`` int64 [rows, 2^level_bits] the chances."""

    def __init__(self, shape: spec.SparseShape) -> None:
        super().__init__(shape)
        self.array = SparseArray(shape)
        self.couplings = pack_couplings(shape, self.array.couplings[:-1])
        self.schedule = np.zeros((shape.rows, 1 << shape.level_bits), np.int64)
        self.best = np.full(shape.spins, -1, np.int64)
        self.trace = np.zeros(shape.trace, np.int64)
        self.random = LinearGenerators(shape.generator, spec.starts(shape))
        self.power_on()

    def power_on(self) -> None:
        """State and generators to their start; registers and memories stay."""
        self.bad_event = False
        self.random.seed(spec.starts(self.shape))
        self._reset()

    def _reset(self) -> None:
        self.tick = self.energy = self.best_tick = 0
        self.best_energy = spec.ENERGY_MAX

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time and energies."""
        return {
            "TICK": self.tick,
            "ENERGY": self.energy,
            "BEST_ENERGY": self.best_energy,
            "BEST_TICK": self.best_tick,
        }

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name != "COMMAND":
            self.regs[reg.name] = value
            return
        if value & spec.RESET_STATE:
            self._reset()
        if value & spec.RESET_RANDOM:
            self.random.seed(spec.starts(self.shape))
        if value & spec.MEASURE:
            self._measure()

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        end, shape = addr + len(words), self.shape
        if region == spec.REGION_COUPLINGS:
            self.couplings[addr:end] = words
            self.couplings[-1] &= (1 << (shape.synapses * shape.coupling_bits - 1) % 32 + 1) - 1
            self.array.couplings[:-1] = unpack_couplings(shape, self.couplings)
        elif region == spec.REGION_SPINS:
            every = pack_spins(self.array.spins)
            every[addr:end] = words
            self.array.spins[:] = unpack_spins(every, shape.spins)
        elif region == spec.REGION_SCHEDULE:
            self.schedule.reshape(-1)[addr:end] = words & (1 << spec.CHANCE_BITS) - 1
        elif region == spec.REGION_SEEDS:
            states = np.array(self.random.states, np.uint64)
            for half in (0, 1):  # a generator's low half comes first
                mine = words[addr + half & 1 :: 2]
                places = (np.arange(addr, end) // 2)[addr + half & 1 :: 2]
                states[places] = add_seeds(shape.generator, states[places], mine)
            self.random.seed(states.tolist())

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; write-only regions read 0."""
        self.check_window(region, addr, count)
        here = slice(addr, addr + count)
        if region == spec.REGION_COUPLINGS:
            return self.couplings[here]
        if region == spec.REGION_SPINS:
            return pack_spins(self.array.spins)[here]
        if region == spec.REGION_BEST:
            return pack_spins(self.best)[here]
        if region == spec.REGION_TRACE:
            return (self.trace[here] & _U32).astype(np.uint32)
        return np.zeros(count, np.uint32)

    # Sweeps.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, of which there are none."""
        for word in np.asarray(words, np.uint16).tolist():
            if word >= WORD_TICK:
                self._sweeps(word & MAX_TICKS)
            elif word >= self.shape.spins:
                self.bad_event = True
            else:
                self.array.spins[word] *= -1
        return np.empty(0, SPIKE_DTYPE)

    def _sweeps(self, ticks: int) -> None:
        """So many ticks, in blocks that random words are drawn for."""
        colours, generators = len(self.array.colours), self.shape.generators
        block = max(1, BLOCK // (colours * generators))
        for first in range(0, ticks, block):
            count = min(block, ticks - first)
            words = self.random.block(count * colours * generators)
            for sweep in words.reshape(count, colours, generators):
                self._sweep(sweep)

    def _sweep(self, words: npt.NDArray[np.uint64]) -> None:
        row = min(self.tick >> self.regs["ROW_SHIFT"], self.regs["ROWS"] - 1)
        chances = self.schedule[row, : len(self.shape.levels)]
        for colour, drawn in enumerate(words):
            self.array.update(colour, drawn, chances)
        self.tick = (self.tick + 1) & _U32
        shift = self.regs["MEASURE_SHIFT"]
        if self.tick & (1 << shift) - 1 == 0:
            self._measure()
            self.trace[(self.tick >> shift) - 1 & self.shape.trace - 1] = self.energy

    def _measure(self) -> None:
        self.energy = self.array.energy()
        if self.energy < self.best_energy:
            self.best_energy, self.best_tick = self.energy, self.tick
            self.best = self.array.spins.copy()


def add_seeds(name: str, states: Random, words: Words) -> Random:
    """The states of generators after a word of a seed for each."""
    for place in range(spec.WORD):
        states = advance(name, states) ^ (words >> place & 1).astype(np.uint64)
    return states


def pack_couplings(shape: spec.SparseShape, couplings: Ints) -> Words:
    """Couplings [edges] → the words of region COUPLINGS."""
    bits = np.stack([couplings < 0, couplings != 0], axis=1)[:, : shape.coupling_bits]
    return pack_bits(bits.ravel(), shape.coupling_words)


def unpack_couplings(shape: spec.SparseShape, words: Words) -> Ints:
    """Inverse of ``pack_couplings``. A coupling that is both -1 and 0 is 0."""
    bits = unpack_bits(words, shape.synapses * shape.coupling_bits).reshape(shape.synapses, -1)
    couplings = 1 - 2 * bits[:, 0]
    return couplings * bits[:, 1] if shape.zeros else couplings

"""The junction engine, bit-exact to ``rtl.engine.junction``; the contract is ``spec.junction``."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine import tiles as kernel
from spinloom.emulator.engine.base import (
    SEED_HALVES,
    SPIKE_DTYPE,
    Engine,
    Spikes,
    Words,
    reseeded,
)
from spinloom.emulator.engine.jit import compiled
from spinloom.emulator.engine.tiles import Ints
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec import junction as spec
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK

BLOCK = 1 << 18  # random words drawn at once, or a step's if that is more
_U32 = 0xFFFFFFFF


def _signed(values: Ints, bits: int) -> Ints:
    """Two's complement of so many bits."""
    half = 1 << bits - 1
    return (values & 2 * half - 1 ^ half) - half


class JunctionEngine(Engine[spec.JunctionShape]):
    """Golden model of the junction engine behind the same registers and memory window as the RTL.

    ``values`` and ``noises`` int64 [M]. ``path`` is "numpy" or "numba" (needs the ``fast`` extra);
    both give the same bits.
    """

    def __init__(
        self, shape: spec.JunctionShape, path: Literal["numpy", "numba"] = "numpy"
    ) -> None:
        super().__init__(shape)
        self._steps = compiled(kernel.steps) if path == "numba" else kernel.steps
        self.tiles = np.zeros((shape.tiles, kernel.COLUMNS), np.int64)
        self.values, self.noises = np.zeros((2, shape.tiles), np.int64)
        self.rates = np.zeros(spec.RATES, np.int64)
        self.wave = np.zeros(spec.WAVE, np.int64)
        self.probes = np.zeros((shape.tiles, kernel.PROBES), np.int64)
        self.dwells = np.zeros(2 * spec.BINS, np.int64)
        self.trace = np.zeros(spec.TRACE, np.int64)
        self.state = np.zeros(kernel.STATE, np.int64)
        self.random = LinearGenerators(shape.generator, [spec.SEED])
        self.power_on()

    def power_on(self) -> None:
        """State and generator to their start; registers and memories stay."""
        self.bad_event = False
        self.random.seed([spec.SEED])
        self._reset()

    def _reset(self) -> None:
        self.state[:] = 0
        self._set_drive(self.regs["DRIVE"])

    def _set_drive(self, value: int) -> None:
        half = spec.SAMPLES // 2
        self.state[kernel.DRIVE] = (value ^ half) - half

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time, counters and read-outs."""
        return {
            "TICK": int(self.state[kernel.TICK]),
            "SPIKES": int(self.state[kernel.FIRED]),
            "POPULATION": int(self.state[kernel.POPULATION]),
        }

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name == "COMMAND":
            if value & spec.RESET_STATE:
                self._reset()
            return
        self.regs[reg.name] = value
        if reg.name in SEED_HALVES:
            (state,) = self.random.states
            self.random.seed([reseeded(state, reg.name, value)])
        elif reg.name == "DRIVE":
            self._set_drive(value)

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        here, data = slice(addr, addr + len(words)), words.astype(np.int64)
        if region == spec.REGION_TILES:
            for at, word in enumerate(data.tolist(), addr):
                self._write_tile(*divmod(at, spec.TILE_WORDS), word)
        elif region == spec.REGION_STATES:
            self.values[here] = data & 0xFFFF
            self.noises[here] = _signed(data >> spec.VALUE_BITS, spec.X_BITS)
        elif region == spec.REGION_RATES:
            self.rates[here] = data & (1 << spec.RATE_BITS) - 1
        elif region == spec.REGION_WAVE:
            self.wave[here] = _signed(data, spec.WAVE_BITS)
        else:
            self._counted(region)[here] = data

    def _write_tile(self, tile: int, number: int, word: int) -> None:
        low, high = word & 0xFFF, word >> 12 & 0xFFF
        signed = [int(v) for v in _signed(np.array([low, high]), spec.X_BITS)]
        columns = {
            0: {kernel.BIAS: signed[0], kernel.GAIN: signed[1], kernel.MODE: word >> 24 & 3},
            1: {kernel.SCALE: low, kernel.OFFSET: signed[1]},
            2: {kernel.IC: low, kernel.NOISE: high},
            3: {kernel.COUPLING: signed[0], kernel.PARTNER: high & 1023},
        }[number]
        for column, value in columns.items():
            self.tiles[tile, column] = value

    def _counted(self, region: int) -> Ints:
        """The memory of a probe."""
        return {
            spec.REGION_SWITCHES: self.probes[:, kernel.SWITCHES],
            spec.REGION_UPS: self.probes[:, kernel.UPS],
            spec.REGION_CORRELATIONS: self.probes[:, kernel.CORRELATION],
            spec.REGION_DWELLS: self.dwells,
            spec.REGION_TRACE: self.trace,
        }[region]

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; write-only regions read 0."""
        self.check_window(region, addr, count)
        if region in (spec.REGION_TILES, spec.REGION_RATES, spec.REGION_WAVE):
            return np.zeros(count, np.uint32)
        if region == spec.REGION_STATES:
            held = self.values + ((self.noises & 0xFFF) << spec.VALUE_BITS)
        else:
            held = self._counted(region)
        return (held[addr : addr + count] & _U32).astype(np.uint32)

    # Time steps.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        spikes = [np.empty(0, SPIKE_DTYPE)]
        for word in np.asarray(words, np.uint16).tolist():
            if word >= WORD_TICK:
                spikes += self._ticks(word & MAX_TICKS)
            elif word >= spec.SAMPLES:
                self.bad_event = True
            else:
                self._set_drive(word)
        return np.concatenate(spikes)

    def _ticks(self, ticks: int) -> list[Spikes]:
        """So many ticks, in blocks that random words are drawn for."""
        regs, n = self.regs, self.regs["TILES"] or self.shape.tiles
        path = np.zeros(kernel.REGS, np.int64)
        for place, name in (
            (kernel.WAVE_STEP, "WAVE_STEP"), (kernel.NOISE_SHIFT, "NOISE_SHIFT"),
            (kernel.NOISE_HOLD, "NOISE_HOLD"), (kernel.PROBE, "PROBE"),
            (kernel.DWELL_SHIFT, "DWELL_SHIFT"), (kernel.TRACE_SHIFT, "TRACE_SHIFT"),
        ):  # fmt: skip
            path[place] = regs[name]
        path[kernel.WHOLE] = regs["CONTROL"] & spec.CONTROL_POPULATION
        mask, quiet = regs["NOISE_MASK"], regs["CONTROL"] & spec.CONTROL_QUIET
        spikes, block = [], max(1, BLOCK // n)
        for first in range(0, ticks, block):
            count = min(block, ticks - first)
            words = self.random.block(count * n).reshape(count, n)
            bits = np.bitwise_count(words >> np.uint64(32) & np.uint64(mask)).astype(np.int64)
            counts = 2 * bits - mask.bit_count() << spec.NOISE_FRACTION
            if regs["CONTROL"] & spec.CONTROL_SMOOTH:
                counts += 2 * (words >> np.uint64(24) & np.uint64(255)).astype(np.int64) - 255
            chances = (words & np.uint64((1 << spec.RATE_BITS) - 1)).astype(np.int64)
            rises = np.empty(0 if quiet else count * n, np.int64)
            began = int(self.state[kernel.TICK])
            done = self._steps(
                n, self.tiles, self.rates, self.wave, chances, counts, self.values, self.noises,
                self.probes, self.dwells, self.trace, self.state, path,
                rises,
            )  # fmt: skip
            rises = rises[:done]
            out = np.empty(len(rises), SPIKE_DTYPE)
            out["tick"], out["neuron"] = began + (rises >> 16) & _U32, rises & 0xFFFF
            spikes.append(out)
        return spikes

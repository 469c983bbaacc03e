"""The square engine, bit-exact to ``rtl.engine.square``; the contract is ``spec.square``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import Spikes, Words
from spinloom.emulator.engine.oscillators import OscillatorEngine
from spinloom.emulator.spec import square as spec

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_U32 = 0xFFFFFFFF


class SquareEngine(OscillatorEngine[spec.SquareShape]):
    """Golden model of the square engine behind the same registers and memory window as the RTL.

    ``weights`` int64 [N, N], J[i][j] to i from j; ``phases`` int64 [N]. ``ensemble`` runs many such
    networks at once.
    """

    quiet = spec.CONTROL_QUIET

    def __init__(self, shape: spec.SquareShape) -> None:
        super().__init__(shape)
        n = shape.oscillators
        self.phases = np.zeros(n, np.int64)
        self.set_weights(np.zeros((n, n), np.int64))
        self.power_on()

    def power_on(self) -> None:
        """State to its start; registers and memories stay."""
        self.bad_event = False
        self._reset()

    def _reset(self) -> None:
        n = self.shape.oscillators
        self.tick = self.fired = self.settled = 0
        self.moved = self._moving = False
        self.was = np.ones(n, np.bool_)
        self.out = np.zeros(n, np.bool_)  # which were high at the step before

    def set_weights(self, weights: Ints) -> None:
        """Write all couplings."""
        self.weights = weights
        # Sums stay below 2^24, where float32 is exact, so the product is BLAS's.
        self._from = np.ascontiguousarray(weights.T).astype(np.float32)
        self.out = np.zeros(self.shape.oscillators, np.bool_)

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time, counters and read-outs."""
        return {
            "TICK": self.tick,
            "SPIKES": self.fired,
            "MOVED": int(self.moved),
            "SETTLED": self.settled,
        }

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name != "COMMAND":
            self.regs[reg.name] = value
        elif value & spec.RESET_STATE:
            self._reset()

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        if region == spec.REGION_WEIGHTS:
            every = pack_weights(self.shape, self.weights)
            every[addr : addr + len(words)] = words
            self.set_weights(unpack_weights(self.shape, every))
        elif region == spec.REGION_PHASES:
            self.phases[addr : addr + len(words)] = words & self.shape.period - 1

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window."""
        self.check_window(region, addr, count)
        if region == spec.REGION_WEIGHTS:
            return pack_weights(self.shape, self.weights)[addr : addr + count]
        return self.phases[addr : addr + count].astype(np.uint32)

    # Time steps.

    def _tick(self) -> Spikes:
        tick, before = self.tick, self.phases
        outputs, self.phases, self.was = self._step(tick, before, self.was)
        spikes = self._emit(tick, outputs & ~self.out)
        self.out = outputs
        self._moving |= bool((self.phases != before).any())
        self.tick = (tick + 1) & _U32
        if self.tick % self.shape.period == 0:
            self.moved, self._moving = self._moving, False
            if not self.moved and not self.settled:
                self.settled = self.tick
        return spikes

    def _step(self, tick: int, phases: Ints, was: Bools) -> tuple[Bools, Ints, Bools]:
        """A time step of any number of networks, [..., N]: outputs, then phases and sums' signs."""
        period = self.shape.period
        outputs = (tick - phases) % period < period // 2
        sums = np.where(outputs, np.float32(1), np.float32(-1)) @ self._from
        high = (sums > 0) | (sums == 0) & outputs
        return outputs, np.where(high & ~was, tick % period, phases), high

    def ensemble(self, phases: Ints, ticks: int) -> Ints:
        """Many networks of these couplings, each from its own phases and the reset: [networks, N] →
        the phases after so many steps. The engine's own state does not change."""
        was = np.ones(phases.shape, np.bool_)
        for tick in range(ticks):
            _, phases, was = self._step(tick, phases, was)
        return phases


def pack_weights(shape: spec.SquareShape, weights: Ints) -> Words:
    """Couplings [N, N] → the words of region WEIGHTS."""
    n, bits = shape.oscillators, shape.weight_bits
    places = np.arange(bits)
    raw = (weights.T[:, :, None] >> places & 1).reshape(n, shape.groups, shape.group * bits)
    padded = np.zeros((n, shape.groups, spec.WORD_BITS << shape.word_bits), np.int64)
    padded[:, :, : shape.group * bits] = raw
    words = padded.reshape(n, -1, spec.WORD_BITS) @ (1 << np.arange(spec.WORD_BITS))
    every = np.zeros((n, 1 << shape.row_bits), np.uint32)
    every[:, : words.shape[1]] = words
    return every.ravel()


def unpack_weights(shape: spec.SquareShape, words: Words) -> Ints:
    """Inverse of ``pack_weights``; bits that no coupling has are dropped."""
    n, bits = shape.oscillators, shape.weight_bits
    row = words.reshape(n, -1)[:, : shape.groups << shape.word_bits].astype(np.int64)
    raw = (row[:, :, None] >> np.arange(spec.WORD_BITS) & 1).reshape(n, shape.groups, -1)
    raw = raw[:, :, : shape.group * bits].reshape(n, n, bits)
    values = raw @ (1 << np.arange(bits))
    half = 1 << bits - 1
    return np.ascontiguousarray(((values ^ half) - half).T)

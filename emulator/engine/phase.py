"""The phase engine, bit-exact to ``rtl.engine.phase``; the contract is ``spec.phase``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SEED_HALVES, Spikes, Words, reseeded
from spinloom.emulator.engine.oscillators import OscillatorEngine
from spinloom.emulator.oscillator.phase import Ints, PhaseArray
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec import phase as spec

_U32 = 0xFFFFFFFF


def signed(value: int, bits: int) -> int:
    """Two's complement of so many bits."""
    return value - (1 << bits) if value >> bits - 1 & 1 else value


@dataclass
class Clock:
    """What all oscillators share: the tick, the injected signal's phase, the SHIL ramp."""

    tick: int = 0
    psi: int = 0
    ramp: int = 0


class PhaseEngine(OscillatorEngine[spec.PhaseShape]):
    """Golden model of the phase engine behind the same registers and memory window as the RTL.

    ``phases`` are int64 [1, N]; ``ensemble`` runs many such networks at once.
    """

    quiet = spec.CONTROL_QUIET

    def __init__(self, shape: spec.PhaseShape) -> None:
        super().__init__(shape)
        n = shape.oscillators
        self.array = PhaseArray(shape)
        self.wave = np.zeros(shape.wave, np.int64)
        self.phases = np.zeros((1, n), np.int64)
        self.base = np.zeros(n, np.int64)
        self.random = LinearGenerators(shape.generator, [spec.SEED])
        self.power_on()

    def power_on(self) -> None:
        """State and generator to their start; registers and memories stay."""
        self.bad_event = False
        self.random.seed([spec.SEED])
        self._reset()

    def _reset(self) -> None:
        n = self.shape.oscillators
        self.clock = Clock(psi=self.regs["INJ_PHASE"])
        self.sums = 0, 0
        self.fired = 0
        self.ok, self.locked = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        self.base[:] = 0

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time, counters and read-outs."""
        return {
            "TICK": self.clock.tick,
            "SPIKES": self.fired,
            "SIN_SUM": self.sums[0],
            "COS_SUM": self.sums[1],
            "LOCKED": int(self.locked.sum()),
            "SHIL": self.clock.ramp >> spec.RAMP_SHIFT,
            "PSI": self.clock.psi,
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

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        here = slice(addr, addr + len(words))
        values = words.astype(np.int64)
        if region == spec.REGION_WEIGHTS:
            every = pack_weights(self.shape, self.array.weights)
            every[here] = words
            self.array.set_weights(unpack_weights(self.shape, every))
        elif region == spec.REGION_PHASES:
            self.phases[0, here] = values & self.shape.turn - 1
        elif region == spec.REGION_OMEGA:
            half = self.shape.turn // 2
            self.array.omega[here] = ((values & self.shape.turn - 1) ^ half) - half
        elif region == spec.REGION_WAVE:
            half = 1 << spec.GAIN_BITS - 1
            self.wave[here] = ((values & 2 * half - 1) ^ half) - half

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; the wave reads 0."""
        self.check_window(region, addr, count)
        here = slice(addr, addr + count)
        if region == spec.REGION_WEIGHTS:
            return pack_weights(self.shape, self.array.weights)[here]
        if region == spec.REGION_PHASES:
            return self.phases[0, here].astype(np.uint32)
        if region == spec.REGION_OMEGA:
            return (self.array.omega[here] & self.shape.turn - 1).astype(np.uint32)
        if region == spec.REGION_LOCKS:
            locks = self.base | self.ok.astype(np.int64) << 16 | self.locked.astype(np.int64) << 17
            return locks[here].astype(np.uint32)
        return np.zeros(count, np.uint32)

    # Time steps.

    def _tick(self) -> Spikes:
        old, tick = self.phases, self.clock.tick
        self._detect(old[0])
        sines, cosines = self.array.sine(old), self.array.cosine(old)
        self.sums = int(sines.sum()), int(cosines.sum())
        self.phases, fires = self._step(self.clock, self.random, old, sines, cosines)
        return self._emit(tick, fires[0])

    def _detect(self, phases: Ints) -> None:
        """The phase detectors, on the phases before the step."""
        turn, regs = self.shape.turn, self.regs
        reference = self.clock.psi
        if regs["CONTROL"] & spec.CONTROL_LOCK_OSCILLATOR:
            reference = int(phases[regs["LOCK_REF"]])
        delta = phases - reference & turn - 1
        if self.clock.tick % regs["LOCK_TICKS"] == 0:
            self.locked, self.base = self.ok, delta
            self.ok = np.ones(len(phases), np.bool_)
        else:
            moved = (delta - self.base + turn // 2 & turn - 1) - turn // 2
            self.ok &= np.abs(moved) <= regs["LOCK_WIDTH"]

    def _step(
        self, clock: Clock, random: LinearGenerators, phases: Ints, sines: Ints, cosines: Ints
    ) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """A time step of any number of networks, [networks, N]: their phases, and who fired."""
        regs, turn = self.regs, self.shape.turn
        control = regs["CONTROL"]
        noise, shift = regs["NOISE"], regs["SHIFT"]
        words = None
        if noise or control & spec.CONTROL_STOCHASTIC:
            networks, n = phases.shape
            words = random.block(networks * n).reshape(n, networks).T
        moves = self.array.omega + self._detuning()
        if control & (spec.CONTROL_COUPLED | spec.CONTROL_MEAN_FIELD):
            mean_field = bool(control & spec.CONTROL_MEAN_FIELD)
            u = self.array.coupling(sines, cosines, mean_field=mean_field)
            rounding: int | Ints = 1 << shift >> 1
            if words is not None and control & spec.CONTROL_STOCHASTIC:
                rounding = (words & np.uint64((1 << shift) - 1)).astype(np.int64)
            moves = moves + (self._gain(clock) * u + rounding >> shift)
        if clock.ramp >> spec.RAMP_SHIFT:
            moves = moves + self.array.harmonic(phases, clock.ramp >> spec.RAMP_SHIFT)
        if regs["INJ"]:
            moves = moves + self.array.injected(phases, clock.psi, regs["INJ"])
        if words is not None and noise:
            drawn = words >> np.uint64(32) & np.uint64((2 << noise) - 1)
            moves = moves + drawn.astype(np.int64) - (1 << noise)
        after = phases + moves
        clock.psi = (clock.psi + regs["INJ_FREQ"]) % turn
        clock.tick = (clock.tick + 1) & _U32
        top = regs["SHIL_MAX"] << spec.RAMP_SHIFT
        rising = clock.tick > regs["SHIL_START"]
        clock.ramp = min(clock.ramp + regs["SHIL_RATE"], top) if rising else 0
        return after & turn - 1, after >= turn

    def _gain(self, clock: Clock) -> int:
        if self.regs["CONTROL"] & spec.CONTROL_WAVE:
            return int(self.wave[clock.tick % self.regs["WAVE_LENGTH"]])
        return signed(self.regs["GAIN"], spec.GAIN_BITS)

    def _detuning(self) -> int:
        """D of the contract."""
        bias = signed(self.regs["BIAS"], spec.GAIN_BITS)
        slope, curve = (signed(self.regs[name], 16) for name in ("SLOPE", "CURVE"))
        return (slope * bias >> 8) + (curve * bias * bias >> 20)

    def ensemble(self, phases: Ints, ticks: int, seeds: Sequence[int]) -> Ints:
        """Many networks of these couplings and registers, each from its own phases and seed and
        with everything else at its start: [networks, N] → the phases after so many steps. The
        engine's own state does not change."""
        clock = Clock(psi=self.regs["INJ_PHASE"])
        random = LinearGenerators(self.shape.generator, seeds)
        for _ in range(ticks):
            sines, cosines = self.array.sine(phases), self.array.cosine(phases)
            phases, _ = self._step(clock, random, phases, sines, cosines)
        return phases


def pack_weights(shape: spec.PhaseShape, weights: Ints) -> Words:
    """Couplings [N, N] → the words of region WEIGHTS."""
    n, per = shape.oscillators, spec.WEIGHTS_PER_WORD
    stride = 1 << (shape.row_words - 1).bit_length()
    octets = np.zeros((n, per * stride), np.uint8)
    octets[:, :n] = weights.T.astype(np.int8).view(np.uint8)
    return octets.view("<u4").astype(np.uint32).ravel()


def unpack_weights(shape: spec.PhaseShape, words: Words) -> Ints:
    """Inverse of ``pack_weights``; bits above those of a weight are dropped."""
    n, half = shape.oscillators, 1 << shape.weight_bits - 1
    octets = words.astype("<u4").view(np.uint8).reshape(n, -1)[:, :n].astype(np.int64)
    return np.ascontiguousarray((((octets & 2 * half - 1) ^ half) - half).T)

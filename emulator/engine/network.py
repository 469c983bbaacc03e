"""The network engine, bit-exact to ``rtl.engine.network``; the contract is ``spec.network``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import (
    SEED_HALVES,
    SPIKE_DTYPE,
    Engine,
    Spikes,
    Words,
    reseeded,
)
from spinloom.emulator.neuron.accumulator import Accumulators
from spinloom.emulator.neuron.spin import SpinNeuron
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec import network as spec
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK
from spinloom.emulator.synapse.pairs import JunctionPairs
from spinloom.emulator.synapse.taps import Taps

Ints = npt.NDArray[np.int64]
_U32 = 0xFFFFFFFF
DRAWN_LANES = STATE_BITS // spec.CODE_BITS  # neurons that share a random word


class NetworkEngine(Engine[spec.NetworkShape]):
    """Golden model of the network engine behind the same registers and memory window as the
    RTL."""

    def __init__(self, shape: spec.NetworkShape) -> None:
        super().__init__(shape)
        self.pairs = JunctionPairs(shape.weight_words)
        self.taps = Taps(shape)
        self.neurons = Accumulators(shape)
        self.bias = np.zeros((shape.bias_words, spec.LANES), np.int64)
        self.codes = np.zeros(spec.CODES, np.int64)
        self.random = LinearGenerator(shape.generator, spec.SEED)
        self._layers = [_Layer(shape, n) for n in range(len(shape.layers))]
        self.power_on()

    def power_on(self) -> None:
        """State and generator to their start; registers and memories stay."""
        self.bad_event = False
        self.random.seed(spec.SEED)
        self._reset_state()

    def _reset_state(self) -> None:
        self.neurons.clear()
        self.tick = self.fired = self.hidden = 0

    # Registers and memories.

    def live(self) -> dict[str, int]:
        """Time and counters."""
        return {"TICK": self.tick, "SPIKES": self.fired, "HIDDEN": self.hidden}

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name == "COMMAND":
            if value & spec.RESET_STATE:
                self._reset_state()
            return
        self.regs[reg.name] = value
        if reg.name in SEED_HALVES:
            self.random.seed(reseeded(self.random.state, reg.name, value))

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        here = slice(addr, addr + len(words))
        if region == spec.REGION_WEIGHTS:
            self.pairs.write_words(addr, words)
        elif region == spec.REGION_CODES:
            self.codes[here] = words & 2 * spec.CODE_ONE - 1
        elif region == spec.REGION_BIAS:
            sign = 1 << self.shape.bias_bits - 1
            values = words.astype(np.int64) & 2 * sign - 1
            self.bias.ravel()[here] = (values ^ sign) - sign
        else:
            self.neurons.write_words(addr, words)

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; the codes read 0."""
        self.check_window(region, addr, count)
        if region == spec.REGION_WEIGHTS:
            return self.pairs.read_words(addr, count)
        if region == spec.REGION_CODES:
            return np.zeros(count, np.uint32)
        if region == spec.REGION_BIAS:
            bits = self.bias.ravel()[addr : addr + count] & (1 << self.shape.bias_bits) - 1
            return bits.astype(np.uint32)
        return self.neurons.read_words(addr, count)

    # The stream.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        words = np.asarray(words, np.uint16)
        spikes: list[Ints] = []
        ticks = np.flatnonzero(words >= WORD_TICK)
        start = 0
        for end in [*ticks.tolist(), len(words)]:
            self._events(words[start:end])
            steps = int(words[end]) & MAX_TICKS if end < len(words) else 0
            spikes += [self._time_step() for _ in range(steps)]
            start = end + 1
        found = np.concatenate([np.empty((0, 2), np.int64), *spikes])
        self.fired += len(found)
        if self.regs["CONTROL"] & spec.CONTROL_QUIET:
            found = found[:0]
        out = np.empty(len(found), SPIKE_DTYPE)
        out["tick"], out["neuron"] = found[:, 0], found[:, 1]
        return out

    def _events(self, words: npt.NDArray[np.uint16]) -> None:
        """Events at the inputs."""
        addresses = words.astype(np.int64)
        known = self._layers[0].is_input(addresses)
        if not known.all():
            self.bad_event = True
            addresses = addresses[known]
        self._integrate(0, addresses)

    def _integrate(self, n: int, addresses: Ints) -> None:
        """Events of layer ``n``, in order. Where no wall can saturate, their order is nothing."""
        if not len(addresses):
            return
        layer, signed, step = self._layers[n], self.pairs.signed, self.regs[f"L{n}_STEP"]
        weights, words = self.taps.weight[n][addresses], self.taps.word[n][addresses]
        if self.neurons.saturates(layer.words, step * len(addresses)):
            for weight, word in zip(weights, words, strict=True):
                inside = word >= 0
                self.neurons.integrate(word[inside], step * signed[weight[inside]])
            return
        if layer.dense:
            total = signed[weights].sum(axis=0)
        else:
            total = np.zeros((layer.size, spec.LANES), np.int64)
            inside = words >= 0
            np.add.at(total, words[inside] - layer.words.start, signed[weights[inside]])
        self.neurons.integrate_sum(layer.words, step * total)

    def _time_step(self) -> Ints:
        """One tick of all layers; spikes of the last one as (tick, neuron), int64 [spikes, 2]."""
        self.tick = self.tick + 1 & _U32
        fired = np.empty(0, np.int64)
        for n, layer in enumerate(self._layers):
            if n:
                self.hidden += len(fired)
                self._integrate(n, fired)
            fired = self._update(n, layer)
        return np.stack([np.full(len(fired), self.tick), fired], axis=1)

    def _update(self, n: int, layer: _Layer) -> Ints:
        """The neurons of a layer; numbers of those that fire, in order."""
        regs, neurons = self.regs, self.neurons
        mode = regs[f"L{n}_MODE"]
        sign = 1 << self.shape.position_bits - 1
        neuron = SpinNeuron(
            lowest=self.shape.lowest,
            theta=regs[f"L{n}_THETA"],
            lo=(regs[f"L{n}_LO"] ^ sign) - sign,
            hi=(regs[f"L{n}_HI"] ^ sign) - sign,
            leak=regs[f"L{n}_LEAK"],
            reset_ticks=regs[f"L{n}_RESET_TICKS"],
            to_zero=bool(mode & spec.MODE_TO_ZERO),
            junction=bool(mode & spec.MODE_JUNCTION),
            shift=regs[f"L{n}_SHIFT"],
        )
        at, lane = layer.at, layer.lane
        r = np.zeros(len(at), np.int64)
        if neuron.junction:
            words = self.random.block(layer.draws)
            shifts = spec.CODE_BITS * (lane % DRAWN_LANES)
            r = (words[layer.draw] >> shifts.astype(np.uint64)).astype(np.int64)
            r &= spec.CODE_ONE - 1
        neurons.pos[at, lane], neurons.timer[at, lane], fires = neuron.tick(
            neurons.pos[at, lane], neurons.timer[at, lane], self.bias[layer.bias, lane], r,
            self.codes,
        )  # fmt: skip
        return layer.number[fires]  # type: ignore[no-any-return]


class _Layer:
    """Where the neurons of a layer are, in the order in which they are stepped: ``at`` their neuron
    word and ``lane``, ``number`` their addresses, ``bias`` their word of biases, ``draw`` their
    random word."""

    def __init__(self, shape: spec.NetworkShape, n: int) -> None:
        layer = shape.layers[n]
        start = sum(before.words for before in shape.layers[:n])
        self.dense = isinstance(layer, spec.Dense)
        self.size = layer.words
        self.words = slice(start, start + layer.words)
        x = np.tile(np.arange(layer.columns), layer.rows)
        y = np.repeat(np.arange(layer.rows), layer.columns)
        pitch = layer.words // layer.rows
        counts = np.array([layer.lanes(column) for column in range(layer.columns)])[x]
        word = np.repeat(y * pitch + x, counts)
        begins = np.cumsum(counts) - counts
        self.lane = np.arange(counts.sum()) - np.repeat(begins, counts)
        self.at = word + start
        self.number = word << layer.lane_bits | self.lane
        biases = sum(before.bias_words for before in shape.layers[:n])
        self.bias = biases + (word if self.dense else 0 * word)
        draws = -(-counts // DRAWN_LANES)
        self.draws = int(draws.sum())
        self.draw = np.repeat(np.cumsum(draws) - draws, counts) + self.lane // DRAWN_LANES
        self._is_input = np.array([layer.is_input(a) for a in range(layer.inputs)])

    def is_input(self, addresses: Ints) -> npt.NDArray[np.bool_]:
        """Which addresses are inputs of the layer."""
        end = len(self._is_input)
        known = self._is_input[np.minimum(addresses, end - 1)]
        return (addresses < end) & known  # type: ignore[no-any-return]

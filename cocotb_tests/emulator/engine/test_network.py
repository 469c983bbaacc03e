"""The golden network engine against the contract as straight-line code, neuron by neuron."""

from __future__ import annotations

import numpy as np
import pytest

from cocotb_tests.network import SHAPES, random_memories, random_registers, random_words
from spinloom.emulator.engine.network import NetworkEngine
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec import network as spec
from spinloom.emulator.spec.shape import WORD_TICK


class Plain:
    """The text of ``spec.network``, one neuron at a time, from an engine's memories."""

    def __init__(self, engine: NetworkEngine) -> None:
        self.shape, self.regs = engine.shape, engine.regs
        self.signed, self.bias, self.codes = engine.pairs.signed, engine.bias, engine.codes
        self.random = LinearGenerator(self.shape.generator, engine.random.state)
        self.pos, self.timer = engine.neurons.pos.copy(), engine.neurons.timer.copy()
        self.tick, self.fired, self.hidden = engine.tick, engine.fired, engine.hidden
        self.spikes: list[tuple[int, int]] = []
        self.saturated = self.waited = 0

    def reg(self, n: int, name: str) -> int:
        value = self.regs[f"L{n}_{name}"]
        if name in ("LO", "HI") and value >> self.shape.position_bits - 1:
            value -= 1 << self.shape.position_bits
        return value

    def first(self, n: int, field: str) -> int:
        return sum(getattr(layer, field) for layer in self.shape.layers[:n])

    def event(self, n: int, a: int) -> None:
        layer = self.shape.layers[n]
        if isinstance(layer, spec.Dense):
            for k in range(layer.columns):
                self.step(n, a * layer.columns + k, k)
            return
        c, x = a % (1 << layer.channel_bits), a >> layer.channel_bits
        y, x = x >> layer.x_bits, x % (1 << layer.x_bits)
        for dy in range(layer.kernel):
            for dx in range(layer.kernel):
                yo, xo = y - dy + layer.kernel // 2, x - dx + layer.kernel // 2
                if 0 <= yo < layer.height and 0 <= xo < layer.width:
                    weight = (c * layer.kernel + dy) * layer.kernel + dx
                    self.step(n, weight, yo << layer.x_bits | xo)

    def step(self, n: int, weight: int, word: int) -> None:
        weight, word = weight + self.first(n, "weight_words"), word + self.first(n, "words")
        for lane in range(spec.LANES):
            if self.timer[word, lane]:
                self.waited += 1
                continue
            moved = self.pos[word, lane] + self.reg(n, "STEP") * self.signed[weight, lane]
            self.pos[word, lane] = min(max(moved, self.shape.lowest), self.shape.highest)
            self.saturated += moved != self.pos[word, lane]

    def time_step(self) -> None:
        self.tick += 1
        for n, layer in enumerate(self.shape.layers):
            pitch = layer.words // layer.rows
            for y in range(layer.rows):
                for x in range(layer.columns):
                    self.word(n, y * pitch + x, layer.lanes(x))

    def word(self, n: int, word: int, lanes: int) -> None:
        layer = self.shape.layers[n]
        junction = self.reg(n, "MODE") & spec.MODE_JUNCTION
        row = 0 if isinstance(layer, spec.Convolution) else word
        fired, draw = [], 0
        for lane in range(lanes):
            if junction and lane % 4 == 0:
                draw = self.random.step()
            r = draw >> 16 * (lane % 4) & 0xFFFF
            at = self.first(n, "words") + word, lane
            bias = int(self.bias[self.first(n, "bias_words") + row, lane])
            if self.neuron(n, at, bias, r, bool(junction)):
                fired.append(word << layer.lane_bits | lane)
        for number in fired:
            if n + 1 < len(self.shape.layers):
                self.hidden += 1
                self.event(n + 1, number)
            else:
                self.fired += 1
                self.spikes.append((self.tick, number))

    def neuron(self, n: int, at: tuple[int, int], bias: int, r: int, junction: bool) -> bool:
        def reset() -> None:
            lost = max(self.pos[at] - self.reg(n, "THETA"), self.shape.lowest)
            to_zero = junction or self.reg(n, "MODE") & spec.MODE_TO_ZERO
            self.pos[at] = 0 if to_zero else lost

        if self.timer[at]:
            self.timer[at] -= 1
            if not self.timer[at]:
                reset()
            return False
        v = int(self.pos[at]) + bias
        v -= (v > 0) * min(v, self.reg(n, "LEAK")) - (v < 0) * min(-v, self.reg(n, "LEAK"))
        v = min(max(v, self.reg(n, "LO")), self.reg(n, "HI"))
        self.pos[at] = v
        fires = v >= self.reg(n, "THETA")
        if junction:
            index = max(0, min(v - self.reg(n, "LO") >> self.reg(n, "SHIFT"), spec.CODES - 1))
            fires = r + int(self.codes[index]) >= spec.CODE_ONE
            self.pos[at] = 0
        if fires and self.reg(n, "RESET_TICKS"):
            self.timer[at] = self.reg(n, "RESET_TICKS")
        elif fires:
            reset()
        return bool(fires)


@pytest.mark.parametrize("name", SHAPES)
def test_the_contract_word_by_word(name):
    shape = SHAPES[name]
    saturated = waited = spikes = hidden = bad = 0
    for seed in range(8):
        print(f"{name} seed {seed}")
        rng = np.random.default_rng(seed)
        engine = NetworkEngine(shape)
        for region, words in random_memories(rng, shape).items():
            engine.write_memory(region, 0, words)
        for register, value in random_registers(rng, shape).items():
            engine.write_register(shape.registers[register].addr, value)
        words = random_words(rng, shape, 60)
        plain = Plain(engine)
        for word in words.tolist():
            if word < WORD_TICK:
                if shape.layers[0].is_input(word):
                    plain.event(0, word)
                else:
                    bad += 1
            for _ in range(word - WORD_TICK):
                plain.time_step()
        out = engine.stream(words)
        quiet = engine.regs["CONTROL"] & spec.CONTROL_QUIET
        assert out.tolist() == ([] if quiet else plain.spikes)
        assert (engine.neurons.pos == plain.pos).all()
        assert (engine.neurons.timer == plain.timer).all()
        assert engine.random.state == plain.random.state
        assert engine.live() == {
            "TICK": plain.tick, "SPIKES": plain.fired, "HIDDEN": plain.hidden
        }  # fmt: skip
        saturated, waited = saturated + plain.saturated, waited + plain.waited
        spikes, hidden = spikes + plain.fired, hidden + plain.hidden
    assert min(saturated, waited, spikes, bad) > 0
    assert hidden > 0 or len(shape.layers) == 1

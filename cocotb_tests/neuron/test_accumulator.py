"""Neuron words against their golden twin: sums that saturate, waiting lanes, reading ahead."""

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from cocotb_tests.network import SHAPES
from spinloom.emulator.neuron.accumulator import Accumulators as Golden
from spinloom.emulator.spec.network import LANES
from spinloom.rtl.neuron.accumulator import Accumulators


@pytest.mark.parametrize("name", SHAPES)
def test_against_golden(name):
    print("seed 1")
    rng = np.random.default_rng(1)
    shape = SHAPES[name]
    dut, golden = Accumulators(shape), Golden(shape)
    pitch = LANES * shape.words
    saturated = 0

    async def read(ctx, word):
        ctx.set(dut.i_read, 1)
        ctx.set(dut.i_addr, word)
        await ctx.tick()
        ctx.set(dut.i_read, 0)

    async def poke(ctx, slot, value):
        await read(ctx, slot // LANES)
        ctx.set(dut.i_write, 1)
        ctx.set(dut.i_lanes, 1 << slot % LANES)
        ctx.set(dut.i_pos, value & (1 << shape.position_bits) - 1)
        ctx.set(dut.i_timer, value >> 16 & (1 << shape.timer_bits) - 1)
        await ctx.tick()
        ctx.set(dut.i_write, 0)
        golden.write_words(slot, np.array([value], np.uint32))

    async def event(ctx, words):
        """A word is read in the cycle in which the one before it is written."""
        nonlocal saturated
        step = int(rng.choice([0, 1, 3, shape.highest // 3, shape.highest]))
        plus = rng.integers(0, 2, (len(words), LANES))
        minus = rng.integers(0, 2, (len(words), LANES)) * (1 - plus)
        bit = 1 << np.arange(LANES)
        ctx.set(dut.i_step, step)
        for n in range(len(words) + 1):
            ctx.set(dut.i_read, n < len(words))
            ctx.set(dut.i_addr, int(words[n % len(words)]))
            ctx.set(dut.i_add, n > 0)
            ctx.set(dut.i_plus, int(plus[n - 1] @ bit))
            ctx.set(dut.i_minus, int(minus[n - 1] @ bit))
            await ctx.tick()
        ctx.set(dut.i_add, 0)
        golden.integrate(words, step * (plus - minus))
        saturated += int((golden.pos == shape.highest).sum() + (golden.pos == shape.lowest).sum())

    async def bench(ctx):
        for slot in range(pitch):
            timer = int(rng.choice([0, 0, 1, 3]))
            await poke(ctx, slot, int(rng.integers(0, 1 << 16)) | timer << 16)
        for _ in range(100):
            count = int(rng.integers(1, min(6, shape.words + 1)))
            await event(ctx, rng.permutation(shape.words)[:count])
            word = int(rng.integers(shape.words))
            await read(ctx, word)
            mask = (1 << shape.position_bits) - 1
            assert list(ctx.get(dut.o_pos)) == (golden.pos[word] & mask).tolist()
            assert list(ctx.get(dut.o_timer)) == golden.timer[word].tolist()

    simulate(dut, [bench], cycles=100_000)
    assert saturated > 100

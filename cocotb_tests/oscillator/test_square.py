"""A group of square waves against the golden model: random orders, and what comes back."""

import random

import numpy as np

from cocotb_tests.link.streams import simulate
from spinloom.emulator.oscillator.square import SquareGroup as Golden
from spinloom.emulator.spec.square import WORD_BITS, SquareShape
from spinloom.rtl.oscillator.square import LATENCY, Order, SquareGroup

SHAPE = SquareShape(name="test", oscillators=64, weight_bits=5)
INDEX = 1  # the second of two groups
GROUP = SHAPE.group


def words_of(row):
    """Window words of a row of couplings."""
    value = sum((int(w) & 31) << 5 * n for n, w in enumerate(row))
    return [value >> WORD_BITS * k & (1 << WORD_BITS) - 1 for k in range(SHAPE.group_words)]


def test_against_golden():
    print("seed 1")
    rng = random.Random(1)
    dut, golden = SquareGroup(SHAPE, INDEX), Golden(SHAPE, INDEX * GROUP)
    seen = 0

    async def order(ctx, kind, column=0, word=0, value=0, group=None):
        """One order; what is seen of replies in its cycle."""
        ctx.set(dut.i_order.order, kind)
        ctx.set(dut.i_order.column, column)
        ctx.set(dut.i_order.group, column // GROUP if group is None else group)
        ctx.set(dut.i_order.word, word)
        ctx.set(dut.i_order.data, value)
        await ctx.tick()
        ctx.set(dut.i_order.order, Order.NONE)

    async def settled(ctx):
        for _ in range(LATENCY):
            await ctx.tick()

    async def reply(ctx):
        """The reply of the order just given."""
        for _ in range(LATENCY):
            assert not ctx.get(dut.o_reply.valid)
            await ctx.tick()
        assert ctx.get(dut.o_reply.valid)
        return ctx.get(dut.o_reply.moved), ctx.get(dut.o_reply.data)

    async def bench(ctx):
        nonlocal seen
        for column in range(SHAPE.oscillators):
            golden.weights[column] = [rng.randrange(-16, 16) for _ in range(GROUP)]
            for k, value in enumerate(words_of(golden.weights[column])):
                await order(ctx, Order.LOAD, column, k, value, group=INDEX)
                await order(ctx, Order.LOAD, column, k, 0, group=1 - INDEX)
        await settled(ctx)
        for _ in range(10):
            column, k = rng.randrange(SHAPE.oscillators), rng.randrange(SHAPE.group_words)
            await order(ctx, Order.READ, column, k, group=INDEX)
            assert await reply(ctx) == (0, words_of(golden.weights[column])[k])
        await order(ctx, Order.RESTART)
        golden.was[:] = True
        golden.held[:] = False
        for lane in range(GROUP):
            golden.count[lane] = rng.randrange(SHAPE.period)
            await order(ctx, Order.POKE, INDEX * GROUP + lane, value=int(golden.count[lane]))
        await order(ctx, Order.CLEAR)
        golden.clear()
        for column in range(SHAPE.oscillators):
            await order(ctx, Order.ADD, column)
            golden.add(column, up=False, whole=False)
        outside = [False] * GROUP  # outputs of the other group, as if low
        for _ in range(300):
            for lane in np.flatnonzero(golden.levels() != golden.held).tolist():
                column = INDEX * GROUP + lane
                up = bool(golden.levels()[lane])
                golden.add(column, up=up, whole=True)
                await order(ctx, Order.ADD, column, value=2 | up)
            lane = rng.randrange(GROUP)
            outside[lane] = not outside[lane]
            golden.add(lane, up=outside[lane], whole=True)
            await order(ctx, Order.ADD, lane, value=2 | outside[lane])
            await order(ctx, Order.EVALUATE)
            golden.evaluate()
            await order(ctx, Order.ADVANCE, value=1)
            moved = golden.advance(1)
            assert await reply(ctx) == (moved, 0)
            seen += moved
            levels = golden.levels()
            assert ctx.get(dut.o_levels) == sum(int(b) << n for n, b in enumerate(levels))
            toggles = levels != golden.held
            assert ctx.get(dut.o_toggles) == sum(int(b) << n for n, b in enumerate(toggles))
            if rng.random() < 0.3:
                lane = rng.randrange(GROUP)
                await order(ctx, Order.KICK, INDEX * GROUP + lane)
                golden.count[lane] ^= SHAPE.period // 2
            lane = rng.randrange(GROUP)
            await order(ctx, Order.PEEK, INDEX * GROUP + lane)
            assert await reply(ctx) == (0, golden.count[lane])

    simulate(dut, [bench], cycles=20_000)
    assert seen > 50

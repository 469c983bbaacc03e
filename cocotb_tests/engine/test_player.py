"""The player against the golden items: every item in order, round after round."""

import random

import numpy as np
import pytest

from cocotb_tests.link.streams import receiver, simulate
from cocotb_tests.stimulus import random_items
from spinloom.emulator.engine.items import item_ops
from spinloom.emulator.spec.learning import WORD_TICK, LearningShape
from spinloom.rtl.engine.player import Player


def shape_of(row_groups):
    return LearningShape(
        name="test", inputs=128, neurons=8, step_bits=6, group=8, row_groups=row_groups,
        stimulus=32,
    )  # fmt: skip


def ops_of(shape, payloads):
    """Ops (``engine.stepped``) of the items that the player offered."""
    ops, slot = [], shape.row_bits + 1
    for payload in payloads:
        for r in range(shape.row_groups):
            row = payload >> slot * r
            if row >> shape.row_bits & 1:
                ops.append((row & (1 << shape.row_bits) - 1) * shape.row_groups + r)
        judge, ticks = payload >> slot * shape.row_groups & 1, payload >> shape.item_bits - 1
        if judge or ticks:
            ops.append(WORD_TICK | ticks)
    return ops


async def write(ctx, dut, words):
    ctx.set(dut.i_write, 1)
    for addr, word in enumerate(words):
        ctx.set(dut.i_addr, addr)
        ctx.set(dut.i_data, word)
        await ctx.tick()
    ctx.set(dut.i_write, 0)


async def start(ctx, dut, items, rounds):
    ctx.set(dut.i_items, items)
    ctx.set(dut.i_rounds, rounds)
    ctx.set(dut.i_start, 1)
    await ctx.tick()
    ctx.set(dut.i_start, 0)


# Items of one word, of two, and of three, which take four.
@pytest.mark.parametrize(("row_groups", "words"), [(4, 1), (8, 2), (16, 4)])
@pytest.mark.parametrize("stall", [0.0, 0.3, 0.9])
def test_against_golden(row_groups, words, stall):
    print("seed 1")
    rng = random.Random(1)
    shape = shape_of(row_groups)
    assert shape.item_words == words
    dut = Player(shape)
    unused = (1 << 32 * words) - (1 << shape.item_bits)
    noise = np.array([unused >> 32 * k & 0xFFFFFFFF for k in range(words)], np.uint32)

    async def bench(ctx):
        for items, rounds in [(32, 1), (1, 5), (2, 3), (31, 2), (17, 3), (0, 3), (3, 0), (5, 1)]:
            memory = random_items(np.random.default_rng(items), shape, shape.stimulus)
            await write(ctx, dut, (memory | np.tile(noise, shape.stimulus)).tolist())
            assert not ctx.get(dut.o_busy)
            await start(ctx, dut, items, rounds)
            assert ctx.get(dut.o_busy) == (items * rounds > 0)
            received = []
            await receiver(dut.o, received, items * rounds, rng, stall)(ctx)
            assert not ctx.get(dut.o_busy) and not ctx.get(dut.o.valid)
            once = item_ops(shape, memory[: items * words]).tolist() if items else []
            assert ops_of(shape, received) == once * rounds

    simulate(dut, [bench], cycles=20_000)


def test_throughput():
    """An item a cycle, also from one round to the next; busy until the last is taken."""
    dut = Player(shape_of(4))
    offered, busy = [], []

    async def bench(ctx):
        await write(ctx, dut, range(32))
        ctx.set(dut.o.ready, 1)
        await start(ctx, dut, 7, 9)
        for _ in range(80):
            _, _, valid, is_busy = await ctx.tick().sample(dut.o.valid, dut.o_busy)
            offered.append(valid)
            busy.append(is_busy)

    simulate(dut, [bench], cycles=200)
    first = offered.index(1)
    assert offered == [0] * first + [1] * 63 + [0] * (80 - 63 - first)
    assert busy == [1] * (first + 63) + [0] * (80 - 63 - first)

"""The packer against the golden packing: the same groups of events, the same ticks behind each."""

import random

import numpy as np
import pytest
from amaranth.hdl import Value

from cocotb_tests.emulator.engine.test_items import played
from cocotb_tests.link.streams import simulate
from spinloom.emulator.engine.items import item_ops, pack_items
from spinloom.emulator.spec import learning as spec
from spinloom.rtl.engine.items import Packer


def shape_of(group, row_groups, inputs=128):
    return spec.LearningShape(
        name="test", inputs=inputs, neurons=8, step_bits=6, group=group, row_groups=row_groups,
        stimulus=4096,
    )  # fmt: skip


class Driver:
    """Sends words, takes items at random and keeps them as ops (``engine.stepped``)."""

    def __init__(self, shape, rng, stall):
        self.shape, self.rng, self.stall = shape, rng, stall
        self.dut = Packer(shape)
        self.ops, self.bad, self.cycles, self.shared = [], 0, 0, 0
        self.is_open = False  # events of the group have come
        self.offered = None

    async def cycle(self, ctx):
        """One cycle; whether the word was taken."""
        dut = self.dut
        ctx.set(dut.o.ready, self.rng.random() >= self.stall)
        _, _, word, ready, valid, taken, item, bits, bad = await ctx.tick().sample(
            dut.i.valid, dut.i.ready, dut.o.valid, dut.o.ready, dut.o.payload,
            Value.cast(dut.o.payload), dut.o_bad_event,
        )  # fmt: skip
        self.cycles += 1
        self.bad += bad
        if self.offered is not None:
            assert valid and bits == self.offered, "an offer was changed"
        self.offered = bits if word and valid and not taken else None
        if valid and taken:
            self.take(item)
        return word and ready

    def take(self, item):
        groups = self.shape.row_groups
        rows = [(r, item.slots[r]) for r in range(groups)]
        addresses = [slot.row * groups + r for r, slot in rows if slot.present]
        self.ops += addresses
        self.is_open |= bool(addresses)
        self.shared += len(addresses) > 1
        if item.judge or item.ticks:
            self.ops.append(spec.WORD_TICK | item.ticks)
            assert item.judge == self.is_open, "only a group that has events is judged"
            self.is_open = False
        else:
            assert addresses, "an item of nothing"

    async def send(self, ctx, word):
        while self.rng.random() < self.stall:
            await self.cycle(ctx)
        ctx.set(self.dut.i.payload, word)
        ctx.set(self.dut.i.valid, 1)
        while not await self.cycle(ctx):
            pass
        ctx.set(self.dut.i.valid, 0)

    async def flush(self, ctx):
        ctx.set(self.dut.i_flush, 1)
        while ctx.get(self.dut.o_waiting):
            await self.cycle(ctx)
        ctx.set(self.dut.i_flush, 0)

    async def strobe(self, ctx, port):
        ctx.set(port, 1)
        await self.cycle(ctx)
        ctx.set(port, 0)


@pytest.mark.parametrize(("group", "row_groups"), [(1, 4), (3, 2), (8, 8), (5, 1), (64, 16)])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_against_golden(group, row_groups, stall):
    """Events, ticks, ticks of 0 and bad addresses; what waits is flushed now and then."""
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(shape_of(group, row_groups), rng, stall)
    sent, bad = [], 0

    async def bench(ctx):
        nonlocal bad
        for _ in range(6):
            tick = rng.choice([0.02, 0.3])
            for _ in range(100):
                word = rng.randrange(driver.shape.inputs)
                if rng.random() < tick:
                    word = spec.WORD_TICK | rng.choice([0, 1, 2, 5])
                elif rng.random() < 0.02:
                    word = rng.choice([driver.shape.inputs, spec.WORD_TICK - 1])
                    bad += 1
                await driver.send(ctx, word)
                if word < driver.shape.inputs or word > spec.WORD_TICK:
                    sent.append(word)
                if rng.random() < 0.03:
                    await driver.flush(ctx)
        await driver.flush(ctx)

    simulate(driver.dut, [bench], cycles=20_000)
    golden = item_ops(driver.shape, pack_items(driver.shape, np.array(sent, np.uint16)))
    assert played(np.array(driver.ops)) == played(golden)
    assert driver.bad == bad > 0
    assert driver.shared or min(group, row_groups) == 1


def test_long_ticks_and_throughput():
    """A word a cycle while no row group is asked for twice, whatever the ticks."""
    driver = Driver(shape_of(64, 8), random.Random(1), 0.0)
    words = [*range(8), *range(16, 24), spec.WORD_TICK | spec.MAX_TICKS, 1, spec.WORD_TICK | 1]

    async def bench(ctx):
        for word in words:
            await driver.send(ctx, word)

    simulate(driver.dut, [bench], cycles=100)
    assert driver.ops == words
    assert driver.cycles == len(words) + 1  # one for the row group that was asked for again


def test_who_else_ends_a_group_and_who_drops_it():
    driver = Driver(shape_of(3, 4), random.Random(1), 0.0)

    async def bench(ctx):
        for word in (0, 1):
            await driver.send(ctx, word)
        await driver.flush(ctx)
        await driver.strobe(ctx, driver.dut.i_closed)
        driver.is_open = False
        for word in (4, 5, 6):  # a group of its own
            await driver.send(ctx, word)
        for word in (8, 9):
            await driver.send(ctx, word)
        await driver.strobe(ctx, driver.dut.i_clear)
        assert not ctx.get(driver.dut.o_waiting)
        for word in (12, 13, 14):
            await driver.send(ctx, word)

    simulate(driver.dut, [bench], cycles=100)
    assert driver.ops == [0, 1, 4, 5, 6, spec.WORD_TICK, 12, 13, 14, spec.WORD_TICK]

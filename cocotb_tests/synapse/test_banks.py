"""The array of banks against the golden array: rows, columns and words in another layout."""

import gc
import random

import numpy as np
import pytest
from amaranth.hdl import UnusedElaboratable

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.synapse.array import SynapseArray as Golden
from spinloom.rtl.synapse.banks import WRITE_LATENCY, SynapseBanks, banks, latency


def shape_of(neurons, row_groups, generators, inputs=128):
    return LearningShape(
        name="test", inputs=inputs, neurons=neurons, row_groups=row_groups, generators=generators
    )


class Driver:
    """Drives an array cycle by cycle and compares every row that it shows."""

    def __init__(self, shape, rng):
        self.shape, self.rng = shape, rng
        self.dut, self.golden = SynapseBanks(shape), Golden(shape)
        self.groups, self.latency = shape.row_groups, latency(shape.neurons)
        self.words = shape.inputs * shape.row_words
        # What each of the next cycles shows, as (row, bits that are defined), by row group.
        nothing = [(0, (1 << shape.neurons) - 1)] * self.groups
        self.shown = [None] * self.latency
        self.nothing = nothing
        self.landing = [None] * WRITE_LATENCY  # columns that will be in memory
        self.compared = self.beside = 0  # rows; those read in the cycle of a write to them

    async def cycle(self, ctx, rows=None, column=None):
        """One cycle: ``rows`` to read by row group, and a (block, neuron, switched, states)."""
        dut, shape = self.dut, self.shape
        self.landing.append(column)
        landed = self.landing.pop(0)
        want = list(self.nothing)
        for r, row in (rows or {}).items():
            i = row * self.groups + r
            bits = int(sum(int(b) << j for j, b in enumerate(self.golden.bits[i])))
            defined = (1 << shape.neurons) - 1
            if landed and landed[0] == i // dut.lanes and landed[2] >> i % dut.lanes & 1:
                defined &= ~(1 << landed[1])
                self.beside += 1
            want[r] = (bits & defined, defined)
            ctx.set(dut.i_rows[r], row)
        ctx.set(dut.i_read, sum(1 << r for r in rows or {}))
        ctx.set(dut.i_write, column is not None)
        for port, value in zip(
            (dut.i_block, dut.i_neuron, dut.i_switched, dut.i_states),
            column or (0, 0, self.rng.getrandbits(dut.lanes), 0),
            strict=True,
        ):
            ctx.set(port, value)
        self.shown.append(want)
        now = self.shown.pop(0)
        _, _, *seen = await ctx.tick().sample(*(dut.o_rows[r] for r in range(self.groups)))
        if now is not None:
            for value, (bits, defined) in zip(seen, now, strict=True):
                assert value & defined == bits
                self.compared += 1
        if landed:
            block, neuron, switched, states = landed
            every = np.zeros((2, shape.inputs), np.bool_)
            at = slice(block * dut.lanes, (block + 1) * dut.lanes)
            for line, value in zip(every, (switched, states), strict=True):
                line[at] = [value >> n & 1 for n in range(dut.lanes)]
            self.golden.write_column(neuron, every[0], every[1])

    async def rest(self, ctx):
        for _ in range(WRITE_LATENCY + 1):
            await self.cycle(ctx)

    async def write_word(self, ctx, addr, data):
        dut = self.dut
        ctx.set(dut.i_word_addr, addr)
        ctx.set(dut.i_word_data, data)
        ctx.set(dut.i_word_write, 1)
        await self.cycle(ctx)
        ctx.set(dut.i_word_write, 0)
        cycles = 0
        while ctx.get(dut.o_word_busy):
            await self.cycle(ctx)
            cycles += 1
        assert cycles == 16
        await self.cycle(ctx)  # the last bit is on its way
        self.golden.write_words(addr, np.array([data], np.uint32))

    async def read_word(self, ctx, addr):
        i = addr // self.shape.row_words
        ctx.set(self.dut.i_word_addr, addr)
        await self.cycle(ctx, {i % self.groups: i // self.groups})
        for _ in range(self.latency - 1):
            await self.cycle(ctx)
        assert ctx.get(self.dut.o_word) == self.golden.read_words(addr, 1)[0]

    def random_rows(self, share):
        return {
            r: self.rng.randrange(self.shape.rows)
            for r in range(self.groups)
            if self.rng.random() < share
        }

    def random_column(self):
        lanes, rng = self.dut.lanes, self.rng
        block = rng.randrange(self.shape.inputs // lanes)
        neuron = rng.randrange(self.shape.neurons)
        return (
            block,
            neuron,
            rng.getrandbits(lanes) & rng.getrandbits(lanes),
            rng.getrandbits(lanes),
        )


every_layout = pytest.mark.parametrize(
    ("neurons", "row_groups", "generators", "count"),
    [
        (12, 8, 1, 1), (16, 16, 2, 1), (32, 4, 1, 2), (20, 8, 2, 2), (48, 2, 1, 4), (40, 4, 2, 4),
        (70, 1, 1, 8), (256, 1, 2, 16),
    ],
)  # fmt: skip


@every_layout
def test_against_golden(neurons, row_groups, generators, count):
    """Reads and column writes in every cycle, side by side; words in between."""
    print("seed 1")
    rng = random.Random(1)
    assert banks(neurons) == count
    driver = Driver(shape_of(neurons, row_groups, generators), rng)

    async def bench(ctx):
        for addr in range(driver.words):  # contents at power-on are undefined
            await driver.write_word(ctx, addr, rng.getrandbits(32))
        driver.compared = 0
        for _ in range(8):
            reads, writes = rng.choice([0.3, 1.0]), rng.choice([0.3, 1.0])
            for _ in range(60):
                column = driver.random_column() if rng.random() < writes else None
                await driver.cycle(ctx, driver.random_rows(reads), column)
            await driver.rest(ctx)
            for _ in range(6):
                addr = rng.randrange(driver.words)
                if rng.random() < 0.5:
                    await driver.write_word(ctx, addr, rng.getrandbits(32))
                await driver.read_word(ctx, addr)
        for addr in range(driver.words):
            await driver.read_word(ctx, addr)

    simulate(driver.dut, [bench], cycles=60_000)
    assert driver.compared > 480 * row_groups
    assert 0.2 < driver.golden.bits.mean() < 0.8


@every_layout
def test_a_column_is_read_right_after_its_write(neurons, row_groups, generators, count):
    """A read sees a write from the cycle on that follows the last of its WRITE_LATENCY; in that
    one the bit itself is undefined, and the rest of the row is not."""
    rng = random.Random(2)
    driver = Driver(shape_of(neurons, row_groups, generators, inputs=64), rng)

    async def bench(ctx):
        for addr in range(driver.words):
            await driver.write_word(ctx, addr, 0)
        for neuron in range(neurons):
            block = neuron % (64 // driver.dut.lanes)
            every = (1 << driver.dut.lanes) - 1
            await driver.cycle(ctx, column=(block, neuron, every, every))
            for _ in range(WRITE_LATENCY - 1):
                await driver.cycle(ctx)
            first = block * driver.dut.lanes // row_groups
            rows = dict.fromkeys(range(row_groups), first + neuron % count)
            await driver.cycle(ctx, rows)
            await driver.cycle(ctx, rows)
        await driver.rest(ctx)
        for _ in range(driver.latency):
            await driver.cycle(ctx)

    simulate(driver.dut, [bench], cycles=20_000)
    assert driver.beside == neurons * row_groups
    assert driver.golden.bits.sum() == neurons * driver.dut.lanes


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (shape_of(32, 8, 1), "generators = 1: .* give 2 generators"),
        (shape_of(32, 4, 2), "generators = 2: .* give 1 generators"),
        (shape_of(257, 1, 4), "neurons = 257: .* at most 256"),
    ],
)
def test_shapes_that_do_not_fit_the_banks_are_refused(shape, message):
    with pytest.warns(UnusedElaboratable):  # Amaranth's word for what never came to be
        with pytest.raises(ValueError, match=rf"LearningShape\.{message}"):
            SynapseBanks(shape)
        gc.collect()

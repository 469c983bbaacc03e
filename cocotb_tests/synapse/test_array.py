"""The crossbar's circuit against the golden model: rows, columns and words of the memory window."""

import random

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.synapse.array import SynapseArray as Golden
from spinloom.rtl.synapse.array import SynapseArray

INPUTS = 64


class Driver:
    """Drives an array and its golden twin alike, and compares what is read."""

    def __init__(self, neurons, rng):
        self.shape = LearningShape(name="test", inputs=INPUTS, neurons=neurons)
        self.dut, self.golden, self.rng = SynapseArray(self.shape), Golden(self.shape), rng
        self.words = INPUTS * self.shape.row_words

    async def fill(self, ctx):
        """Contents at power-on are undefined."""
        for addr in range(self.words):
            await self.write_word(ctx, addr, self.rng.getrandbits(32))

    async def push(self, ctx, stream, payload):
        """One transfer; how many cycles it took."""
        ctx.set(stream.payload, payload)
        ctx.set(stream.valid, 1)
        for cycles in range(1, 4):
            _, _, ready = await ctx.tick().sample(stream.ready)
            if ready:
                ctx.set(stream.valid, 0)
                return cycles
        raise TimeoutError("the array does not take a write")

    async def write_word(self, ctx, addr, data):
        assert await self.push(ctx, self.dut.word, {"addr": addr, "data": data}) == 2
        self.golden.write_words(addr, np.array([data], np.uint32))

    async def read_word(self, ctx, addr):
        dut = self.dut
        ctx.set(dut.i_word_read, 1)
        ctx.set(dut.i_word_addr, addr)
        await ctx.tick()
        ctx.set(dut.i_word_read, 0)
        ctx.set(dut.i_word_addr, self.rng.randrange(self.words))
        (want,) = self.golden.read_words(addr, 1).tolist()
        for _ in range(self.rng.choice([1, 1, 3])):
            _, _, word = await ctx.tick().sample(dut.o_word)
            assert word == want

    async def read_rows(self, ctx, count):
        """Rows one after another, a row a cycle, and the last one held."""
        dut, want = self.dut, None
        rows = [self.rng.randrange(INPUTS) for _ in range(count)]
        for row in [*rows, None, None]:
            ctx.set(dut.i_read, row is not None)
            ctx.set(dut.i_row, self.rng.randrange(INPUTS) if row is None else row)
            # What this edge samples was read at the edge before it.
            _, _, bits = await ctx.tick().sample(dut.o_row)
            if want is not None:
                assert [bits >> j & 1 for j in range(self.shape.neurons)] == want
            if row is not None:
                want = self.golden.bits[row].tolist()

    async def write_column(self, ctx, stall):
        """Some junctions of a column, as a sweep writes them."""
        neuron = self.rng.randrange(self.shape.neurons)
        switched = np.array([self.rng.random() < 0.3 for _ in range(INPUTS)])
        state = np.array([self.rng.random() < 0.5 for _ in range(INPUTS)])
        for row in np.flatnonzero(switched).tolist():
            while self.rng.random() < stall:
                await ctx.tick()
            junction = {"row": row, "column": neuron, "state": int(state[row])}
            assert await self.push(ctx, self.dut.column, junction) == 2
        self.golden.write_column(neuron, switched, state)


@pytest.mark.parametrize("neurons", [2, 12, 32, 40, 64, 70])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_against_golden(neurons, stall):
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(neurons, rng)

    async def bench(ctx):
        await driver.fill(ctx)
        for _ in range(80):
            act = rng.randrange(4)
            if act == 0:
                await driver.read_rows(ctx, rng.randrange(1, 10))
            elif act == 1:
                await driver.write_column(ctx, stall)
            elif act == 2:
                await driver.write_word(ctx, rng.randrange(driver.words), rng.getrandbits(32))
            else:
                await driver.read_word(ctx, rng.randrange(driver.words))
        for addr in range(driver.words):
            await driver.read_word(ctx, addr)

    simulate(driver.dut, [bench], cycles=20_000)
    assert 0 < driver.golden.bits.mean() < 1


def test_a_row_is_read_right_after_a_write():
    """The engine takes the next event as soon as a sweep has ended."""
    driver = Driver(32, random.Random(2))

    async def bench(ctx):
        await driver.fill(ctx)
        for row in range(INPUTS):
            bit = int(driver.golden.bits[row, 5])
            await driver.push(ctx, driver.dut.column, {"row": row, "column": 5, "state": 1 - bit})
            driver.golden.bits[row, 5] = 1 - bit
            ctx.set(driver.dut.i_read, 1)
            ctx.set(driver.dut.i_row, row)
            await ctx.tick()
            ctx.set(driver.dut.i_read, 0)
            _, _, bits = await ctx.tick().sample(driver.dut.o_row)
            assert [bits >> j & 1 for j in range(32)] == driver.golden.bits[row].tolist()

    simulate(driver.dut, [bench], cycles=2000)

"""The sweep of many junctions a cycle against the golden model: what is written, in order, what is
counted and when it is done, with sweeps that overlap."""

import random

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from cocotb_tests.synapse.test_stdp import load_codes, random_codes
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec.learning import LANES, LEVELS, SEED, LearningShape, lane_seed
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.emulator.synapse.spread import DeviceSpread
from spinloom.emulator.synapse.stdp import StochasticStdp
from spinloom.rtl.synapse.banks import WRITE_LATENCY
from spinloom.rtl.synapse.sweep import ColumnSweep

HALF = STATE_BITS // 2


class Driver:
    """Sweeps columns and checks every block that is written against the golden sweep."""

    def __init__(self, shape, rng):
        self.shape, self.rng = shape, rng
        self.dut, self.lanes = ColumnSweep(shape), LANES * shape.generators
        self.blocks = shape.inputs // self.lanes
        self.array, self.mtj = SynapseArray(shape), Mtj()
        self.golden = StochasticStdp(self.array, self.mtj)
        self.written = self.array.bits.copy()  # what the circuit's writes come to
        self.random = LinearGenerators(
            shape.generator, [SEED ^ lane_seed(k) for k in range(shape.generators)]
        )
        self.spread_seed = 0
        self.due = []  # blocks to be written: neuron, block, switched, states
        self.done = [False] * WRITE_LATENCY  # of the next cycles
        self.counted, self.total = [0, 0], [0, 0]  # to AP, to P: seen, golden
        self.overlaps = 0

    def levels(self, neuron):
        if self.shape.levels == 1:
            return np.zeros(self.shape.inputs, np.uint8)
        return DeviceSpread(self.spread_seed).levels(self.shape.groups, neuron)

    def expect(self, neuron, active):
        """The golden sweep, block by block."""
        words, levels = self.random.block(self.shape.groups), self.levels(neuron)
        switched = self.mtj.pulse(active, levels, words)
        counts = self.golden.sweep(neuron, active, levels, words)
        self.total = [a + b for a, b in zip(self.total, counts, strict=True)]
        self.overlaps += bool(self.due)
        for block in range(self.blocks):
            at = slice(block * self.lanes, (block + 1) * self.lanes)
            self.due.append((neuron, block, number(switched[at]), number(active[at])))

    async def cycle(self, ctx, start=None):
        """One cycle; ``start`` is (neuron, active)."""
        dut = self.dut
        ctx.set(dut.i_start, start is not None)
        neuron, active = start or (0, None)
        ctx.set(dut.i_neuron, neuron)
        ctx.set(dut.i_active, self.rng.getrandbits(len(dut.i_active)))
        if start:
            assert ctx.get(dut.o_ready)
            ctx.set(dut.i_active, number(active))
            self.expect(neuron, active)
        _, _, write, *item, done, counting, to_p, to_ap = await ctx.tick().sample(
            dut.o_write, dut.o_neuron, dut.o_block, dut.o_switched, dut.o_states,
            dut.o_done, dut.o_counting, dut.o_to_p, dut.o_to_ap,
        )  # fmt: skip
        assert counting or not (to_p or to_ap)
        self.counted = [self.counted[0] + to_ap, self.counted[1] + to_p]
        last = False
        if write:
            want = self.due.pop(0)
            neuron, block, switched, states = item
            assert (neuron, block, switched) == want[:3]
            assert states & switched == want[3] & switched
            for lane in range(self.lanes):
                if switched >> lane & 1:
                    self.written[block * self.lanes + lane, neuron] = states >> lane & 1
            last = block == self.blocks - 1
        self.done.append(last)
        assert done == self.done.pop(0)

    async def finish(self, ctx):
        """Until all is written and counted."""
        for _ in range(self.blocks + 40):
            await self.cycle(ctx)
            if not (self.due or any(self.done) or ctx.get(self.dut.o_counting)):
                break
        else:
            raise TimeoutError("the sweep does not end")
        assert self.counted == self.total
        assert np.array_equal(self.written, self.array.bits)

    async def load_seed(self, ctx, half, value):
        ctx.set(self.dut.i_load, 1 << half)
        ctx.set(self.dut.i_seed, value)
        await self.cycle(ctx)
        ctx.set(self.dut.i_load, 0)
        mask = (1 << HALF) - 1 << HALF * half
        self.random.seed(
            state & ~mask | ((value << HALF * half) ^ lane_seed(k)) & mask
            for k, state in enumerate(self.random.states)
        )


def number(bits):
    return sum(int(bit) << n for n, bit in enumerate(bits))


def shape_of(levels, generators, inputs):
    return LearningShape(
        name="test", inputs=inputs, neurons=12, levels=levels, generators=generators
    )


@pytest.mark.parametrize("levels", [1, LEVELS])
@pytest.mark.parametrize(("generators", "inputs"), [(1, 64), (1, 96), (2, 128), (8, 128)])
def test_against_golden(levels, generators, inputs):
    """Sweeps one at a time and back to back, other codes, seeds and spreads between them."""
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(shape_of(levels, generators, inputs), rng)
    dut = driver.dut

    async def bench(ctx):
        for n in range(12):
            driver.mtj.codes[:] = random_codes(rng) if n else 64
            await load_codes(ctx, dut, driver.mtj.codes)
            driver.spread_seed = rng.choice([0, rng.getrandbits(32)])
            ctx.set(dut.i_spread_seed, driver.spread_seed)
            if n % 3 == 2:
                for half in range(2):
                    await driver.load_seed(ctx, half, rng.getrandbits(HALF) | 1)
            pause = rng.choice([0, 0, 0.2])
            for _ in range(rng.randrange(1, 5)):
                share = rng.choice([0, 0.1, 0.5, 1])
                active = np.array([rng.random() < share for _ in range(inputs)])
                while rng.random() < pause or not ctx.get(dut.o_ready):
                    await driver.cycle(ctx)
                await driver.cycle(ctx, (rng.randrange(12), active))
            await driver.finish(ctx)

    simulate(dut, [bench], cycles=20_000)
    assert driver.overlaps > 5
    assert min(driver.total) > 20


@pytest.mark.parametrize("levels", [1, LEVELS])
def test_throughput(levels):
    """A block a cycle, and a dozen cycles more until it is done; the next sweep starts earlier."""
    driver = Driver(shape_of(levels, 1, 512), random.Random(1))
    dut = driver.dut
    ready, done = [], []

    async def bench(ctx):
        await load_codes(ctx, dut, driver.mtj.codes)
        await driver.cycle(ctx, (3, np.zeros(512, np.bool_)))
        for _ in range(100):
            ready.append(ctx.get(dut.o_ready))
            done.append(ctx.get(dut.o_done))
            await driver.cycle(ctx)

    simulate(dut, [bench], cycles=500)
    assert done.count(1) == 1
    assert done.index(1) <= 512 // LANES + 12
    assert ready.index(1) == 512 // LANES

"""The generator's circuit against the golden model: draws, holds, loads of either half, reset."""

import random

import pytest
from amaranth.hdl import ResetInserter, Signal

from cocotb_tests.link.streams import simulate
from spinloom.emulator.random.linear import LinearGenerator as Golden
from spinloom.emulator.spec.random import GENERATORS
from spinloom.rtl.random.linear import LinearGenerator

LOW = (1 << 32) - 1


@pytest.mark.parametrize("name", GENERATORS)
def test_against_golden(name):
    print("seed 1")
    rng = random.Random(1)
    seed = rng.getrandbits(64) | 1
    dut, golden = LinearGenerator(name, seed), Golden(name, seed)
    draws = loads = 0

    async def bench(ctx):
        nonlocal draws, loads
        for _ in range(1500):
            step, load = rng.random() < 0.7, 0
            half = rng.getrandbits(32) | 1
            if not step and rng.random() < 0.1:
                load = rng.choice([0b01, 0b10, 0b11])
            ctx.set(dut.i_step, step)
            ctx.set(dut.i_load, load)
            ctx.set(dut.i_seed, half)
            _, _, word = await ctx.tick().sample(dut.o)
            assert word == golden.state
            if step:
                golden.step()
                draws += 1
            if load:
                low = half if load & 1 else word & LOW
                high = half if load & 2 else word >> 32
                golden.seed(high << 32 | low)
                loads += 1

    simulate(dut, [bench])
    assert draws > 800 and loads > 20


def test_reset_restores_the_seed():
    dut, reset = LinearGenerator("lutopt64", 77), Signal()

    async def bench(ctx):
        ctx.set(dut.i_step, 1)
        for _ in range(2):
            golden = Golden("lutopt64", 77)
            for n in range(5):
                ctx.set(reset, n == 4)
                _, _, word = await ctx.tick().sample(dut.o)
                assert word == golden.step()

    simulate(ResetInserter(reset)(dut), [bench])

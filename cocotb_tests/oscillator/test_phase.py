"""Couplings of phase oscillators against their golden twin: sums, pass by pass, and the window."""

import numpy as np
import pytest

from cocotb_tests.engine.phase_session import SHAPES
from cocotb_tests.link.streams import simulate
from spinloom.emulator.oscillator.phase import PhaseArray as Golden
from spinloom.rtl.oscillator.phase import LATENCY, PhaseArray

READ = 3


@pytest.mark.parametrize("name", SHAPES)
def test_against_golden(name):
    print("seed 1")
    rng = np.random.default_rng(1)
    shape = SHAPES[name]
    dut, golden = PhaseArray(shape), Golden(shape)
    n, lanes, top = shape.oscillators, shape.lanes, shape.weight_max
    ends = 0

    async def write(ctx, target, source, weight):
        ctx.set(dut.i_write, 1)
        ctx.set(dut.i_target, target)
        ctx.set(dut.i_source, source)
        ctx.set(dut.i_weight, weight)
        await ctx.tick()
        ctx.set(dut.i_write, 0)

    async def read(ctx, target, source):
        ctx.set(dut.i_read, 1)
        ctx.set(dut.i_target, target)
        ctx.set(dut.i_source, source)
        await ctx.tick()
        ctx.set(dut.i_read, 0)
        await ctx.tick().repeat(READ - 1)
        return ctx.get(dut.o_weight)

    async def sums(ctx, sines, cosines):
        """a and b of all oscillators, with pauses."""
        found = []
        for turn in range(n // lanes):
            ctx.set(dut.i_pass, turn)
            for j in range(n):
                ctx.set(dut.i_valid, 1)
                ctx.set(dut.i_source, j)
                ctx.set(dut.i_sine, int(sines[j]))
                ctx.set(dut.i_cosine, int(cosines[j]))
                await ctx.tick()
                ctx.set(dut.i_valid, 0)
                if rng.random() < 0.2:
                    await ctx.tick()
            await ctx.tick().repeat(LATENCY - 1)
            for _ in range(lanes):
                found.append((ctx.get(dut.o_a), ctx.get(dut.o_b)))
                ctx.set(dut.i_shift, 1)
                await ctx.tick()
                ctx.set(dut.i_shift, 0)
        return found

    async def bench(ctx):
        nonlocal ends
        for trial in range(4):
            weights = rng.integers(-top - 1, top + 1, (n, n))
            phases = rng.integers(0, shape.turn, n)
            if trial == 0:  # the largest sums there are
                weights[:] = -top - 1
                phases[:] = shape.turn // 4
            golden.set_weights(weights)
            for target in rng.permutation(n).tolist():
                for source in range(n):
                    await write(ctx, target, source, int(weights[target, source]))
            await ctx.tick()
            for target, source in rng.integers(0, n, (20, 2)).tolist():
                assert await read(ctx, target, source) == weights[target, source]
            sines, cosines = golden.sine(phases), golden.cosine(phases)
            found = np.array(await sums(ctx, sines, cosines))
            np.testing.assert_array_equal(found, np.stack([weights @ sines, weights @ cosines], 1))
            u = cosines * found[:, 0] - sines * found[:, 1]
            np.testing.assert_array_equal(u, golden.coupling(sines, cosines, mean_field=False))
            ends += int(np.abs(found).max()) == n * shape.amplitude << shape.weight_bits - 1

    simulate(dut, [bench], cycles=200_000)
    assert ends > 0, "the sums never reached their limit"

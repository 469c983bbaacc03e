"""P-bits on a graph against the golden model: seeds, rings, updates of each colour, and sums."""

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.engine.sparse import add_seeds, pack_couplings
from spinloom.emulator.pbit.sparse import SparseArray as Golden
from spinloom.emulator.pbit.states import pack_spins
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec.sparse import WORD, SparseShape, chances, starts
from spinloom.rtl.pbit.sparse import SparseArray

SHAPES = [
    SparseShape(name="torus", graph="torus-4x6", zeros=True),
    SparseShape(name="odd", graph="torus-3x5", probability_bits=16),
    SparseShape(name="ice", graph="ice-4x4"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.name)
def test_against_golden(shape):
    rng = np.random.default_rng(1)
    dut, golden = SparseArray(shape), Golden(shape)
    colours = len(golden.colours)
    golden.spins[:] = rng.choice([-1, 1], shape.spins)
    golden.couplings[:-1] = rng.choice([-1, 0, 1] if shape.zeros else [-1, 1], shape.synapses)
    seed = rng.integers(1 << 32, size=shape.generators, dtype=np.uint32)
    states = add_seeds(shape.generator, np.array(starts(shape), np.uint64), seed)
    random = LinearGenerators(shape.generator, states.tolist())
    flips = 0

    async def load(ctx, turn, words):
        ctx.set(turn, 1)
        for word in words.tolist():
            ctx.set(dut.i_word, word)
            await ctx.tick()
        ctx.set(turn, 0)

    async def spins(ctx):
        """All spins, as words; they go round once."""
        words = []
        ctx.set(dut.i_turn_spins, 1)
        for _ in range(shape.spin_words):
            words.append(ctx.get(dut.o_spins))
            ctx.set(dut.i_word, words[-1])
            await ctx.tick()
        ctx.set(dut.i_turn_spins, 0)
        return words

    async def start(ctx, colour, row=()):
        ctx.set(dut.i_start, 1)
        ctx.set(dut.i_colour, colour)
        for k, chance in enumerate(row):
            ctx.set(dut.i_row[k], chance)
        await ctx.tick()
        ctx.set(dut.i_start, 0)

    async def energy(ctx):
        """From the sums of all colours: each edge counts at both ends, and F is at least 0."""
        ctx.set(dut.i_measure, 1)
        for colour in range(colours):
            await start(ctx, colour)
        ctx.set(dut.i_measure, 0)
        sums = []
        for _ in range(colours + 2 + shape.lanes.bit_length() + 1):
            if ctx.get(dut.o_sum_valid):
                sums.append(ctx.get(dut.o_sum))
            await ctx.tick()
        assert len(sums) == colours
        total = sum(sums) << dut.halved
        return (max(shape.network.degrees) * shape.lanes * colours - total) // 2

    async def bench(ctx):
        nonlocal flips
        ctx.set(dut.i_restart, 1)
        await ctx.tick()
        ctx.set(dut.i_restart, 0)
        ctx.set(dut.i_seed, 1)
        for g, word in enumerate(seed.tolist()):
            ctx.set(dut.i_seed_generator, g)
            for place in range(WORD):
                ctx.set(dut.i_seed_bit, word >> place & 1)
                await ctx.tick()
        ctx.set(dut.i_seed, 0)
        ctx.set(dut.i_seed_bit, 0)
        await load(ctx, dut.i_turn_spins, pack_spins(golden.spins))
        await load(ctx, dut.i_turn_couplings, pack_couplings(shape, golden.couplings[:-1]))
        for _ in range(40):
            row = chances(shape, float(rng.choice([0, 0.2, 0.5])))
            before = golden.spins.copy()
            for colour in range(colours):  # without a pause: each sees what the one before did
                await start(ctx, colour, row)
                golden.update(colour, random.block(shape.generators), np.array(row))
            while ctx.get(dut.o_busy):
                await ctx.tick()
            flips += int((golden.spins != before).sum())
            assert await energy(ctx) == golden.energy()
            assert await spins(ctx) == pack_spins(golden.spins).tolist()

    simulate(dut, [bench], cycles=20_000)
    assert flips > 10 * shape.spins

"""Stored levels: the circuit against the golden model, its window, and the packing of the host."""

import random

import numpy as np

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.synapse.stored import StoredLevels as Golden
from spinloom.emulator.synapse.stored import pack_levels, unpack_levels
from spinloom.rtl.synapse.stored import LATENCY, StoredLevels

GROUPS, COLUMNS = 12, 5


def test_against_golden():
    print("seed 1")
    rng = random.Random(1)
    dut = StoredLevels(GROUPS, COLUMNS)
    golden = Golden(GROUPS, COLUMNS)
    golden.words[:] = [rng.getrandbits(32) for _ in golden.words]

    async def bench(ctx):
        ctx.set(dut.i_write, 1)
        for addr, word in enumerate(golden.words.tolist()):
            ctx.set(dut.i_addr, addr)
            ctx.set(dut.i_data, word)
            await ctx.tick()
        ctx.set(dut.i_write, 0)
        asked = []
        for _ in range(400):
            column, group = rng.randrange(COLUMNS), rng.randrange(GROUPS)
            enable = rng.random() < 0.7
            ctx.set(dut.i_enable, enable)
            ctx.set(dut.i_column, column)
            ctx.set(dut.i_group, group)
            _, _, levels = await ctx.tick().sample(dut.o)
            if len(asked) >= LATENCY:
                want = golden.levels(GROUPS, asked[-LATENCY][0]).reshape(GROUPS, LANES)
                assert list(levels) == want[asked[-LATENCY][1]].tolist()
            if enable:
                asked.append((column, group))
        for addr, word in enumerate(golden.words.tolist()):
            ctx.set(dut.i_read, 1)
            ctx.set(dut.i_addr, addr)
            await ctx.tick()
            assert ctx.get(dut.o.as_value()) == word

    simulate(dut, [bench], cycles=1000)


def test_packing():
    levels = np.random.default_rng(1).integers(16, size=(COLUMNS, LANES * GROUPS), dtype=np.uint8)
    golden = Golden(GROUPS, COLUMNS)
    words = pack_levels(levels)
    assert len(words) == len(golden.words)
    golden.words[:] = words
    assert all((golden.levels(GROUPS, c) == levels[c]).all() for c in range(COLUMNS))
    assert (unpack_levels(words, COLUMNS, LANES * GROUPS) == levels).all()

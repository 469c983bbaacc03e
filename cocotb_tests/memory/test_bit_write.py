"""A word read and a bit written in every cycle; every technology can be built, up to its depth."""

import gc
import random

import pytest
from amaranth.hdl import UnusedElaboratable

from cocotb_tests.link.streams import simulate
from spinloom.boards.yosys import to_rtlil
from spinloom.rtl.memory.bit_write import DEPTHS, WIDTH, BitWriteMemory

LATENCY = 2
PRIMITIVES = {"ecp5": "DP16KD", "ice40": "SB_RAM40_4K", "gowin": "DPB"}


@pytest.mark.parametrize("depth", [2, 24, 256])
def test_against_a_list(depth):
    """Both ports in every cycle, often at the same word."""
    print("seed 1")
    rng = random.Random(1)
    dut = BitWriteMemory(depth)
    words = [0] * depth
    shown = [None] * LATENCY  # (word, bits that are defined) of the next cycles
    beside = 0

    async def cycle(ctx, read, write):
        nonlocal beside
        row, bit, value = write or (rng.randrange(depth), 0, 1)
        ctx.set(dut.i_read, read is not None)
        ctx.set(dut.i_read_addr, rng.randrange(depth) if read is None else read)
        ctx.set(dut.i_write, write is not None)
        for port, now in ((dut.i_write_addr, row), (dut.i_bit, bit), (dut.i_value, value)):
            ctx.set(port, now)
        defined = (1 << WIDTH) - 1
        if write and read == row:
            defined ^= 1 << bit
            beside += 1
        shown.append(None if read is None else (words[read] & defined, defined))
        _, _, word = await ctx.tick().sample(dut.o_data)
        want = shown.pop(0)
        assert want is None or word & want[1] == want[0]
        if write:
            words[row] = words[row] & ~(1 << bit) | value << bit

    async def bench(ctx):
        for n in range(depth * WIDTH):  # contents at power-on are undefined
            await cycle(ctx, None, (n // WIDTH, n % WIDTH, rng.randrange(2)))
        for _ in range(2000):
            row = rng.randrange(depth)
            read = rng.choice([row, rng.randrange(depth), None])
            write = rng.choice([(row, rng.randrange(WIDTH), rng.randrange(2)), None])
            await cycle(ctx, read, write)

    simulate(dut, [bench], cycles=10_000)
    assert beside > 100


@pytest.mark.parametrize("technology", PRIMITIVES)
@pytest.mark.parametrize("depth", [2, 64, None])
def test_a_technology_is_one_block(technology, depth):
    text = to_rtlil(BitWriteMemory(depth or DEPTHS[technology], technology=technology))
    assert text.count(f"cell \\{PRIMITIVES[technology]} ") == 1
    assert "$mem" not in text


@pytest.mark.parametrize("technology", DEPTHS)
def test_too_many_rows_are_refused(technology):
    rows = DEPTHS[technology]
    message = f"{technology} block holds {rows} rows, not {rows + 1}: give .* more row groups"
    with pytest.warns(UnusedElaboratable):  # Amaranth's word for what never came to be
        with pytest.raises(ValueError, match=message):
            BitWriteMemory(rows + 1, technology=technology)
        gc.collect()


def test_unknown_technologies_are_refused():
    with pytest.warns(UnusedElaboratable):
        with pytest.raises(ValueError, match="technology 'asic'; use one of generic, ecp5"):
            BitWriteMemory(64, technology="asic")
        gc.collect()

"""Counters of 64 bits in two words: they count past 32 bits, and 10^15 write cycles are theirs."""

import random

from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from spinloom.rtl.counter import count_long

WORD = 1 << 32


def test_every_step_is_counted_past_32_bits():
    """Steps up to the largest, none, and clears, at random: the high word is right a cycle after
    the low one, and at once where no step came before."""
    seed = random.getrandbits(32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    m = Module()
    step, clear = Signal(32), Signal()
    low, high = count_long(m, "trials", step, clear=clear)
    bits = len(low) + len(high)
    assert 1 << bits > 10**15
    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    highest = 0

    async def bench(ctx):
        nonlocal highest
        now = before = 0
        for _ in range(4000):
            grows = rng.choice([0, 1, rng.randrange(WORD), WORD - 1 - low_word(now)])
            grows = rng.choice([grows, min(WORD - 1, WORD - low_word(now))])
            clears = rng.random() < 0.002
            ctx.set(step, grows)
            ctx.set(clear, clears)
            await ctx.tick()
            now, before = (0, 0) if clears else (now + grows, now)
            assert ctx.get(low) == low_word(now)
            assert ctx.get(high) == before >> 32
            highest = max(highest, now)

    simulator.add_testbench(bench)
    simulator.run()
    assert highest > 16 * WORD


def low_word(value):
    return value % WORD

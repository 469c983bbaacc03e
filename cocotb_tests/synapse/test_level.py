"""Cycle-to-cycle spread: the circuit against the golden model, and the law of its shifts."""

import random
from collections import Counter

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LEVELS
from spinloom.emulator.synapse.level import CycleLevel as Golden
from spinloom.rtl.synapse.level import MAX_SPREAD, CycleLevel


@pytest.mark.parametrize("spread", range(MAX_SPREAD + 1))
def test_against_golden(spread):
    print("seed 1")
    rng = random.Random(1)
    dut = CycleLevel(2)
    seen = set()

    async def bench(ctx):
        ctx.set(dut.i_spread, spread)
        for _ in range(800):
            word = rng.getrandbits(64)
            ctx.set(dut.i_word, word)
            ctx.set(dut.i_start, 1)
            await ctx.tick()
            ctx.set(dut.i_start, 0)
            ctx.set(dut.i_word, rng.getrandbits(64))
            for _ in range(4):
                own = [rng.randrange(LEVELS) for _ in range(2)]
                ctx.set(dut.i_levels, own)
                _, _, levels = await ctx.tick().sample(dut.o_levels)
                want = Golden.levels(np.array(own, np.uint8), spread, word).tolist()
                assert [levels[n] for n in range(2)] == want
                seen.update(zip(own, want, strict=True))

    simulate(dut, [bench], cycles=6000)
    reach = (1 << spread) - 1
    assert {new - own for own, new in seen} == set(range(-reach, reach + 1))


@pytest.mark.parametrize("spread", range(MAX_SPREAD + 1))
def test_shifts_are_triangular(spread):
    """Every pair of two bytes once: a shift of d comes (2^k - |d|) in 4^k times, exactly."""
    own = np.array([7], np.uint8)
    shifts = Counter(int(Golden.levels(own, spread, w)[0]) - 7 for w in range(1 << 16))
    side = 1 << spread
    share = (1 << 16) // side**2
    assert shifts == {d: share * (side - abs(d)) for d in range(1 - side, side)}

"""The junctions' circuit against the golden model: code tables, classes, levels, held results."""

import random

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import CODE_ONE, LANES, LEVELS
from spinloom.emulator.synapse.mtj import Mtj as Golden
from spinloom.rtl.synapse.mtj import Mtj


@pytest.mark.parametrize("lanes", [LANES, 2])
def test_against_golden(lanes):
    print("seed 1")
    rng = random.Random(1)
    dut, golden = Mtj(lanes), Golden()
    totals = np.zeros(2, np.int64)

    async def load(ctx):
        """A new code table, while no trial is asked for."""
        ctx.set(dut.i_enable, 0)
        ctx.set(dut.i_code_write, 1)
        for addr in rng.sample(range(2 * LEVELS), 2 * LEVELS):
            code = rng.choice([0, 1, 128, 255, CODE_ONE, rng.randrange(CODE_ONE + 1)])
            golden.codes[divmod(addr, LEVELS)] = code
            ctx.set(dut.i_code_addr, addr)
            ctx.set(dut.i_code, code)
            await ctx.tick()
        ctx.set(dut.i_code_write, 0)
        # Neither the address nor the data matters without a write.
        ctx.set(dut.i_code, 77)

    async def trials(ctx):
        held = None
        for _ in range(400):
            states = [rng.random() < 0.5 for _ in range(lanes)]
            levels = [rng.randrange(LEVELS) for _ in range(lanes)]
            enable, word = rng.random() < 0.6, rng.getrandbits(8 * lanes)
            ctx.set(dut.i_enable, enable)
            ctx.set(dut.i_classes.as_value(), sum(s << lane for lane, s in enumerate(states)))
            ctx.set(dut.i_levels, levels)
            ctx.set(dut.i_word, word)
            _, _, switched = await ctx.tick().sample(dut.o_switched)
            if held is not None:
                want = golden.pulse(*held, np.array([word], np.uint64))[:lanes]
                assert [bool(switched >> lane & 1) for lane in range(lanes)] == want.tolist()
                totals[:] += np.count_nonzero(want), np.count_nonzero(~want)
            if enable:
                spare = (0, LANES - lanes)  # the golden word has eight bytes
                held = np.pad(states, spare), np.pad(np.array(levels, np.uint8), spare)

    async def bench(ctx):
        for _ in range(4):
            await load(ctx)
            await trials(ctx)

    simulate(dut, [bench], cycles=5000)
    assert (totals > 250 * lanes).all()


def test_codes_of_two_bytes_and_more_classes():
    """The carry of the low bytes, put back in, decides with the high ones."""
    print("seed 1")
    rng = random.Random(1)
    dut, golden = Mtj(2, classes=7, code_bits=16), Golden(7, 16)
    outcomes = []

    async def bench(ctx):
        ctx.set(dut.i_code_write, 1)
        for addr in range(7 * LEVELS):
            code = rng.choice([0, 1, 255, 256, 0xFFFF, 1 << 16, rng.randrange(1 << 16)])
            golden.codes[divmod(addr, LEVELS)] = code
            ctx.set(dut.i_code_addr, addr)
            ctx.set(dut.i_code, code)
            await ctx.tick()
        ctx.set(dut.i_code_write, 0)
        for _ in range(1000):
            classes = [rng.randrange(7) for _ in range(2)]
            levels = [rng.randrange(LEVELS) for _ in range(2)]
            low, high = (rng.choice([0, 0xFFFF, rng.getrandbits(16)]) for _ in range(2))
            ctx.set(dut.i_enable, 1)
            ctx.set(dut.i_classes, classes)
            ctx.set(dut.i_levels, levels)
            await ctx.tick()
            ctx.set(dut.i_enable, 0)
            ctx.set(dut.i_word, low)
            ctx.set(dut.i_high, 0)
            _, _, carry = await ctx.tick().sample(dut.o_switched)
            ctx.set(dut.i_word, high)
            ctx.set(dut.i_high, 1)
            ctx.set(dut.i_carry, carry)
            _, _, switched = await ctx.tick().sample(dut.o_switched)
            spare = (0, LANES - 2)
            want = golden.pulse(
                np.pad(np.array(classes, np.uint8), spare),
                np.pad(np.array(levels, np.uint8), spare),
                np.array([low, high], np.uint64),
            )[:2].tolist()
            assert [bool(switched >> lane & 1) for lane in range(2)] == want
            outcomes.extend(want)

    simulate(dut, [bench], cycles=5000)
    assert 500 < sum(outcomes) < 1500

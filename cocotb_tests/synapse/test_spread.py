"""The hash pipeline against the golden model, its latency, and stalls of its enable."""

import random

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.synapse.spread import DeviceSpread as Golden
from spinloom.rtl.synapse.spread import LATENCY, DeviceSpread

GROUPS = 1 << 12


def test_against_golden():
    print("seed 1")
    rng = random.Random(1)
    dut = DeviceSpread()
    seeds = [0, 0xFFFFFFFF, rng.getrandbits(32), rng.getrandbits(32)]
    columns = [(seed, neuron) for seed in seeds for neuron in (0, 31, rng.randrange(1024))]
    want = {
        (seed, neuron): Golden(seed).levels(GROUPS, neuron).reshape(GROUPS, LANES)
        for seed, neuron in columns
    }
    checked = 0

    async def bench(ctx):
        nonlocal checked
        asked = []  # what entered, one entry an enabled cycle
        while checked < 1500:
            column, group = rng.choice(columns), rng.randrange(GROUPS)
            enable = rng.random() < 0.7
            ctx.set(dut.i_enable, enable)
            ctx.set(dut.i_seed, column[0])
            ctx.set(dut.i_column, column[1])
            ctx.set(dut.i_group, group)
            # What is out before this edge entered LATENCY enabled cycles ago, stalls or not.
            _, _, levels = await ctx.tick().sample(dut.o)
            if len(asked) >= LATENCY:
                column_out, group_out = asked[-LATENCY]
                assert list(levels) == want[column_out][group_out].tolist()
                checked += 1
            if enable:
                asked.append((column, group))

    simulate(dut, [bench], cycles=5000)

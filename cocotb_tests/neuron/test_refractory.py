"""The queue of refractory neurons against a timer a neuron."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from spinloom.emulator.spec.learning import TIMER_BITS
from spinloom.rtl.neuron.refractory import RefractoryQueue

NOW_MASK = (1 << TIMER_BITS) - 1


@pytest.mark.parametrize(
    ("neurons", "t_ref", "odds"), [(2, 1, 0.5), (5, 7, 0.5), (12, 40, 0.9), (4, NOW_MASK, 0.5)]
)
def test_everyone_is_released_in_the_tick_that_is_due(neurons, t_ref, odds):
    """Neurons fire at random, several in one tick; the clock wraps; now and then all is cleared, or
    one that is not free is taken out and fires again."""
    print("seed 1")
    rng = np.random.default_rng(1)
    dut = RefractoryQueue(neurons)
    left = np.zeros(neurons, int)  # ticks, by a timer each
    seen = {"together": 0, "full": 0, "cleared": 0, "dropped": 0}

    async def cycle(ctx, **strobes):
        for name, value in strobes.items():
            ctx.set(getattr(dut, f"i_{name}"), value)
        await ctx.tick()
        for name in {"push", "pop", "drop", "clear"} & set(strobes):
            ctx.set(getattr(dut, f"i_{name}"), 0)

    async def bench(ctx):
        for now in range(NOW_MASK - 300, NOW_MASK + 300 + 4 * t_ref):
            ctx.set(dut.i_now, now & NOW_MASK)
            due = set(np.flatnonzero(left == 1))
            left[:] = np.maximum(left - 1, 0)
            released = []
            while ctx.get(dut.o_due) or ctx.get(dut.o_unsettled):
                strobe = {}
                if ctx.get(dut.o_due):
                    released.append(ctx.get(dut.o_neuron))
                    strobe["pop"] = 1
                await cycle(ctx, **strobe)
            assert set(released) == due and len(released) == len(due)
            seen["together"] += len(due) > 1
            if rng.random() < min(0.01, 0.5 / t_ref):
                left[:] = 0
                seen["cleared"] += 1
                await cycle(ctx, clear=1)
            for j in rng.permutation(np.flatnonzero(left == 0)):
                if rng.random() < odds:
                    left[j] = t_ref
                    until = (now + t_ref) & NOW_MASK
                    await cycle(ctx, push=1, neuron=int(j), until=until)
            if rng.random() < min(0.2, 1 / t_ref):
                j = int(rng.integers(neurons))
                seen["dropped"] += bool(left[j])
                await cycle(ctx, drop=1, neuron=j)
                while ctx.get(dut.o_unsettled):
                    await cycle(ctx)
                left[j] = t_ref
                await cycle(ctx, push=1, neuron=j, until=(now + t_ref) & NOW_MASK)
            seen["full"] += bool(left.all())
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert all(seen.values()), seen

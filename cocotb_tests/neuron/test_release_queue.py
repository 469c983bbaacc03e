"""The queue of an engine that can't wait for its memory, against a timer a neuron."""

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import TIMER_BITS
from spinloom.rtl.neuron.release_queue import ReleaseQueue

NOW_MASK = (1 << TIMER_BITS) - 1


@pytest.mark.parametrize(
    ("neurons", "t_ref", "odds"), [(2, 1, 0.5), (5, 7, 0.5), (12, 40, 0.9), (4, NOW_MASK, 0.5)]
)
def test_everyone_is_released_in_the_tick_that_is_due(neurons, t_ref, odds):
    """Neurons fire at random, several in one tick, also in the cycle of a release; the clock wraps;
    now and then all is cleared. Half of the ticks release at once whom ``o_due_next`` announced."""
    print("seed 1")
    rng = np.random.default_rng(1)
    dut = ReleaseQueue(neurons)
    left = np.zeros(neurons, int)  # ticks, by a timer each
    seen = {"together": 0, "full": 0, "cleared": 0, "announced": 0, "not": 0, "beside": 0}

    async def cycle(ctx, **strobes):
        for name, value in strobes.items():
            ctx.set(getattr(dut, f"i_{name}"), value)
        await ctx.tick()
        for name in {"push", "pop", "clear"} & set(strobes):
            ctx.set(getattr(dut, f"i_{name}"), 0)

    def fire(j, now):
        left[j] = t_ref
        return {"push": 1, "neuron": int(j), "until": (now + t_ref) & NOW_MASK}

    async def release(ctx, now, due, released):
        """Take the next one; somebody else may fire meanwhile."""
        released.append(ctx.get(dut.o_neuron))
        idle = sorted(set(np.flatnonzero(left == 0)) - due)
        strobes = {}
        if idle and rng.random() < 0.3:
            strobes = fire(idle[0], now)
            seen["beside"] += 1
        await cycle(ctx, pop=1, **strobes)

    async def bench(ctx):
        for now in range(NOW_MASK - 300, NOW_MASK + 300 + 4 * t_ref):
            # Before the tick: it is known whether somebody is due at it.
            while ctx.get(dut.o_unsettled):
                await cycle(ctx)
            announced = ctx.get(dut.o_due_next)
            assert announced == (left == 1).any()
            seen["announced" if announced else "not"] += 1
            ctx.set(dut.i_now, now & NOW_MASK)
            due = set(np.flatnonzero(left == 1))
            left[:] = np.maximum(left - 1, 0)
            released = []

            if announced and rng.random() < 0.5:
                await release(ctx, now, due, released)
            else:
                await cycle(ctx)
            while ctx.get(dut.o_due) or ctx.get(dut.o_unsettled):
                if ctx.get(dut.o_due):
                    await release(ctx, now, due, released)
                else:
                    await cycle(ctx)
            assert set(released) == due and len(released) == len(due)
            seen["together"] += len(due) > 1
            if rng.random() < min(0.01, 0.5 / t_ref):
                left[:] = 0
                seen["cleared"] += 1
                await cycle(ctx, clear=1)
            for j in rng.permutation(np.flatnonzero(left == 0)):
                if rng.random() < odds:
                    await cycle(ctx, **fire(j, now))
            seen["full"] += bool(left.all())
            await cycle(ctx)

    simulate(dut, [bench], cycles=400_000)
    assert all(count for name, count in seen.items() if name != "beside"), seen
    assert seen["beside"] or t_ref in (1, NOW_MASK), seen  # else nobody is free but who is due

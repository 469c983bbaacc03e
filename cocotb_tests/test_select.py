"""The multiplexer tree selects what an index selects."""

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator
from amaranth.utils import ceil_log2

from spinloom.rtl.select import select


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 11, 17])
def test_every_position(count):
    m = Module()
    index, chosen = Signal(ceil_log2(count)), Signal(8)
    m.d.comb += chosen.eq(select([Signal(8, init=100 + n) for n in range(count)], index))

    async def bench(ctx):
        for n in range(1 << len(index)):
            ctx.set(index, n)
            await ctx.delay(1e-9)
            if n < count:
                assert ctx.get(chosen) == 100 + n
            else:
                assert 100 <= ctx.get(chosen) < 100 + count

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()

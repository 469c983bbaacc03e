"""The serial arg-max against its golden twin: ties, one candidate, the last one."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from spinloom.emulator.neuron.winner import WinnerTakeAll as Golden
from spinloom.rtl.neuron.winner import WinnerTakeAll


def rounds(rng, neurons, position_bits):
    """(margins, eligible) with a winner: few values or many, few eligible or all."""
    top = 1 << position_bits
    for spread in [1, 2, 4, top] * 40:
        margins = rng.integers(-spread, spread, neurons).clip(-top, top - 1)
        eligible = rng.random(neurons) < rng.choice([0.2, 0.8, 1.0])
        if (eligible & (margins >= 0)).any():
            yield margins, eligible


@pytest.mark.parametrize(("neurons", "position_bits"), [(2, 5), (7, 10), (32, 13)])
def test_the_winner_is_the_golden_twins(neurons, position_bits):
    print("seed 1")
    rng = np.random.default_rng(1)
    dut = WinnerTakeAll(neurons, position_bits)
    ties = 0

    async def bench(ctx):
        nonlocal ties
        for margins, eligible in rounds(rng, neurons, position_bits):
            want = Golden.winner(margins, eligible)
            ties += int((eligible & (margins == margins[want])).sum() > 1)
            ctx.set(dut.i_start, 1)
            await ctx.tick()
            ctx.set(dut.i_start, 0)
            cycles = 1
            while not ctx.get(dut.o_done):
                chosen = ctx.get(dut.o_select)
                await ctx.tick()
                # A cycle later the bank of neurons shows the one that was selected.
                inside = chosen < neurons
                ctx.set(dut.i_margin, int(margins[chosen]) if inside else 0)
                ctx.set(dut.i_eligible, bool(eligible[chosen]) if inside else 1)
                cycles += 1
                assert cycles <= neurons + 2
            assert cycles == neurons + 2
            assert ctx.get(dut.o_winner) == want
            await ctx.tick().repeat(int(rng.integers(1, 3)))
            assert not ctx.get(dut.o_done)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert ties > 5

"""The tree of arg-max against the golden twin of the serial one: ties, any number of neurons, a
judgement a cycle."""

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from cocotb_tests.neuron.test_winner import rounds
from spinloom.emulator.neuron.winner import WinnerTakeAll as Golden
from spinloom.rtl.neuron.winner_tree import WinnerTree, latency

BITS = 6


@pytest.mark.parametrize("neurons", [*range(2, 21), 64, 70])
def test_the_winner_is_the_golden_twins(neurons):
    """Margins of neurons that are not valid are anything, also the largest."""
    print("seed 1")
    rng = np.random.default_rng(1)
    dut = WinnerTree(neurons, BITS)
    shown = [None] * latency(neurons)  # of the next cycles
    ties, winners = 0, set()

    async def cycle(ctx):
        want = shown.pop(0)
        _, _, winner = await ctx.tick().sample(dut.o_winner)
        assert want is None or winner == want
        winners.add(want)

    async def bench(ctx):
        nonlocal ties
        ctx.set(dut.i_go, 1)
        only = [np.arange(neurons) == j for j in range(neurons)]  # each is a winner once
        alone = [(rng.integers(0, 1 << BITS, neurons), here) for here in only]
        for margins, eligible in [*alone, *rounds(rng, neurons, BITS)]:
            want = Golden.winner(margins, eligible)
            ties += int((eligible & (margins == margins[want])).sum() > 1)
            valid = eligible & (margins >= 0)
            ctx.set(dut.i_valid, sum(int(bit) << j for j, bit in enumerate(valid)))
            for j, margin in enumerate(margins.tolist()):
                ctx.set(dut.i_margin[j], margin % (1 << BITS))
            shown.append(want)
            await cycle(ctx)
            if rng.random() < 0.1:  # a judgement of nobody
                ctx.set(dut.i_valid, 0)
                want = None
                shown.append(want)
                await cycle(ctx)
            if rng.random() < 0.1:  # no judgement: what came before stays
                ctx.set(dut.i_go, 0)
                ctx.set(dut.i_valid, int(rng.integers(0, 1 << min(neurons, 32))))
                shown.append(want)
                await cycle(ctx)
                ctx.set(dut.i_go, 1)
        while shown:
            await cycle(ctx)

    simulate(dut, [bench], cycles=1000)
    assert ties > 5
    assert winners == {None, *range(neurons)}

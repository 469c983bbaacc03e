"""The window in flip-flops against the golden window: an event a row group and a bucket a cycle."""

import random

import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.synapse.window import StdpWindow as Golden
from spinloom.rtl.synapse.activity import ActivityWindow

LATENCY = 2


@pytest.mark.parametrize(("inputs", "row_groups"), [(64, 1), (96, 4), (128, 8), (64, 32)])
@pytest.mark.parametrize("share", [0.05, 0.9])
def test_against_golden(inputs, row_groups, share):
    print("seed 1")
    rng = random.Random(1)
    shape = LearningShape(name="test", inputs=inputs, neurons=2, row_groups=row_groups)
    dut, golden = ActivityWindow(shape), Golden(inputs)
    shown = [0] * LATENCY  # of the next cycles
    sizes = set()

    async def bench(ctx):
        for n in range(1500):
            marks, rolls, clears = 0, rng.random() < 0.1, rng.random() < 0.01
            for r in range(row_groups):
                row = rng.randrange(shape.rows)
                ctx.set(dut.i_rows[r], row)
                if rng.random() < share and n % 100 < 70:
                    marks |= 1 << r
                    golden.event(row * row_groups + r, golden.bucket)
            ctx.set(dut.i_mark, marks)
            ctx.set(dut.i_roll, rolls)
            ctx.set(dut.i_clear, clears)
            golden.bucket += rolls
            if clears:
                golden.clear()
            shown.append(sum(int(bit) << i for i, bit in enumerate(golden.active())))
            _, _, active = await ctx.tick().sample(dut.o_active)
            assert active == shown.pop(0)
            sizes.add(active.bit_count())

    simulate(dut, [bench], cycles=2000)
    assert 0 in sizes and len(sizes) > 3

"""The decision's circuit against the golden model: every byte with every corner code, and at
random, in every lane."""

import random

import numpy as np
import pytest
from amaranth.sim import Simulator

from spinloom.emulator.random.bernoulli import Bernoulli as Golden
from spinloom.emulator.spec.learning import CODE_ONE, LANES
from spinloom.rtl.random.bernoulli import Bernoulli


def cases(rng, lanes):
    """(bytes, codes) pairs: all bytes against corner codes, lanes in turn, then random ones."""
    for code in (0, 1, 2, 127, 128, 129, 255, CODE_ONE):
        for first in range(0, 256, lanes):
            octets = list(range(first, first + lanes))
            rng.shuffle(octets)
            yield bytes(octets), [code] * lanes
    for _ in range(1000):
        codes = [rng.choice([0, CODE_ONE, rng.randrange(CODE_ONE + 1)]) for _ in range(lanes)]
        yield rng.randbytes(lanes), codes


@pytest.mark.parametrize("lanes", [LANES, 2])
def test_against_golden(lanes):
    print("seed 1")
    dut = Bernoulli(lanes)
    seen = set()

    async def bench(ctx):
        for octets, codes in cases(random.Random(1), lanes):
            ctx.set(dut.i_word.as_value(), int.from_bytes(octets, "little"))
            for lane, code in enumerate(codes):
                ctx.set(dut.i_codes[lane], code)
            await ctx.delay(1e-6)
            word = np.frombuffer(octets.ljust(LANES, b"\0"), "<u8")
            padded = np.pad(np.array(codes, np.uint16), (0, LANES - lanes))
            want = Golden.decide(word, padded)[:lanes]
            assert ctx.get(dut.o) == sum(int(s) << lane for lane, s in enumerate(want))
            seen.update(zip(codes, want.tolist(), strict=True))

    simulator = Simulator(dut)
    simulator.add_testbench(bench)
    simulator.run()
    assert {(0, False), (CODE_ONE, True), (1, True), (255, False)} <= seen
    assert not {(0, True), (CODE_ONE, False)} & seen

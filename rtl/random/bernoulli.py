"""Bernoulli decisions: the LSB-first majority fold, which is the carry out of r + code.

``P(o[l]) = code[l] / 2^k`` exactly, for k-bit words that are uniform; ``code = 2^k`` is always.

A decision of more bits is one of bytes, the low one first: what a byte carries over, the next one
takes as ``i_carry``, and the last one's code has the ninth bit.

Members: ``i_word`` one random byte a lane, ``i_codes`` one (k+1)-bit code a lane, ``o`` one
decision, or carry, a lane. Combinational. Cost: k LUT4 with carry a lane.
"""

from amaranth.hdl import Cat, Module
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.learning import CODE_BITS, LANES


class Bernoulli(wiring.Component):
    """One decision in each of ``lanes`` lanes: as many as a 64-bit word has, or fewer."""

    def __init__(self, lanes=LANES):
        super().__init__(
            {
                "i_word": In(data.ArrayLayout(CODE_BITS, lanes)),
                "i_codes": In(data.ArrayLayout(CODE_BITS + 1, lanes)),
                "i_carry": In(lanes),
                "o": Out(lanes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lanes = range(len(self.o))
        sums = [self.i_word[lane] + self.i_codes[lane] + self.i_carry[lane] for lane in lanes]
        m.d.comb += self.o.eq(Cat(s[CODE_BITS] for s in sums))
        return m

"""Linear random generator: every next-state bit is the XOR of the taps of its row.

``x(n+1) = A x(n)`` over GF(2), ``spec.random``.

Members: ``o`` the word, ``i_step`` draws it (the next word is there a cycle later), ``i_load``
takes ``i_seed`` instead. Throughput: one 64-bit word a cycle. Cost: 64 FF and, for ``lutopt64``,
one LUT4 a bit.
"""

from functools import reduce
from operator import xor

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.random import STATE_BITS, generator


class LinearGenerator(wiring.Component):
    """Named generator; powers up in state 1."""

    o: Out(STATE_BITS, init=1)
    i_step: In(1)
    i_load: In(1)
    i_seed: In(STATE_BITS)

    def __init__(self, name):
        self._rows = generator(name).rows
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        with m.If(self.i_load):
            m.d.sync += self.o.eq(self.i_seed)
        with m.Elif(self.i_step):
            for b, row in enumerate(self._rows):
                taps = [self.o[t] for t in range(STATE_BITS) if row >> t & 1]
                m.d.sync += self.o[b].eq(reduce(xor, taps))
        return m

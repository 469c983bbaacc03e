"""Linear random generator: every next-state bit is the XOR of the taps of its row.

``x(n+1) = A x(n)`` over GF(2), ``spec.random``.

Members: ``o`` the word; ``i_step`` draws it, and the next one is there a cycle later; each bit of
``i_load`` sets a half of the state, bit 0 the low one, to ``i_seed``. Throughput: one 64-bit word a
cycle. Cost: 160 LUT4 and 64 FF for ``lutopt64``, one LUT4 a bit for its taps, the
rest for the loads.
"""

from functools import reduce
from operator import xor

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.random import STATE_BITS, check_seed, generator


class LinearGenerator(wiring.Component):
    """Named generator; ``seed`` is its state at power-on and after a reset."""

    def __init__(self, name, seed):
        self._rows = generator(name).rows
        super().__init__(
            {
                "o": Out(STATE_BITS, init=check_seed(seed)),
                "i_step": In(1),
                "i_load": In(2),
                "i_seed": In(STATE_BITS // 2),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for half, load in enumerate(self.i_load):
            with m.If(load):
                m.d.sync += self.o.word_select(half, STATE_BITS // 2).eq(self.i_seed)
        with m.If(self.i_step):
            for b, row in enumerate(self._rows):
                taps = [self.o[t] for t in range(STATE_BITS) if row >> t & 1]
                m.d.sync += self.o[b].eq(reduce(xor, taps))
        return m

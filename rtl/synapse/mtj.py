"""Stochastic MTJ switching, several junctions at a time (Sec. II.B, Fig. 4).

``P(switch) = codes[class, level] / 2^k``: a code table a lane, read with the pulse class and the
device level, and one Bernoulli decision a lane.

Members: ``i_enable`` takes ``i_classes`` and ``i_levels``; a cycle later ``o_switched`` is the
decision on ``i_word``, until the next enable. With codes of 16 bits it is the carry out of their
low bytes, or with ``i_high`` and that carry back in ``i_carry`` the decision. ``i_code_write``,
``i_code_addr`` (16·class + level), ``i_code``.

Throughput: ``lanes`` trials a cycle, or two. Cost: a 32 × 9-bit memory and 8 LUT4 a lane; more
classes and bits deepen and widen the memory.
"""

from amaranth.hdl import Cat, Module, Mux
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.random.bernoulli import Bernoulli


class Mtj(wiring.Component):
    """``lanes`` junctions under pulses of ``classes``, with codes of ``code_bits`` (8 or 16)."""

    def __init__(self, lanes=LANES, *, classes=2, code_bits=CODE_BITS):
        self._code_bits = code_bits
        super().__init__(
            {
                "i_enable": In(1),
                "i_classes": In(data.ArrayLayout(ceil_log2(classes), lanes)),
                "i_levels": In(data.ArrayLayout(ceil_log2(LEVELS), lanes)),
                "i_word": In(lanes * CODE_BITS),
                "i_high": In(1),
                "i_carry": In(lanes),
                "o_switched": Out(lanes),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2(classes * LEVELS)),
                "i_code": In(code_bits + 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lanes = len(self.o_switched)
        m.submodules.bernoulli = bernoulli = Bernoulli(lanes)
        m.d.comb += [
            bernoulli.i_word.as_value().eq(self.i_word),
            self.o_switched.eq(bernoulli.o),
        ]
        for lane in range(lanes):
            table = memory.Memory(
                shape=self._code_bits + 1, depth=1 << len(self.i_code_addr), init=[]
            )
            m.submodules[f"table{lane}"] = table
            write, read = table.write_port(), table.read_port()
            m.d.comb += [
                write.en.eq(self.i_code_write),
                write.addr.eq(self.i_code_addr),
                write.data.eq(self.i_code),
                read.en.eq(self.i_enable),
                read.addr.eq(Cat(self.i_levels[lane], self.i_classes[lane])),
            ]
            code = read.data
            if self._code_bits > CODE_BITS:
                code = Mux(self.i_high, code[CODE_BITS:], code[:CODE_BITS])
            m.d.comb += bernoulli.i_codes[lane].eq(code)
        if self._code_bits > CODE_BITS:
            m.d.comb += bernoulli.i_carry.eq(Mux(self.i_high, self.i_carry, 0))
        return m

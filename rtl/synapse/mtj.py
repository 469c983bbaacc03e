"""Stochastic MTJ switching, several junctions at a time (Sec. II.B, Fig. 4).

``P(switch) = codes[state, level] / 256``: a code table a lane, read with the pulse class and the
device level, and one Bernoulli decision a lane.

Members: ``i_enable`` takes ``i_states`` and ``i_levels``; a cycle later ``o_switched`` is the
decision on ``i_word``, until the next enable. ``i_code_write``, ``i_code_addr`` (16·class + level),
``i_code``.

Throughput: ``lanes`` trials a cycle. Cost: a 32 × 9-bit memory and 8 LUT4 a lane.
"""

from amaranth.hdl import Cat, Module
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.random.bernoulli import Bernoulli


class Mtj(wiring.Component):
    """``lanes`` junctions under two pulse classes: 1 to P, 0 to AP."""

    def __init__(self, lanes=LANES):
        super().__init__(
            {
                "i_enable": In(1),
                "i_states": In(lanes),
                "i_levels": In(data.ArrayLayout(ceil_log2(LEVELS), lanes)),
                "i_word": In(lanes * CODE_BITS),
                "o_switched": Out(lanes),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2(2 * LEVELS)),
                "i_code": In(CODE_BITS + 1),
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
            table = memory.Memory(shape=CODE_BITS + 1, depth=2 * LEVELS, init=[])
            m.submodules[f"table{lane}"] = table
            write, read = table.write_port(), table.read_port()
            m.d.comb += [
                write.en.eq(self.i_code_write),
                write.addr.eq(self.i_code_addr),
                write.data.eq(self.i_code),
                read.en.eq(self.i_enable),
                read.addr.eq(Cat(self.i_levels[lane], self.i_states[lane])),
                bernoulli.i_codes[lane].eq(read.data),
            ]
        return m

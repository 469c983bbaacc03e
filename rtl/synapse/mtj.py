"""Stochastic MTJ switching, eight junctions at a time (Sec. II.B, Fig. 4).

``P(switch) = codes[state, level] / 256``: a code table a lane, read with the pulse class and the
device level, and one Bernoulli decision a lane.

Members: ``i_enable`` takes ``i_states`` and ``i_levels``; a cycle later ``o_switched`` is the
decision on ``i_word``, until the next enable. ``i_code_write``, ``i_code_addr`` (16·class + level),
``i_code``.

Throughput: eight trials a cycle. Cost: eight 32 × 9-bit memories, 64 LUT4.
"""

from amaranth.hdl import Cat, Module
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.random.bernoulli import Bernoulli


class Mtj(wiring.Component):
    """Eight junctions under two pulse classes: 1 to P, 0 to AP."""

    i_enable: In(1)
    i_states: In(LANES)
    i_levels: In(data.ArrayLayout(ceil_log2(LEVELS), LANES))
    i_word: In(LANES * CODE_BITS)
    o_switched: Out(LANES)
    i_code_write: In(1)
    i_code_addr: In(ceil_log2(2 * LEVELS))
    i_code: In(CODE_BITS + 1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.bernoulli = bernoulli = Bernoulli()
        m.d.comb += [
            bernoulli.i_word.as_value().eq(self.i_word),
            self.o_switched.eq(bernoulli.o),
        ]
        for lane in range(LANES):
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

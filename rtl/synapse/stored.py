"""Device levels kept in a memory: 4 bits a junction, written by the host (``spec.learning``, region
LEVELS).

Members: ``i_group``, ``i_column``; ``o`` eight 4-bit levels, ``LATENCY`` enabled cycles later.
``i_read``, ``i_write`` with ``i_addr``, ``i_data`` are the memory window, whose word is ``o`` a
cycle after a read; it goes before ``i_enable``. Cost: the memory, 4 bits a junction.
"""

from amaranth.hdl import Cat, Module, Mux
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import LANES
from spinloom.rtl.memory.single_port import SinglePortMemory

LATENCY = 1


class StoredLevels(wiring.Component):
    """Levels of ``columns`` columns of 8·``groups`` junctions."""

    def __init__(self, groups, columns):
        self._group_bits = ceil_log2(groups)
        self._depth = columns << self._group_bits
        super().__init__(
            {
                "i_enable": In(1),
                "i_group": In(self._group_bits),
                "i_column": In(ceil_log2(columns)),
                "o": Out(data.ArrayLayout(4, LANES)),
                "i_read": In(1),
                "i_write": In(1),
                "i_addr": In(ceil_log2(self._depth)),
                "i_data": In(4 * LANES),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.ram = ram = SinglePortMemory(width=4 * LANES, depth=self._depth)
        window = self.i_read | self.i_write
        m.d.comb += [
            ram.i_enable.eq(self.i_enable | window),
            ram.i_write.eq(self.i_write),
            ram.i_addr.eq(Mux(window, self.i_addr, Cat(self.i_group, self.i_column))),
            ram.i_data.eq(self.i_data),
            self.o.as_value().eq(ram.o_data),
        ]
        return m

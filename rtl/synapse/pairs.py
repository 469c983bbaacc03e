"""Signed weights: pairs of one-bit junctions, W = plus - minus, in words of 16 lanes.

Members: ``i_read``, ``i_addr`` read a word; a cycle later ``o_plus`` and ``o_minus`` are what its
lanes add and take away, and ``o_word`` is the word itself, to the next access. ``i_write`` writes
``i_data`` to it. One user at a time.

Throughput: a word a cycle. Cost: the memory, and two LUT4 a lane.
"""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.network import LANES
from spinloom.rtl.memory.single_port import SinglePortMemory


class JunctionPairs(wiring.Component):
    """``words`` weight words; ``memory`` is a technology of ``SinglePortMemory``."""

    def __init__(self, words, *, memory="generic"):
        self._words, self._memory = words, memory
        super().__init__(
            {
                "i_read": In(1),
                "i_write": In(1),
                "i_addr": In(ceil_log2(words)),
                "i_data": In(2 * LANES),
                "o_plus": Out(LANES),
                "o_minus": Out(LANES),
                "o_word": Out(2 * LANES),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.ram = ram = SinglePortMemory(
            width=2 * LANES, depth=self._words, technology=self._memory
        )
        plus, minus = ram.o_data[:LANES], ram.o_data[LANES:]
        m.d.comb += [
            ram.i_enable.eq(self.i_read | self.i_write),
            ram.i_write.eq(self.i_write),
            ram.i_addr.eq(self.i_addr),
            ram.i_data.eq(self.i_data),
            self.o_word.eq(ram.o_data),
            self.o_plus.eq(plus & ~minus),
            self.o_minus.eq(minus & ~plus),
        ]
        return m

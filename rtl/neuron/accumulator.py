"""Neuron words: 16 positions, each with the timer of its reset pulse, and their adders.

``integrate: pos = saturate(pos + STEP·W)`` in every lane whose timer is 0 (``spec.network``).

Members: ``i_read``, ``i_addr`` read a word, which is ``o_pos`` and ``o_timer`` from the next cycle
to the next read. ``i_add`` in that next cycle writes it back integrated: ``i_plus`` and ``i_minus``
say which lanes add and take away ``i_step``. ``i_write`` writes ``i_pos`` and ``i_timer`` to the
lanes of ``i_lanes`` of the word that was read last. A word may be read in a cycle in which another
one is written.

Throughput: a word a cycle. Cost: the memory, which is one of its own for each lane, and an adder
that saturates a lane.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.network import LANES


class Accumulators(wiring.Component):
    """Neuron words of a ``NetworkShape``."""

    def __init__(self, shape):
        self._shape = shape
        self._pos, self._timer = shape.position_bits, shape.timer_bits
        super().__init__(
            {
                "i_read": In(1),
                "i_addr": In(ceil_log2(shape.words)),
                "i_add": In(1),
                "i_step": In(shape.position_bits - 1),
                "i_plus": In(LANES),
                "i_minus": In(LANES),
                "i_write": In(1),
                "i_lanes": In(LANES),
                "i_pos": In(shape.position_bits),
                "i_timer": In(shape.timer_bits),
                "o_pos": Out(data.ArrayLayout(shape.position_bits, LANES)),
                "o_timer": Out(data.ArrayLayout(shape.timer_bits, LANES)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bits, highest = self._pos, self._shape.highest
        step = Signal(bits)
        m.d.comb += step.eq(self.i_step)
        here = Signal.like(self.i_addr)  # the word that was read last
        with m.If(self.i_read):
            m.d.sync += here.eq(self.i_addr)
        for lane in range(LANES):
            ram = memory.Memory(shape=bits + self._timer, depth=self._shape.words, init=[])
            m.submodules[f"lane_{lane}"] = ram
            read, write = ram.read_port(), ram.write_port()
            pos, timer = read.data[:bits], read.data[bits:]
            plus, minus = self.i_plus[lane], self.i_minus[lane]
            delta, moved = Signal(bits), Signal(bits + 1)
            # Taking away is adding the complement and one.
            m.d.comb += [
                delta.eq(Mux(minus, ~step, Mux(plus, step, 0))),
                moved.eq(pos.as_signed() + delta.as_signed() + minus),
                read.addr.eq(self.i_addr),
                read.en.eq(self.i_read),
                write.addr.eq(here),
                self.o_pos[lane].eq(pos),
                self.o_timer[lane].eq(timer),
            ]
            with m.If(self.i_add):
                over = moved[bits] ^ moved[bits - 1]
                end = Mux(moved[bits], highest + 1, highest)  # the bits of the lowest, the highest
                m.d.comb += [
                    write.data.eq(Cat(Mux(over, end, moved[:bits]), timer)),
                    write.en.eq((timer == 0) & (plus | minus)),
                ]
            with m.Else():
                m.d.comb += [
                    write.data.eq(Cat(self.i_pos, self.i_timer)),
                    write.en.eq(self.i_write & self.i_lanes[lane]),
                ]
        return m

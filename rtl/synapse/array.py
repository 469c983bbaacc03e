"""Crossbar of synapses behind two views: row read, column read-modify-write.

Row *i* is an input, its bits are cells: junctions of one bit, 1 = parallel, or walls of several.

Members: ``i_read``, ``i_row`` read a row, ``o_row`` shows it a cycle later. ``column`` is a stream
of cells that change: (row, column, state), two cycles each. ``i_word_read``/``word`` give the
memory window: 32-bit words, ``row_words`` a row; a word read is ``o_word`` a cycle later. One user
at a time.

Throughput: a row a cycle; a cell every two cycles. Cost: the memory, and a word's decoder.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.memory.single_port import SinglePortMemory


class SynapseArray(wiring.Component):
    """Synapses of a ``LearningShape``; ``memory`` is a technology of ``SinglePortMemory``."""

    def __init__(self, shape, *, memory="generic"):
        self._shape, self._memory = shape, memory
        rows, words = ceil_log2(shape.inputs), ceil_log2(shape.inputs * shape.row_words)
        column = ceil_log2(shape.columns // shape.cell_bits)
        cell = data.StructLayout({"row": rows, "column": column, "state": shape.cell_bits})
        super().__init__(
            {
                "i_read": In(1),
                "i_row": In(rows),
                "o_row": Out(shape.columns),
                "column": In(stream.Signature(cell)),
                "i_word_read": In(1),
                "i_word_addr": In(words),
                "o_word": Out(32),
                "word": In(stream.Signature(data.StructLayout({"addr": words, "data": 32}))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.ram = ram = SinglePortMemory(
            width=shape.columns, depth=shape.inputs, technology=self._memory
        )
        part_bits = ceil_log2(shape.row_words)
        writing = Signal()  # second cycle of a read-modify-write
        part = Signal(max(1, part_bits))
        cell, word = self.column.payload, self.word.payload
        part_addr = Signal(max(1, part_bits))
        m.d.comb += part_addr.eq(word.addr[:part_bits])

        # First cycle: read the row that changes; second: write it back.
        modify = self.column.valid | self.word.valid
        modified_row = Mux(self.column.valid, cell.row, word.addr >> part_bits)
        plain_row = Mux(self.i_read, self.i_row, self.i_word_addr >> part_bits)
        m.d.comb += [
            ram.i_enable.eq(modify | self.i_read | self.i_word_read),
            ram.i_addr.eq(Mux(modify, modified_row, plain_row)),
            ram.i_write.eq(writing),
            self.column.ready.eq(writing),
            self.word.ready.eq(writing & ~self.column.valid),
            self.o_row.eq(ram.o_data),
        ]
        m.d.sync += writing.eq(modify & ~writing)
        with m.If(self.i_word_read):
            m.d.sync += part.eq(self.i_word_addr[:part_bits])

        columns = shape.columns
        mask, new = Signal(columns), Signal(columns)
        with m.If(self.column.valid):
            chosen = Signal(columns // shape.cell_bits)
            m.d.comb += [
                chosen.eq(1 << cell.column),
                mask.eq(Cat(bit.replicate(shape.cell_bits) for bit in chosen)),
                new.eq(cell.state.replicate(len(chosen))),
            ]
        with m.Else():
            parts = [(part_addr == n).replicate(32) for n in range(shape.row_words)]
            m.d.comb += [mask.eq(Cat(parts)), new.eq(word.data.replicate(shape.row_words))]
        m.d.comb += [
            ram.i_data.eq((ram.o_data & ~mask) | (new & mask)),
            self.o_word.eq(ram.o_data.word_select(part, 32) if part_bits else ram.o_data),
        ]
        return m

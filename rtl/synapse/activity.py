"""The two-bucket STDP window in flip-flops, for arrays that sweep many junctions a cycle.

Members: ``i_mark`` and ``i_rows``: an event in row ``i_rows[r]`` of row group *r*; ``i_roll``
starts a new bucket, behind an event of the same cycle; ``i_clear`` forgets every event.
``o_active`` is the window of every input, two cycles after what moved it (Sec. II.B).

Throughput: one event a row group a cycle. Cost: two FF and 2 LUT4 an input.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


class ActivityWindow(wiring.Component):
    """Window of the inputs of a ``LearningShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(
            {
                "i_mark": In(shape.row_groups),
                "i_rows": In(data.ArrayLayout(shape.row_bits, shape.row_groups)),
                "i_roll": In(1),
                "i_clear": In(1),
                "o_active": Out(shape.inputs),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        newer, older, marked = (Signal(shape.inputs, name=n) for n in ("newer", "older", "marked"))
        roll, clear = Signal(), Signal()
        m.d.sync += [roll.eq(self.i_roll), clear.eq(self.i_clear)]
        m.d.comb += self.o_active.eq(newer | older)
        # A row is decoded in two halves, so that each input's bit is one small function.
        low_bits = shape.row_bits // 2
        for r in range(shape.row_groups):
            row = self.i_rows[r]
            high = Signal(1 << shape.row_bits - low_bits, name=f"high{r}")
            low = Signal(1 << low_bits, name=f"low{r}")
            m.d.sync += [high.eq(self.i_mark[r] << row[low_bits:]), low.eq(1 << row[:low_bits])]
            for n in range(shape.rows):
                i = n * shape.row_groups + r
                mark = high[n >> low_bits] & low[n & (1 << low_bits) - 1]
                m.d.comb += marked[i].eq(newer[i] | mark)
        m.d.sync += newer.eq(marked)
        with m.If(roll):
            m.d.sync += [newer.eq(0), older.eq(marked)]
        with m.If(clear):
            m.d.sync += [newer.eq(0), older.eq(0)]
        return m

"""Stream words into items: what a wide array reads at once, and what follows it.

An item is a row of each row group, or none; then, if ``judge``, the end of the group of events;
then ``ticks``. ``Packer`` packs words as they come: an event waits until another one needs its
row group, its group is full, or a tick comes.

Members: ``i`` words, ``o`` items. ``i_flush`` sends what waits, without ending the group;
``o_waiting`` says that something does. ``i_closed`` says that somebody else has ended the group,
``i_clear`` drops it. ``o_bad_event`` strobes for an address out of range. Throughput: a word a
cycle.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2


def item_layout(shape):
    """An item of a ``LearningShape``."""
    slot = data.StructLayout({"row": shape.row_bits, "present": 1})
    return data.StructLayout(
        {"slots": data.ArrayLayout(slot, shape.row_groups), "judge": 1, "ticks": 15}
    )


class Packer(wiring.Component):
    """Packs the words of a ``LearningShape``'s stream."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(
            {
                "i": In(stream.Signature(16)),
                "o": Out(stream.Signature(item_layout(shape))),
                "i_flush": In(1),
                "i_closed": In(1),
                "i_clear": In(1),
                "o_waiting": Out(1),
                "o_bad_event": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        slots = Signal(self.o.payload.slots.shape())
        count = Signal(range(shape.group))  # events of the open group
        word = self.i.payload
        group = Signal(ceil_log2(shape.row_groups))
        row = Signal(shape.row_bits)
        m.d.comb += [group.eq(word), row.eq(word[len(group) :])]
        taken = Signal(shape.row_groups)  # the slots that are not free
        m.d.comb += [taken[r].eq(slots[r].present) for r in range(shape.row_groups)]
        mine = Signal(shape.row_groups)
        m.d.comb += [
            mine.eq(1 << group),
            self.o_waiting.eq(taken.any()),
            self.o.p.slots.eq(slots),
        ]
        is_tick, is_bad = Signal(), Signal()
        m.d.comb += [is_tick.eq(word[15]), is_bad.eq(~word[15] & (word >= shape.inputs))]
        sent = self.o.valid & self.o.ready
        with m.If(self.i.valid & is_tick):
            m.d.comb += [
                self.o.p.judge.eq((count != 0) | taken.any()),
                self.o.p.ticks.eq(word[:15]),
                self.o.valid.eq(word[:15] != 0),
                self.i.ready.eq(self.o.ready | (word[:15] == 0)),
            ]
            with m.If(sent):
                m.d.sync += [slots.eq(0), count.eq(0)]
        with m.Elif(self.i.valid & is_bad):
            m.d.comb += [self.i.ready.eq(1), self.o_bad_event.eq(1)]
        with m.Elif(self.i.valid & ((taken & mine) != 0)):
            m.d.comb += self.o.valid.eq(1)
            with m.If(sent):
                m.d.sync += slots.eq(0)
        with m.Elif(self.i.valid & (count == shape.group - 1)):
            m.d.comb += [
                self.o.valid.eq(1),
                self.o.p.judge.eq(1),
                self.i.ready.eq(self.o.ready),
            ]
            for r in range(shape.row_groups):
                with m.If(mine[r]):
                    m.d.comb += [self.o.p.slots[r].row.eq(row), self.o.p.slots[r].present.eq(1)]
            with m.If(sent):
                m.d.sync += [slots.eq(0), count.eq(0)]
        with m.Elif(self.i.valid):
            m.d.comb += self.i.ready.eq(1)
            m.d.sync += count.eq(count + 1)
            for r in range(shape.row_groups):
                with m.If(mine[r]):
                    m.d.sync += [slots[r].row.eq(row), slots[r].present.eq(1)]
        with m.Elif(self.i_flush & taken.any()):
            m.d.comb += self.o.valid.eq(1)
            with m.If(sent):
                m.d.sync += slots.eq(0)
        with m.If(self.i_closed | self.i_clear):
            m.d.sync += count.eq(0)
        with m.If(self.i_clear):
            m.d.sync += slots.eq(0)
        return m

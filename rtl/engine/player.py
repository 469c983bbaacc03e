"""Plays items from a memory, so that a network runs at the speed of its array, not of its link.

Items are those of ``spec.learning``, written as 32-bit words.

Members: ``i_write``, ``i_addr``, ``i_data`` write; ``i_start`` plays items 0 to ``i_items`` - 1,
``i_rounds`` times, on ``o``; ``o_busy`` until the last is taken. Throughput: an item a cycle.
Cost: the memory.
"""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, fifo, memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.engine.items import item_layout

QUEUE = 8  # items on their way from the memory


class Player(wiring.Component):
    """Stimulus memory of a ``LearningShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(
            {
                "i_write": In(1),
                "i_addr": In(ceil_log2(shape.stimulus * shape.item_words)),
                "i_data": In(32),
                "i_start": In(1),
                "i_items": In(17),
                "i_rounds": In(32),
                "o": Out(stream.Signature(item_layout(shape))),
                "o_busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        stored = data.StructLayout({"slots": self.o.payload.slots.shape(), "judge": 1, "tick": 1})
        address = Signal(ceil_log2(shape.stimulus))
        part_bits = ceil_log2(shape.item_words)
        words = []
        for k in range(-(-shape.item_bits // 32)):
            width = min(32, shape.item_bits - 32 * k)
            m.submodules[f"words{k}"] = ram = memory.Memory(
                shape=width, depth=shape.stimulus, init=[]
            )
            write, read = ram.write_port(), ram.read_port()
            fetched = Signal(width, name=f"fetched{k}")
            m.d.comb += [
                write.addr.eq(self.i_addr >> part_bits),
                write.data.eq(self.i_data),
                write.en.eq(self.i_write & (self.i_addr[:part_bits] == k)),
                read.addr.eq(address),
            ]
            m.d.sync += fetched.eq(read.data)
            words.append(fetched)

        m.submodules.queue = queue = fifo.SyncFIFO(width=shape.item_bits, depth=QUEUE)
        item = Signal(stored)
        m.d.comb += [
            queue.w_data.eq(Cat(words)),
            item.eq(queue.r_data),
            self.o.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.o.ready),
            self.o.p.slots.eq(item.slots),
            self.o.p.judge.eq(item.judge),
            self.o.p.ticks.eq(item.tick),
        ]
        # As many items are asked for as the queue has room for.
        asking, under_way = Signal(), Signal(2)
        room = Signal(range(QUEUE + 1), init=QUEUE)
        left, rounds = Signal(17), Signal(32)
        playing = Signal()
        taken = Signal()
        m.d.comb += [
            asking.eq(playing & (room != 0)),
            taken.eq(self.o.valid & self.o.ready),
            queue.w_en.eq(under_way[1]),
            self.o_busy.eq(playing | (room != QUEUE)),
        ]
        m.d.sync += [
            under_way.eq(Cat(asking, under_way)),
            room.eq(room - asking + taken),
        ]
        with m.If(self.i_start & (self.i_items != 0) & (self.i_rounds != 0)):
            m.d.sync += [
                playing.eq(1), address.eq(0), left.eq(self.i_items), rounds.eq(self.i_rounds),
            ]  # fmt: skip
        with m.If(asking):
            m.d.sync += [address.eq(address + 1), left.eq(left - 1)]
            with m.If(left == 1):
                m.d.sync += [address.eq(0), left.eq(self.i_items), rounds.eq(rounds - 1)]
                with m.If(rounds == 1):
                    m.d.sync += playing.eq(0)
        return m

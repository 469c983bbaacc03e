"""Who becomes free when, for an engine that can't wait for its memory.

As ``rtl.neuron.refractory``, with the two entries next in line in registers, and with every
comparison registered: a tick knows in advance whether somebody is due at it.

Members: ``i_push`` queues ``i_neuron`` until tick ``i_until``. ``o_neuron`` is next; ``o_due`` says
that it is due at ``i_now``, ``o_due_next`` one tick later (valid from the second cycle after a
tick), ``i_pop`` takes it. ``o_unsettled``: not known yet, wait. ``i_clear`` empties the queue.
Cost: one memory, about 150 LUT4.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import TIMER_BITS


class ReleaseQueue(wiring.Component):
    """Queue of ``neurons`` entries: it can't overflow, as a refractory neuron does not fire."""

    def __init__(self, neurons):
        index = ceil_log2(neurons)
        super().__init__(
            {
                "i_push": In(1),
                "i_neuron": In(index),
                "i_until": In(TIMER_BITS),
                "i_now": In(TIMER_BITS),
                "o_due": Out(1),
                "o_due_next": Out(1),
                "o_unsettled": Out(1),
                "o_neuron": Out(index),
                "i_pop": In(1),
                "i_clear": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        index = len(self.o_neuron)
        depth = 1 << index
        entry = data.StructLayout({"neuron": index, "until": TIMER_BITS})
        m.submodules.ram = ram = memory.Memory(shape=entry, depth=depth, init=[])
        write, read = ram.write_port(), ram.read_port()
        stored = Signal(range(depth + 1))  # in memory, and not yet asked for
        total = Signal(range(depth + 1))
        head, tail = Signal(index), Signal(index)
        asking, reading, coming = Signal(), Signal(), Signal()
        fetched = Signal(entry)
        first, second = Signal(entry), Signal(entry)
        has_first, has_second = Signal(), Signal()
        known = Signal()  # `first` was there a cycle ago, so the comparisons are about it
        after = Signal(TIMER_BITS)
        due, due_next = Signal(), Signal()
        # Into an empty queue an entry goes straight to its front.
        to_memory, to_front = Signal(), Signal()
        compared = Signal(TIMER_BITS)
        m.d.comb += [
            to_memory.eq(self.i_push & (total != 0)),
            to_front.eq(self.i_push & (total == 0)),
            compared.eq(Mux(to_front, self.i_until, first.until)),
            write.en.eq(to_memory),
            write.addr.eq(tail),
            write.data.neuron.eq(self.i_neuron),
            write.data.until.eq(self.i_until),
            read.addr.eq(head),
            # One at a time, so that what comes always finds a place.
            asking.eq((stored != 0) & ~reading & ~coming & ~has_second),
            after.eq(self.i_now + 1),
            self.o_neuron.eq(first.neuron),
            self.o_unsettled.eq((total != 0) & ~known),
            self.o_due.eq(due & known),
            self.o_due_next.eq(due_next & known),
        ]
        m.d.sync += [
            tail.eq(tail + to_memory),
            head.eq(head + asking),
            stored.eq(stored + to_memory - asking),
            total.eq(total + self.i_push - self.i_pop),
            reading.eq(asking),
            coming.eq(reading),
            fetched.eq(read.data),
            known.eq((has_first & ~self.i_pop) | to_front),
            due.eq(compared == self.i_now),
            due_next.eq(compared == after),
        ]
        with m.If(self.i_pop):
            m.d.sync += [first.eq(second), has_first.eq(has_second), has_second.eq(0)]
        with m.If(coming):
            goes_first = ~has_first | (self.i_pop & ~has_second)
            with m.If(goes_first):
                m.d.sync += [first.eq(fetched), has_first.eq(1)]
            with m.Else():
                m.d.sync += [second.eq(fetched), has_second.eq(1)]
        with m.If(to_front):
            m.d.sync += [first.eq(write.data), has_first.eq(1)]
        with m.If(self.i_clear):
            m.d.sync += [
                *(s.eq(0) for s in (stored, total, head, tail, reading, coming, known)),
                has_first.eq(0),
                has_second.eq(0),
            ]
        return m

"""Who becomes free when: refractory neurons in the order of their release.

All neurons share one refractory time, so they are released in the order in which they fired, and
a queue of (neuron, tick of release) replaces a timer a neuron. A neuron that fires again before its
release, as only a teacher can make it, is taken out first: the queue goes round once.

Members: ``i_push`` queues ``i_neuron`` until tick ``i_until``; ``o_due`` says that ``o_neuron`` is
to be released at ``i_now``, ``i_pop`` takes it; ``o_unsettled``: the head is not known yet, wait a
cycle, or for three an entry after ``i_drop`` of ``i_neuron``. ``i_clear`` empties the queue. Cost:
one memory, about 90 LUT4.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import TIMER_BITS


class RefractoryQueue(wiring.Component):
    """Queue of ``neurons`` entries: it can't overflow, as no neuron is in it twice."""

    def __init__(self, neurons):
        self._neurons = neurons
        index = ceil_log2(neurons)
        super().__init__(
            {
                "i_push": In(1),
                "i_neuron": In(index),
                "i_until": In(TIMER_BITS),
                "i_now": In(TIMER_BITS),
                "o_due": Out(1),
                "o_unsettled": Out(1),
                "o_neuron": Out(index),
                "i_pop": In(1),
                "i_drop": In(1),
                "i_clear": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        depth = 1 << len(self.o_neuron)
        entry = data.StructLayout({"neuron": len(self.o_neuron), "until": TIMER_BITS})
        m.submodules.ram = ram = memory.Memory(shape=entry, depth=depth, init=[])
        write, read = ram.write_port(), ram.read_port()
        head, tail = Signal(len(self.o_neuron)), Signal(len(self.o_neuron))
        level = Signal(range(depth + 1))
        fresh = Signal()  # the memory's output is the entry at `head`
        left = Signal.like(level)  # entries that still go round
        dropped = Signal.like(self.i_neuron)
        turns, push, pop = Signal(), Signal(), Signal()
        m.d.comb += [
            turns.eq((left != 0) & fresh),
            pop.eq(self.i_pop | turns),
            push.eq(self.i_push | (turns & (read.data.neuron != dropped))),
            write.en.eq(push),
            write.addr.eq(tail),
            write.data.neuron.eq(Mux(turns, read.data.neuron, self.i_neuron)),
            write.data.until.eq(Mux(turns, read.data.until, self.i_until)),
            read.addr.eq(head),
            self.o_neuron.eq(read.data.neuron),
            self.o_unsettled.eq((left != 0) | ((level != 0) & ~fresh)),
            self.o_due.eq((level != 0) & (left == 0) & fresh & (read.data.until == self.i_now)),
        ]
        m.d.sync += [
            fresh.eq(~pop & ~push),
            level.eq(level + push - pop),
            left.eq(left - turns),
            tail.eq(tail + push),
            head.eq(head + pop),
        ]
        with m.If(self.i_drop):
            m.d.sync += [left.eq(level), dropped.eq(self.i_neuron)]
        with m.If(self.i_clear):
            m.d.sync += [level.eq(0), tail.eq(0), head.eq(0), fresh.eq(0), left.eq(0)]
        return m

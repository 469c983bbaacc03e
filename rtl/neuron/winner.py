"""Winner-take-all: the eligible neuron with the largest margin, lowest index on a tie.

Neurons are looked at one by one: spikes are rare, and a tree of comparators would cost more than
the neurons' walls.

Members: ``i_start`` begins; ``o_select`` runs over the neurons, whose ``i_margin`` and
``i_eligible`` are expected a cycle later; ``o_done`` strobes when ``o_winner`` is there. Only to be
started when some margin is not negative. Latency: neurons + 2.
"""

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2


class WinnerTakeAll(wiring.Component):
    """Serial arg-max over ``neurons`` margins of ``position_bits + 1`` bits, signed."""

    def __init__(self, neurons, position_bits):
        self._neurons = neurons
        index = ceil_log2(neurons)
        super().__init__(
            {
                "i_start": In(1),
                "o_select": Out(index),
                "i_margin": In(signed(position_bits + 1)),
                "i_eligible": In(1),
                "o_done": Out(1),
                "o_winner": Out(index),
            }
        )

    def elaborate(self, platform):
        m = Module()
        last = self._neurons - 1
        # The neuron whose margin is here now.
        here = Signal.like(self.o_select)
        valid = Signal()
        running = Signal()
        found = Signal()
        best = Signal(len(self.i_margin) - 1)

        m.d.sync += [here.eq(self.o_select), valid.eq(running), self.o_done.eq(0)]
        with m.If(self.i_start):
            m.d.sync += [running.eq(1), self.o_select.eq(0), found.eq(0)]
        with m.Elif(running):
            m.d.sync += self.o_select.eq(self.o_select + 1)
            with m.If(self.o_select == last):
                m.d.sync += running.eq(0)
        with m.If(valid):
            with m.If(self.i_eligible & (self.i_margin >= 0)):
                with m.If(~found | (self.i_margin[:-1] > best)):
                    m.d.sync += [
                        found.eq(1),
                        best.eq(self.i_margin[:-1]),
                        self.o_winner.eq(here),
                    ]
            with m.If(here == last):
                m.d.sync += self.o_done.eq(1)
        return m

"""From layer to layer on one chip: the spikes of one engine as the stream of the next.

A spike is its neuron's number as an event, behind the ticks since the spike before it.

Members: ``i`` spikes, ``o`` stream words (``spec.learning``). Throughput: two cycles a spike, and
one for each ``MAX_TICKS`` ticks. Cost: about 100 LUT4 and 32 FF.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.learning import MAX_TICKS, WORD_TICK
from spinloom.rtl.bus import SpikeLayout


class Relay(wiring.Component):
    """Between the ``o`` of one engine and the ``i`` of another."""

    i: In(stream.Signature(SpikeLayout))
    o: Out(stream.Signature(16))

    def elaborate(self, platform):
        m = Module()
        told = Signal(32)  # the time that the next layer knows
        gap, step = Signal(32), Signal(15)
        m.d.comb += [
            gap.eq(self.i.p.tick - told),
            step.eq(Mux(gap > MAX_TICKS, MAX_TICKS, gap)),
            self.o.valid.eq(self.i.valid),
        ]
        with m.If(gap != 0):
            m.d.comb += self.o.payload.eq(WORD_TICK | step)
            with m.If(self.i.valid & self.o.ready):
                m.d.sync += told.eq(told + step)
        with m.Else():
            m.d.comb += [self.o.payload.eq(self.i.p.neuron), self.i.ready.eq(self.o.ready)]
        return m

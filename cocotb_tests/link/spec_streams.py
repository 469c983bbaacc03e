"""Formal properties of the link: which streams keep the rules, and a twin that breaks them."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from cocotb_tests.formal import StreamRules
from spinloom.rtl.link.cobs import CobsDecoder, CobsEncoder
from spinloom.rtl.link.executor import Executor
from spinloom.rtl.link.packet_fifo import PacketFifo
from spinloom.rtl.link.transmitter import Transmitter


class Impatient(wiring.Component):
    """Withdraws an offer that is not taken for three cycles."""

    i: In(stream.Signature(8))
    o: Out(stream.Signature(8))

    def elaborate(self, platform):
        m = Module()
        waited = Signal(2)
        m.d.comb += [
            self.o.payload.eq(self.i.payload),
            self.o.valid.eq(self.i.valid & ~waited.all()),
            self.i.ready.eq(self.o.ready & ~waited.all()),
        ]
        m.d.sync += waited.eq(0)
        with m.If(self.o.valid & ~self.o.ready):
            m.d.sync += waited.eq(waited + 1)
        return m


PROVED = {
    "CobsDecoder": lambda: StreamRules(CobsDecoder(), ["o"], ["i"]),
    "CobsEncoder": lambda: StreamRules(CobsEncoder(8), ["o"], ["i"]),
    "Executor": lambda: StreamRules(Executor(), ["events", "bus", "reply"], ["i", "response"]),
    "Transmitter": lambda: StreamRules(Transmitter(), ["o"], ["spikes", "reply"]),
}
# Its rules rest on where its pointers can be: checked from the reset, around the ring and back.
BOUNDED = {"PacketFifo": lambda: StreamRules(PacketFifo(4), ["o"])}
REFUTED = {"Impatient": lambda: StreamRules(Impatient(), ["o"], ["i"])}

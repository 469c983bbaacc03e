"""Builds the frames that the device sends: replies, spikes and ACKs, each with header and CRC.

A SPIKES frame stays open while the line is busy with the frame before it, so that spikes share
frames when there are many and go out at once when there are few.
"""

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import crc, stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.rtl.bus import SpikeLayout
from spinloom.rtl.link.cobs import FrameByte


class Transmitter(wiring.Component):
    """Members
    -------
    spikes : In(stream SpikeLayout)
        From the engine.
    reply : In(stream FrameByte)
        Payload of a reply, then its end.
    i_type, i_seq : In(8)
        Header of the reply.
    i_next, i_limit, i_drops : In(8)
        What an ACK says.
    i_answer : In(1)
        Strobe: send a fresh ACK.
    i_start : In(1)
        Strobe: a session starts, the tally goes to 0.
    i_sending : In(1)
        The line is busy with a whole frame: there is time to wait for more spikes.
    o : Out(stream FrameByte)
        Whole frames, to the COBS encoder.
    o_spikes : Out(1)
        A spike waits, or the SPIKES frame it went to is not yet ended.
    o_pending : Out(1)
        A frame is open or an ACK is due.

    Throughput: one byte a cycle.
    """

    spikes: In(stream.Signature(SpikeLayout))
    reply: In(stream.Signature(FrameByte))
    i_type: In(8)
    i_seq: In(8)
    i_next: In(8)
    i_limit: In(8)
    i_drops: In(8)
    i_answer: In(1)
    i_start: In(1)
    i_sending: In(1)
    o: Out(stream.Signature(FrameByte))
    o_spikes: Out(1)
    o_pending: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.check = check = crc.catalog.CRC32_ISO_HDLC(8).create()

        tally = Signal(8)
        answer = Signal()  # an ACK is due
        acked = Signal()  # the last frame was an ACK: the others come first
        is_ack = Signal()
        is_spikes = Signal()
        at = Signal(range(link.SPIKE_BYTES))  # byte of an ACK, a spike or the CRC
        count = Signal(range(link.MAX_FRAME_SPIKES + 1))

        with m.If(self.i_answer):
            m.d.sync += answer.eq(1)
        with m.If(self.i_start):
            m.d.sync += tally.eq(0)

        item = self.o.payload
        taken = Signal()
        m.d.comb += [
            taken.eq(self.o.valid & self.o.ready),
            check.data.eq(item.data),
            self.o_spikes.eq(self.spikes.valid | is_spikes),
        ]
        idle = Signal()
        m.d.comb += self.o_pending.eq(~idle | answer)
        spike_byte = Signal(8)
        m.d.comb += spike_byte.eq(self.spikes.payload.as_value().word_select(at, 8))

        with m.FSM():
            with m.State("Idle"):
                m.d.comb += [idle.eq(1), check.start.eq(1)]
                m.d.sync += at.eq(0)
                with m.If(answer & ~(acked & (self.spikes.valid | self.reply.valid))):
                    m.d.sync += [is_ack.eq(1), acked.eq(1), answer.eq(self.i_answer)]
                    m.next = "Type"
                with m.Elif(self.spikes.valid):
                    m.d.sync += [is_spikes.eq(1), acked.eq(0), tally.eq(tally + 1)]
                    m.next = "Type"
                with m.Elif(self.reply.valid):
                    m.d.sync += acked.eq(0)
                    m.next = "Type"

            with m.State("Type"):
                own_type = Mux(is_ack, Const(Type.ACK, 8), Const(Type.SPIKES, 8))
                m.d.comb += [
                    self.o.valid.eq(1),
                    item.data.eq(Mux(is_ack | is_spikes, own_type, self.i_type)),
                    check.valid.eq(taken),
                ]
                with m.If(taken):
                    m.next = "Tally"
            with m.State("Tally"):
                m.d.comb += [self.o.valid.eq(1), item.data.eq(tally), check.valid.eq(taken)]
                with m.If(taken):
                    m.next = "Seq"
            with m.State("Seq"):
                m.d.comb += [
                    self.o.valid.eq(1),
                    item.data.eq(Mux(is_ack, self.i_drops, Mux(is_spikes, 0, self.i_seq))),
                    check.valid.eq(taken),
                ]
                with m.If(taken):
                    m.next = "Reply"
                    with m.If(is_ack):
                        m.next = "Ack"
                    with m.Elif(is_spikes):
                        m.next = "Spike"

            with m.State("Ack"):
                # Next comes first: what is taken between the two only widens the window.
                m.d.comb += [
                    self.o.valid.eq(1),
                    item.data.eq(Mux(at[0], self.i_limit, self.i_next)),
                    check.valid.eq(taken),
                ]
                with m.If(taken):
                    m.d.sync += at.eq(at + 1)
                    with m.If(at[0]):
                        m.d.sync += at.eq(0)
                        m.next = "Crc"

            with m.State("Reply"):
                m.d.comb += [
                    self.o.valid.eq(self.reply.valid & ~self.reply.payload.end),
                    self.reply.ready.eq(self.o.ready | self.reply.payload.end),
                    item.data.eq(self.reply.payload.data),
                    check.valid.eq(taken),
                ]
                with m.If(self.reply.valid & self.reply.payload.end):
                    m.next = "Crc"

            with m.State("Spike"):
                last = at == link.SPIKE_BYTES - 1
                m.d.comb += [
                    self.o.valid.eq(1),
                    self.spikes.ready.eq(self.o.ready & last),
                    item.data.eq(spike_byte),
                    check.valid.eq(taken),
                ]
                with m.If(taken):
                    m.d.sync += at.eq(at + 1)
                    with m.If(last):
                        m.d.sync += [at.eq(0), count.eq(count + 1)]
                        m.next = "More"
            with m.State("More"):
                with m.If(count == link.MAX_FRAME_SPIKES):
                    m.next = "Crc"
                with m.Elif(self.spikes.valid):
                    m.next = "Spike"
                with m.Elif(~self.i_sending):
                    m.next = "Crc"

            with m.State("Crc"):
                m.d.comb += [self.o.valid.eq(1), item.data.eq(check.crc.word_select(at[:2], 8))]
                with m.If(taken):
                    m.d.sync += at.eq(at + 1)
                    with m.If(at == link.CRC_BYTES - 1):
                        m.next = "End"
            with m.State("End"):
                m.d.comb += [self.o.valid.eq(1), item.end.eq(1)]
                with m.If(taken):
                    m.d.sync += [is_ack.eq(0), is_spikes.eq(0), count.eq(0)]
                    m.next = "Idle"

        return m

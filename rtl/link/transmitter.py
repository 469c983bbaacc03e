"""Builds the frames that the device sends: replies, spikes and ACKs, each with header and CRC.

A SPIKES frame stays open while the line is busy with the frame before it, so that spikes share
frames when there are many and go out at once when there are few.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import enum, stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.rtl.bus import SpikeLayout
from spinloom.rtl.link import crc
from spinloom.rtl.link.cobs import FrameByte

TURNS = 4  # cycles of two bits that a byte takes to pass the CRC


class Kind(enum.Enum, shape=2):
    """What the frame in work is."""

    REPLY = 0
    SPIKES = 1
    ACK = 2


class Transmitter(wiring.Component):
    """From replies, spikes and credits to frames.

    Members
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

    Throughput: one byte in five cycles, because the CRC takes two bits a cycle: a byte-wide one
    costs 70 LUTs more, and a UART takes ten bits a byte.
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

        tally = Signal(8)
        answer = Signal()  # an ACK is due
        acked = Signal()  # the last frame was an ACK: the others come first
        kind = Signal(Kind)
        at = Signal(range(link.SPIKE_BYTES))  # byte of an ACK, a spike or the CRC
        count = Signal(range(link.MAX_FRAME_SPIKES + 1))

        # The byte in work turns round once, two bits a cycle, past the CRC; then it is offered.
        # A byte of the CRC itself meets itself: without feedback the next one moves to the bottom.
        byte = Signal(8)
        end = Signal()
        covered = Signal()
        turns = Signal(range(TURNS + 1))
        held = Signal()
        check = Signal(32)

        fed = Mux(covered, byte[:2], check[:2])

        put = Signal()
        data = Signal(8)
        loads = Signal()
        last = Signal()
        m.d.comb += [
            self.o.valid.eq(held & (turns == 0)),
            self.o.payload.data.eq(byte),
            self.o.payload.end.eq(end),
            loads.eq(put & (~held | (self.o.valid & self.o.ready))),
        ]
        with m.If(self.o.ready & self.o.valid):
            m.d.sync += held.eq(0)
        with m.If(turns != 0):
            m.d.sync += [
                turns.eq(turns - 1),
                byte.eq(byte.rotate_right(2)),
                check.eq(crc.advanced(check, fed)),
            ]
        with m.If(loads):
            m.d.sync += [held.eq(1), byte.eq(data), turns.eq(Mux(last, 0, TURNS)), end.eq(last)]

        with m.If(self.i_answer):
            m.d.sync += answer.eq(1)
        with m.If(self.i_start):
            m.d.sync += tally.eq(0)
        idle = Signal()
        m.d.comb += [
            self.o_spikes.eq(self.spikes.valid | (kind == Kind.SPIKES)),
            self.o_pending.eq(~idle | answer | held),
        ]

        with m.FSM():
            with m.State("Idle"):
                m.d.comb += idle.eq(1)
                m.d.sync += [at.eq(0), count.eq(0), kind.eq(Kind.REPLY)]
                others = self.spikes.valid | self.reply.valid
                with m.If(answer & ~(acked & others)):
                    m.d.sync += [kind.eq(Kind.ACK), acked.eq(1), answer.eq(self.i_answer)]
                    m.next = "Type"
                with m.Elif(self.spikes.valid):
                    m.d.sync += [kind.eq(Kind.SPIKES), acked.eq(0), tally.eq(tally + 1)]
                    m.next = "Type"
                with m.Elif(self.reply.valid):
                    m.d.sync += acked.eq(0)
                    m.next = "Type"

            with m.State("Type"):
                m.d.comb += put.eq(1)
                with m.Switch(kind):
                    with m.Case(Kind.ACK):
                        m.d.comb += data.eq(Type.ACK)
                    with m.Case(Kind.SPIKES):
                        m.d.comb += data.eq(Type.SPIKES)
                    with m.Default():
                        m.d.comb += data.eq(self.i_type)
                with m.If(loads):
                    m.d.sync += [check.eq(crc.START), covered.eq(1)]
                    m.next = "Tally"
            with m.State("Tally"):
                m.d.comb += [put.eq(1), data.eq(tally)]
                with m.If(loads):
                    m.next = "Seq"
            with m.State("Seq"):
                m.d.comb += put.eq(1)
                with m.Switch(kind):
                    with m.Case(Kind.ACK):
                        m.d.comb += data.eq(self.i_drops)
                    with m.Case(Kind.REPLY):
                        m.d.comb += data.eq(self.i_seq)
                with m.If(loads):
                    with m.Switch(kind):
                        with m.Case(Kind.ACK):
                            m.next = "Ack"
                        with m.Case(Kind.SPIKES):
                            m.next = "Spike"
                        with m.Default():
                            m.next = "Reply"

            with m.State("Ack"):
                # Next comes first: what is taken between the two only widens the window.
                m.d.comb += [put.eq(1), data.eq(Mux(at[0], self.i_limit, self.i_next))]
                with m.If(loads):
                    m.d.sync += at.eq(at[0] ^ 1)
                    with m.If(at[0]):
                        m.next = "Crc"
            with m.State("Reply"):
                ends = self.reply.payload.end
                m.d.comb += [
                    put.eq(self.reply.valid & ~ends),
                    data.eq(self.reply.payload.data),
                    self.reply.ready.eq(loads | ends),
                ]
                with m.If(self.reply.valid & ends):
                    m.next = "Crc"
            with m.State("Spike"):
                whole = at == link.SPIKE_BYTES - 1
                m.d.comb += [
                    put.eq(1),
                    data.eq(self.spikes.payload.as_value().word_select(at, 8)),
                    self.spikes.ready.eq(loads & whole),
                ]
                with m.If(loads):
                    m.d.sync += at.eq(at + 1)
                    with m.If(whole):
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
                m.d.comb += [put.eq(1), data.eq(~check[:8])]
                # The byte before must be through the CRC: ``loads`` waits for that.
                with m.If(loads):
                    m.d.sync += [at.eq(at + 1), covered.eq(0)]
                    with m.If(at == link.CRC_BYTES - 1):
                        m.next = "End"
            with m.State("End"):
                m.d.comb += [put.eq(1), last.eq(1)]
                with m.If(loads):
                    m.d.sync += kind.eq(Kind.REPLY)
                    m.next = "Idle"

        return m

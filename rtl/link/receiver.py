"""Takes frames off the line: checks them, queues the good ones, keeps the sequence and the credits.

A frame that passes COBS, CRC, length and sequence is queued for the executor as ``payload length,
type, seq, payload``. Credits are whole frames: the queue holds ``room`` frames of any size, so the
window ends at ``next + room - frames queued``.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.rtl.link import crc
from spinloom.rtl.link.cobs import DecodedByte
from spinloom.rtl.link.packet_fifo import PacketFifo

QUEUED_FRAME = link.MAX_FRAME - link.CRC_BYTES  # the length takes the place of the channel


def room(depth):
    """Frames of any size that a queue of ``depth`` bytes holds, with space to check one HELLO."""
    frames = (depth - 1 - link.HEADER_BYTES - link.CRC_BYTES) // QUEUED_FRAME
    if frames < 2:
        raise ValueError(f"receive queue of {depth} bytes is too small; give 512 or more")
    return min(frames, 127)


class Receiver(wiring.Component):
    """From decoded frames to queued ones.

    Parameters
    ----------
    depth : int
        Bytes of the receive queue (a power of two).

    Members
    -------
    i : In(stream DecodedByte)
        Frames from the COBS decoder; always ready.
    o : Out(stream u8)
        Queued frames: payload length, type, seq, payload.
    i_done : In(1)
        Strobe: the executor has finished a frame, its room is free.
    o_next, o_limit : Out(8)
        Next sequence number expected; end of the window.
    o_drops : Out(8)
        Frames dropped since HELLO, modulo 256.
    o_answer : Out(1)
        Strobe: the sender is due a fresh ACK.
    o_bad, o_out_of_order, o_overflow : Out(1)
        Strobes: a frame was dropped for COBS, CRC or length; its sequence; want of room.
    o_queued : Out(1)
        A frame is queued or in work.

    Throughput: one byte a cycle, frames back to back.
    """

    def __init__(self, depth):
        self.depth = depth
        self.room = room(depth)
        super().__init__(
            {
                "i": In(stream.Signature(DecodedByte)),
                "o": Out(stream.Signature(8)),
                "i_done": In(1),
                "o_next": Out(8),
                "o_limit": Out(8),
                "o_drops": Out(8),
                "o_answer": Out(1),
                "o_bad": Out(1),
                "o_out_of_order": Out(1),
                "o_overflow": Out(1),
                "o_queued": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        check = Signal(32, init=crc.START)
        m.submodules.queue = queue = PacketFifo(self.depth, trailer=link.CRC_BYTES)
        wiring.connect(m, wiring.flipped(self.o), queue.o)

        item = self.i.payload
        m.d.comb += self.i.ready.eq(1)
        take = self.i.valid & ~item.end
        end = self.i.valid & item.end
        count = Signal(8)  # bytes of the frame, stays at 255
        kind = Signal(8)
        well_formed = Signal()  # channel known; type and length are judged at the end
        in_order = Signal(init=1)
        overflow = Signal()
        unsequenced = Signal()
        m.d.comb += unsequenced.eq((kind == Type.HELLO) | (kind == Type.RESET))

        with m.If(take):
            m.d.sync += check.eq(crc.advanced(check, item.data))
            with m.If(count != 255):
                m.d.sync += count.eq(count + 1)
            with m.Switch(count):
                with m.Case(0):
                    m.d.sync += kind.eq(item.data)
                with m.Case(1):
                    m.d.sync += well_formed.eq(item.data == link.CHANNEL)
                with m.Case(2):
                    m.d.sync += in_order.eq(unsequenced | (item.data == self.o_next))
            with m.If(queue.i_write & queue.o_full):
                m.d.sync += overflow.eq(1)

        payload = Signal(8)
        m.d.comb += payload.eq(count - (link.HEADER_BYTES + link.CRC_BYTES))
        length_ok = Signal()
        with m.Switch(kind):
            with m.Case(Type.HELLO, Type.RESET):
                m.d.comb += length_ok.eq(payload == 0)
            with m.Case(Type.REG_WR):
                m.d.comb += length_ok.eq(payload[:3] == 0)
            with m.Case(Type.REG_RD):
                m.d.comb += length_ok.eq(payload[:2] == 0)
            with m.Case(Type.MEM_WR):
                m.d.comb += length_ok.eq((payload[:2] == 0) & (payload != 0))
            with m.Case(Type.MEM_RD):
                m.d.comb += length_ok.eq(payload == 8)
            with m.Case(Type.EVENTS):
                m.d.comb += length_ok.eq(payload[0] == 0)

        # Too short makes the difference wrap to more than a payload can be, and so does too long.
        good = Signal()
        m.d.comb += good.eq(
            ~item.error
            & (check == crc.RESIDUE)
            & well_formed
            & length_ok
            & (payload <= link.MAX_PAYLOAD)
        )
        frames = Signal(range(self.room + 16))  # queued; HELLO may come on top of a full window
        fits = Signal()
        accept = Signal()
        m.d.comb += [
            fits.eq(~overflow & ~frames.all()),
            accept.eq(end & good & in_order & fits),
            self.o_bad.eq(end & ~good),
            self.o_out_of_order.eq(end & good & ~in_order),
            self.o_overflow.eq(end & good & in_order & ~fits),
            # A frame out of order takes no room, so that a sender's repetition can't overflow.
            queue.i_write.eq(take & in_order),
            queue.i_data.eq(Mux(end, payload, Mux(count == 1, kind, item.data))),
            queue.i_commit.eq(accept),
            queue.i_rollback.eq(end & ~accept),
        ]
        with m.If(end):
            m.d.sync += [count.eq(0), in_order.eq(1), overflow.eq(0), check.eq(crc.START)]
        with m.If(accept & unsequenced):
            m.d.sync += [self.o_next.eq(0), self.o_drops.eq(0)]
        with m.Elif(accept):
            m.d.sync += self.o_next.eq(self.o_next + 1)
        with m.Elif(end):
            m.d.sync += self.o_drops.eq(self.o_drops + 1)

        m.d.sync += frames.eq(frames + accept - self.i_done)
        m.d.comb += [
            self.o_limit.eq(self.o_next + self.room - frames),
            self.o_answer.eq(end | self.i_done),
            self.o_queued.eq(frames != 0),
        ]

        return m

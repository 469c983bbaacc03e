"""Carries out queued frames one after another: events, writes and reads, and the session's start.

EVENTS go to the engine at two cycles a word, the pace of their bytes. Anything else first waits
until the engine is at rest and its spikes are on their way, so that what it reads is settled.
Addresses 0 to 15 of region 0 are the shell's own registers, all read-only; the rest is the
engine's.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.rtl.bus import BusRequest
from spinloom.rtl.link.cobs import FrameByte

HELLO_WORDS = 3
KIND_BITS = 5  # of a frame type from the host
REPLY = 0x80  # the type of a reply is that of its request, and this


class Executor(wiring.Component):
    """From queued frames to the engine's ports, and to replies.

    Members
    -------
    i : In(stream u8)
        Queued frames from the receiver: payload length, type, seq, payload.
    o_done : Out(1)
        Strobe: a frame is finished.
    events, bus, response
        The engine's ports, see ``rtl.bus``.
    i_busy, i_spikes : In(1)
        The engine works; spikes wait to be sent, or are being sent.
    o_register, i_register : Out(4), In(32)
        The shell register to be read, and its value in the same cycle.
    o_hello : Out(1)
        A session starts: ``o_register`` counts the words of HELLO_REPLY.
    o_start : Out(1)
        Strobe at its start: counters, STATUS and tally go to 0.
    o_reset : Out(1)
        The engine's reset.
    reply : Out(stream FrameByte)
        Payload of a reply, then its end; ``o_type`` and ``o_seq`` are its header meanwhile.
    """

    i: In(stream.Signature(8))
    o_done: Out(1)
    events: Out(stream.Signature(16))
    bus: Out(stream.Signature(BusRequest))
    response: In(stream.Signature(32))
    i_busy: In(1)
    i_spikes: In(1)
    o_register: Out(4)
    i_register: In(32)
    o_hello: Out(1)
    o_start: Out(1)
    o_reset: Out(1)
    reply: Out(stream.Signature(FrameByte))
    o_type: Out(8)
    o_seq: Out(8)

    def elaborate(self, platform):
        m = Module()

        kind = Signal(KIND_BITS)
        seq = Signal(8)
        left = Signal(8)  # bytes of the payload, then words of a reply, still to come
        word = Signal(32)  # bytes enter at the top and leave at the bottom
        byte_at = Signal(2)
        is_data = Signal()  # the word being collected is a value or a count, not an address
        region = Signal(4)
        addr = Signal(24)
        low = Signal(8)
        half = Signal()  # the low byte of an event word is in ``low``

        byte = self.i.payload
        taken = Signal()
        m.d.comb += taken.eq(self.i.valid & self.i.ready)
        of_shell = Signal()
        m.d.comb += of_shell.eq((region == 0) & (addr < SHELL_END))
        single = Signal()  # each word has an address of its own
        m.d.comb += single.eq((kind == Type.REG_WR) | (kind == Type.REG_RD))
        writes = Signal()
        m.d.comb += writes.eq((kind == Type.REG_WR) | (kind == Type.MEM_WR))
        loads, shifts = Signal(), Signal()
        with m.If(loads):
            m.d.sync += word.eq(Mux(of_shell, self.i_register, self.response.payload))
        with m.Elif(shifts):
            m.d.sync += word.eq(Cat(word[8:], byte))

        m.d.comb += [
            self.events.payload.eq(Cat(low, byte)),
            self.bus.payload.write.eq(writes),
            self.bus.payload.region.eq(region),
            self.bus.payload.addr.eq(addr),
            self.bus.payload.data.eq(word),
            self.o_register.eq(addr),
            self.o_hello.eq(kind == Type.HELLO),
            self.reply.payload.data.eq(word[:8]),
            self.o_type.eq(REPLY | kind),
            self.o_seq.eq(seq),
        ]

        with m.FSM():
            with m.State("Length"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [left.eq(byte), is_data.eq(0)]
                with m.If(taken):
                    m.next = "Type"
            with m.State("Type"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += kind.eq(byte)
                with m.If(taken):
                    m.next = "Seq"
            with m.State("Seq"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += seq.eq(byte)
                with m.If(taken):
                    m.next = "Fence"
                    with m.If(kind == Type.EVENTS):
                        m.next = "Events"

            with m.State("Events"):
                with m.If(left == 0):
                    m.next = "Done"
                with m.Else():
                    m.d.comb += [
                        self.events.valid.eq(self.i.valid & half),
                        self.i.ready.eq(self.events.ready | ~half),
                    ]
                    with m.If(taken):
                        m.d.sync += [low.eq(byte), half.eq(~half), left.eq(left - 1)]

            with m.State("Fence"):
                with m.If(~self.i_busy & ~self.i_spikes):
                    m.next = "Word"
                    with m.If(left == 0):
                        m.next = "Finish"
                    with m.If(kind == Type.HELLO):
                        m.d.comb += self.o_start.eq(1)
                        m.d.sync += [left.eq(HELLO_WORDS), region.eq(0), addr.eq(0)]
                        m.next = "Read"
                    with m.Elif(kind == Type.RESET):
                        m.next = "Reset"
            with m.State("Reset"):
                # What follows is HELLO; its fence waits until the engine has set itself up.
                m.d.comb += self.o_reset.eq(1)
                m.d.sync += kind.eq(Type.HELLO)
                m.next = "Settle"
            with m.State("Settle"):
                m.next = "Fence"

            with m.State("Word"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(taken):
                    m.d.comb += shifts.eq(1)
                    m.d.sync += [byte_at.eq(byte_at + 1), left.eq(left - 1)]
                    with m.If(byte_at.all()):
                        m.next = "Use"
            with m.State("Use"):
                with m.If(~is_data):
                    m.d.sync += [region.eq(word[:8]), addr.eq(word[8:]), is_data.eq(1)]
                    m.next = "Word"
                    with m.If(kind == Type.REG_RD):
                        m.next = "Read"
                    with m.Elif(left == 0):
                        m.next = "Finish"
                with m.Elif(writes):
                    m.next = "Write"
                with m.Else():
                    # A count above the greatest would overrun the encoder's buffer.
                    count = word[:6]
                    greatest = link.MAX_MEM_READ_WORDS
                    m.d.sync += left.eq(Mux(count > greatest, greatest, count))
                    m.next = "Read"
                    with m.If(count == 0):
                        m.next = "Finish"

            with m.State("Write"):
                m.d.comb += self.bus.valid.eq(~of_shell)
                with m.If(self.bus.ready | of_shell):
                    m.d.sync += [addr.eq(addr + 1), is_data.eq(~single)]
                    m.next = "Word"
                    with m.If(left == 0):
                        m.next = "Done"

            with m.State("Read"):
                m.d.comb += self.bus.valid.eq(~of_shell)
                with m.If(of_shell | self.bus.ready):
                    m.next = "Response"
            with m.State("Response"):
                m.d.comb += [self.response.ready.eq(~of_shell), loads.eq(1)]
                with m.If(self.response.valid | of_shell):
                    m.next = "Send"
            with m.State("Send"):
                m.d.comb += self.reply.valid.eq(1)
                with m.If(self.reply.ready):
                    m.d.comb += shifts.eq(1)
                    m.d.sync += byte_at.eq(byte_at + 1)
                    with m.If(byte_at == 2):
                        # One byte early: the decision on the last byte sees the new count.
                        with m.If(~single):
                            m.d.sync += left.eq(left - 1)
                    with m.If(byte_at.all()):
                        m.d.sync += [addr.eq(addr + 1), is_data.eq(0)]
                        m.next = "Read"
                        with m.If(left == 0):
                            m.next = "Finish"
                        with m.Elif(single):
                            m.next = "Word"

            with m.State("Finish"):
                with m.If(writes):
                    m.next = "Done"
                with m.Else():
                    m.d.comb += [self.reply.valid.eq(1), self.reply.payload.end.eq(1)]
                    with m.If(self.reply.ready):
                        m.next = "Done"
            with m.State("Done"):
                m.d.comb += self.o_done.eq(1)
                m.next = "Length"

        return m

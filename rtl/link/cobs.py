"""COBS, the byte stuffing that keeps 0x00 for the delimiter (Cheshire and Baker, 1999).

A frame is cut into blocks at its zeros; each block goes out as its length plus one (the *code*),
then its bytes, and the zero itself is not sent. Frames of the link have at most 247 bytes, so a
block never reaches 254 bytes and the special code 0xFF has no use here.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out

# A byte of a frame; or, with ``end``, no byte but the end of the frame.
FrameByte = data.StructLayout({"data": 8, "end": 1})
# The same from a decoder; ``error`` goes with ``end``: the frame broke off within a block.
DecodedByte = data.StructLayout({"data": 8, "end": 1, "error": 1})


class CobsDecoder(wiring.Component):
    """Turns the bytes of the line into the bytes of frames, each frame followed by its end.

    Members
    -------
    i : In(stream u8)
        Bytes of the line.
    o : Out(stream DecodedByte)
        Bytes of the frames; delimiters that follow one another make no empty frame.

    Throughput: one byte a cycle; no latency (the path from ``i`` to ``o`` is combinational).
    """

    i: In(stream.Signature(8))
    o: Out(stream.Signature(DecodedByte))

    def elaborate(self, platform):
        m = Module()

        left = Signal(8)  # bytes of the block still to come
        inside = Signal()  # a block has begun since the last delimiter

        byte = self.i.payload
        delimiter = byte == 0
        code = (left == 0) & ~delimiter
        # The code of the first block stands for no byte, a later one for the zero before it.
        emits = Mux(delimiter | code, inside, 1)

        m.d.comb += [
            self.o.valid.eq(self.i.valid & emits),
            self.i.ready.eq(self.o.ready | ~emits),
            self.o.payload.data.eq(Mux(code, 0, byte)),
            self.o.payload.end.eq(delimiter),
            self.o.payload.error.eq(delimiter & (left != 0)),
        ]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += inside.eq(~delimiter)
            with m.If(delimiter):
                m.d.sync += left.eq(0)
            with m.Else():
                m.d.sync += left.eq(Mux(code, byte, left) - 1)

        return m


class CobsEncoder(wiring.Component):
    """Turns frames into the bytes of the line, delimiter included.

    The code of a block is known only at the block's end, so a frame is written to one half of a
    buffer, its codes patched in, while the other half is sent.

    Parameters
    ----------
    half : int
        Bytes of half the buffer, a power of two. A frame of the link needs 249, with its first code
        and the delimiter.

    Members
    -------
    i : In(stream FrameByte)
        Bytes of the frames, at most ``half`` - 2 each, each frame followed by its end.
    o : Out(stream u8)
        Bytes of the line.
    o_sending : Out(1)
        A whole frame is being sent: a frame ended now would have to wait.

    Throughput: one byte a cycle each way. Latency: the length of the frame. Cost: one block RAM of
    512 bytes.
    """

    i: In(stream.Signature(FrameByte))
    o: Out(stream.Signature(8))
    o_sending: Out(1)

    def __init__(self, half=256):
        if half & (half - 1) or not 4 <= half <= 256:
            raise ValueError(f"CobsEncoder.half = {half} is not a power of two from 4 to 256")
        self.half = half
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        # Only a full half is read, only the other one written; see also ``packet_fifo``.
        m.submodules.ram = ram = memory.Memory(shape=8, depth=2 * self.half, init=[])
        write = ram.write_port()
        read = ram.read_port()

        full = Signal(2)  # the half holds a whole frame, delimiter included
        # Writing: the half, where the open block's code goes, and where the next byte goes.
        w_half = Signal()
        code_at = Signal(range(self.half))
        w_at = Signal(range(self.half), init=1)
        code = Signal(range(self.half), init=1)
        closing = Signal()  # the last code is written, the delimiter is next
        # Sending: the half, and the next byte; ``valid`` says that the read port shows it.
        r_half = Signal()
        r_at = Signal(range(self.half))
        r_next = Signal(range(self.half))

        taken = self.o.valid & self.o.ready
        sending = full.bit_select(r_half, 1)
        m.d.comb += [
            self.o.payload.eq(read.data),
            r_next.eq(r_at + taken),
            read.addr.eq(Cat(r_next, r_half)),
            self.o_sending.eq(sending),
        ]
        m.d.sync += [r_at.eq(r_next), self.o.valid.eq(sending)]
        with m.If(taken & (read.data == 0)):
            m.d.sync += [
                r_at.eq(0),
                r_half.eq(~r_half),
                full.bit_select(r_half, 1).eq(0),
                self.o.valid.eq(0),
            ]

        item = self.i.payload
        closes = item.end | (item.data == 0)  # this item ends the open block
        m.d.comb += [
            self.i.ready.eq(~full.bit_select(w_half, 1) & ~closing),
            write.en.eq((self.i.valid & self.i.ready) | closing),
            write.addr.eq(Cat(Mux(closes & ~closing, code_at, w_at), w_half)),
            write.data.eq(Mux(closing, 0, Mux(closes, code, item.data))),
        ]
        with m.If(closing):
            m.d.sync += [
                closing.eq(0),
                code_at.eq(0),
                w_at.eq(1),
                w_half.eq(~w_half),
                full.bit_select(w_half, 1).eq(1),
            ]
        with m.Elif(write.en):
            m.d.sync += [code.eq(code + 1), closing.eq(item.end)]
            with m.If(closes):
                m.d.sync += [code_at.eq(w_at), code.eq(1)]
            with m.If(~item.end):
                m.d.sync += w_at.eq(w_at + 1)

        return m

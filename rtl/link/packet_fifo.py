"""Byte queue in block RAM whose reader sees a packet only once it is whole and approved.

A packet is written byte by byte, then either committed or rolled back. Its first byte slot is
overwritten at the commit by a *head* byte, which the writer knows only then (its length), and its
last ``trailer`` bytes are cut off (a checksum).
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out


class PacketFifo(wiring.Component):
    """Packet queue of ``depth`` bytes (a power of two).

    Parameters
    ----------
    depth : int
        Bytes of block RAM; one of them stays unused.
    trailer : int
        Bytes cut off a packet's end at its commit.

    Members
    -------
    i_data, i_write : In(8), In(1)
        Appends a byte to the open packet. While ``o_full`` the byte is lost.
    i_commit, i_rollback : In(1)
        Ends the open packet; ``i_data`` is the head byte at a commit. Not with ``i_write``.
    o_full : Out(1)
        No room for a byte.
    o : Out(stream u8)
        Bytes of the committed packets.

    Throughput: one byte a cycle each way. Latency: two cycles from commit to the first byte.
    """

    i_data: In(8)
    i_write: In(1)
    i_commit: In(1)
    i_rollback: In(1)
    o_full: Out(1)
    o: Out(stream.Signature(8))

    def __init__(self, depth, trailer=0):
        if depth < 2 or depth & (depth - 1):
            raise ValueError(f"PacketFifo.depth = {depth} is not a power of two")
        self.depth = depth
        self.trailer = trailer
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        # What is read and written in one cycle is not valid yet: the name "ram" tells the build
        # that it may leave such a race undecided.
        m.submodules.ram = ram = memory.Memory(shape=8, depth=self.depth, init=[])
        write = ram.write_port()
        read = ram.read_port()

        w_at = Signal(range(self.depth))  # where the next byte goes
        start = Signal.like(w_at)  # first byte of the open packet: what the reader may not pass
        r_at = Signal.like(w_at)

        m.d.comb += [
            self.o_full.eq((w_at + 1)[: len(w_at)] == r_at),
            write.addr.eq(Mux(self.i_commit, start, w_at)),
            write.data.eq(self.i_data),
            write.en.eq(self.i_commit | (self.i_write & ~self.o_full)),
        ]
        with m.If(self.i_commit):
            m.d.sync += [w_at.eq(w_at - self.trailer), start.eq(w_at - self.trailer)]
        with m.Elif(self.i_rollback):
            m.d.sync += w_at.eq(start)
        with m.Elif(write.en):
            m.d.sync += w_at.eq(w_at + 1)

        r_next = Signal.like(r_at)
        m.d.comb += [
            r_next.eq(r_at + (self.o.valid & self.o.ready)),
            read.addr.eq(r_next),
            self.o.payload.eq(read.data),
        ]
        # ``start`` moved at least a cycle ago, so the byte read now has been written before.
        m.d.sync += [r_at.eq(r_next), self.o.valid.eq(r_next != start)]

        return m

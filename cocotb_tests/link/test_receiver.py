"""The receiver against a list of what it must queue, drop and count."""

import random
import struct
import zlib

import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.link import MAX_PAYLOAD, Type
from spinloom.rtl.link.receiver import QUEUED_FRAME, Receiver, room

DEPTH = 2048


def raw(type_, seq, payload=b"", channel=0):
    body = bytes((type_, channel, seq)) + payload
    return body + zlib.crc32(body).to_bytes(4, "little")


def queued(type_, seq, payload=b""):
    return [len(payload), type_, seq, *payload]


class Bench:
    """Feeds frames to a receiver, one item a cycle or with gaps, and takes what it queues."""

    def __init__(self, seed, gaps):
        print(f"seed {seed}")
        self.rng = random.Random(seed)
        self.gaps = gaps
        self.dut = Receiver(DEPTH)
        self.counts = {"bad": 0, "out_of_order": 0, "overflow": 0}

    async def frame(self, ctx, data, error=0):
        dut = self.dut
        strobes = (dut.o_bad, dut.o_out_of_order, dut.o_overflow)
        for item in [*({"data": b, "end": 0, "error": 0} for b in data), None]:
            while self.rng.random() < self.gaps:
                await ctx.tick()
            ctx.set(dut.i.payload, item or {"data": 0, "end": 1, "error": error})
            ctx.set(dut.i.valid, 1)
            _, _, ready, *seen = await ctx.tick().sample(dut.i.ready, *strobes)
            assert ready
            for name, strobe in zip(self.counts, seen, strict=True):
                self.counts[name] += strobe
            ctx.set(dut.i.valid, 0)

    async def take(self, ctx, count):
        """The next bytes of the queue, at most ``count``."""
        dut = self.dut
        got = []
        ctx.set(dut.o.ready, 1)
        for _ in range(count + 10):
            _, _, valid, byte = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            if valid:
                got.append(byte)
            if len(got) == count:
                break
        ctx.set(dut.o.ready, 0)
        return got

    async def done(self, ctx):
        ctx.set(self.dut.i_done, 1)
        await ctx.tick()
        ctx.set(self.dut.i_done, 0)

    def state(self, ctx):
        return tuple(ctx.get(s) for s in (self.dut.o_next, self.dut.o_limit, self.dut.o_drops))


@pytest.mark.parametrize("gaps", [0.0, 0.5])
def test_what_is_taken_and_what_is_dropped(gaps):
    bench = Bench(1, gaps)
    good = bytearray(raw(Type.EVENTS, 2, b"\1\2"))
    flipped = bytes([*good[:4], good[4] ^ 8, *good[5:]])

    async def run(ctx):
        await bench.frame(ctx, raw(Type.EVENTS, 0, b"abcd"))
        await bench.frame(ctx, raw(Type.MEM_RD, 1, bytes(8)))
        assert bench.state(ctx) == (2, 8, 0)
        for data in (
            flipped,
            good[:-1],
            raw(Type.EVENTS, 2, b"\1\2", channel=1),
            raw(0x15, 2, b"\1\2"),
            raw(Type.EVENTS, 2, b"\1"),
            raw(Type.REG_WR, 2, bytes(12)),
            raw(Type.REG_RD, 2, bytes(6)),
            raw(Type.MEM_WR, 2),
            raw(Type.MEM_WR, 2, bytes(7)),
            raw(Type.MEM_RD, 2, bytes(4)),
            raw(Type.HELLO, 2, b"\0"),
            raw(Type.EVENTS, 2, bytes(MAX_PAYLOAD + 2)),
            raw(Type.EVENTS, 2, bytes(600)),
            b"",
            b"\1\2",
        ):
            await bench.frame(ctx, data)
        await bench.frame(ctx, good, error=1)
        assert bench.counts == {"bad": 16, "out_of_order": 0, "overflow": 0}
        for seq in (0, 1, 3, 255):
            await bench.frame(ctx, raw(Type.EVENTS, seq, b"\1\2"))
        assert bench.counts == {"bad": 16, "out_of_order": 4, "overflow": 0}
        assert bench.state(ctx) == (2, 8, 20)
        await bench.frame(ctx, good)
        assert bench.state(ctx) == (3, 8, 20)
        expected = queued(Type.EVENTS, 0, b"abcd") + queued(Type.MEM_RD, 1, bytes(8))
        expected += queued(Type.EVENTS, 2, b"\1\2")
        assert await bench.take(ctx, len(expected) + 1) == expected
        await bench.done(ctx)
        assert bench.state(ctx) == (3, 9, 20)
        await bench.frame(ctx, raw(Type.HELLO, 200))
        assert bench.state(ctx) == (0, 8 - 3, 0)
        assert await bench.take(ctx, 3) == queued(Type.HELLO, 200)

    simulate(bench.dut, [run])


def test_a_full_window_of_the_largest_frames_fits_and_one_more_is_an_overflow():
    assert room(DEPTH) == 8
    assert room(512) == 2
    bench = Bench(2, 0.0)
    payloads = [bench.rng.randbytes(MAX_PAYLOAD) for _ in range(9)]

    async def run(ctx):
        for seq, payload in enumerate(payloads[:8]):
            await bench.frame(ctx, raw(Type.EVENTS, seq, payload))
        assert bench.state(ctx) == (8, 8, 0)
        # A repetition takes no room, and HELLO finds some.
        await bench.frame(ctx, raw(Type.EVENTS, 7, payloads[7]))
        await bench.frame(ctx, raw(Type.EVENTS, 8, payloads[8]))
        assert bench.counts == {"bad": 0, "out_of_order": 1, "overflow": 1}
        await bench.frame(ctx, raw(Type.HELLO, 5))
        for seq, payload in enumerate(payloads[:8]):
            assert await bench.take(ctx, QUEUED_FRAME) == queued(Type.EVENTS, seq, payload)
            await bench.done(ctx)
        assert bench.state(ctx) == (0, 7, 0)
        await bench.frame(ctx, raw(Type.EVENTS, 0, payloads[8]))
        assert await bench.take(ctx, 246) == queued(Type.HELLO, 5) + queued(
            Type.EVENTS, 0, payloads[8]
        )

    simulate(bench.dut, [run])


def test_many_small_frames_beyond_the_window_overflow():
    bench = Bench(3, 0.0)

    async def run(ctx):
        for seq in range(40):
            await bench.frame(ctx, raw(Type.EVENTS, seq, struct.pack("<H", seq)))
        assert bench.counts["overflow"] > 0
        taken = 40 - sum(bench.counts.values())
        for seq in range(taken):
            assert await bench.take(ctx, 5) == queued(Type.EVENTS, seq, struct.pack("<H", seq))
        assert await bench.take(ctx, 1) == []

    simulate(bench.dut, [run])

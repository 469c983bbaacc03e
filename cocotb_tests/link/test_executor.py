"""The executor: queued frames become stream words, bus requests and replies, in order."""

import random
import struct

import pytest
from amaranth.sim import Simulator

from cocotb_tests.link.streams import sender
from spinloom.emulator.spec.link import MAX_MEM_READ_WORDS, Type
from spinloom.rtl.bus import BusRequest
from spinloom.rtl.link.executor import Executor


def queued(type_, seq, payload=b""):
    return [len(payload), type_, seq, *payload]


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


class Bench:
    """Runs frames through an executor; a read of any word answers its address times three."""

    def __init__(self, frames, stall):
        print("seed 1")
        rng = random.Random(1)
        self.dut = dut = Executor()
        self.log = log = []  # what came out, in order

        async def bus(ctx):
            while True:
                ready = rng.random() >= stall
                ctx.set(dut.bus.ready, ready)
                _, _, valid, payload = await ctx.tick().sample(
                    dut.bus.valid, dut.bus.payload.as_value()
                )
                if not (valid and ready):
                    continue
                fields = BusRequest.from_bits(payload)
                ctx.set(dut.bus.ready, 0)
                if fields.write:
                    log.append(("write", fields.region, fields.addr, fields.data))
                    continue
                log.append(("read", fields.region, fields.addr))
                ctx.set(dut.response.payload, 3 * fields.addr)
                ctx.set(dut.response.valid, 1)
                taken = False
                while not taken:
                    _, _, taken = await ctx.tick().sample(dut.response.ready)
                ctx.set(dut.response.valid, 0)

        async def events(ctx):
            while True:
                ready = rng.random() >= stall
                ctx.set(dut.events.ready, ready)
                _, _, valid, word = await ctx.tick().sample(dut.events.valid, dut.events.payload)
                if valid and ready:
                    log.append(("event", word))

        async def replies(ctx):
            data = []
            while True:
                ready = rng.random() >= stall
                ctx.set(dut.reply.ready, ready)
                _, _, valid, item, type_, seq = await ctx.tick().sample(
                    dut.reply.valid, dut.reply.payload, dut.o_type, dut.o_seq
                )
                if valid and ready and item.end:
                    log.append(("reply", type_, seq, bytes(data)))
                    data = []
                elif valid and ready:
                    data.append(item.data)

        async def strobes(ctx):
            while True:
                ctx.set(dut.i_register, 0x1000 + ctx.get(dut.o_register))
                _, _, start, reset, done = await ctx.tick().sample(
                    dut.o_start, dut.o_reset, dut.o_done
                )
                log.extend(["start"] * start + ["reset"] * reset + ["done"] * done)

        async def end(ctx):
            while log.count("done") < len(frames):
                await ctx.tick()

        async def watchdog(ctx):
            for _ in range(20_000):
                await ctx.tick()
            raise TimeoutError("the executor did not finish")

        self.simulator = Simulator(dut)
        self.simulator.add_clock(1e-6)
        line = [byte for frame in frames for byte in frame]
        self.simulator.add_testbench(sender(dut.i, line, rng, stall))
        self.simulator.add_testbench(end)
        for bench in (bus, events, replies, strobes, watchdog):
            self.simulator.add_testbench(bench, background=True)

    def run(self):
        self.simulator.run()
        return [entry for entry in self.log if entry != "done"]


@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_each_frame(stall):
    frames = [
        queued(Type.EVENTS, 1, struct.pack("<3H", 7, 0x8001, 0x1234)),
        queued(Type.EVENTS, 2),
        queued(Type.REG_WR, 3, words(0x10 << 8, 5, 2 | 9 << 8, 0xFFFFFFFF, 3 << 8, 1)),
        queued(Type.REG_RD, 4, words(0x11 << 8, 3 << 8, 1 | 2 << 8)),
        queued(Type.MEM_WR, 5, words(1 | 0xABCDE << 8, 10, 11)),
        queued(Type.MEM_WR, 6, words(1)),
        queued(Type.MEM_RD, 7, words(3 | 6 << 8, 2)),
        queued(Type.REG_RD, 8),
    ]
    assert Bench(frames, stall).run() == [
        ("event", 7),
        ("event", 0x8001),
        ("event", 0x1234),
        ("write", 0, 0x10, 5),
        ("write", 2, 9, 0xFFFFFFFF),
        # Register 3 is the shell's: the write to it has no effect, and the engine is not asked.
        ("read", 0, 0x11),
        ("read", 1, 2),
        ("reply", Type.REG_DATA, 4, words(3 * 0x11, 0x1003, 6)),
        ("write", 1, 0xABCDE, 10),
        ("write", 1, 0xABCDF, 11),
        ("read", 3, 6),
        ("read", 3, 7),
        ("reply", Type.MEM_DATA, 7, words(18, 21)),
        ("reply", Type.REG_DATA, 8, b""),
    ]


def test_session_start_and_reset():
    assert Bench([queued(Type.HELLO, 9), queued(Type.RESET, 10)], 0.3).run() == [
        "start",
        ("reply", Type.HELLO_REPLY, 9, words(0x1000, 0x1001, 0x1002)),
        "reset",
        "start",
        ("reply", Type.HELLO_REPLY, 10, words(0x1000, 0x1001, 0x1002)),
    ]


def test_a_count_too_large_is_cut():
    log = Bench(
        [queued(Type.MEM_RD, 1, words(1, 63)), queued(Type.MEM_RD, 2, words(1, 60))], 0
    ).run()
    replies = [entry for entry in log if entry[0] == "reply"]
    assert [len(data) for *_, data in replies] == [4 * MAX_MEM_READ_WORDS] * 2


@pytest.mark.parametrize("port", ["i_busy", "i_spikes"])
def test_a_read_waits_for_the_engine_and_its_spikes(port):
    bench = Bench([queued(Type.REG_RD, 1, words(0))], 0.0)
    seen = []

    async def hold(ctx):
        ctx.set(getattr(bench.dut, port), 1)
        for _ in range(100):
            await ctx.tick()
        seen.extend(bench.log)
        ctx.set(getattr(bench.dut, port), 0)

    bench.simulator.add_testbench(hold)
    assert bench.run() == [("reply", Type.REG_DATA, 1, words(0x1000))]
    assert seen == []

"""The transmitter: whole frames with right headers, tallies and CRCs, whoever wants to speak."""

import random
import struct
import zlib

import pytest
from amaranth.sim import Simulator

from cocotb_tests.link.streams import sender
from spinloom.emulator.spec.link import MAX_FRAME_SPIKES, Type
from spinloom.rtl.link.transmitter import Transmitter


@pytest.mark.parametrize(("stall", "sending"), [(0.0, 0.0), (0.5, 0.1), (0.2, 0.95)])
def test_frames(stall, sending):
    print("seed 1")
    rng = random.Random(1)
    dut = Transmitter()
    spikes = [(rng.getrandbits(32), rng.getrandbits(16)) for _ in range(90)]
    replies = [rng.randbytes(rng.choice([0, 4, 60])) for _ in range(8)]
    frames = []
    open_frame = []
    answers = []

    async def reply(ctx):
        for number, data in enumerate(replies):
            ctx.set(dut.i_type, Type.MEM_DATA)
            ctx.set(dut.i_seq, number)
            ctx.set(dut.reply.valid, 1)
            for item in [*({"data": b, "end": 0} for b in data), {"data": 0, "end": 1}]:
                ctx.set(dut.reply.payload, item)
                ready = False
                while not ready:
                    _, _, ready = await ctx.tick().sample(dut.reply.ready)
            ctx.set(dut.reply.valid, 0)
            for _ in range(rng.randrange(300)):
                await ctx.tick()

    async def acks(ctx):
        for number in range(12):
            for _ in range(rng.randrange(200)):
                await ctx.tick()
            ctx.set(dut.i_next, number)
            ctx.set(dut.i_limit, number + 8)
            ctx.set(dut.i_drops, 2 * number)
            ctx.set(dut.i_answer, 1)
            answers.append((number, number + 8, 2 * number))
            await ctx.tick()
            ctx.set(dut.i_answer, 0)

    async def take(ctx):
        while True:
            ready = rng.random() >= stall
            ctx.set(dut.o.ready, ready)
            ctx.set(dut.i_sending, rng.random() < sending)
            _, _, valid, item, pending = await ctx.tick().sample(
                dut.o.valid, dut.o.payload, dut.o_pending
            )
            assert pending or not valid
            if valid and ready and item.end:
                frames.append(bytes(open_frame))
                open_frame.clear()
            elif valid and ready:
                open_frame.append(item.data)

    async def end(ctx):
        for _ in range(12_000):
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    items = [{"tick": tick, "neuron": neuron} for tick, neuron in spikes]
    simulator.add_testbench(sender(dut.spikes, items, rng, 0.3))
    for bench in (reply, acks, end):
        simulator.add_testbench(bench)
    simulator.add_testbench(take, background=True)
    simulator.run()

    assert not open_frame
    tally = 0
    sent_spikes, sent_replies, sent_acks = [], [], []
    for frame in frames:
        body, check = frame[:-4], frame[-4:]
        assert zlib.crc32(body).to_bytes(4, "little") == check
        type_, channel, seq = body[:3]
        if type_ == Type.SPIKES:
            tally += 1
            assert seq == 0 and 0 < len(body) - 3 <= 6 * MAX_FRAME_SPIKES
            sent_spikes += struct.iter_unpack("<IH", body[3:])
        elif type_ == Type.ACK:
            sent_acks.append((*body[3:], seq))
        else:
            assert (type_, seq) == (Type.MEM_DATA, len(sent_replies))
            sent_replies.append(body[3:])
        assert channel == tally
    assert sent_spikes == spikes
    assert sent_replies == replies
    assert sent_acks[-1] == answers[-1]
    assert len(sent_acks) <= len(answers) and sent_acks == sorted(sent_acks)
    if sending > 0.9:
        assert tally < 90 // 2  # spikes shared frames while the line was busy

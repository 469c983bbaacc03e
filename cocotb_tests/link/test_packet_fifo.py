"""The packet queue: only committed packets come out, with their head and without their trailer."""

import random

import pytest
from amaranth.sim import Simulator

from spinloom.rtl.link.packet_fifo import PacketFifo


@pytest.mark.parametrize(("depth", "trailer", "stall"), [(16, 0, 0.0), (32, 4, 0.5), (64, 4, 0.9)])
def test_against_a_list(depth, trailer, stall):
    print("seed 1")
    rng = random.Random(1)
    packets = [
        [rng.randrange(256) for _ in range(rng.randrange(trailer + 1, depth + 4))]
        for _ in range(120)
    ]
    packets[-1] = packets[-1][: trailer + 1]
    dut = PacketFifo(depth, trailer)
    taken, expected = [], []
    overruns = 0

    async def write(ctx):
        nonlocal overruns
        for number, packet in enumerate(packets):
            room = True
            ctx.set(dut.i_write, 1)
            for byte in packet:
                ctx.set(dut.i_data, byte)
                _, _, full = await ctx.tick().sample(dut.o_full)
                room = room and not full
            ctx.set(dut.i_write, 0)
            overruns += not room
            last = number == len(packets) - 1
            commit = last or (room and rng.random() < 0.6)
            if last:
                # What is left of it must fit: the reader empties the queue meanwhile.
                assert room
            head = rng.randrange(256)
            if commit:
                expected.append([head, *packet[1 : len(packet) - trailer]])
            ctx.set(dut.i_data, head)
            ctx.set(dut.i_commit, commit)
            ctx.set(dut.i_rollback, not commit)
            await ctx.tick()
            ctx.set(dut.i_commit, 0)
            ctx.set(dut.i_rollback, 0)
            if number >= len(packets) - 2:
                for _ in range(30 * depth):
                    await ctx.tick()

    async def read(ctx):
        offered = None
        while True:
            ready = rng.random() >= stall
            ctx.set(dut.o.ready, ready)
            _, _, valid, byte = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            assert offered is None or (valid and byte == offered)
            offered = byte if valid and not ready else None
            if valid and ready:
                taken.append(byte)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(write)
    simulator.add_testbench(read, background=True)
    simulator.run()
    assert taken == [byte for packet in expected for byte in packet]
    assert overruns > 5 and len(expected) > 20

"""UART bit by bit: both directions, senders of other speeds, glitches, breaks."""

import random

import pytest
from amaranth.sim import Simulator

from cocotb_tests.link.streams import sender
from spinloom.rtl.link.uart import UartRx, UartTx, divisor

PERIOD = 1e-6


@pytest.mark.parametrize("cycles", [4, 12, 27])
def test_transmitter(cycles):
    print("seed 1")
    rng = random.Random(1)
    data = [0x00, 0xFF, 0x55, *(rng.randrange(256) for _ in range(5))]
    dut = UartTx(cycles)
    received = []

    async def line(ctx):
        while len(received) < len(data):
            _, _, level = await ctx.tick().sample(dut.o)
            if level:
                continue
            # That was the first cycle of the start bit.
            bits = [level]
            for _ in range(9):
                levels = []
                for _ in range(cycles):
                    _, _, level = await ctx.tick().sample(dut.o)
                    levels.append(level)
                # All but the last cycle belong to the bit before.
                assert len({bits[-1], *levels[:-1]}) == 1
                bits.append(level)
            received.append(sum(bit << n for n, bit in enumerate(bits[1:9])))
            assert bits[9] == 1

    simulator = Simulator(dut)
    simulator.add_clock(PERIOD)
    simulator.add_testbench(sender(dut.i, data, rng, 0.3))
    simulator.add_testbench(line)
    simulator.run()
    assert received == data


def receive(cycles, bits):
    """Bytes and framing errors from ``bits``, (level, cycles as a float) each."""
    dut = UartRx(cycles)
    data, errors = [], 0

    async def line(ctx):
        at = now = 0.0
        for level, duration in bits:
            ctx.set(dut.i, level)
            at += duration
            for _ in range(round(at) - round(now)):
                await ctx.tick()
            now = at
        for _ in range(3 * cycles):
            await ctx.tick()

    async def bytes_(ctx):
        nonlocal errors
        ctx.set(dut.o.ready, 1)
        while True:
            _, _, valid, byte, error = await ctx.tick().sample(
                dut.o.valid, dut.o.payload, dut.o_framing_error
            )
            errors += error
            if valid:
                data.append(byte)

    simulator = Simulator(dut)
    simulator.add_clock(PERIOD)
    simulator.add_testbench(line)
    simulator.add_testbench(bytes_, background=True)
    simulator.run()
    return data, errors


def frame(byte, duration):
    return [(0, duration), *((byte >> n & 1, duration) for n in range(8)), (1, duration)]


@pytest.mark.parametrize("cycles", [8, 12, 25])
@pytest.mark.parametrize("offset", [-0.02, -0.01, 0.0, 0.01, 0.02])
def test_receiver_follows_another_clock(cycles, offset):
    print("seed 2")
    rng = random.Random(2)
    data = [0x00, 0xFF, 0xAA, *(rng.randrange(256) for _ in range(30))]
    bits = [(1, 3.3 * cycles)]
    for byte in data:  # back to back
        bits += frame(byte, cycles * (1 + offset))
    assert receive(cycles, bits) == (data, 0)


@pytest.mark.parametrize("at", range(3, 10))
def test_one_bad_sample_in_a_bit_is_outvoted(at):
    bits = frame(0xF0, 12.0)
    bits[6:7] = [(1, float(at)), (0, 1.0), (1, 11.0 - at)]
    assert receive(
        12,
        [(1, 20.0), *bits],
    ) == ([0xF0], 0)


def test_receiver_drops_what_is_no_byte():
    cycles = 12
    glitch = [(0, 2.0), (1, 40.0)]
    no_stop = [*frame(0x5A, 12.0)[:-1], (0, 30.0), (1, 20.0)]
    bits = [(1, 20.0), *glitch, *frame(0x12, 12.0), *no_stop, *frame(0x34, 12.0)]
    assert receive(cycles, bits) == ([0x12, 0x34], 1)


def test_divisor():
    assert divisor(12_000_000, 1_000_000) == 12
    with pytest.raises(ValueError, match="baud = 5000000 is out of reach"):
        divisor(12_000_000, 5_000_000)

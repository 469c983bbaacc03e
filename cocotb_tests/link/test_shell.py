"""The shell with a dummy engine: frames in, frames out, byte for byte, with stalls everywhere."""

import random
import struct

import pytest

from cocotb_tests.link.device import BAD_EVENT, CONTRACT, Device, SimulatedLine
from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.registers import MAGIC
from spinloom.host.link.frames import Decoder, encode


class Bench:
    """Sends frames, runs until the device rests, and returns what it answered by type."""

    def __init__(self, seed, **options):
        print(f"seed {seed}")
        self.rng = random.Random(seed)
        stall = options.pop("stall", 0.3)
        self.line = SimulatedLine(Device(**options), self.rng, stall=stall)
        self.decoder = Decoder()
        self.line.run(2)

    def exchange(self, *lines):
        self.line.write(b"".join(lines))
        frames = self.decoder.feed(self.line.settle())
        assert self.decoder.bad_frames == 0
        return frames

    def hello(self):
        return self.exchange(encode(Type.HELLO, 77))


def of(frames, type_):
    return [f for f in frames if f.type == type_]


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


def address(region, addr):
    return region | addr << 8


@pytest.mark.parametrize("seed", [1, 2])
def test_hello_answers_identity_and_room(seed):
    bench = Bench(seed)
    frames = bench.hello()
    (reply,) = of(frames, Type.HELLO_REPLY)
    assert reply.payload == struct.pack("<IIHH", MAGIC, CONTRACT, link.VERSION, 8)
    assert (reply.seq, reply.channel) == (77, 0)
    assert of(frames, Type.ACK)[-1].payload == bytes([0, 8])


def test_memory_and_registers():
    bench = Bench(3)
    bench.hello()
    data = [bench.rng.getrandbits(32) for _ in range(9)]
    frames = bench.exchange(
        encode(Type.MEM_WR, 0, words(address(1, 4), *data)),
        encode(Type.REG_WR, 1, words(address(2, 3), 0xABCD, address(0, 2), 99, address(1, 5), 0)),
        encode(Type.MEM_RD, 2, words(address(1, 4), 9)),
        encode(Type.REG_RD, 3, words(address(2, 3), address(0, 0), address(0, 1), address(0, 2))),
        encode(Type.MEM_RD, 4, words(address(1, 4), 0)),
    )
    data[1] = 0
    mem, empty = of(frames, Type.MEM_DATA)
    (reg,) = of(frames, Type.REG_DATA)
    assert (mem.seq, mem.payload) == (2, words(*data))
    assert (empty.seq, empty.payload) == (4, b"")
    assert (reg.seq, reg.payload) == (3, words(0xABCD, MAGIC, CONTRACT, 0))
    assert of(frames, Type.ACK)[-1].payload == bytes([5, 13])


@pytest.mark.parametrize(("stall", "work"), [(0.0, 0), (0.5, 3), (0.1, 40)])
def test_events_come_back_as_spikes_before_a_later_read(stall, work):
    bench = Bench(4, stall=stall, work=work)
    bench.hello()
    sent = []
    received = []
    seq = tally = 0
    for count in (1, 120, 0, 7, 50):
        events = [bench.rng.randrange(BAD_EVENT) for _ in range(count)]
        sent += events
        frames = bench.exchange(
            encode(Type.EVENTS, seq, struct.pack(f"<{count}H", *events)),
            encode(Type.REG_RD, seq + 1, words(address(0, 0))),
        )
        seq += 2
        kinds = [f.type for f in frames if f.type != Type.ACK]
        assert kinds[-1] == Type.REG_DATA and set(kinds[:-1]) <= {Type.SPIKES}
        for frame in of(frames, Type.SPIKES):
            received += struct.iter_unpack("<IH", frame.payload)
            tally += 1
            assert frame.channel == tally
        assert frames[-1].channel == tally
    assert received == list(enumerate(sent))

"""COBS against its definition, coded here a third time, byte by byte."""

import random

import pytest

from cocotb_tests.link.streams import receiver, sender, simulate
from spinloom.rtl.link.cobs import CobsDecoder, CobsEncoder

STALLS = [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.3, 0.3)]
END = 1 << 8
ERROR = 1 << 9


def stuffed(frame):
    """COBS of Cheshire and Baker for frames without a run of 254 bytes, and the delimiter."""
    out, block = [], []
    for byte in [*frame, 0]:
        if byte:
            block.append(byte)
        else:
            out += [len(block) + 1, *block]
            block = []
    return [*out, 0]


def random_frames(rng, count=12):
    frames = [[], [0], [0, 0], [1], [0, 5, 0], [7] * 247, [0] * 247]
    for _ in range(count):
        zeros = rng.choice([0.0, 0.05, 0.5])
        size = rng.choice([1, 2, 9, 40, 120])
        frames.append([0 if rng.random() < zeros else rng.randrange(256) for _ in range(size)])
    rng.shuffle(frames)
    return frames


@pytest.mark.parametrize("stalls", STALLS)
def test_encoder(stalls):
    print("seed 1")
    rng = random.Random(1)
    frames = random_frames(rng)
    expected = [byte for frame in frames for byte in stuffed(frame)]
    items = [
        item
        for frame in frames
        for item in [*({"data": byte, "end": 0} for byte in frame), {"data": 99, "end": 1}]
    ]
    dut = CobsEncoder()
    received = []
    simulate(
        dut,
        [
            sender(dut.i, items, rng, stalls[0]),
            receiver(dut.o, received, len(expected), rng, stalls[1]),
        ],
    )
    assert received == expected


@pytest.mark.parametrize("stalls", STALLS)
def test_decoder_gives_back_the_frames(stalls):
    print("seed 2")
    rng = random.Random(2)
    line, expected = [0, 0], []
    for frame in random_frames(rng):
        line += stuffed(frame) + [0] * rng.randrange(3)
        expected += [*frame, END]
    dut = CobsDecoder()
    received = []
    simulate(
        dut,
        [
            sender(dut.i, line, rng, stalls[0]),
            receiver(dut.o, received, len(expected), rng, stalls[1]),
        ],
    )
    assert [item if item < END else item & ~0xFF for item in received] == expected


def test_decoder_reports_a_frame_that_breaks_off():
    rng = random.Random(3)
    dut = CobsDecoder()
    received = []
    # A block of four that ends after two; then one byte and a block of which nothing comes.
    line = [5, 1, 2, 0, 2, 9, 3, 0, 2, 8, 0]
    expected = [1, 2, END | ERROR, 9, 0, END | ERROR, 8, END]
    simulate(
        dut,
        [
            sender(dut.i, line, rng, 0.2),
            receiver(dut.o, received, len(expected), rng, 0.2),
        ],
    )
    assert [item if item < END else item & ~0xFF for item in received] == expected

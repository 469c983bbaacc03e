"""The frame codec: batch equals single, what goes in comes out, damage is noticed and passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinloom.emulator.spec.link import MAX_PAYLOAD
from spinloom.host.link.frames import Decoder, Frame, encode, encode_batch

SETTINGS = settings(max_examples=200, deadline=None, derandomize=True)
payloads = st.binary(max_size=MAX_PAYLOAD) | st.lists(
    st.sampled_from([0, 0, 1, 255]), max_size=MAX_PAYLOAD
).map(bytes)
frames = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), payloads), max_size=6)


def crc32_by_definition(data):
    """ISO 3309: polynomial x^32+x^26+...+1, reflected, from all ones, complemented."""
    check = 0xFFFFFFFF
    for bit in (byte >> n & 1 for byte in data for n in range(8)):
        check = check >> 1 ^ (0xEDB88320 if (check ^ bit) & 1 else 0)
    return check ^ 0xFFFFFFFF


def test_known_frame():
    assert crc32_by_definition(b"123456789") == 0xCBF43926
    check = crc32_by_definition(b"\1\0\7\0").to_bytes(4, "little")
    assert 0 not in check
    # Blocks: 01 | 07 | CRC, each after its length plus one.
    assert encode(1, 7, b"\0") == b"\2\1\2\7\5" + check + b"\0"


@SETTINGS
@given(frames, st.lists(st.integers(1, 50), min_size=1))
def test_round_trip_in_any_pieces(frames, sizes):
    line = b"".join(encode(type_, seq, payload, 7) for type_, seq, payload in frames)
    assert line.count(0) == len(frames)
    decoder = Decoder()
    got = []
    at = 0
    while at < len(line):
        size = sizes[len(got) % len(sizes)]
        got += decoder.feed(line[at : at + size])
        at += size
    assert got == [Frame(type_, 7, seq, payload) for type_, seq, payload in frames]
    assert decoder.bad_frames == 0


@pytest.mark.parametrize("size", [1, 2, 239, MAX_PAYLOAD])
def test_batch_equals_single(size):
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 256, (300, size)).astype(np.uint8)
    rows[rng.random(rows.shape) < 0.2] = 0
    rows[:3] = [[0], [1], [255]]
    got = encode_batch(0x14, 250, rows)
    assert got == [encode(0x14, (250 + n) & 0xFF, row.tobytes()) for n, row in enumerate(rows)]


@SETTINGS
@given(st.integers(0, 2), st.data())
def test_damage_costs_the_frames_it_touches_and_no_other(count, data):
    """After the next delimiter the decoder is back in step; nothing wrong comes out."""
    sent = [(1, seq, bytes([seq]) * (40 * seq)) for seq in range(6)]
    lines = [encode(*frame) for frame in sent]
    victim = data.draw(st.integers(1, 4))
    line = bytearray(lines[victim])
    for _ in range(count + 1):
        at = data.draw(st.integers(0, len(line) - 1))
        kind = data.draw(st.sampled_from(["flip", "drop", "insert"]))
        if kind == "flip":
            line[at] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "drop":
            del line[at]
        else:
            line.insert(at, data.draw(st.integers(0, 255)))
    lines[victim] = bytes(line)
    got = Decoder().feed(b"".join(lines))
    expected = [Frame(type_, 0, seq, payload) for type_, seq, payload in sent]
    kept = [frame for frame in expected if frame in got]
    assert got == kept, "a frame was invented, doubled or moved"
    assert {f.seq for f in expected} - {f.seq for f in got} <= {victim, victim + 1}


def test_noise_without_delimiters_does_not_grow():
    decoder = Decoder()
    for _ in range(100):
        decoder.feed(b"\1" * 1000)
    assert decoder.feed(b"\0" + encode(1, 2, b"x")) == [Frame(1, 0, 2, b"x")]
    assert decoder.bad_frames == 1


def test_a_payload_too_long():
    with pytest.raises(ValueError, match="241 bytes; give 240 or fewer"):
        encode(1, 0, bytes(MAX_PAYLOAD + 1))

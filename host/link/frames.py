"""Frames to bytes and back: header, CRC-32 and COBS of ``emulator.spec.link``.

Event frames are encoded many at a time: in a batch of frames of one length, laid out with a place
for each code before its block, every zero becomes the distance to the next zero, delimiters apart.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import link

FRAME_BYTES = 1 + link.HEADER_BYTES + link.CRC_BYTES + 1  # of an empty frame on the line


class Frame(NamedTuple):
    """A frame that passed its CRC. ``channel`` is the tally in frames from the device."""

    type: int
    channel: int
    seq: int
    payload: bytes


def encode(type_: int, seq: int, payload: bytes = b"", channel: int = link.CHANNEL) -> bytes:
    """The bytes of one frame, delimiter included."""
    if len(payload) > link.MAX_PAYLOAD:
        raise ValueError(f"payload of {len(payload)} bytes; give {link.MAX_PAYLOAD} or fewer")
    raw = bytes((type_, channel, seq)) + payload
    raw += zlib.crc32(raw).to_bytes(link.CRC_BYTES, "little")
    line = bytearray()
    for block in raw.split(b"\0"):
        line.append(len(block) + 1)
        line += block
    line.append(0)
    return bytes(line)


def encode_batch(type_: int, seq: int, payloads: npt.NDArray[np.uint8]) -> list[bytes]:
    """Frames of the rows of ``payloads`` (n × bytes), numbered from ``seq`` on, modulo 256."""
    count, size = payloads.shape
    if not 0 < size <= link.MAX_PAYLOAD:
        raise ValueError(f"payloads of {size} bytes; give 1 to {link.MAX_PAYLOAD}")
    length = FRAME_BYTES + size
    lines = np.zeros((count, length), np.uint8)  # code, header, payload, CRC, delimiter
    lines[:, 1] = type_
    lines[:, 2] = link.CHANNEL
    lines[:, 3] = (seq + np.arange(count)) & 0xFF
    lines[:, 4 : 4 + size] = payloads
    checked = memoryview(lines[:, 1 : 4 + size].tobytes())
    step = link.HEADER_BYTES + size
    sums = [zlib.crc32(checked[at : at + step]) for at in range(0, count * step, step)]
    lines[:, 4 + size : -1] = np.array(sums, "<u4").view(np.uint8).reshape(count, link.CRC_BYTES)

    flat = lines.reshape(-1)
    zeros = np.flatnonzero(flat == 0)
    flat[zeros[:-1]] = np.diff(zeros)
    lines[:, -1] = 0
    wire = flat.tobytes()
    return [wire[at : at + length] for at in range(0, len(wire), length)]


def decode(line: bytes) -> Frame | None:
    """The frame between two delimiters, or ``None`` if its COBS, length or CRC is wrong."""
    if not FRAME_BYTES - 1 <= len(line) <= link.MAX_FRAME + 1:
        return None
    blocks = []
    at, end = 0, len(line)
    while at < end:
        code = line[at]
        blocks.append(line[at + 1 : at + code])
        at += code
    if at != end:
        return None
    raw = b"\0".join(blocks)
    body = raw[: -link.CRC_BYTES]
    if zlib.crc32(body) != int.from_bytes(raw[-link.CRC_BYTES :], "little"):
        return None
    return Frame(body[0], body[1], body[2], body[link.HEADER_BYTES :])


class Decoder:
    """Cuts a stream of bytes into frames; ``bad_frames`` counts those dropped."""

    def __init__(self) -> None:
        self.bad_frames = 0
        self._tail = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Frames completed by ``data``, in order."""
        *lines, tail = (self._tail + data).split(b"\0")
        # Without a delimiter this is no frame: keep it from growing without end.
        self._tail = tail[: link.MAX_FRAME + 2]
        frames = []
        for line in lines:
            frame = decode(line)
            if frame is not None:
                frames.append(frame)
            elif line:
                self.bad_frames += 1
        return frames

"""The link: frames, their types and payloads, credits. All numbers are little-endian.

Frame on the wire: ``COBS(type u8, channel u8, seq u8, payload 0..240 B, CRC-32 u32) 0x00``. The CRC
is that of
ISO 3309 (``zlib.crc32``) over type to payload. Nothing but a delimiter is 0x00, so a line of 0x00
resynchronises.

Host to device. REG_WR, MEM_WR, REG_RD, MEM_RD and EVENTS are *sequenced*: the device takes only the
frame whose seq is
the one it expects (go-back-N, modulo 256) and drops any other; HELLO and RESET carry seq 0 and are
taken at once.
A frame that is dropped, or taken, is answered by an ACK with the next sequence expected and the
window's end:
``limit - next`` frames may be in flight (modulo 256). The device sends a fresh ACK whenever either
number changes.

Device to host. Replies carry the seq of the frame they answer; ACK and EVENTS carry 0. A lost reply
is asked for
again with a new frame: reads have no side effect. Spikes are never dropped on the device (the
engine waits), and
each EVENTS frame starts with the index of its first spike since HELLO, so the host sees a gap.

Order. Sequenced frames take effect in order, each after all earlier events are done; every spike
that they caused is
sent before the reply to a later read. So a read is a fence.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

VERSION = 1
MAX_PAYLOAD = 240
HEADER_BYTES = 3
CRC_BYTES = 4
# Before COBS, which adds one byte; then the delimiter.
MAX_FRAME = HEADER_BYTES + MAX_PAYLOAD + CRC_BYTES
BAUD_DEFAULT = 1_000_000
BAUD_FAST = 3_000_000
CHANNEL = 0  # one engine a machine


class Type(IntEnum):
    """Frame types. 0x0? host to device, unsequenced; 0x1? host to device, sequenced; 0x8? device to
    host."""

    HELLO = 0x01  # empty: forget sequence, queue and spike index; answered by HELLO_REPLY
    RESET = 0x02  # empty: HELLO, and the engine goes to its power-on state; answered by HELLO_REPLY
    REG_WR = 0x10  # n × (addr u32, value u32), n <= 30
    REG_RD = 0x11  # n × addr u32, n <= 60; answered by REG_DATA
    MEM_WR = 0x12  # region u8, first word address u24, n × u32, n <= 59
    MEM_RD = 0x13  # region u8, first word address u24, count u32 <= 60; answered by MEM_DATA
    EVENTS = 0x14  # n × u16 stream words, n <= 120
    HELLO_REPLY = 0x81  # version u32, MAGIC u32, CONTRACT u32, receive room in frames u32
    ACK = 0x82  # next u8, limit u8
    REG_DATA = 0x91  # n × value u32
    MEM_DATA = 0x93  # n × u32
    SPIKES = 0x94  # index of the first u32, n × (tick u32, neuron u16), n <= 39


SEQUENCED = (Type.REG_WR, Type.REG_RD, Type.MEM_WR, Type.MEM_RD, Type.EVENTS)
SPIKE_BYTES = 6
MAX_REG_WRITES = 30
MAX_REG_READS = 60
MAX_MEM_WRITE_WORDS = 59
MAX_MEM_READ_WORDS = 60
MAX_EVENT_WORDS = 120
MAX_FRAME_SPIKES = 39


def contract() -> dict[str, Any]:
    """What the identity hash covers."""
    return {"version": VERSION, "types": {t.name: t.value for t in Type}}

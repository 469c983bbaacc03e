"""The link: frames, their types and payloads, credits. All numbers are little-endian.

A frame on the wire is ``COBS(type u8, channel u8, seq u8, payload 0..240 B, CRC-32 u32) 0x00``.
The CRC is that of ISO 3309 (``zlib.crc32``) over type to payload. Nothing but the delimiter is
0x00, so a receiver is back in step at the next delimiter, whatever came before.

Host to device: ``channel`` is ``CHANNEL``. REG_WR, REG_RD, MEM_WR, MEM_RD and EVENTS are
*sequenced*: the device takes only the frame whose ``seq`` is the one it expects (go-back-N, modulo
256) and drops any other. HELLO and RESET are taken whatever their ``seq``; the next sequenced frame
is number 0. Each frame, taken or dropped, is answered by an ACK that holds the next sequence number
expected and the end of the window: frames up to, and without, ``limit`` may be sent. An ACK also
follows when the window moves; several answers may share one. The ``seq`` of an ACK is the number of
frames dropped since HELLO, modulo 256, so the host knows at once when to send again.

Device to host: the second byte is not a channel but the *tally*: how many SPIKES frames the device
has sent since HELLO, this one included, modulo 256. The device never drops a spike (the engine
waits), so a tally that the host did not count to is a lost frame. A reply carries the ``seq`` of
the frame it answers; that of SPIKES is 0. A lost reply is asked for again with a new frame:
reads have no side effect.

Order: all frames taken, HELLO and RESET too, take effect one after another, and anything but EVENTS
waits until all earlier events are done and their spikes are sent. So a read is a fence.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

VERSION = 1
CHANNEL = 0  # one engine a machine
MAX_PAYLOAD = 240
HEADER_BYTES = 3
CRC_BYTES = 4
MAX_FRAME = HEADER_BYTES + MAX_PAYLOAD + CRC_BYTES  # before COBS, which adds one byte
BAUD_DEFAULT = 1_000_000
BAUD_FAST = 3_000_000


class Type(IntEnum):
    """Frame types: 0x0? host to device, 0x1? the same and sequenced, 0x8? and 0x9? device to host.

    An *address* is one u32: the region in its low byte, the number of the 32-bit word above.
    """

    HELLO = 0x01  # empty: start a session (counters and STATUS to 0); answered by HELLO_REPLY
    RESET = 0x02  # empty: HELLO, and the engine's state goes to its start
    REG_WR = 0x10  # n × (address, value u32)
    REG_RD = 0x11  # n × address; answered by REG_DATA
    MEM_WR = 0x12  # address of the first word, n × u32
    MEM_RD = 0x13  # address of the first word, count u32; answered by MEM_DATA
    EVENTS = 0x14  # n × u16 stream words
    HELLO_REPLY = 0x81  # MAGIC u32, CONTRACT u32, VERSION u16, receive room in frames u16
    ACK = 0x82  # next u8, limit u8
    REG_DATA = 0x91  # n × value u32
    MEM_DATA = 0x93  # n × u32
    SPIKES = 0x94  # n × (tick u32, neuron u16)


SEQUENCED = (Type.REG_WR, Type.REG_RD, Type.MEM_WR, Type.MEM_RD, Type.EVENTS)
SPIKE_BYTES = 6
MAX_REG_WRITES = MAX_PAYLOAD // 8
MAX_REG_READS = MAX_PAYLOAD // 4
MAX_MEM_WRITE_WORDS = MAX_PAYLOAD // 4 - 1
MAX_MEM_READ_WORDS = MAX_PAYLOAD // 4
MAX_EVENT_WORDS = MAX_PAYLOAD // 2
MAX_FRAME_SPIKES = MAX_PAYLOAD // SPIKE_BYTES


def contract() -> dict[str, Any]:
    """What the identity hash covers."""
    return {"version": VERSION, "types": {t.name: t.value for t in Type}}

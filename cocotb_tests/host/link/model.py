"""A machine in a few lines of Python behind a line that fails as told, as a session's transport.

The machine answers every event word with a spike (running number, word). The line works on whole
frames: each fault names a direction, a frame of it by number, and what happens to that frame.
"""

import struct
from dataclasses import dataclass

from spinloom.emulator.spec.link import MAX_FRAME_SPIKES, SEQUENCED, VERSION, Type
from spinloom.emulator.spec.registers import MAGIC
from spinloom.host.link.frames import Decoder, encode

ROOM = 8
TO_DEVICE, TO_HOST = range(2)


@dataclass(frozen=True)
class Fault:
    """``kind``: flip a bit, drop, double, cut off the end or the start, insert, or swap with the
    next frame; ``where`` chooses the place within the frame."""

    direction: int
    frame: int
    kind: str
    where: int


KINDS = ("flip", "drop", "double", "cut end", "cut start", "insert", "swap")


class Line:
    """One direction: applies the faults to the frames that pass."""

    def __init__(self, faults):
        self.faults = {fault.frame: fault for fault in faults}
        self.number = 0
        self.held = b""

    def __call__(self, data):
        out = bytearray()
        for frame in data.split(b"\0")[:-1]:
            out += self.one(frame + b"\0")
        return bytes(out)

    def one(self, frame):
        fault = self.faults.get(self.number)
        self.number += 1
        held, self.held = self.held, b""
        if fault is None:
            return frame + held
        at = fault.where % len(frame)
        if fault.kind == "flip":
            bad = bytearray(frame)
            bad[at] ^= 1 << fault.where % 8
            frame = bytes(bad)
        elif fault.kind == "drop":
            frame = b""
        elif fault.kind == "double":
            frame = frame + frame
        elif fault.kind == "cut end":
            frame = frame[:at]
        elif fault.kind == "cut start":
            frame = frame[at:]
        elif fault.kind == "insert":
            frame = frame[:at] + bytes([fault.where & 0xFF]) + frame[at:]
        else:
            self.held = frame
            frame = b""
        return frame + held


class Machine:
    """What ``emulator.spec.link`` says of the device, and a transport that leads to it.

    Each ``read`` carries out one queued frame. A clock counts only the time that is waited.
    """

    name = "modelled machine"

    def __init__(self, faults=(), room=ROOM):
        self.lines = [Line([f for f in faults if f.direction == d]) for d in range(2)]
        self.decoder = Decoder()
        self.room = room
        self.seconds = 0.0
        self.output = bytearray()
        self.queue = []
        self.next = self.drops = self.tally = 0
        self.memory = {}
        self.number = 0
        self.events = []

    def clock(self):
        return self.seconds

    def close(self):
        pass

    def answer(self, type_, payload=b"", seq=0):
        if type_ == Type.ACK:
            seq = self.drops
            payload = bytes([self.next, (self.next + self.room - len(self.queue)) & 0xFF])
        self.output += self.lines[TO_HOST](encode(type_, seq & 0xFF, payload, self.tally & 0xFF))

    def write(self, data):
        bad = self.decoder.bad_frames
        frames = self.decoder.feed(self.lines[TO_DEVICE](data))
        self.drops += self.decoder.bad_frames - bad
        if self.decoder.bad_frames > bad:
            self.answer(Type.ACK)
        for frame in frames:
            if frame.type in SEQUENCED and frame.seq != self.next & 0xFF:
                self.drops = self.drops + 1 & 0xFF
            elif frame.type in SEQUENCED:
                # HELLO has room of its own.
                waiting = [f for f in self.queue if f.type in SEQUENCED]
                assert len(waiting) < self.room, "the window was not kept to"
                self.next = self.next + 1 & 0xFF
                self.queue.append(frame)
            else:
                self.next = self.drops = 0
                self.queue.append(frame)
            self.drops &= 0xFF
            self.answer(Type.ACK)

    def read(self, timeout_s):
        if self.queue:
            self.execute(self.queue.pop(0))
            self.answer(Type.ACK)
        if not self.output:
            self.seconds += max(timeout_s, 1e-6)
        self.seconds += 1e-5
        data = bytes(self.output)
        self.output.clear()
        return data

    def execute(self, frame):
        if frame.type in (Type.HELLO, Type.RESET):
            self.tally = 0
            payload = struct.pack("<IIHH", MAGIC, 1, VERSION, self.room)
            self.answer(Type.HELLO_REPLY, payload, frame.seq)
        elif frame.type == Type.EVENTS:
            words = [word for (word,) in struct.iter_unpack("<H", frame.payload)]
            self.events += words
            for at in range(0, len(words), MAX_FRAME_SPIKES):
                self.tally = self.tally + 1 & 0xFF
                part = words[at : at + MAX_FRAME_SPIKES]
                spikes = [struct.pack("<IH", self.number + n, word) for n, word in enumerate(part)]
                self.number += len(part)
                self.answer(Type.SPIKES, b"".join(spikes))
        elif frame.type == Type.MEM_WR:
            first, *words = struct.unpack(f"<{len(frame.payload) // 4}I", frame.payload)
            self.memory |= {first + (n << 8): word for n, word in enumerate(words)}
        elif frame.type == Type.MEM_RD:
            first, count = struct.unpack("<II", frame.payload)
            words = [self.memory.get(first + (n << 8), 0) for n in range(count)]
            self.answer(Type.MEM_DATA, struct.pack(f"<{count}I", *words), frame.seq)

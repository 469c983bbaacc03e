"""A session with a machine: frames that arrive in order whatever the line does, or ``LinkError``.

Sender: go-back-N within the window that the device grants. Unanswered frames are sent again when an
ACK tells of a dropped frame, or when nothing has moved for ``retry_s``. Everything runs in the
caller's thread: sending and waiting also take in what has arrived.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.host.link.frames import Decoder, Frame, encode, encode_batch
from spinloom.host.link.transport import LinkError, Transport

SPIKE_DTYPE = np.dtype([("tick", "<u4"), ("neuron", "<u2")])
REPLY = 0x80  # the type of a reply is that of its request, and this
BATCH_FRAMES = 512  # event frames encoded at once
BATCH_REQUESTS = 64  # reads asked for at once; replies are told apart modulo 256


class Hello(NamedTuple):
    """What a machine says of itself."""

    magic: int
    contract: int
    version: int
    room: int


class Session:
    """Frames to and from one machine.

    ``retry_s`` is the patience before sending again, ``silence_s`` that before a machine without a
    sign of life is given up, ``progress_s`` that before one that answers but gets nowhere is.
    ``clock`` counts seconds.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        retry_s: float = 0.25,
        silence_s: float = 5.0,
        progress_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._retry_s, self._silence_s, self._progress_s = retry_s, silence_s, progress_s
        self._clock = clock
        self._decoder = Decoder()
        self._nonce = 0
        self._hello: Hello | None = None
        self._heard_at = self._moved_at = clock()
        self._start()

    @property
    def name(self) -> str:
        """What error messages call the machine."""
        return self._transport.name

    @property
    def bad_frames(self) -> int:
        """Frames from the device dropped for COBS or CRC."""
        return self._decoder.bad_frames

    def _start(self) -> None:
        self._unanswered: deque[bytes] = deque()
        self._next = 0  # sequence number of the next new frame
        self._limit = 0
        self._drops = 0
        self._went_back = False
        self._tally = 0
        self._spikes: list[bytes] = []
        self._replies: dict[int, Frame] = {}

    # Starting, sending, asking.

    def open(self, *, reset: bool) -> Hello:
        """Start the session; with ``reset`` the engine's state also goes to its start."""
        type_ = Type.RESET if reset else Type.HELLO
        start = self._clock()
        patience = self._retry_s
        while self._clock() - start < self._silence_s:
            self._start()
            self._hello = None
            self._nonce = (self._nonce + 1) & 0xFF
            # The delimiter ends whatever an earlier session left half sent.
            self._transport.write(b"\0" + encode(type_, self._nonce))
            hello = self._hear_hello(patience)
            if hello is not None:
                self._limit = hello.room
                self._moved_at = self._clock()
                return hello
            patience *= 2
        raise LinkError(
            f"{self.name} is silent: no answer for {self._silence_s:g} s; "
            "is it powered, is the bitstream in it, is the baud rate right?"
        )

    def _hear_hello(self, patience: float) -> Hello | None:
        end = self._clock() + patience
        while self._hello is None and self._clock() < end:
            self._take_in(end - self._clock())
        return self._hello

    def send(self, type_: Type, payload: bytes) -> int:
        """Send one sequenced frame, once the window allows it; returns its sequence number."""
        self._wait(lambda: self._room() > 0)
        seq = self._next
        self._transmit([encode(type_, seq, payload)])
        return seq

    def send_events(self, words: npt.NDArray[np.uint16]) -> None:
        """Send stream words, as fast as the window allows."""
        per_frame = link.MAX_EVENT_WORDS
        stream = np.ascontiguousarray(words, "<u2").view(np.uint8)
        whole = len(words) // per_frame
        rows = stream[: whole * link.MAX_PAYLOAD].reshape(whole, link.MAX_PAYLOAD)
        for at in range(0, whole, BATCH_FRAMES):
            frames = encode_batch(Type.EVENTS, self._next, rows[at : at + BATCH_FRAMES])
            sent = 0
            while sent < len(frames):
                self._wait(lambda: self._room() > 0)
                room = self._room()
                self._transmit(frames[sent : sent + room])
                sent += room
        rest = stream[whole * link.MAX_PAYLOAD :].tobytes()
        if rest:
            self.send(Type.EVENTS, rest)

    def request(self, type_: Type, payloads: Sequence[bytes]) -> list[bytes]:
        """Ask for several reads at once; the payloads of their replies, in order.

        Earlier events are done and their spikes are here when this returns.
        """
        answers: list[bytes] = []
        for at in range(0, len(payloads), BATCH_REQUESTS):
            answers += self._request(type_, payloads[at : at + BATCH_REQUESTS])
        return answers

    def _request(self, type_: Type, payloads: Sequence[bytes]) -> list[bytes]:
        answers: dict[int, bytes] = {}
        patience = self._retry_s
        while len(answers) < len(payloads):
            self._replies.clear()
            missing = [index for index in range(len(payloads)) if index not in answers]
            asked = {self.send(type_, payloads[index]): index for index in missing}
            self._wait(partial(self._all_replied, asked.keys()), patience)
            for seq, index in asked.items():
                reply = self._replies.get(seq)
                if reply is not None and reply.type == type_ | REPLY:
                    answers[index] = reply.payload
            patience *= 2
        return [answers[index] for index in range(len(payloads))]

    def _all_replied(self, asked: Set[int]) -> bool:
        return self._replies.keys() >= asked

    def flush(self) -> None:
        """Wait until the device has taken every frame."""
        self._wait(lambda: not self._unanswered)

    def spikes(self) -> npt.NDArray[np.void]:
        """The spikes that have arrived since the last call, ``SPIKE_DTYPE``."""
        data = b"".join(self._spikes)
        self._spikes.clear()
        return np.frombuffer(data, SPIKE_DTYPE).copy()

    def close(self) -> None:
        """Give the transport back."""
        self._transport.close()

    # The machinery.

    def _room(self) -> int:
        room = (self._limit - self._next) & 0xFF
        return room if room < 128 else 0

    def _transmit(self, frames: list[bytes]) -> None:
        # First noted, then written: an interrupt in between only costs a repetition.
        if not self._unanswered:
            self._moved_at = self._clock()
        self._unanswered.extend(frames)
        self._next = (self._next + len(frames)) & 0xFF
        self._transport.write(b"".join(frames))

    def _wait(self, done: Callable[[], bool], patience: float | None = None) -> None:
        """Take in and send again until ``done``; or, all frames taken, until the patience ends."""
        start = self._clock()
        retry_at = start + self._retry_s
        retry = self._retry_s
        moved_at = self._moved_at
        while not done():
            self._take_in(min(retry, self._silence_s) / 2)
            now = self._clock()
            if self._moved_at != moved_at:
                moved_at, retry = self._moved_at, self._retry_s
                retry_at = now + retry
            if now - max(start, self._heard_at) > self._silence_s:
                raise LinkError(
                    f"{self.name} fell silent: no answer for {self._silence_s:g} s; "
                    "is it still powered and connected?"
                )
            if now - max(start, self._moved_at) > self._progress_s:
                raise LinkError(
                    f"{self.name} answers but does no work for {self._progress_s:g} s; "
                    "reset it, or load its bitstream again"
                )
            if now >= retry_at and not done():
                if self._unanswered:
                    self._transport.write(b"".join(self._unanswered))
                elif patience is not None and now - max(start, self._moved_at) >= patience:
                    return
                retry = min(2 * retry, self._silence_s / 2)
                retry_at = now + retry

    def _take_in(self, timeout_s: float) -> None:
        data = self._transport.read(max(0.0, timeout_s))
        if not data:
            return
        for frame in self._decoder.feed(data):
            self._heard_at = self._clock()
            if self._hello is None:
                self._take_hello(frame)
            elif frame.type != Type.HELLO_REPLY:
                self._take_frame(frame)

    def _take_hello(self, frame: Frame) -> None:
        # Anything before the reply, and a reply to an earlier try, belongs to the past.
        if frame.type == Type.HELLO_REPLY and frame.seq == self._nonce:
            self._hello = Hello(*struct.unpack("<IIHH", frame.payload))

    def _take_frame(self, frame: Frame) -> None:
        expected = (self._tally + (frame.type == Type.SPIKES)) & 0xFF
        if frame.channel != expected:
            lost = (frame.channel - expected) & 0xFF
            raise LinkError(
                f"{self.name}: {lost} frames of spikes were lost on the line; run again"
                " (check the cable, or use a lower baud rate)"
            )
        self._tally = expected
        if frame.type == Type.ACK:
            self._take_ack(frame)
        elif frame.type == Type.SPIKES:
            self._spikes.append(frame.payload)
            self._moved_at = self._clock()
        else:
            self._replies[frame.seq] = frame
            self._moved_at = self._clock()

    def _take_ack(self, frame: Frame) -> None:
        next_, limit = frame.payload
        waiting = len(self._unanswered)
        taken = (next_ - (self._next - waiting)) & 0xFF
        if taken > waiting:
            return  # older than what is known already
        if (limit - self._limit) & 0xFF < 128:
            self._limit = limit
        dropped = frame.seq != self._drops
        self._drops = frame.seq
        # Frames that were behind a dropped one are dropped too; that is no news.
        go_back = dropped and not self._went_back
        if taken:
            for _ in range(taken):
                self._unanswered.popleft()
            self._went_back = False
            self._moved_at = self._clock()
        if go_back and self._unanswered:
            self._went_back = True
            self._transport.write(b"".join(self._unanswered))

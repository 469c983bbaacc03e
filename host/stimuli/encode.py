"""Camera events to the engine's stream words, and back.

Pixels are pooled in squares of ``downsample`` × ``downsample``; ON and OFF are separate maps::

    address = (p * rows + y // downsample) * columns + x // downsample

A word is an event (its address) or a run of ticks (``WORD_TICK`` | n), as ``spec.learning`` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import MAX_TICKS, WORD_TICK
from spinloom.host.stimuli.events import CameraEvents

Words = npt.NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class EventEncoder:
    """Address map from a ``width`` × ``height`` sensor to ``inputs`` of the engine.

    Raises ``ValueError`` when the maps of both polarities have no room in ``inputs``.
    """

    width: int
    height: int
    downsample: int = 2
    inputs: int = 8192

    def __post_init__(self) -> None:
        if not 1 <= self.downsample <= 64:
            raise ValueError(f"downsample = {self.downsample} is out of range; give 1 to 64")
        if self.rows * self.columns * 2 > self.inputs:
            fitting = self.downsample
            while 2 * -(-self.width // fitting) * -(-self.height // fitting) > self.inputs:
                fitting += 1
            raise ValueError(
                f"a {self.width}x{self.height} sensor with downsample {self.downsample} needs "
                f"{2 * self.rows * self.columns} inputs, the engine has {self.inputs}; "
                f"crop the recording or give --downsample {fitting}"
            )

    @property
    def rows(self) -> int:
        return -(-self.height // self.downsample)

    @property
    def columns(self) -> int:
        return -(-self.width // self.downsample)

    def addresses(self, events: CameraEvents) -> Words:
        """Input of each event, uint16 [n]."""
        if (events.width, events.height) != (self.width, self.height):
            raise ValueError(
                f"the recording is {events.width}x{events.height}, the encoder is made for "
                f"{self.width}x{self.height}"
            )
        y = events.y // np.uint16(self.downsample)
        x = events.x // np.uint16(self.downsample)
        address: Words = (events.p * np.uint16(self.rows) + y) * np.uint16(self.columns) + x
        return address

    def pixels(self, address: Words) -> tuple[Words, Words, Words]:
        """Column, row (in the pooled view) and polarity of inputs."""
        polarity, pixel = np.divmod(address, self.rows * self.columns)
        row, column = np.divmod(pixel, self.columns)
        return column, row, polarity


def words(tick: npt.NDArray[np.uint32], address: Words, ticks: int) -> Words:
    """Stream words of events at ``tick`` (ascending, from 0), ending at time ``ticks``.

    Time before an event is run-length coded; a gap above ``MAX_TICKS`` takes several words.
    """
    time = np.append(tick.astype(np.int64), ticks)
    gap = np.diff(time, prepend=0)
    if np.any(gap < 0):
        at = int(np.argmax(gap < 0))
        raise ValueError(
            f"tick {time[at]} at event {at} is earlier than its predecessor, or the end; "
            "order the events by time"
        )
    runs = -(-gap // MAX_TICKS)
    # Each event is preceded by its runs of ticks: all full but the last.
    place = np.cumsum(runs) + np.arange(time.size)
    out = np.full(int(place[-1]), WORD_TICK | MAX_TICKS, np.uint16)
    waits = np.flatnonzero(runs)
    out[place[waits] - 1] = WORD_TICK | (gap[waits] - (runs[waits] - 1) * MAX_TICKS)
    out[place[:-1]] = address
    return out


def split(stream: Words) -> tuple[npt.NDArray[np.uint32], Words, int]:
    """Tick and address of each event, and the time at the end: the inverse of ``words``."""
    is_tick = stream >= WORD_TICK
    time = np.cumsum(np.where(is_tick, stream & MAX_TICKS, 0), dtype=np.int64)
    end = int(time[-1]) if time.size else 0
    return time[~is_tick].astype(np.uint32), stream[~is_tick], end


def cut(stream: Words, ticks: list[int]) -> list[Words]:
    """The stream in ``len(ticks) + 1`` pieces: before, between and after these times (ascending).

    A piece ends before the word that passes its time, so no word is split.
    """
    time = np.cumsum(np.where(stream >= WORD_TICK, stream & MAX_TICKS, 0), dtype=np.int64)
    return np.split(stream, np.searchsorted(time, ticks, side="right"))

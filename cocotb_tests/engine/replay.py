"""What the golden model makes of a session that an engine went through, and whether both agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from cocotb_tests.engine.session import Recording, Request
from spinloom.emulator.engine.base import Engine
from spinloom.emulator.spec.shape import REGION_REGISTERS, WORD_TICK, Shape


def each(shapes: Mapping[str, Shape], quick: Sequence[str]) -> pytest.MarkDecorator:
    """A test of every shape; those that are not ``quick`` are proofs: a shape is a minute or two
    of compiling and simulating."""
    marks = {name: [] if name in quick else [pytest.mark.proof] for name in shapes}
    cases = [pytest.param(shape, id=name, marks=marks[name]) for name, shape in shapes.items()]
    return pytest.mark.parametrize("shape", cases)


class Replay:
    """The golden model after ``log``: its ``spikes``, ``responses``, number of ``bad_events``, and
    a ``census`` of the corners on the way. Each engine has its own ``_word``, which streams it."""

    engine_class: ClassVar[Callable[[Any], Engine[Any]]]

    def __init__(self, shape: Shape, log: list[int | Request]) -> None:
        self.engine: Any = self.engine_class(shape)
        self.spikes: list[tuple[int, int]] = []
        self.responses: list[int] = []
        self.bad_events = 0
        self.census: Counter[str] = Counter()
        words: list[int] = []
        for item in log:
            if isinstance(item, int):
                words.append(item)
                continue
            self._stream(words)
            self.census["requests between words"] += bool(words)
            words = []
            self._request(item)
        self._stream(words)

    def _stream(self, words: list[int]) -> None:
        for word in words:
            self.engine.bad_event = False
            self._word(word)
            self.bad_events += self.engine.bad_event

    def _word(self, word: int) -> None:
        raise NotImplementedError

    def _request(self, request: Request) -> None:
        engine, region, addr = self.engine, request.region, request.addr
        if region == REGION_REGISTERS:
            if request.data is None:
                self.responses.append(engine.read_register(addr))
            else:
                engine.write_register(addr, request.data)
        elif request.data is None:
            self.responses.append(int(engine.read_memory(region, addr, 1)[0]))
        else:
            engine.write_memory(region, addr, np.array([request.data], np.uint32))


def compare(
    kind: type[Replay],
    shape: Shape,
    recordings: Mapping[str, Recording],
    inputs: int | None = None,
) -> Counter[str]:
    """Spikes with their ticks, what is read after each burst, and the events that were dropped: all
    from ``inputs`` on, where that is known beforehand. The census of the replays."""
    census: Counter[str] = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items, {len(recording.spikes)} spikes")
        replay = kind(shape, recording.log)
        assert recording.spikes == replay.spikes
        assert recording.responses == replay.responses
        assert recording.bad_events == replay.bad_events
        if inputs is not None:
            events = [w for w in recording.log if isinstance(w, int) and w < WORD_TICK]
            assert recording.bad_events == sum(w >= inputs for w in events)
        census += replay.census
        census["bad addresses"] += recording.bad_events
    return census


def check_memory_matters(
    kind: type[Replay], shape: Shape, recordings: Mapping[str, Recording], region: int, bits: int
) -> None:
    """The comparison can fail: other ``bits`` in the first word of a region that is written change
    the outcome of some session."""

    def differs(recording: Recording) -> bool:
        log: list[int | Request] = []
        turned = False
        for item in recording.log:
            if not turned and isinstance(item, Request) and item.region == region:
                item = replace(item, data=item.data ^ bits) if item.data is not None else item
                turned = True
            log.append(item)
        replay = kind(shape, log)
        return replay.spikes != recording.spikes or replay.responses != recording.responses

    assert any(differs(recording) for recording in recordings.values())

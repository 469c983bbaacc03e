"""Camera events to stream words and back."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.spec.learning import MAX_TICKS, WORD_TICK
from spinloom.host.stimuli.encode import EventEncoder, cut, split, words
from spinloom.host.stimuli.events import CameraEvents


def events_of(rows: list[tuple[int, int, int, int]], width: int = 128, height: int = 128):
    t, x, y, p = (np.array(c) for c in zip(*rows, strict=True))
    return CameraEvents(
        width=width,
        height=height,
        t=t.astype(np.uint32),
        x=x.astype(np.uint16),
        y=y.astype(np.uint16),
        p=p.astype(np.uint8),
    )


def test_addresses() -> None:
    encoder = EventEncoder(width=128, height=128)
    seen = events_of([(0, 0, 0, 0), (0, 127, 0, 0), (0, 0, 127, 0), (0, 126, 127, 1)])
    assert encoder.addresses(seen).tolist() == [0, 63, 63 * 64, (64 + 63) * 64 + 63]


def test_pixels_undo_addresses() -> None:
    encoder = EventEncoder(width=346, height=260, downsample=6)
    address = np.arange(2 * encoder.rows * encoder.columns, dtype=np.uint16)
    column, row, polarity = encoder.pixels(address)
    assert np.array_equal((polarity * encoder.rows + row) * encoder.columns + column, address)
    assert (column.max(), row.max(), polarity.max()) == (57, 43, 1)


def test_odd_sizes_round_up() -> None:
    encoder = EventEncoder(width=5, height=3, downsample=2, inputs=64)
    assert (encoder.columns, encoder.rows) == (3, 2)
    seen = events_of([(0, 4, 2, 1)], 5, 3)
    assert encoder.addresses(seen).tolist() == [(1 * 2 + 1) * 3 + 2]


def test_words_by_hand() -> None:
    tick = np.array([0, 2, 2, 3], np.uint32)
    address = np.array([7, 8, 9, 10], np.uint16)
    stream = words(tick, address, 10)
    assert stream.tolist() == [7, WORD_TICK | 2, 8, 9, WORD_TICK | 1, 10, WORD_TICK | 7]


def test_long_gaps() -> None:
    tick = np.array([MAX_TICKS, 3 * MAX_TICKS + 1], np.uint32)
    stream = words(tick, np.array([1, 2], np.uint16), 3 * MAX_TICKS + 1)
    full = WORD_TICK | MAX_TICKS
    assert stream.tolist() == [full, 1, full, full, WORD_TICK | 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_split_undoes_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tick = np.sort(rng.integers(200_000, size=500)).astype(np.uint32)
    address = rng.integers(0x8000, size=500).astype(np.uint16)
    end = int(tick[-1]) + int(rng.integers(3))
    stream = words(tick, address, end)
    assert not np.any(stream == WORD_TICK)
    got_tick, got_address, got_end = split(stream)
    assert np.array_equal(got_tick, tick)
    assert np.array_equal(got_address, address)
    assert got_end == end


def test_no_events() -> None:
    empty = np.zeros(0, np.uint32)
    assert words(empty, empty.astype(np.uint16), 3).tolist() == [WORD_TICK | 3]
    assert words(empty, empty.astype(np.uint16), 0).tolist() == []


def test_cut() -> None:
    tick = np.array([0, 5, 5, 6, 9], np.uint32)
    stream = words(tick, np.arange(5, dtype=np.uint16), 12)
    pieces = cut(stream, [5, 8])
    assert np.array_equal(np.concatenate(pieces), stream)
    assert [split(piece)[1].tolist() for piece in pieces] == [[0, 1, 2], [3], [4]]


def test_unordered_ticks() -> None:
    with pytest.raises(ValueError, match="tick 3 at event 1"):
        words(np.array([4, 3], np.uint32), np.zeros(2, np.uint16), 9)


def test_sensor_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"346x260 .* downsample 2 .* give --downsample 5"):
        EventEncoder(width=346, height=260)
    EventEncoder(width=346, height=260, downsample=5)


def test_other_sensor() -> None:
    with pytest.raises(ValueError, match="the recording is 5x3"):
        EventEncoder(width=128, height=128).addresses(events_of([(0, 4, 2, 1)], 5, 3))


def test_events_are_checked() -> None:
    with pytest.raises(ValueError, match="x = 200 is outside of the 128x128 sensor"):
        events_of([(0, 200, 0, 0)])
    with pytest.raises(ValueError, match=r"runs backwards at event 1 \(5 then 4 ms\)"):
        events_of([(5, 0, 0, 0), (4, 0, 0, 0)])

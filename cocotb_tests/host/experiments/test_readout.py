"""The read-out, by hand: dead time, matching, duplicates, false alarms, masks."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.host.experiments.readout import (
    LaneScore,
    choose_masks,
    detections,
    preferred_lanes,
    score,
    score_lanes,
    score_windows,
)
from spinloom.host.stimuli.freeway import PASSAGE

TICKS = 100_000


def spikes(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(sorted(pairs), [("tick", "<u4"), ("neuron", "<u2")])


def cars(*rows: tuple[int, int, int]) -> np.ndarray:
    """Lane, start, end."""
    return np.array([(lane, a, b, (a + b) // 2) for lane, a, b in rows], PASSAGE)


def counts(found: list[int], passages: np.ndarray) -> tuple[int, int, int, int]:
    s = score(np.array(found, np.int64), passages, TICKS)
    return s.passages, s.hits, s.duplicates, s.false_alarms


def test_detections_take_the_mask_and_the_dead_time() -> None:
    seen = spikes((10, 1), (20, 2), (909, 1), (910, 1), (1500, 3), (1809, 2), (1810, 2))
    assert detections(seen, (1, 2)).tolist() == [10, 910, 1810]
    assert detections(seen, (1, 2), dead_time=1).tolist() == [10, 20, 909, 910, 1809, 1810]
    assert detections(seen, (3,)).tolist() == [1500]
    assert detections(seen, ()).tolist() == []


def test_one_detection_a_car() -> None:
    two = cars((0, 1000, 4000), (0, 6000, 9000))
    assert counts([2000, 7000], two) == (2, 2, 0, 0)
    assert counts([1000, 9000], two) == (2, 2, 0, 0)
    assert counts([2000], two) == (2, 1, 0, 0)


def test_second_detection_is_a_duplicate_and_none_in_view_a_false_alarm() -> None:
    two = cars((0, 1000, 4000), (0, 6000, 9000))
    assert counts([2000, 3000, 7000], two) == (2, 2, 1, 0)
    assert counts([5000, 9001], two) == (2, 0, 0, 2)


def test_cars_in_view_together() -> None:
    both = cars((0, 1000, 4000), (0, 2500, 5500))
    assert counts([3000, 3900], both) == (2, 2, 0, 0)
    # The first detection must take the car that leaves first, or the second finds none.
    assert counts([3500, 5000], both) == (2, 2, 0, 0)
    # Also if the overtaking car entered later.
    assert counts([3000, 5000], cars((0, 1000, 6000), (0, 2000, 4000))) == (2, 2, 0, 0)


def test_cars_at_the_edges_are_neutral() -> None:
    edges = cars((0, -500, 1500), (0, 5000, 8000), (0, 98_500, 101_000))
    assert counts([700, 6000, 99_000], edges) == (1, 1, 0, 0)
    assert counts([6000], edges) == (1, 1, 0, 0)
    assert counts([700, 1400, 6000], edges) == (1, 1, 0, 0)


def test_figures_of_a_lane() -> None:
    lane = LaneScore(passages=10, hits=8, duplicates=1, false_alarms=3)
    assert lane.detection == 0.8
    assert lane.f1 == pytest.approx(16 / (16 + 4 + 2))
    assert LaneScore(passages=0, hits=0, duplicates=0, false_alarms=0).f1 == 0.0


def traffic() -> tuple[np.ndarray, np.ndarray]:
    """Two lanes of ten cars. Neurons 3 and 5 see the halves of lane 0, neuron 7 all of lane 1,
    neuron 9 fires at random."""
    first = [(0, 10_000 * n + 100, 10_000 * n + 3000) for n in range(10)]
    second = [(1, 10_000 * n + 5000, 10_000 * n + 8000) for n in range(10)]
    seen = [(a + 500, 3 if n % 2 else 5) for n, (_, a, _) in enumerate(first)]
    seen += [(a + 900, 7) for _, a, _ in second]
    seen += [(t, 9) for t in range(50, TICKS, 4000)]
    return spikes(*seen), cars(*first, *second)


def test_greedy_masks() -> None:
    seen, passages = traffic()
    assert choose_masks(seen, passages, TICKS, 3) == ((3, 5), (7,), ())
    assert choose_masks(seen, passages, TICKS, 2, largest=1) == ((3,), (7,))


def test_lanes_windows_and_preferences() -> None:
    seen, passages = traffic()
    masks = ((3, 5), (7,))
    assert [s.f1 for s in score_lanes(seen, passages, TICKS, masks)] == [1.0, 1.0]
    assert score_windows(seen, passages, TICKS, masks, 50_000).tolist() == [1.0, 1.0]
    half = seen[(seen["tick"] < 50_000) | (seen["neuron"] == 7)]
    before = half.copy()
    assert score_windows(half, passages, TICKS, masks, 50_000).tolist() == [1.0, 0.5]
    assert np.array_equal(half, before)
    preferred = preferred_lanes(seen, passages, TICKS, 2, 10)
    assert (preferred[0], preferred[3], preferred[5], preferred[7]) == (None, 0, 0, 1)

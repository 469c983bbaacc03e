"""From spikes to cars: which neurons stand for a lane, and how well they count.

A lane's *mask* is a small set of neurons. Its *detections* are the spikes of any of them, with a
dead time: a spike within ``dead_time`` of the last detection is the same car. Detections and
passages are matched one to one: in time order, each detection takes the car of the lane that is in
view (``start <= tick <= end``), not yet taken, and leaves first, which matches as many as possible.
A detection left over is a *duplicate* if a car of the lane is in view, else a *false alarm*; both
are false positives::

    F1 = 2 hits / (2 hits + duplicates + false alarms + missed)

A car that is in view when the recording starts or ends is neither counted nor held against anyone.
Masks are the only supervised part: they are chosen with the truth of the training recording.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DEAD_TIME = 900  # ticks
MASK_NEURONS = 4

Ticks = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class LaneScore:
    """Counts of one lane."""

    passages: int
    hits: int
    duplicates: int
    false_alarms: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when there was nothing to find or found."""
        wrong = self.duplicates + self.false_alarms + self.passages - self.hits
        total = 2 * self.hits + wrong
        return 2 * self.hits / total if total else 0.0

    @property
    def detection(self) -> float:
        """Share of the passages that were detected."""
        return self.hits / self.passages if self.passages else 0.0


def detections(
    spikes: npt.NDArray[np.void], mask: tuple[int, ...], dead_time: int = DEAD_TIME
) -> Ticks:
    """Ticks at which a lane with this mask reports a car; ``spikes`` has fields tick, neuron."""
    ticks = spikes["tick"][np.isin(spikes["neuron"], mask)].astype(np.int64)
    kept: list[int] = []
    for tick in ticks.tolist():
        if not kept or tick - kept[-1] >= dead_time:
            kept.append(tick)
    return np.array(kept, np.int64)


def score(found: Ticks, passages: npt.NDArray[np.void], ticks: int) -> LaneScore:
    """Match the detections ``found`` (ascending) of one lane with its passages.

    ``passages`` has fields start and end; the recording lasts from 0 to ``ticks``.
    """
    start = passages["start"].astype(np.int64)
    end = passages["end"].astype(np.int64)
    whole = (start >= 0) & (end < ticks)
    free = np.ones(len(passages), bool)
    hits = duplicates = false_alarms = 0
    for tick in found.tolist():
        in_view = np.flatnonzero((start <= tick) & (tick <= end))
        candidates = in_view[free[in_view]]
        if candidates.size:
            taken = candidates[np.argmin(end[candidates])]
            free[taken] = False
            hits += int(whole[taken])
        elif whole[in_view].all() and in_view.size:
            duplicates += 1
        elif not in_view.size:
            false_alarms += 1
    return LaneScore(
        passages=int(whole.sum()), hits=hits, duplicates=duplicates, false_alarms=false_alarms
    )


def choose_masks(
    spikes: npt.NDArray[np.void],
    passages: npt.NDArray[np.void],
    ticks: int,
    lanes: int,
    dead_time: int = DEAD_TIME,
    largest: int = MASK_NEURONS,
) -> tuple[tuple[int, ...], ...]:
    """For each lane the mask that greedy search finds: add the neuron that raises F1 most.

    Stops at ``largest`` neurons or when no neuron raises F1. Of equals the lowest index is taken. A
    lane that no neuron detects has an empty mask.
    """
    neurons = np.unique(spikes["neuron"]).tolist()
    masks = []
    for lane in range(lanes):
        cars = passages[passages["lane"] == lane]
        mask: tuple[int, ...] = ()
        best = 0.0
        while len(mask) < largest:
            tried = [
                (score(detections(spikes, (*mask, n), dead_time), cars, ticks).f1, -n)
                for n in neurons
                if n not in mask
            ]
            f1, negative = max(tried, default=(0.0, 0))
            if f1 <= best:
                break
            best, mask = f1, (*mask, -negative)
        masks.append(mask)
    return tuple(masks)


def score_lanes(
    spikes: npt.NDArray[np.void],
    passages: npt.NDArray[np.void],
    ticks: int,
    masks: tuple[tuple[int, ...], ...],
    dead_time: int = DEAD_TIME,
) -> tuple[LaneScore, ...]:
    """Score of every lane with its mask."""
    return tuple(
        score(detections(spikes, mask, dead_time), passages[passages["lane"] == lane], ticks)
        for lane, mask in enumerate(masks)
    )


def preferred_lanes(
    spikes: npt.NDArray[np.void],
    passages: npt.NDArray[np.void],
    ticks: int,
    lanes: int,
    neurons: int,
    dead_time: int = DEAD_TIME,
) -> tuple[int | None, ...]:
    """For each neuron the lane that it alone counts best; None if it detects no car at all."""
    preferred = []
    for neuron in range(neurons):
        found = detections(spikes, (neuron,), dead_time)
        f1 = [score(found, passages[passages["lane"] == n], ticks).f1 for n in range(lanes)]
        preferred.append(int(np.argmax(f1)) if max(f1) > 0 else None)
    return tuple(preferred)


def score_windows(
    spikes: npt.NDArray[np.void],
    passages: npt.NDArray[np.void],
    ticks: int,
    masks: tuple[tuple[int, ...], ...],
    window: int,
    dead_time: int = DEAD_TIME,
) -> npt.NDArray[np.float64]:
    """Mean F1 over the lanes in each whole window of so many ticks, [windows]."""
    scores = []
    for start in range(0, ticks - window + 1, window):
        inside = (spikes["tick"] >= start) & (spikes["tick"] < start + window)
        seen = (passages["end"] >= start) & (passages["start"] < start + window)
        here, cars = spikes[inside], passages[seen]
        here["tick"] -= start
        cars["start"] -= start
        cars["end"] -= start
        lanes = score_lanes(here, cars, window, masks, dead_time)
        scores.append(float(np.mean([lane.f1 for lane in lanes])))
    return np.array(scores)

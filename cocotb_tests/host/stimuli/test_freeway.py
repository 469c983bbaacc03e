"""The freeway: what models of it and of the sensor promise, and the same bits for a seed."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from spinloom.host.stimuli.freeway import Freeway, FreewayParams, generate

SECONDS = 40.0


@pytest.fixture(scope="module")
def recording() -> Freeway:
    return generate(FreewayParams(), SECONDS, 7)


def fingerprint(freeway: Freeway) -> str:
    digest = hashlib.sha256(freeway.passages.tobytes())
    for name in "txyp":
        digest.update(getattr(freeway.events, name).tobytes())
    return digest.hexdigest()


def test_same_seed_same_bits(recording: Freeway) -> None:
    again = generate(FreewayParams(), SECONDS, 7)
    assert fingerprint(again) == fingerprint(recording)
    assert fingerprint(generate(FreewayParams(), SECONDS, 8)) != fingerprint(recording)


def test_same_bits_on_any_machine() -> None:
    """A short recording's fingerprint is a constant of the project."""
    expected = "4efbde02e308b88a401ee302e0a710b41a64b9e1001e3fd414e6bef3bc3d963e"
    assert fingerprint(generate(FreewayParams(), 5.0, 1)) == expected


def test_rates(recording: Freeway) -> None:
    """About 27 thousand events a second, more than half of them noise; 93 passages a minute."""
    assert 24_000 < len(recording.events) / SECONDS < 31_000
    assert 75 < len(recording.passages) / SECONDS * 60 < 115
    quiet = generate(FreewayParams(noise_hz=0.0, hot_pixels=0), SECONDS, 7)
    share = 1 - len(quiet.events) / len(recording.events)
    assert 0.5 < share < 0.7


def test_refractory_time(recording: Freeway) -> None:
    events = recording.events
    pixel = events.y.astype(np.int64) * 128 + events.x
    order = np.lexsort((events.t, pixel))
    same = np.diff(pixel[order]) == 0
    assert np.diff(events.t[order].astype(np.int64))[same].min() == 2


def test_order_within_a_tick_is_not_raster(recording: Freeway) -> None:
    events = recording.events
    same_tick = np.diff(events.t.astype(np.int64)) == 0
    downwards = np.diff(events.y.astype(np.int64))[same_tick] > 0
    assert 0.4 < downwards.mean() < 0.6


def test_a_lane_is_where_its_cars_are() -> None:
    """One empty road but for one lane: events lie in that lane's wedge of the picture."""
    params = FreewayParams(noise_hz=0.0, hot_pixels=0, oncoming=1, receding=0, lane_width_m=4.0)
    seen = generate(params, 20.0, 3)
    z = 110 * 24.3 / (seen.events.y.astype(float) + 23)
    lateral = (seen.events.x.astype(float) - 64) * z / 110
    assert len(seen.events) > 1000
    assert set(seen.passages["lane"]) == {0}
    assert np.abs(lateral).max() < 2.5 / 2 + 4 * 0.15 + 0.75
    # Oncoming: the front is far at the start and near at the end of each passage.
    car = seen.passages[seen.passages["start"] >= 0][0]
    length = int(car["end"]) - int(car["start"])
    t = seen.events.t.astype(np.int64) - int(car["start"])
    early = seen.events.y[(t > 0) & (t < length // 4)]
    late = seen.events.y[(t > length * 3 // 4) & (t < length)]
    assert early.mean() + 30 < late.mean()


def test_passages(recording: Freeway) -> None:
    cars = recording.passages
    view = (cars["end"] - cars["start"]) / 1000
    assert np.all((cars["start"] < cars["crossing"]) & (cars["crossing"] < cars["end"]))
    # 62 m and a car, at 10 to 38 m/s.
    assert view.min() > 1.6
    assert view.max() < 8
    for lane in range(6):
        own = cars[cars["lane"] == lane]
        # Nobody overtakes: order of entry is order of exit.
        assert np.all(np.diff(own["start"]) > 0)
        assert np.all(np.diff(own["end"]) > 0)


def test_progress_ends_at_one() -> None:
    told: list[float] = []
    generate(FreewayParams(), 2.0, 1, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"near_m": 0.0}, "near_m = 0.0"),
        ({"far_m": 10.0}, "far_m = 10.0"),
        ({"width": 1000}, "width"),
        ({"oncoming": 0, "receding": 0}, "at least one lane"),
        ({"lane_speed_m_s": (5.0, 6.0)}, "lane_speed_m_s"),
        ({"aperture": 1.5}, "aperture = 1.5"),
    ],
)
def test_wrong_parameters(wrong: dict[str, float], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        FreewayParams(**wrong)


def test_wrong_length() -> None:
    with pytest.raises(ValueError, match="seconds = 0"):
        generate(FreewayParams(), 0, 1)

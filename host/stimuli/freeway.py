"""A freeway before an event camera: traffic on six lanes, its contrast on the pixels, and events.

A camera of focal length *f* looks down on a plane road from height *h*. The road point (X, z) is
seen at ``x = cx + f X/z``, ``y = cy + f h/z``, so each pixel looks at a small rectangle of
road. Three lanes come, three go. A car is a rectangle of road with a log-contrast profile along its
length (body, windscreen, shadow); a pixel sees the mean of that profile over its own rectangle,
times the share of its width that the car covers::

    L(t) = cover * (F(s) - F(s - depth)) / depth,   s = v (t - t0) - entry

where F is the integral of the profile from the front of the car.

A pixel fires when L is a threshold away from its value at the pixel's last event, at most once a
tick, then rests for the refractory time; thresholds differ by pixel and by polarity (Lichtsteiner,
Posch and Delbruck, "A 128x128 120 dB 15 us latency asynchronous temporal contrast vision sensor",
IEEE JSSC 43, 2008). Background noise and hot pixels are uniform in time.

Same bits on any machine: each random draw is rounded to an integer (mm, mm/s, ms, 1/1024 of log
intensity) before it is used, and all arithmetic after that is single IEEE 754
operations.
Events of one tick are in a random, seeded order: in raster order the top rows would charge every
neuron first, and no arbiter of a sensor does that over a whole millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.host.stimuli.events import CameraEvents
from spinloom.host.stimuli.freeway_scene import FreewayParams, passage, traffic
from spinloom.host.stimuli.freeway_sensor import IntArray, Sensor, pack

__all__ = ["PASSAGE", "Freeway", "FreewayParams", "generate"]

PASSAGE = np.dtype([("lane", "<u2"), ("start", "<i4"), ("end", "<i4"), ("crossing", "<i4")])
SHUFFLE_BITS = 24
MAX_SECONDS = 4000  # ticks, shuffle and address share 63 bits


@dataclass(frozen=True, kw_only=True)
class Freeway:
    """What the camera saw and what was there.

    ``passages`` [n] of ``PASSAGE``, by start: lane (0 = leftmost); ticks at which the front enters
    the view, the rear leaves it, and the middle of the car crosses the middle of the view. Times
    lie outside of the recording for cars that are seen in part.
    """

    params: FreewayParams
    ticks: int
    events: CameraEvents
    passages: npt.NDArray[np.void]


def generate(
    params: FreewayParams,
    seconds: float,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Freeway:
    """A recording of this length; ``progress`` is called with the fraction done, 0 to 1."""
    if not 0.1 <= seconds <= MAX_SECONDS:
        raise ValueError(f"freeway: seconds = {seconds} is out of range; give 0.1 to {MAX_SECONDS}")
    ticks = round(seconds * 1000)
    traffic_rng, pixel_rng, noise_rng, order_rng = (
        np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(4)
    )
    cars = traffic(params, ticks, traffic_rng)
    sensor = Sensor(params, ticks, pixel_rng)
    parts = [_noise(params, ticks, noise_rng)]
    for done, car in enumerate(cars):
        parts.append(sensor.see(car))
        if progress is not None:
            progress(done / len(cars))
    events = _merge(params, np.concatenate(parts), order_rng)
    passages = np.array(
        [seen for car in cars if (seen := passage(params, car)) is not None], PASSAGE
    )
    passages.sort(order=["start", "lane"])
    if progress is not None:
        progress(1.0)
    return Freeway(params=params, ticks=ticks, events=events, passages=passages)


def _noise(params: FreewayParams, ticks: int, rng: np.random.Generator) -> IntArray:
    """Poisson processes, each conditioned on its mean count: that many uniform draws."""
    pixels = params.width * params.height
    hot = rng.choice(pixels, params.hot_pixels, replace=False)
    hot_polarity = rng.integers(2, size=params.hot_pixels)
    background = round(params.noise_hz * pixels * 2 * ticks / 1000)
    flicker = round(params.hot_hz * params.hot_pixels * ticks / 1000)
    which = rng.integers(max(params.hot_pixels, 1), size=flicker)
    tick = rng.integers(ticks, size=background + flicker)
    pixel = np.concatenate([rng.integers(pixels, size=background), hot[which]])
    polarity = np.concatenate([rng.integers(2, size=background), hot_polarity[which]])
    return pack(tick, pixel, polarity)


def _merge(params: FreewayParams, packed: IntArray, rng: np.random.Generator) -> CameraEvents:
    """Drop what falls into a pixel's refractory time; order in time, shuffled within a tick."""
    packed.sort()
    pixel_tick = packed >> 1
    # Neighbours of one pixel differ by their ticks, those of two pixels by at least 2^32.
    keep = np.ones(packed.size, bool)
    keep[1:] = np.diff(pixel_tick) >= params.refractory_ms
    packed = packed[keep]
    tick = packed >> 1 & 0xFFFFFFFF
    address = packed >> 33 << 1 | packed & 1
    key = tick << (SHUFFLE_BITS + 17) | rng.integers(1 << SHUFFLE_BITS, size=tick.size) << 17
    ordered = key | address
    ordered.sort()
    pixel = ordered >> 1 & 0xFFFF
    return CameraEvents(
        width=params.width,
        height=params.height,
        t=(ordered >> (SHUFFLE_BITS + 17)).astype(np.uint32),
        x=(pixel % params.width).astype(np.uint16),
        y=(pixel // params.width).astype(np.uint16),
        p=(ordered & 1).astype(np.uint8),
    )

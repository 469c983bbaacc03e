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
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from spinloom.host.stimuli.events import CameraEvents

PASSAGE = np.dtype([("lane", "<u2"), ("start", "<i4"), ("end", "<i4"), ("crossing", "<i4")])
UM_PER_MM = 1000
LOG_UNIT = 1024  # contrasts and thresholds are integers of 1/1024
CELL_BITS = 11  # the profile is tabulated in cells of 2^11 um, 2 mm
SHUFFLE_BITS = 24
MAX_SECONDS = 4000  # ticks, shuffle and address share 63 bits

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FreewayParams:
    """Camera, traffic and pixels; SI units, pixels, hertz and natural-log contrast.

    ``aperture`` is the side of a pixel's light-sensitive square, in pixels: 0.285 gives the 8.1 %
    fill factor of the 128 × 128 DVS. ``contrast`` is that of body against road, windscreen against
    body (the other way), and of the shadow (darker).
    """

    width: int = 128
    height: int = 128
    focal_px: float = 110.0
    centre_x_px: float = 64.0
    horizon_y_px: float = -23.0
    camera_height_m: float = 24.3
    near_m: float = 18.0
    far_m: float = 80.0
    oncoming: int = 3
    receding: int = 3
    lane_width_m: float = 3.6
    lateral_sigma_m: float = 0.15
    lane_speed_m_s: tuple[float, float] = (20.0, 28.0)
    speed_sigma_m_s: float = 2.5
    headway_s: float = 1.2
    headway_mean_s: float = 2.5
    following_s: float = 0.5
    truck_fraction: float = 0.1
    car_length_m: tuple[float, float] = (3.8, 5.2)
    car_width_m: tuple[float, float] = (1.6, 2.0)
    truck_length_m: tuple[float, float] = (8.0, 14.0)
    truck_width_m: tuple[float, float] = (2.2, 2.5)
    contrast: tuple[float, float] = (0.25, 1.1)
    aperture: float = 0.285
    threshold: float = 0.20
    threshold_sigma: float = 0.02
    refractory_ms: int = 2
    noise_hz: float = 0.5
    hot_pixels: int = 10
    hot_hz: float = 20.0

    def __post_init__(self) -> None:
        positive = (
            "width", "height", "focal_px", "camera_height_m", "near_m", "lane_width_m",
            "threshold", "refractory_ms",
        )  # fmt: skip
        for name in positive:
            if not getattr(self, name) > 0:
                raise ValueError(f"FreewayParams.{name} = {getattr(self, name)}: give more than 0")
        if max(self.width, self.height) > 256:
            raise ValueError(
                f"FreewayParams.width, height = {self.width}, {self.height}: give at most 256"
            )
        if not 0 < self.aperture <= 1:
            raise ValueError(
                f"FreewayParams.aperture = {self.aperture}: give more than 0, at most 1"
            )
        for name in ("noise_hz", "hot_hz", "hot_pixels", "oncoming", "receding"):
            if getattr(self, name) < 0:
                raise ValueError(f"FreewayParams.{name} = {getattr(self, name)}: give 0 or more")
        if not 0 <= self.truck_fraction <= 1:
            raise ValueError(f"FreewayParams.truck_fraction = {self.truck_fraction}: give 0 to 1")
        if self.far_m <= self.near_m:
            raise ValueError(f"FreewayParams.far_m = {self.far_m}: give more than {self.near_m}")
        if self.oncoming + self.receding < 1:
            raise ValueError("FreewayParams.oncoming + receding = 0: give at least one lane")
        slowest = self.lane_speed_m_s[0] - 4 * self.speed_sigma_m_s
        if slowest <= 1:
            raise ValueError(
                f"FreewayParams.lane_speed_m_s = {self.lane_speed_m_s}: cars four sigma slower "
                f"would drive {slowest:.1f} m/s; give a higher speed or a smaller speed_sigma_m_s"
            )

    @property
    def lanes(self) -> int:
        """Lanes in view; lane 0 is the leftmost."""
        return self.oncoming + self.receding


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


@dataclass(frozen=True, kw_only=True)
class _Car:
    """One car in integers: mm, mm/s, ms; bands are (start, length, log-contrast × 1024)."""

    lane: int
    t0_ms: int  # the front enters the view
    speed: int
    length: int
    width: int
    lateral: int  # centre of the car, from the middle of the road
    bands: tuple[tuple[int, int, int], ...]


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
    cars = _traffic(params, ticks, traffic_rng)
    sensor = _Sensor(params, ticks, pixel_rng)
    parts = [_noise(params, ticks, noise_rng)]
    for done, car in enumerate(cars):
        parts.append(sensor.see(car))
        if progress is not None:
            progress(done / len(cars))
    events = _merge(params, np.concatenate(parts), order_rng)
    passages = np.array(
        [passage for car in cars if (passage := _passage(params, car)) is not None], PASSAGE
    )
    passages.sort(order=["start", "lane"])
    if progress is not None:
        progress(1.0)
    return Freeway(params=params, ticks=ticks, events=events, passages=passages)


def _mm(metres: float) -> int:
    return round(metres * 1000)


def _traffic(params: FreewayParams, ticks: int, rng: np.random.Generator) -> list[_Car]:
    """Cars of all lanes in order of entry, from well before the recording to its end.

    A car drives at constant speed; one that would come nearer than ``following_s`` to the car
    before it, at the end of the view, drives slower, for nobody overtakes in a lane.
    """
    view_mm = _mm(params.far_m - params.near_m)
    cars = []
    for lane in range(params.lanes):
        middle = _mm((lane - (params.lanes - 1) / 2) * params.lane_width_m)
        lane_speed = rng.uniform(*params.lane_speed_m_s)
        # Early enough that the slowest and longest truck is gone and traffic is stationary at 0.
        t_ms = -20_000 - int(rng.integers(5000))
        clear_ms = t_ms
        while t_ms < ticks:
            deviation = min(max(rng.normal(0.0, params.speed_sigma_m_s), -10.0), 10.0)
            speed = _mm(lane_speed + deviation)
            truck = rng.random() < params.truck_fraction
            length = _mm(rng.uniform(*(params.truck_length_m if truck else params.car_length_m)))
            width = _mm(rng.uniform(*(params.truck_width_m if truck else params.car_width_m)))
            exit_ms = max(t_ms + view_mm * 1000 // speed, clear_ms + _mm(params.following_s))
            speed = view_mm * 1000 // (exit_ms - t_ms)
            clear_ms = exit_ms + length * 1000 // speed
            lateral = middle + _mm(rng.normal(0.0, params.lateral_sigma_m))
            cars.append(
                _Car(
                    lane=lane,
                    t0_ms=t_ms,
                    speed=speed,
                    length=length,
                    width=width,
                    lateral=lateral,
                    bands=_bands(params, rng, length),
                )
            )
            gap_s = params.headway_s + rng.exponential(params.headway_mean_s)
            t_ms += round(gap_s * 1000) + length * 1000 // speed
    return sorted(cars, key=lambda car: (car.t0_ms, car.lane))


def _bands(
    params: FreewayParams, rng: np.random.Generator, length: int
) -> tuple[tuple[int, int, int], ...]:
    """Paint along the car from its front: bands that do not overlap, and a shadow behind it."""

    def contrast() -> int:
        return round(rng.uniform(*params.contrast) * LOG_UNIT)

    sign = 1 if rng.random() < 0.5 else -1
    body = sign * contrast()
    # Glass mirrors the sky: brighter than dark paint, darker than light paint.
    glass = body - sign * contrast()
    shadow = -contrast()
    cab = min(length, 4500)
    edges = [0, cab * 22 // 100, cab * 40 // 100, length]
    paint = [body, glass, body]
    bands = [(a, b - a, c) for (a, b), c in zip(pairwise(edges), paint, strict=True) if b > a]
    return (*bands, (length, 600, shadow))


def _passage(params: FreewayParams, car: _Car) -> tuple[int, int, int, int] | None:
    view_mm = _mm(params.far_m - params.near_m)
    end = car.t0_ms + (view_mm + car.length) * 1000 // car.speed
    crossing = car.t0_ms + (view_mm + car.length) * 500 // car.speed
    return (car.lane, car.t0_ms, end, crossing) if end >= 0 else None


class _Sensor:
    """Pixels on the road: what each one sees, and the log intensity of its last event."""

    def __init__(self, params: FreewayParams, ticks: int, rng: np.random.Generator) -> None:
        self.params = params
        self.ticks = ticks
        rise = params.focal_px * params.camera_height_m
        y, x = (a.ravel() for a in np.mgrid[0 : params.height, 0 : params.width])
        half = params.aperture / 2
        below = y - half > params.horizon_y_px
        with np.errstate(divide="ignore", invalid="ignore"):
            z_far = rise / (y - half - params.horizon_y_px)
            z_near = rise / (y + half - params.horizon_y_px)
            z = rise / (y - params.horizon_y_px)
        road = below & (z_near >= params.near_m) & (z_far <= params.far_m)
        self.pixel = np.flatnonzero(road)  # y*width + x
        x, z, z_near, z_far = x[road], z[road], z_near[road], z_far[road]
        scale = z / params.focal_px
        self.left_mm = np.rint((x - half - params.centre_x_px) * scale * 1000)
        self.right_mm = np.rint((x + half - params.centre_x_px) * scale * 1000)
        self.depth_um = np.rint((z_far - z_near) * 1e6).astype(np.int64)
        self.entry_oncoming_um = np.rint((params.far_m - z_far) * 1e6).astype(np.int64)
        self.entry_receding_um = np.rint((z_near - params.near_m) * 1e6).astype(np.int64)
        spread = rng.normal(params.threshold, params.threshold_sigma, (2, self.pixel.size))
        least = params.threshold / 4
        self.threshold = np.rint(np.maximum(spread, least) * LOG_UNIT)
        self.reference = np.zeros(self.pixel.size)

    def see(self, car: _Car) -> IntArray:
        """Events of one car, packed; the reference of each pixel it passes moves on."""
        params = self.params
        half = car.width / 2
        covered = np.minimum(self.right_mm, car.lateral + half) - np.maximum(
            self.left_mm, car.lateral - half
        )
        on_track = np.flatnonzero(covered > 0)
        cover = covered[on_track] / (self.right_mm - self.left_mm)[on_track]
        depth = self.depth_um[on_track]
        oncoming = car.lane < params.oncoming
        entry = (self.entry_oncoming_um if oncoming else self.entry_receding_um)[on_track]

        # Local time: step 0 of a pixel is the tick in which the front reaches it.
        first = entry // car.speed
        steps = int((car.length + 600) * UM_PER_MM + depth.max()) // car.speed + 3
        into = (np.arange(1, steps + 1)[:, None] + first) * car.speed - entry
        integral = self._integral(car)
        last = integral.size - 1
        front = integral[np.clip(into >> CELL_BITS, 0, last)]
        rear = integral[np.clip((into - depth) >> CELL_BITS, 0, last)]
        level = (front - rear) * (cover / (depth / (1 << CELL_BITS)))

        step, which, polarity = self._fire(level, on_track)
        tick = car.t0_ms + first[which] + step
        inside = (tick >= 0) & (tick < self.ticks)
        return _pack(tick[inside], self.pixel[on_track[which[inside]]], polarity[inside])

    def _integral(self, car: _Car) -> FloatArray:
        """F at the cell borders: the contrast passed so far, in 1/1024 times cells."""
        start, length, contrast = (np.array(column) for column in zip(*car.bands, strict=True))
        end_um = int((start + length).max()) * UM_PER_MM
        border = np.arange((end_um >> CELL_BITS) + 2)[:, None] << CELL_BITS
        passed = np.clip(border - start * UM_PER_MM, 0, length * UM_PER_MM)
        total: FloatArray = (passed * contrast).sum(axis=1) / (1 << CELL_BITS)
        return total

    def _fire(self, level: FloatArray, on_track: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Threshold crossings of ``level`` [step, pixel]: step, pixel index and polarity."""
        off, on = -self.threshold[0, on_track], self.threshold[1, on_track]
        reference = self.reference[on_track]
        ready = np.zeros(on_track.size, np.int64)
        steps, pixels, polarities = [], [], []
        for step, now in enumerate(level):
            change = now - reference
            fire = np.flatnonzero(((change >= on) | (change <= off)) & (ready <= step))
            if fire.size:
                reference[fire] = now[fire]
                ready[fire] = step + self.params.refractory_ms
                steps.append(np.full(fire.size, step))
                pixels.append(fire)
                polarities.append(change[fire] > 0)
        self.reference[on_track] = reference
        if not steps:
            return tuple(np.zeros(0, np.int64) for _ in range(3))  # type: ignore[return-value]
        return (
            np.concatenate(steps),
            np.concatenate(pixels),
            np.concatenate(polarities).astype(np.int64),
        )


def _pack(tick: IntArray, pixel: IntArray, polarity: IntArray) -> IntArray:
    """pixel << 33 | tick << 1 | polarity: sorts by pixel, then time."""
    return pixel << 33 | tick << 1 | polarity


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
    return _pack(tick, pixel, polarity)


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

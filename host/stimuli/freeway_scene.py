"""Who drives on the freeway of ``stimuli.freeway``, and the numbers of the whole scene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LOG_UNIT = 1024  # contrasts and thresholds are integers of 1/1024
SHADOW_MM = 600


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
class Car:
    """One car in integers: mm, mm/s, ms; bands are (start, length, log-contrast × 1024)."""

    lane: int
    t0_ms: int  # the front enters the view
    speed: int
    length: int
    width: int
    lateral: int  # centre of the car, from the middle of the road
    bands: tuple[tuple[int, int, int], ...]


def mm(metres: float) -> int:
    return round(metres * 1000)


def traffic(params: FreewayParams, ticks: int, rng: np.random.Generator) -> list[Car]:
    """Cars of all lanes in order of entry, from well before the recording to its end.

    A car drives at constant speed; one that would come nearer than ``following_s`` to the car
    before it, at the end of the view, drives slower, for nobody overtakes in a lane.
    """
    view_mm = mm(params.far_m - params.near_m)
    cars = []
    for lane in range(params.lanes):
        middle = mm((lane - (params.lanes - 1) / 2) * params.lane_width_m)
        lane_speed = rng.uniform(*params.lane_speed_m_s)
        # Early enough that the slowest and longest truck is gone and traffic is stationary at 0.
        t_ms = -20_000 - int(rng.integers(5000))
        clear_ms = t_ms
        while t_ms < ticks:
            deviation = min(max(rng.normal(0.0, params.speed_sigma_m_s), -10.0), 10.0)
            speed = mm(lane_speed + deviation)
            truck = rng.random() < params.truck_fraction
            length = mm(rng.uniform(*(params.truck_length_m if truck else params.car_length_m)))
            width = mm(rng.uniform(*(params.truck_width_m if truck else params.car_width_m)))
            exit_ms = max(t_ms + view_mm * 1000 // speed, clear_ms + mm(params.following_s))
            speed = view_mm * 1000 // (exit_ms - t_ms)
            clear_ms = exit_ms + length * 1000 // speed
            lateral = middle + mm(rng.normal(0.0, params.lateral_sigma_m))
            cars.append(
                Car(
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
    return (*bands, (length, SHADOW_MM, shadow))


def passage(params: FreewayParams, car: Car) -> tuple[int, int, int, int] | None:
    view_mm = mm(params.far_m - params.near_m)
    end = car.t0_ms + (view_mm + car.length) * 1000 // car.speed
    crossing = car.t0_ms + (view_mm + car.length) * 500 // car.speed
    return (car.lane, car.t0_ms, end, crossing) if end >= 0 else None

"""The sensor of ``stimuli.freeway``: what each pixel sees of a car, and when it fires."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.host.stimuli.freeway_scene import LOG_UNIT, SHADOW_MM, Car, FreewayParams

UM_PER_MM = 1000
CELL_BITS = 11  # the profile is tabulated in cells of 2^11 um, 2 mm

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


class Sensor:
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

    def see(self, car: Car) -> IntArray:
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
        steps = int((car.length + SHADOW_MM) * UM_PER_MM + depth.max()) // car.speed + 3
        into = (np.arange(1, steps + 1)[:, None] + first) * car.speed - entry
        integral = self._integral(car)
        last = integral.size - 1
        front = integral[np.clip(into >> CELL_BITS, 0, last)]
        rear = integral[np.clip((into - depth) >> CELL_BITS, 0, last)]
        level = (front - rear) * (cover / (depth / (1 << CELL_BITS)))

        step, which, polarity = self._fire(level, on_track)
        tick = car.t0_ms + first[which] + step
        inside = (tick >= 0) & (tick < self.ticks)
        return pack(tick[inside], self.pixel[on_track[which[inside]]], polarity[inside])

    def _integral(self, car: Car) -> FloatArray:
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


def pack(tick: IntArray, pixel: IntArray, polarity: IntArray) -> IntArray:
    """pixel << 33 | tick << 1 | polarity: sorts by pixel, then time."""
    return pixel << 33 | tick << 1 | polarity

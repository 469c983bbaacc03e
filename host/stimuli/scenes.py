"""Scenes of simple figures among clutter, whose outlines are known, drawn by a seed.

A scene is grey, with a few figures of another brightness (polygons and ellipses, of which later
ones hide earlier ones), short strokes strewn over it, and noise in every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.image import imread

BACKGROUND = 0.5
CONTRAST = 0.35  # of a figure or a stroke at most, and more than half of it
STROKE = 5.0  # pixels long, 2 wide

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """``pixels`` [rows, columns], 0 to 1; ``outline`` [points, 3]: x, y and direction (rad), about
    a point a pixel of what is seen of the figures' outlines."""

    pixels: Floats
    outline: Floats


def scene(size: int, figures: int, strokes: int, noise: float, rng: np.random.Generator) -> Scene:
    """A square one of ``size`` pixels; ``noise`` is the standard deviation of a pixel's."""
    pixels = np.full((size, size), BACKGROUND)
    y, x = np.mgrid[:size, :size].astype(float)
    outline = np.zeros((0, 3))
    for number in range(figures):
        corners = _ellipse(size, rng) if number % 2 else _polygon(size, rng)
        outline = outline[~_inside(corners, outline[:, 0], outline[:, 1])]
        outline = np.concatenate([outline, _points(corners)])
        pixels[_inside(corners, x, y)] = _brightness(rng)
    for _ in range(strokes):
        (u, v), turn = rng.uniform(0, size, 2), rng.uniform(0, np.pi)
        along = (x - u) * np.cos(turn) + (y - v) * np.sin(turn)
        across = (y - v) * np.cos(turn) - (x - u) * np.sin(turn)
        pixels[(abs(along) <= STROKE / 2) & (abs(across) <= 1)] = _brightness(rng)
    pixels = pixels + noise * rng.standard_normal(pixels.shape)
    return Scene(pixels=pixels.clip(0, 1), outline=outline)


def load(path: Path) -> Scene:
    """A PNG file in grey; nothing is known of its outlines. ``ValueError`` for another file."""
    try:
        image = np.asarray(imread(path, format="png"), np.float64)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path} can't be read ({error}); give a PNG file") from None
    colours = image[..., None] if image.ndim == 2 else image
    grey = colours[..., :3] if colours.shape[-1] >= 3 else colours[..., :1]
    return Scene(pixels=grey.mean(axis=-1), outline=np.zeros((0, 3)))


def _brightness(rng: np.random.Generator) -> float:
    return BACKGROUND + float(rng.choice([-1, 1]) * rng.uniform(0.5, 1) * CONTRAST)


def _polygon(size: int, rng: np.random.Generator) -> Floats:
    """Three to six corners around a centre, [corners, 2]: convex, as they are on a circle."""
    count = int(rng.integers(3, 7))
    turns = (
        rng.uniform(0, 2 * np.pi)
        + 2 * np.pi * (np.arange(count) + rng.uniform(-0.2, 0.2, count)) / count
    )
    return _around(size, turns, np.ones(2), 0.0, rng)


def _ellipse(size: int, rng: np.random.Generator) -> Floats:
    """A polygon of so many corners that no pixel tells it from an ellipse."""
    turns = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    return _around(size, turns, np.array([1, rng.uniform(0.6, 1)]), rng.uniform(0, np.pi), rng)


def _around(
    size: int, turns: Floats, axes: Floats, turned: float, rng: np.random.Generator
) -> Floats:
    radius, centre = rng.uniform(0.15, 0.3) * size, rng.uniform(0.3, 0.7, 2) * size
    flat = radius * axes * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    cos, sin = np.cos(turned), np.sin(turned)
    return np.asarray(centre + flat @ np.array([[cos, sin], [-sin, cos]]))


def _inside(corners: Floats, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Whether points are in a convex polygon whose corners go round with rising angle."""
    inside = np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0
    return inside


def _points(corners: Floats) -> Floats:
    """Points of the sides, about one a pixel, with the directions of the sides."""
    points = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        side = end - start
        parts = (np.arange(n := int(np.ceil(np.hypot(*side)))) + 0.5) / n
        turn = np.full((n, 1), np.arctan2(side[1], side[0]))
        points.append(np.hstack([start + parts[:, None] * side, turn]))
    return np.concatenate(points)

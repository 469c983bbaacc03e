"""Edge segments of a picture, and how well two of them continue each other.

A **segment** is the place of the greatest gradient in a cell of the picture, and the direction
across the gradient. Two are **co-circular** where one circle touches both: with the line between
them in direction f, directions t1 and t2 then have t1 + t2 = 2 f, modulo half a turn (Parent and
Zucker, "Trace inference, curvature consistency, and curve detection", 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Segments:
    """``places`` [n, 2] are x and y in pixels, ``directions`` [n] angles modulo half a turn (rad),
    ``contrasts`` [n] gradients a pixel; the greatest contrast first."""

    places: Floats
    directions: Floats
    contrasts: Floats

    def __len__(self) -> int:
        return len(self.directions)


def segments(pixels: Floats, cell: int, least: float, most: int) -> Segments:
    """At most ``most`` of a picture [rows, columns], one in every ``cell`` x ``cell`` pixels whose
    contrast is ``least`` or more."""
    padded = np.pad(pixels, 2, mode="edge")
    for axis in (0, 1):  # the binomial 1-4-6-4-1
        near = np.roll(padded, 1, axis) + np.roll(padded, -1, axis)
        far = np.roll(padded, 2, axis) + np.roll(padded, -2, axis)
        padded = (6 * padded + 4 * near + far) / 16
    inner = padded[2:-2, 2:-2]
    down, right = (np.asarray(np.gradient(inner, axis=axis)) for axis in (0, 1))
    strength: Floats = np.asarray(np.hypot(down, right))
    rows, columns = (length // cell for length in strength.shape)
    blocks = strength[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    best = blocks.swapaxes(1, 2).reshape(rows * columns, cell * cell).argmax(axis=1)
    block = np.arange(rows * columns)
    y = block // columns * cell + best // cell
    x = block % columns * cell + best % cell
    found = strength[y, x]
    order = np.argsort(-found, kind="stable")
    order = order[found[order] >= least][:most]
    y, x = y[order], x[order]
    return Segments(
        places=np.stack([x, y], axis=1).astype(float),
        directions=(np.arctan2(down[y, x], right[y, x]) + np.pi / 2) % np.pi,
        contrasts=found[order],
    )


def affinities(these: Segments, reach: float, tolerance: float, rivalry: float) -> Floats:
    """[n, n], from -rivalry to 1 - rivalry, symmetric, 0 on the diagonal::

        a   = exp(-d^2 / 2 reach^2) (fit - rivalry)
        fit = exp(-(k^2 + u^2 / 4) / 2 tolerance^2) (cos(t1 - f) cos(t2 - f))^2

    d is the distance in pixels, k = t1 + t2 - 2 f how far from co-circular and u = t1 - t2 the
    bend, angles in radians modulo half a turn. The cosines are for parallels side by side, which a
    circle touches too. What is near and does not fit competes."""
    x, y = these.places.T
    across, down = x[:, None] - x, y[:, None] - y
    line = np.arctan2(down, across)
    turn = these.directions
    off = _folded(turn[:, None] + turn - 2 * line)
    bend = _folded(turn[:, None] - turn)
    near = np.exp(-(across**2 + down**2) / (2 * reach**2))
    fit = np.exp(-(off**2 + bend**2 / 4) / (2 * tolerance**2))
    fit *= (np.cos(turn[:, None] - line) * np.cos(turn - line)) ** 2
    found = near * (fit - rivalry)
    np.fill_diagonal(found, 0)
    return np.asarray((found + found.T) / 2)


def on_outline(
    these: Segments, outline: Floats, distance: float, angle: float
) -> npt.NDArray[np.bool_]:
    """Which are within ``distance`` pixels and ``angle`` (rad) of a point of an outline
    [points, 3]: x, y and direction."""
    apart = np.hypot(*(these.places[:, None, :] - outline[None, :, :2]).transpose(2, 0, 1))
    turned = abs(_folded(these.directions[:, None] - outline[:, 2]))
    return np.asarray(((apart <= distance) & (turned <= angle)).any(axis=1))


def _folded(angles: Floats) -> Floats:
    """Modulo half a turn, -pi/2 to pi/2."""
    return np.asarray((angles + np.pi / 2) % np.pi - np.pi / 2)

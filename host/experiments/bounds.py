"""Bounds on deviations: how far the farthest of many points may be."""

from __future__ import annotations

from statistics import NormalDist


def joint_bound(points: int) -> float:
    """Sigma that the farthest of so many independent normal deviations exceeds with the chance that
    a single one exceeds three (Sidak, J. Am. Stat. Assoc. 62, 1967; less often if they are
    correlated)."""
    normal = NormalDist()
    inside = 1 - 2 * normal.cdf(-3)
    each: float = inside ** (1 / max(1, points))
    return normal.inv_cdf((1 + each) / 2)

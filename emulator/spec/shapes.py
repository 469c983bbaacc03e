"""The shapes of all engines, by name."""

from __future__ import annotations

from spinloom.emulator.spec import ising, junction, learning, network, phase, sparse, square
from spinloom.emulator.spec.shape import Shape

SHAPES: dict[str, Shape] = {
    **learning.SHAPES,
    **network.SHAPES,
    **phase.SHAPES,
    **sparse.SHAPES,
    **square.SHAPES,
    **ising.SHAPES,
    **junction.SHAPES,
}


def shape_named(name: str) -> Shape:
    """The shape of this name, or ``ValueError`` with those that there are."""
    if name not in SHAPES:
        raise ValueError(f"unknown shape {name!r}; choose one of {', '.join(SHAPES)}")
    return SHAPES[name]

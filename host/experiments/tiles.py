"""What the experiments on the junction engine share."""

from __future__ import annotations

from spinloom.emulator.spec.junction import SHAPES, JunctionShape


def tiles_shape(name: str, tiles: int) -> JunctionShape:
    """The shape of junction tiles of this name, if it has as many; ``ValueError`` names those that
    have."""
    shape = SHAPES.get(name)
    if shape is None or shape.tiles < tiles:
        good = [s.name for s in SHAPES.values() if s.tiles >= tiles]
        raise ValueError(f"shape = {name!r}: {tiles} tiles are needed; choose of {', '.join(good)}")
    return shape

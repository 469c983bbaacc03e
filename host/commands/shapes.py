"""Shapes by the name that a user gives."""

from __future__ import annotations

from spinloom.emulator.spec.learning import SHAPES, LearningShape


def shape_named(name: str) -> LearningShape:
    """The shape of this name, or ValueError with those that there are."""
    if name not in SHAPES:
        raise ValueError(f"unknown shape {name!r}; choose one of {', '.join(SHAPES)}")
    return SHAPES[name]

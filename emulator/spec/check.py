"""Checks that parameters share; every message names the field, the value and the range."""

from __future__ import annotations


def in_range(owner: object, field: str, low: int, high: int) -> None:
    """Raise ``ValueError`` unless ``low <= owner.field <= high`` and it is an integer."""
    value = getattr(owner, field)
    name = f"{type(owner).__name__}.{field}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} = {value!r} is not an integer; give one from {low} to {high}")
    if not low <= value <= high:
        raise ValueError(f"{name} = {value} is out of range; give {low} to {high}")

"""Compiling golden models by numba, which is an extra."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

ABSENT = "the compiled golden path needs numba: pip install 'spinloom[fast]', or use golden"


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled; ``ValueError`` without numba."""
    try:
        from numba import njit
    except ImportError:
        raise ValueError(ABSENT) from None
    return njit(cache=True)(function)

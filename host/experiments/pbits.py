"""What experiments on the ising engine share: its shapes, and registers for a temperature."""

from __future__ import annotations

from dataclasses import replace
from math import floor, log2
from typing import Any

from spinloom.emulator.spec.ising import BETA_BITS, SHAPES, SHIFT_MAX, IsingParams, IsingShape, ramp


def ising_shape(name: str) -> IsingShape:
    """The shape of p-bits of this name."""
    if name not in SHAPES:
        raise ValueError(f"shape = {name!r}: choose one of {', '.join(SHAPES)}")
    return SHAPES[name]


def annealed(
    params: IsingParams, shape: IsingShape, first: float, last: float, sweeps: int
) -> IsingParams:
    """With the registers of ``spec.ising.ramp``, and the SHIFT that is finest: the largest with
    which ``last`` fits."""
    most = (1 << BETA_BITS) - 1
    shift = floor(log2(most / (last * shape.scale))) if last > 0 else SHIFT_MAX
    fields: dict[str, Any] = ramp(shape, first, last, sweeps, min(max(shift, 0), SHIFT_MAX))
    return replace(params, **fields)

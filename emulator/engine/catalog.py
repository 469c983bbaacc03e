"""The golden model of every shape."""

from __future__ import annotations

from typing import Any, Literal

from spinloom.emulator.engine.base import Engine
from spinloom.emulator.engine.ising import IsingEngine
from spinloom.emulator.engine.junction import JunctionEngine
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.engine.network import NetworkEngine
from spinloom.emulator.engine.phase import PhaseEngine
from spinloom.emulator.engine.sparse import SparseEngine
from spinloom.emulator.engine.square import SquareEngine
from spinloom.emulator.spec.ising import IsingShape
from spinloom.emulator.spec.junction import JunctionShape
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.spec.network import NetworkShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.emulator.spec.shape import Shape
from spinloom.emulator.spec.sparse import SparseShape
from spinloom.emulator.spec.square import SquareShape

Path = Literal["numpy", "numba"]


def golden_engine(shape: Shape, path: Path = "numpy") -> Engine[Any]:
    """The golden model of a shape, at its start. Raises ``ValueError`` for a path that its engine
    does not have."""
    if isinstance(shape, LearningShape):
        return LearningEngine(shape, path)
    if isinstance(shape, IsingShape):
        return IsingEngine(shape, path)
    if isinstance(shape, JunctionShape):
        return JunctionEngine(shape, path)
    if path != "numpy":
        raise ValueError(f"shape {shape.name} has no golden path {path!r}; give golden")
    if isinstance(shape, NetworkShape):
        return NetworkEngine(shape)
    if isinstance(shape, PhaseShape):
        return PhaseEngine(shape)
    if isinstance(shape, SparseShape):
        return SparseEngine(shape)
    if isinstance(shape, SquareShape):
        return SquareEngine(shape)
    raise ValueError(f"shape {shape.name}: there is no engine {shape.engine!r}")

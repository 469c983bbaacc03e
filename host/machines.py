"""Which class drives the machines of a shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spinloom.emulator.spec.ising import IsingShape
from spinloom.emulator.spec.junction import JunctionShape
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.spec.network import NetworkShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.emulator.spec.shape import Shape
from spinloom.emulator.spec.sparse import SparseShape
from spinloom.emulator.spec.square import SquareShape
from spinloom.host.ising import IsingMachine
from spinloom.host.junction import JunctionMachine
from spinloom.host.learning import LearningMachine
from spinloom.host.link.ports import Port
from spinloom.host.machine import Machine
from spinloom.host.network import NetworkMachine
from spinloom.host.phase import PhaseMachine
from spinloom.host.sparse import SparseMachine
from spinloom.host.square import SquareMachine

MACHINES: dict[type[Shape], Callable[[Port, Any], Machine]] = {
    LearningShape: LearningMachine,
    NetworkShape: NetworkMachine,
    PhaseShape: PhaseMachine,
    SparseShape: SparseMachine,
    SquareShape: SquareMachine,
    IsingShape: IsingMachine,
    JunctionShape: JunctionMachine,
}


def machine_class(shape: Shape) -> Callable[[Port, Any], Machine]:
    """The class of ``Machine`` that has the features of this shape's engine."""
    return MACHINES[type(shape)]

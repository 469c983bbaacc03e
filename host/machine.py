"""``Machine``: one driver for the golden model, the virtual board and real boards, and what it does
with every engine: registers, memories, stream words in and spikes out.

    with Machine.open("sim", SHAPES["lanes"]) as machine:
        machine.configure(LearningParams(step=4))
        machine.set_weights(bits)
        machine.stream(words)
        spikes = machine.spikes()

Errors are one line each: ``ValueError`` for what the caller got wrong, ``LinkError`` for a machine
that is absent, silent or different, or that lost something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import Spikes
from spinloom.emulator.engine.items import check_stream
from spinloom.emulator.spec.ising import IsingShape
from spinloom.emulator.spec.junction import JunctionShape
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.spec.network import NetworkShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.emulator.spec.shape import MAX_TICKS, RESET_STATE, WORD_TICK, Shape
from spinloom.emulator.spec.sparse import SparseShape
from spinloom.emulator.spec.square import SquareShape
from spinloom.host.link.ports import FramePort, GoldenPort, Port, Words
from spinloom.host.link.transport import LinkError, open_transport

if TYPE_CHECKING:
    from spinloom.host.ising import IsingMachine
    from spinloom.host.junction import JunctionMachine
    from spinloom.host.learning import LearningMachine
    from spinloom.host.network import NetworkMachine
    from spinloom.host.phase import PhaseMachine
    from spinloom.host.sparse import SparseMachine
    from spinloom.host.square import SquareMachine

STATUS_OVERFLOW = 1
STATUS_BAD_EVENT = 2


class Machine:
    """A machine of a known shape, wherever it runs; each engine has a class of its own.

    Opened by ``Machine.open``, which resets the engine's state. Registers and memories hold what
    they held.
    """

    def __init__(self, port: Port, shape: Shape) -> None:
        self._port = port
        self._shape = shape
        self.ticks = 0  # streamed since the machine was opened

    @property
    def shape(self) -> Shape:
        """What is fixed in this machine."""
        return self._shape

    @overload
    @classmethod
    def open(cls, target: str, shape: LearningShape) -> LearningMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: NetworkShape) -> NetworkMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: PhaseShape) -> PhaseMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: SparseShape) -> SparseMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: SquareShape) -> SquareMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: IsingShape) -> IsingMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: JunctionShape) -> JunctionMachine: ...
    @overload
    @classmethod
    def open(cls, target: str, shape: Shape) -> Machine: ...
    @classmethod
    def open(cls, target: str, shape: Shape) -> Machine:
        """The machine of a target: ``golden``, ``golden:numba``, ``sim``, ``sim:cxxrtl``,
        ``serial:/dev/ttyUSB1[@BAUD]`` or ``tcp:127.0.0.1:PORT``. Its class is that of the shape's
        engine."""
        from spinloom.host.machines import machine_class

        kind = machine_class(shape)
        if target == "golden":
            return kind(GoldenPort(shape), shape)
        if target == "golden:numba":
            return kind(GoldenPort(shape, "numba"), shape)
        return kind(FramePort(open_transport(target, shape.name), shape), shape)

    def reset(self, *, state: bool = False) -> None:
        """Put back what is named to its start: dynamic state, time and counters."""
        self.write("COMMAND", RESET_STATE * state)

    def set_random(self, state: int) -> None:
        """Set the random generators' state, 64 bits, as a write of both halves of the seed does."""
        self.write("SEED_HI", state >> 32)
        self.write("SEED_LO", state & 0xFFFFFFFF)

    # Registers and memories.

    def write(self, name: str, value: int) -> None:
        """Write the register of this name."""
        self.write_all({name: int(value)})

    def write_all(self, values: Mapping[str, int]) -> None:
        """Write the registers of these names, in order; nothing if one value is out of range."""
        for name, value in values.items():
            self.shape.check_register(name, value)
        registers = self.shape.registers
        self._port.write_registers([(registers[n].addr, v) for n, v in values.items()])

    def read(self, name: str) -> int:
        """Read the register of this name, after all earlier events."""
        return self._read([name])[0]

    def _read(self, names: Sequence[str]) -> list[int]:
        regs = [self.shape.registers[name] for name in names]
        for reg in regs:
            if reg.access == "wo":
                raise ValueError(f"register {reg.name} is write-only")
        return self._port.read_registers([reg.addr for reg in regs])

    def _region(self, name: str, addr: int, count: int | None) -> tuple[int, int]:
        """Number of a region, and how many words from ``addr`` on are meant (default: all)."""
        regions = self.shape.regions
        if name not in regions:
            raise ValueError(f"unknown memory {name!r}; choose one of {', '.join(regions)}")
        region = regions[name]
        words = self.shape.region_words(region)
        count = words - addr if count is None else count
        if addr < 0 or count < 0 or addr + count > words:
            raise ValueError(
                f"memory {name}: {count} words from {addr} are out of range; it has {words} words"
            )
        return region, count

    def write_memory(self, name: str, words: npt.ArrayLike, addr: int = 0) -> None:
        """Write 32-bit words to a memory from word ``addr`` on."""
        data = integers(f"memory {name}", words, 1 << 32)
        region, _ = self._region(name, addr, len(data))
        self._port.write_memory(region, addr, data.astype(np.uint32))

    def read_memory(self, name: str, addr: int = 0, count: int | None = None) -> Words:
        """Read ``count`` 32-bit words (default: the rest) of a memory."""
        region, count = self._region(name, addr, count)
        if name in self.shape.write_only:
            raise ValueError(f"memory {name} is write-only")
        return self._port.read_memory(region, addr, count)

    # Events and spikes.

    def stream(self, words: npt.ArrayLike) -> None:
        """Send stream words: addresses below ``shape.inputs``, and ticks of one or more."""
        data = integers("stream", words, 1 << 16).astype(np.uint16)
        check_stream(self.shape, data)
        self._port.stream(data)
        self.ticks += int((data[data >= WORD_TICK] & MAX_TICKS).sum())

    def pass_time(self, ticks: int) -> None:
        """Stream so many ticks."""
        whole, rest = divmod(ticks, MAX_TICKS)
        words = [WORD_TICK | MAX_TICKS] * whole + [WORD_TICK | rest] * (rest > 0)
        self.stream(np.array(words, np.uint16))

    def spikes(self) -> Spikes:
        """All spikes of the events so far that no earlier call returned: ``tick``, ``neuron``."""
        status = self.read("STATUS")
        if status & STATUS_OVERFLOW:
            raise LinkError(
                f"the machine dropped {self.read('LINK_OVERFLOW')} frames for want of room; "
                "its window was not kept to: open it again and repeat the run"
            )
        if status & STATUS_BAD_EVENT:
            raise LinkError("the machine dropped an event out of range: repeat the run")
        return self._port.spikes()

    @property
    def cycles(self) -> int | None:
        """Clock cycles in which the engine was busy since the machine was opened; None on the
        golden model, which has no clock."""
        if not self._port.clocked:
            return None
        low, high = self._read(["CYCLES_LO", "CYCLES_HI"])
        return high << 32 | low

    def cycles_since(self, before: int | None) -> int | None:
        """``cycles`` less what they were; None where one of them is."""
        now = self.cycles
        return None if before is None or now is None else now - before

    def close(self) -> None:
        """Give the machine back; frames under way are not waited for."""
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._port.flush()
        finally:
            self.close()


def integers(what: str, values: npt.ArrayLike, end: int) -> npt.NDArray[Any]:
    """A one-dimensional array of integers from 0 to ``end`` - 1, or ``ValueError``."""
    data = np.asarray(values)
    if data.ndim != 1 or (data.size and data.dtype.kind not in "ui"):
        raise ValueError(f"{what}: give a one-dimensional array of integers")
    if data.size and not 0 <= int(data.min()) <= int(data.max()) < end:
        raise ValueError(f"{what}: values are out of range; give 0 to {end - 1}")
    return data

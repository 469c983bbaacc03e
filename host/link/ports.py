"""Two bodies behind one interface: a machine at the end of a link, and the golden model."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Engine, Spikes
from spinloom.emulator.engine.catalog import Path, golden_engine
from spinloom.emulator.spec import link
from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.registers import MAGIC
from spinloom.emulator.spec.shape import REGION_REGISTERS, Shape
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.link.session import Session
from spinloom.host.link.transport import LinkError, Transport

Words = npt.NDArray[np.uint32]


class Port(Protocol):
    """What a machine does; values and addresses have been checked before. ``clocked`` says whether
    it has a clock whose cycles can be read."""

    clocked: bool

    def write_registers(self, values: Sequence[tuple[int, int]]) -> None: ...
    def read_registers(self, addrs: Sequence[int]) -> list[int]: ...
    def write_memory(self, region: int, addr: int, words: Words) -> None: ...
    def read_memory(self, region: int, addr: int, count: int) -> Words: ...
    def stream(self, words: npt.NDArray[np.uint16]) -> None: ...
    def spikes(self) -> Spikes:
        """Spikes that have arrived since the last call; all, right after a read."""

    def flush(self) -> None: ...
    def close(self) -> None: ...


class GoldenPort:
    """The golden model, in this process; ``path`` is that of ``golden_engine``."""

    clocked = False

    def __init__(self, shape: Shape, path: Path = "numpy") -> None:
        self._engine = golden_engine(shape, path)
        self._spikes: list[Spikes] = []

    def write_registers(self, values: Sequence[tuple[int, int]]) -> None:
        for addr, value in values:
            self._engine.write_register(addr, value)
        self._spikes.append(self._engine.played())

    def read_registers(self, addrs: Sequence[int]) -> list[int]:
        return [self._engine.read_register(addr) for addr in addrs]

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        self._engine.write_memory(region, addr, words)

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        return self._engine.read_memory(region, addr, count)

    def stream(self, words: npt.NDArray[np.uint16]) -> None:
        self._spikes.append(self._engine.stream(words))

    def spikes(self) -> Spikes:
        spikes = np.concatenate([np.empty(0, SPIKE_DTYPE), *self._spikes])
        self._spikes.clear()
        return spikes

    @property
    def engine(self) -> Engine[Any]:
        """The model itself, for what it can do faster than a machine at the end of a link."""
        return self._engine

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _address(region: int, addr: int) -> int:
    return region | addr << 8


class FramePort:
    """A machine at the end of a link. Opening it resets the engine, as the golden model starts."""

    clocked = True

    def __init__(self, transport: Transport, shape: Shape) -> None:
        self.session = Session(transport)
        try:
            hello = self.session.open(reset=True)
            if hello.magic != MAGIC or hello.contract != contract_hash(shape):
                raise LinkError(_another_identity(self.session.name, hello.contract, shape))
        except BaseException:
            self.close()
            raise

    def write_registers(self, values: Sequence[tuple[int, int]]) -> None:
        for at in range(0, len(values), link.MAX_REG_WRITES):
            part = values[at : at + link.MAX_REG_WRITES]
            payload = b"".join(struct.pack("<II", _address(0, a), v) for a, v in part)
            self.session.send(Type.REG_WR, payload)

    def read_registers(self, addrs: Sequence[int]) -> list[int]:
        values: list[int] = []
        for at in range(0, len(addrs), link.MAX_REG_READS):
            part = [_address(REGION_REGISTERS, a) for a in addrs[at : at + link.MAX_REG_READS]]
            (data,) = self.session.request(Type.REG_RD, [struct.pack(f"<{len(part)}I", *part)])
            values += _words(data, len(part)).tolist()
        return values

    def write_memory(self, region: int, addr: int, words: Words) -> None:
        data = np.ascontiguousarray(words, "<u4")
        step = link.MAX_MEM_WRITE_WORDS
        for at in range(0, len(data), step):
            first = struct.pack("<I", _address(region, addr + at))
            self.session.send(Type.MEM_WR, first + data[at : at + step].tobytes())

    def read_memory(self, region: int, addr: int, count: int) -> Words:
        step = link.MAX_MEM_READ_WORDS
        parts = [(at, min(step, count - at)) for at in range(0, count, step)]
        asked = [struct.pack("<II", _address(region, addr + at), n) for at, n in parts]
        replies = self.session.request(Type.MEM_RD, asked)
        data = [_words(reply, n) for reply, (_, n) in zip(replies, parts, strict=True)]
        return np.concatenate([np.empty(0, np.uint32), *data])

    def stream(self, words: npt.NDArray[np.uint16]) -> None:
        self.session.send_events(words)

    def spikes(self) -> Spikes:
        return self.session.spikes()

    def flush(self) -> None:
        self.session.flush()

    def close(self) -> None:
        self.session.close()


def _words(data: bytes, count: int) -> Words:
    words = np.frombuffer(data, "<u4").astype(np.uint32)
    if len(words) != count:
        raise LinkError(f"the machine answered {len(words)} words, {count} were asked for")
    return words


def _another_identity(name: str, contract: int, shape: Shape) -> str:
    known = {contract_hash(s): s.name for s in SHAPES.values()}
    found = known.get(contract, "of an unknown shape or version")
    return (
        f"{name}: this machine is {found} ({contract:#010x}), expected {shape.name} "
        f"({contract_hash(shape):#010x}); build and flash the right bitstream"
    )

"""``Machine``: one driver for the golden model, the virtual board and real boards.

    with Machine.open("sim", SHAPES["lanes"]) as machine:
        machine.configure(LearningParams(step=4))
        machine.set_weights(bits)
        machine.stream(words)
        spikes = machine.spikes()

Errors are one line each: ``ValueError`` for what the caller got wrong, ``LinkError`` for a machine
that is absent, silent or different, or that lost something.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.items import check_stream, pack_items
from spinloom.emulator.engine.stepped import Spikes
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.synapse.array import pack, unpack
from spinloom.host.link.ports import FramePort, GoldenPort, Port, Words
from spinloom.host.link.transport import LinkError, open_transport

STATUS_OVERFLOW = 1
STATUS_BAD_EVENT = 2
# Items played by the first command; the next ones play twice as many while they end in time. The
# link gives up a machine that is silent for five seconds.
FIRST_PLAYED = 1 << 11
PLAY_SECONDS = 0.5


class Machine:
    """A learning engine of a known shape, wherever it runs.

    Opened by ``Machine.open``, which resets the engine's state. Registers and memories hold what
    they held: ``configure`` and ``set_weights`` write them all.
    """

    def __init__(self, port: Port, shape: spec.LearningShape) -> None:
        self.shape = shape
        self._port = port
        self._seed = spec.SEED

    @classmethod
    def open(cls, target: str, shape: spec.LearningShape) -> Self:
        """The machine of a target: ``golden``, ``golden:numba``, ``sim``, ``sim:cxxrtl``,
        ``serial:/dev/ttyUSB1[@BAUD]`` or ``tcp:127.0.0.1:PORT``."""
        if target == "golden":
            return cls(GoldenPort(shape), shape)
        if target == "golden:numba":
            return cls(GoldenPort(shape, "numba"), shape)
        return cls(FramePort(open_transport(target, shape.name), shape), shape)

    def configure(self, params: spec.LearningParams) -> None:
        """Write every parameter: registers and code tables. Resets nothing, see ``reset``; the
        machine is no longer ``quiet``."""
        values = params.registers()
        for name, value in values.items():
            self.shape.check_register(name, value)
        self._port.write_registers([(spec.REGISTERS[n].addr, v) for n, v in values.items()])
        self._seed = params.seed
        codes = np.array(self.shape.code_table(params), np.uint32)
        self._port.write_memory(spec.REGION_CODES, 0, codes)

    def reset(self, *, state: bool = False, theta: bool = False, random: bool = False) -> None:
        """Put back what is named to its start: dynamic state and counters; thresholds to THETA0;
        the random generator to the seed last configured."""
        self.write("COMMAND", spec.RESET_STATE * state | spec.RESET_THETA * theta)
        if random:
            self.write("SEED_HI", self._seed >> 32)
            self.write("SEED_LO", self._seed & 0xFFFFFFFF)

    # Registers and memories.

    def write(self, name: str, value: int) -> None:
        """Write the register of this name."""
        value = int(value)
        self.shape.check_register(name, value)
        self._port.write_registers([(spec.REGISTERS[name].addr, value)])

    def read(self, name: str) -> int:
        """Read the register of this name, after all earlier events."""
        return self._read([name])[0]

    def _read(self, names: Sequence[str]) -> list[int]:
        regs = [spec.REGISTERS[name] for name in names]
        for reg in regs:
            if reg.access == "wo":
                raise ValueError(f"register {reg.name} is write-only")
        return self._port.read_registers([reg.addr for reg in regs])

    def _region(self, name: str, addr: int, count: int | None) -> tuple[int, int]:
        """Number of a region, and how many words from ``addr`` on are meant (default: all)."""
        if name not in spec.REGIONS:
            raise ValueError(f"unknown memory {name!r}; choose one of {', '.join(spec.REGIONS)}")
        region = spec.REGIONS[name]
        words = spec.region_words(self.shape, region)
        count = words - addr if count is None else count
        if addr < 0 or count < 0 or addr + count > words:
            raise ValueError(
                f"memory {name}: {count} words from {addr} are out of range; it has {words} words"
            )
        return region, count

    def write_memory(self, name: str, words: npt.ArrayLike, addr: int = 0) -> None:
        """Write 32-bit words to a memory from word ``addr`` on."""
        data = _integers(f"memory {name}", words, 1 << 32)
        region, _ = self._region(name, addr, len(data))
        self._port.write_memory(region, addr, data.astype(np.uint32))

    def read_memory(self, name: str, addr: int = 0, count: int | None = None) -> Words:
        """Read ``count`` 32-bit words (default: the rest) of a memory (weights, neurons)."""
        region, count = self._region(name, addr, count)
        if region in (spec.REGION_CODES, spec.REGION_STIMULUS):
            raise ValueError(f"memory {name} is write-only")
        return self._port.read_memory(region, addr, count)

    def set_weights(self, bits: npt.ArrayLike) -> None:
        """Write all junctions, [inputs, columns] of 0 (antiparallel) and 1 (parallel); a neuron
        has ``shape.junctions`` columns side by side."""
        shape = self.shape
        array = np.asarray(bits)
        if array.shape != (shape.inputs, shape.columns):
            raise ValueError(
                f"weights of shape {array.shape}; give ({shape.inputs}, {shape.columns})"
            )
        if not np.isin(array, (0, 1)).all():
            raise ValueError("weights hold other values than 0 and 1")
        self.write_memory("weights", pack(array.astype(np.uint8)))

    def weights(self) -> npt.NDArray[np.uint8]:
        """All junctions, [inputs, columns], 1 = parallel."""
        return np.ascontiguousarray(unpack(self.read_memory("weights"), self.shape))

    def neurons(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Wall positions and thresholds, wall steps, [neurons] each."""
        words = self.read_memory("neurons").astype(np.int64)
        return words & 0xFFFF, words >> 16

    # Events and spikes.

    def stream(self, words: npt.ArrayLike) -> None:
        """Send stream words: addresses below ``shape.inputs``, and ticks of one or more."""
        data = _integers("stream", words, 1 << 16).astype(np.uint16)
        check_stream(self.shape, data)
        self._port.stream(data)

    def play(self, words: npt.ArrayLike, rounds: int = 1) -> None:
        """Play stream words from the machine's stimulus memory, ``rounds`` times over: the same as
        to ``stream`` them, at the speed of the array. They end with a tick, or a full group, and
        an open group of the stream joins their first one.

        Raises ``ValueError`` when they do not fit in the memory. Returns as soon as the last
        command is sent; what is read next waits for its end.
        """
        shape = self.shape
        data = _integers("stimulus", words, 1 << 16).astype(np.uint16)
        if not shape.stimulus:
            raise ValueError(f"shape {shape.name} has no stimulus memory: use stream")
        if rounds < 1:
            raise ValueError(f"rounds = {rounds}; give 1 or more")
        items = pack_items(shape, data)
        count = len(items) // shape.item_words
        if not count:
            return
        judge = shape.item_bits - 2
        if not items[(count - 1) * shape.item_words + judge // 32] >> judge % 32 & 1:
            raise ValueError("the stimulus ends within a group; let it end with a tick")
        self.write_memory("stimulus", items)
        self.write("PLAY_ITEMS", count)
        # How long an item takes depends on the parameters, so the first command is a short one.
        left, at_once = rounds, max(1, FIRST_PLAYED // count)
        while left:
            start = time.monotonic()
            self.write("PLAY_ROUNDS", min(left, at_once))
            self.write("COMMAND", spec.PLAY)
            left -= min(left, at_once)
            if left:
                self.read("TICK")  # waits for the end
                if time.monotonic() - start < PLAY_SECONDS:
                    at_once *= 2

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

    def quiet(self, on: bool = True) -> None:
        """Count spikes without sending them, or send them again. ``configure`` ends it."""
        control = self.read("CONTROL") & ~spec.CONTROL_QUIET
        self.write("CONTROL", control | spec.CONTROL_QUIET * on)

    @property
    def spike_count(self) -> int:
        """Spikes since the last reset of the state, sent or not, modulo 2^32."""
        return self.read("SPIKES")

    @property
    def cycles(self) -> int | None:
        """Clock cycles in which the engine was busy since the machine was opened; None on the
        golden model, which has no clock."""
        if not self._port.clocked:
            return None
        low, high = self._read(["CYCLES_LO", "CYCLES_HI"])
        return high << 32 | low

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


def _integers(what: str, values: npt.ArrayLike, end: int) -> npt.NDArray[Any]:
    """A one-dimensional array of integers from 0 to ``end`` - 1, or ``ValueError``."""
    data = np.asarray(values)
    if data.ndim != 1 or (data.size and data.dtype.kind not in "ui"):
        raise ValueError(f"{what}: give a one-dimensional array of integers")
    if data.size and not 0 <= int(data.min()) <= int(data.max()) < end:
        raise ValueError(f"{what}: values are out of range; give 0 to {end - 1}")
    return data

"""What the golden model of every engine is: registers, a memory window, stream words in and spikes
out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.registers import MAGIC, Reg
from spinloom.emulator.spec.shape import Shape

SPIKE_DTYPE = np.dtype([("tick", "<u4"), ("neuron", "<u2")])
Spikes = npt.NDArray[np.void]
Words = npt.NDArray[np.uint32]
_U32 = 0xFFFFFFFF

SEED_HALVES = ("SEED_LO", "SEED_HI")

S = TypeVar("S", bound=Shape)


def reseeded(state: int, half: str, value: int) -> int:
    """A generator's state after a write of one of ``SEED_HALVES``."""
    return state & ~_U32 | value if half == "SEED_LO" else state & _U32 | value << 32


class Engine(ABC, Generic[S]):
    """Golden model of a shape; ``regs`` are its writable registers, at their resets.

    An engine that gives spikes for anything but stream words keeps them for ``played``.
    """

    def __init__(self, shape: S) -> None:
        self.shape = shape
        self.regs = {r.name: r.reset for r in shape.registers.regs if r.access == "rw"}
        self.bad_event = False

    @abstractmethod
    def power_on(self) -> None:
        """State and generator to their start; registers and memories stay."""

    @abstractmethod
    def live(self) -> dict[str, int]:
        """What the engine's own read-only registers show."""

    @abstractmethod
    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""

    @abstractmethod
    def write_memory(self, region: int, addr: int, words: Words) -> None:
        """Write 32-bit words of a region of the memory window."""

    @abstractmethod
    def read_memory(self, region: int, addr: int, count: int) -> Words:
        """Read 32-bit words of a region of the memory window; write-only regions read 0."""

    @abstractmethod
    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""

    def played(self) -> Spikes:
        """Spikes of register writes since the last call."""
        return np.empty(0, SPIKE_DTYPE)

    def read_register(self, addr: int) -> int:
        """Read a register; write-only ones and this model's missing clock read 0."""
        name = self.register(addr).name
        shell = {
            "MAGIC": MAGIC,
            "CONTRACT": contract_hash(self.shape),
            "STATUS": 2 * self.bad_event,
        }
        live = shell | self.live()
        return live[name] & _U32 if name in live else self.regs.get(name, 0)

    def register(self, addr: int) -> Reg:
        """The register at an address, or ``ValueError``."""
        if addr not in self.shape.registers.by_addr:
            raise ValueError(f"no register at address {addr}")
        return self.shape.registers.by_addr[addr]

    def check_window(self, region: int, addr: int, count: int) -> None:
        """Raise ``ValueError`` unless these words are in the region."""
        if region not in self.shape.regions.values():
            raise ValueError(f"memory region {region} does not exist")
        words = self.shape.region_words(region)
        if addr < 0 or count < 0 or addr + count > words:
            raise ValueError(
                f"words {addr} to {addr + count - 1} are outside region {region} ({words} words)"
            )

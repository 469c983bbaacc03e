"""Registers: 32 bits each, at fixed, reviewed addresses. RTL decoder, host accessors and manual
read this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Reg:
    """One register: ``width`` of its 32 bits exist; ``access`` is "ro", "rw" or "wo"."""

    name: str
    addr: int
    doc: str
    access: Literal["ro", "rw", "wo"] = "rw"
    width: int = 32
    reset: int = 0
    minimum: int = 0

    def check(self, value: int) -> int:
        """The value, or ``ValueError`` naming the register and its range."""
        if self.access == "ro":
            raise ValueError(f"register {self.name} is read-only")
        if not self.minimum <= value < 1 << self.width:
            raise ValueError(
                f"register {self.name} = {value} is out of range; "
                f"give {self.minimum} to {(1 << self.width) - 1}"
            )
        return value


class RegisterMap:
    """Registers by name and by address; names and addresses are unique."""

    def __init__(self, *regs: Reg) -> None:
        self.regs = tuple(sorted(regs, key=lambda r: r.addr))
        self.by_name = {r.name: r for r in self.regs}
        self.by_addr = {r.addr: r for r in self.regs}
        if len(self.by_name) != len(self.regs) or len(self.by_addr) != len(self.regs):
            raise ValueError("register names and addresses must be unique")

    def __getitem__(self, name: str) -> Reg:
        if name not in self.by_name:
            known = ", ".join(self.by_name)
            raise ValueError(f"unknown register {name!r}; this machine has {known}")
        return self.by_name[name]


# The registers of every engine's shell: addresses 0 to 15. Counters of frames stay at their largest
# value; all but the identity start from 0 at a HELLO. Read both halves of CYCLES in one frame.
SHELL_END = 16
SHELL = (
    Reg(name="MAGIC", addr=0, access="ro", doc='"SPLM": this is a Spinloom machine'),
    Reg(name="CONTRACT", addr=1, access="ro", doc="hash of the contract and the shape"),
    Reg(name="STATUS", addr=2, access="ro", width=8,
        doc="sticky: bit 0 receive overflow, bit 1 event out of range, bit 2 UART framing error"),
    Reg(name="CYCLES_LO", addr=3, access="ro", doc="cycles in which the engine was busy, low word"),
    Reg(name="CYCLES_HI", addr=4, access="ro", width=16, doc="the same, bits 32 to 47"),
    Reg(name="LINK_BAD_FRAMES", addr=5, access="ro", width=8,
        doc="frames dropped for COBS, CRC or length"),
    Reg(name="LINK_OUT_OF_ORDER", addr=6, access="ro", width=8,
        doc="frames dropped for their sequence"),
    Reg(name="LINK_OVERFLOW", addr=7, access="ro", width=8, doc="frames dropped for want of room"),
)  # fmt: skip

MAGIC = int.from_bytes(b"SPLM", "little")

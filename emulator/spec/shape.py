"""What every engine's shape is: a name, and the contract of a machine of it.

A shape is what is fixed in a bitstream. Each engine has one class of shapes, in its own module of
``spec``; ``spec.shapes`` knows them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from spinloom.emulator.spec.registers import RegisterMap

WORD_TICK = 0x8000  # a stream word with this bit is a tick, one without it an event
MAX_TICKS = 0x7FFF  # of one word
MAX_INPUTS = 0x8000
REGION_REGISTERS = 0  # of the memory window, in every engine
# Bit 0 of every engine's COMMAND: its state goes to its start, and so does TICK.
RESET_STATE = 1


@dataclass(frozen=True, kw_only=True)
class Shape(ABC):
    """Shape of some engine, whose ``engine`` and ``version`` are part of the identity."""

    engine: ClassVar[str]
    version: ClassVar[int]

    name: str

    # Fields of some shapes: a property here would be the default of such a field.
    if TYPE_CHECKING:

        @property
        def inputs(self) -> int:
            """Addresses of events: 0 to ``inputs`` - 1."""

        @property
        def neurons(self) -> int:
            """Neurons, or what else the engine emits spikes of."""

    @property
    @abstractmethod
    def synapses(self) -> int:
        """Connections between them."""

    @property
    @abstractmethod
    def registers(self) -> RegisterMap:
        """Every register, the shell's too."""

    @property
    @abstractmethod
    def regions(self) -> dict[str, int]:
        """Number of each region of the memory window, by name."""

    @property
    @abstractmethod
    def write_only(self) -> frozenset[str]:
        """Regions that read as zero."""

    @abstractmethod
    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""

    def register_bits(self, name: str) -> int:
        """Bits of this machine's register."""
        return self.register_max(name).bit_length()

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register."""
        return (1 << self.registers[name].width) - 1

    def check_register(self, name: str, value: int) -> None:
        """Raise ``ValueError`` unless this machine's register can hold the value."""
        self.registers[name].check(value)
        top = self.register_max(name)
        if value > top:
            raise ValueError(
                f"register {name} = {value} is out of range for shape {self.name}; give 0 to {top}"
            )

    def contract(self) -> dict[str, Any]:
        """What the identity hash covers; the name is only a name."""
        fields = asdict(self)
        del fields["name"]
        return {"engine": self.engine, "version": self.version, **fields}

"""A board as data: its chip, pins, clock and the commands that turn a netlist into its
bitstream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from amaranth.build import Platform

from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.link import BAUD_DEFAULT
from spinloom.rtl.link import uart

DESIGN = "top"  # name of the design, and the stem of every file of a build


@dataclass(frozen=True, kw_only=True)
class Board:
    """One FPGA board.

    ``clock_hz`` is that of the board's oscillator, which clocks the whole design, but for the
    engine of a wide array where ``engine_hz`` says that a PLL makes a faster clock for it;
    ``memory`` is the technology of synapses that are read one row at a time
    (``rtl.memory.single_port``), ``banks`` that of wide arrays (``rtl.memory.bit_write``);
    ``compact`` boards spend cycles to save block memory (``rtl.engine.learning``).
    ``yosys_setup`` are commands before Yosys's ``synth_*`` command, which takes ``synth_options``,
    and ``dense_options`` besides for a design that does not fit without. ``place`` and ``pack`` are
    the tool and its arguments: the first reads ``netlist`` and writes a routed design, the second
    makes ``bitstream`` of it. ``engines`` are more arguments of the first, by the engine that a
    machine has. ``flash_name`` is what openFPGALoader calls the board. ``resources`` are those that
    are reported: our names of them, and nextpnr's.
    """

    name: str
    title: str
    chip: str
    clock_hz: int
    platform: Callable[[], Platform]
    synth_options: tuple[str, ...]
    dense_options: tuple[str, ...] = ()
    netlist: str
    place: tuple[str, ...]
    pack: tuple[str, ...]
    bitstream: str
    flash_name: str
    banks: str
    engine_hz: int = 0
    yosys_setup: tuple[str, ...] = ()
    memory: str = "generic"
    compact: bool = False
    baud: int = BAUD_DEFAULT
    engines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        in_range(self, "clock_hz", 1_000_000, 400_000_000)
        uart.divisor(self.clock_hz, self.baud)  # refuses a rate that the clock can't make

    @property
    def divisor(self) -> int:
        """Clock cycles of one UART bit."""
        return uart.divisor(self.clock_hz, self.baud)

"""Contract of the square engine: a digital network of square-wave oscillators (Sec. II.D).

All oscillators have a period of M = 2^P ticks. Oscillator *j* of phase phi[j], 0 to M-1, is high in
the half period from phi[j] on::

    o[j](t) = +1 where (t - phi[j]) mod M < M/2, else -1

Time step at tick t, with the outputs o(t) of all::

    S[i] = sum of J[i][j] o[j]                                   over all j
    high = S[i] > 0, or S[i] = 0 and o[i] = +1
    if high and not was[i]:  phi[i] = t mod M                    a rising edge resets its phase
    was[i] = high ; t += 1

so that every oscillator turns to the phase of the wave that the others make at its place (the
hybrid of serial sums and parallel oscillators of Haverkort and Todri-Sanial 2025; couplings of 5
bits and phases of 4 there). For phases of 0 and M/2 alone it is a Hopfield network.

Oscillator *j* fires, (t, j), at a step in which o[j] is +1 and was not at the step before: unless
quiet that is sent, oscillator 0 first. SPIKES counts. MOVED tells whether a phase has changed in
the last whole period (ticks kM to kM + M-1); SETTLED is the tick at the end of the first such
period since the reset without a change, or 0.

The stream. Sixteen-bit words: a tick ``1nnnnnnn nnnnnnnn`` (n time steps, n >= 1) or an event
``0aaaaaaa aaaaaaaa``, which moves oscillator *a* by half a period. **Each word takes its whole
effect before the next one starts.** An address that is no oscillator is dropped and flagged in
STATUS.

COMMAND's reset puts t and the counters to 0, every was[i] to high, and outputs of the step before
to -1; phases and couplings stay. Writing a coupling puts outputs of the step before to -1 too.

Cost in cycles (``rtl.engine.square``): a step takes one for each output that has changed, twice N a
period, and about two for each 32 oscillators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap

GROUP = 32  # oscillators side by side
WORD_BITS = 18  # of couplings in a window word: what a block memory holds side by side


@dataclass(frozen=True, kw_only=True)
class SquareShape(OscillatorShape):
    """What is fixed in the bitstream: ``oscillators`` N, a multiple of 32, or 16; ``phase_bits`` P
    and ``weight_bits`` of a coupling, signed."""

    engine: ClassVar[str] = "square"
    version: ClassVar[int] = 1

    phase_bits: int = 4

    def __post_init__(self) -> None:
        in_range(self, "oscillators", 16, 1024)
        if self.oscillators % GROUP and self.oscillators != GROUP // 2:
            raise ValueError(
                f"SquareShape.oscillators = {self.oscillators}: give {GROUP // 2}, or a multiple "
                f"of {GROUP}"
            )
        in_range(self, "phase_bits", 2, 8)
        in_range(self, "weight_bits", 2, 8)

    @property
    def period(self) -> int:
        """Ticks of a period, M."""
        return self.turn

    @property
    def group(self) -> int:
        """Oscillators of a group, whose couplings from one oscillator are whole window words."""
        return min(GROUP, self.oscillators)

    @property
    def groups(self) -> int:
        """Groups."""
        return self.oscillators // self.group

    @property
    def group_words(self) -> int:
        """Window words of a group's couplings from one oscillator."""
        return -(-self.group * self.weight_bits // WORD_BITS)

    @property
    def row_bits(self) -> int:
        """Bits of the number of a window word of the couplings from one oscillator."""
        return self.word_bits + (self.groups - 1).bit_length()

    @property
    def word_bits(self) -> int:
        """Bits of the number of a window word in its group."""
        return (self.group_words - 1).bit_length()

    @property
    def registers(self) -> RegisterMap:
        """Every register, the shell's too."""
        return REGISTERS

    @property
    def regions(self) -> dict[str, int]:
        """Number of each region of the memory window, by name."""
        return REGIONS

    @property
    def write_only(self) -> frozenset[str]:
        """Regions that read as zero."""
        return frozenset()

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_WEIGHTS: self.oscillators << self.row_bits,
            REGION_PHASES: self.oscillators,
        }[region]


SHAPES = {
    s.name: s
    for s in (
        SquareShape(name="square-16", oscillators=16),
        SquareShape(name="square-32", oscillators=32),
        SquareShape(name="square-64", oscillators=64),
        SquareShape(name="square-128", oscillators=128),
        SquareShape(name="square-256", oscillators=256),
        SquareShape(name="square-512", oscillators=512),
        SquareShape(name="square-704", oscillators=704),
    )
}

CONTROL_QUIET = 1
RESET_STATE = common.RESET_STATE

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=1, reset=CONTROL_QUIET,
        doc="bit 0 quiet: spikes are counted, not sent"),
    Reg(name="COMMAND", addr=17, access="wo", width=1, doc="bit 0 reset the state"),
    Reg(name="TICK", addr=18, access="ro", doc="emulated time, ticks"),
    Reg(name="SPIKES", addr=19, access="ro", doc="spikes, sent or not"),
    Reg(name="MOVED", addr=20, access="ro", width=1, doc="a phase changed in the last period"),
    Reg(name="SETTLED", addr=21, access="ro", doc="tick at which all phases first stood still"),
)  # fmt: skip

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = common.REGION_REGISTERS
# Word (j << row_bits | g << word_bits | k): bits 18k to 18k+17 of the couplings of group g from
# oscillator j, weight_bits each, two's complement, the group's first oscillator lowest.
REGION_WEIGHTS = 1
REGION_PHASES = 2  # word i: phi[i]
REGIONS = {"weights": REGION_WEIGHTS, "phases": REGION_PHASES}

"""Contract of the phase engine: coupled phase oscillators in fixed point (Sec. II.D).

Oscillator *i* has a phase theta[i], unsigned, modulo 2^P: a turn is 2^P. What the couplings see of
it is a table of 2^Q entries and B bits, whose mid-rise steps have no zero (with a zero, phases at 0
and at half a turn would be stuck)::

    S[k] = sgn(f) (2 m + 1),  f = sin(2 pi (k + 1/2) / 2^Q),
                              m = min(2^(B-1) - 1, floor(|f| 2^(B-1)))
    C[k] = S[k + 2^(Q-2)]
    S(x) = S[x >> (P-Q)], C(x) = C[x >> (P-Q)], for x modulo 2^P

The stream. Sixteen-bit words: a tick ``1nnnnnnn nnnnnnnn`` (n time steps, n >= 1) or an event
``0aaaaaaa aaaaaaaa``, which moves oscillator *a* by half a turn. **Each word takes its whole effect
before the next one starts.** An address that is no oscillator is dropped and flagged in STATUS.

Time step. All oscillators see the phases before it; s[j] = S(theta[j]), c[j] = C(theta[j])::

    a[i] = sum of J[i][j] s[j],  b[i] = sum of J[i][j] c[j]         over all j
    mean field:  a[i] = sum of s[j],  b[i] = sum of c[j]            in place of the couplings
    u[i] = c[i] a[i] - s[i] b[i]          which is the sum of J[i][j] sin(theta[j] - theta[i])
    d    = (G u[i] + r) >> SHIFT
           G is GAIN, or with the wave WAVE[t mod WAVE_LENGTH]
           r is half of 2^SHIFT, or with stochastic rounding the low SHIFT bits of word[i]
    d   -= (H S(2 theta[i])) >> 6                                   second harmonic (SHIL)
    d   += (INJ S(psi - theta[i])) >> 6                             injected signal of phase psi
    d   += (word[i] >> 32) mod 2^(NOISE+1) - 2^NOISE                unless NOISE = 0
    d   += omega[i] + D
    theta[i] = (theta[i] + d) mod 2^P
    D    = (SLOPE BIAS) >> 8 + (CURVE BIAS^2) >> 20                 frequency against bias (D5)

u is 0 with neither couplings nor mean field. Shifts floor. SHIFT = 0 rounds nothing. A random word
is drawn for each oscillator in turn, 0 first, in every step with NOISE > 0 or stochastic rounding.
Then::

    psi = (psi + INJ_FREQ) mod 2^P ;  t += 1
    h   = min(h + SHIL_RATE, 256 SHIL_MAX) if t > SHIL_START else 0 ;  H = h >> 8

Oscillator *i* fires, (t before the step, i), where theta[i] + d reaches 2^P or more: unless quiet
that is sent, oscillator 0 first. SPIKES counts.

Read-out. SIN_SUM and COS_SUM are the sums of s and c of the last step's old phases: the order
parameter of Kuramoto is their length over N times the table's amplitude. Phase detectors compare
with a reference, psi or with CONTROL bit 5 the old phase of oscillator LOCK_REF: in the step at
tick t, with delta = theta[i] - reference as a signed number of P bits::

    t mod LOCK_TICKS = 0:  locked[i] = ok[i] ; base[i] = delta ; ok[i] = 1
    else:  if |delta - base[i]| > LOCK_WIDTH (modulo a turn, signed): ok[i] = 0

LOCKED is the number of oscillators that are locked: their phases held still for a whole window.

COMMAND's reset puts t, psi (to INJ_PHASE), h, sums, detectors and counters to their start; phases
are set by the host, and stay.

Cost (``rtl.engine.phase``): ``lanes`` oscillators accumulate together, a cycle for each of the N,
in N/lanes passes; and all are moved, one a cycle. ``PhaseShape.step_cycles`` counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, pi, sin
from typing import Any, ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.emulator.spec.random import check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap

SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
GAIN_BITS = 12  # signed
UNIT_SHIFT = 6  # of SHIL and of the injected signal
RAMP_SHIFT = 8  # of the SHIL ramp
WEIGHTS_PER_WORD = 4


def sine_table(table_bits: int, amplitude_bits: int) -> tuple[int, ...]:
    """S of the contract."""
    levels = 1 << amplitude_bits - 1
    table = []
    for k in range(1 << table_bits):
        f = sin(2 * pi * (k + 0.5) / (1 << table_bits))
        m = min(levels - 1, floor(abs(f) * levels))
        table.append((2 * m + 1) if f > 0 else -(2 * m + 1))
    return tuple(table)


@dataclass(frozen=True, kw_only=True)
class PhaseShape(OscillatorShape):
    """What is fixed in the bitstream.

    ``oscillators`` N; ``phase_bits`` P of the accumulator, of which the table sees ``table_bits`` Q
    and gives ``amplitude_bits`` B; ``weight_bits`` of a coupling, signed; ``lanes`` oscillators
    accumulate at once (no effect but on time); ``wave`` words of the gain's memory.
    """

    engine: ClassVar[str] = "phase"
    version: ClassVar[int] = 1

    lanes: int
    phase_bits: int = 16
    table_bits: int = 6
    amplitude_bits: int = 4
    wave: int = 0
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        in_range(self, "oscillators", 2, 1024)
        in_range(self, "lanes", 1, self.oscillators)
        if self.oscillators % self.lanes:
            raise ValueError(
                f"PhaseShape.lanes = {self.lanes} does not divide {self.oscillators} oscillators"
            )
        in_range(self, "phase_bits", 8, 16)
        in_range(self, "table_bits", 3, self.phase_bits - 1)
        in_range(self, "amplitude_bits", 1, 8)
        in_range(self, "weight_bits", 2, 8)
        in_range(self, "wave", 0, 1 << 12)
        generator(self.generator)

    @property
    def table(self) -> tuple[int, ...]:
        """S, one turn."""
        return sine_table(self.table_bits, self.amplitude_bits)

    @property
    def amplitude(self) -> int:
        """The highest entry of the table."""
        return (1 << self.amplitude_bits) - 1

    @property
    def sum_bits(self) -> int:
        """Bits of a and b, signed."""
        most = self.oscillators * self.amplitude << self.weight_bits - 1
        return most.bit_length() + 1

    @property
    def row_words(self) -> int:
        """32-bit words of the window that hold the couplings from one oscillator."""
        return -(-self.oscillators // WEIGHTS_PER_WORD)

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
        return frozenset({"wave"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_WEIGHTS: self.oscillators << (self.row_words - 1).bit_length(),
            REGION_PHASES: self.oscillators,
            REGION_OMEGA: self.oscillators,
            REGION_LOCKS: self.oscillators,
            REGION_WAVE: self.wave,
        }[region]

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register: those of phases are as wide as these."""
        if name in PHASE_REGS:
            return self.turn - 1
        if name == "LOCK_REF":
            return self.oscillators - 1
        if name == "WAVE_LENGTH":
            return max(1, self.wave)
        if name == "NOISE":
            return self.phase_bits - 1
        return super().register_max(name)

    def step_cycles(self, *, coupled: bool = True) -> int:
        """Clock cycles of a time step that sends no spike; without couplings, or with the mean
        field in their place, one pass does. The stream word of its ticks takes one more."""
        passes = self.oscillators // self.lanes if coupled else 1
        return passes * (self.oscillators + 3) + self.oscillators + 16

    def contract(self) -> dict[str, Any]:
        """What the identity hash covers: the table too."""
        return {**super().contract(), "table": list(self.table)}


SHAPES = {
    s.name: s
    for s in (
        PhaseShape(name="phase-8", oscillators=8, lanes=8, wave=4096),
        PhaseShape(name="phase-16", oscillators=16, lanes=16),
        PhaseShape(name="phase-64", oscillators=64, lanes=64, wave=1024),
        PhaseShape(name="phase-96x2", oscillators=96, lanes=2),  # fills an iCEBreaker
        PhaseShape(name="phase-128", oscillators=128, lanes=64),
        PhaseShape(name="phase-128x8", oscillators=128, lanes=8),  # for a Tang Nano 9K
        PhaseShape(name="phase-256", oscillators=256, lanes=64),
        PhaseShape(name="phase-484", oscillators=484, lanes=242),
        PhaseShape(name="phase-1024", oscillators=1024, lanes=8),
    )
}


@dataclass(frozen=True, kw_only=True)
class PhaseParams:
    """Every physical number of the engine but couplings and frequencies; all are run-time
    registers. Phases are in 2^-P turns, frequencies in these a tick, times in ticks.

    ``gain`` and ``shift``: a step moves a phase by (gain · u) >> shift. ``shil`` and ``injection``
    are amplitudes in 1/64 of a table step; from ``shil_start`` on, ``shil`` rises by
    ``shil_rate``/256 a tick. ``wave_length`` > 0 takes the gain from the wave's memory.
    ``noise``: uniform, ±2^noise.
    """

    coupled: bool = True
    mean_field: bool = False
    stochastic: bool = False
    quiet: bool = True
    gain: int = 1
    shift: int = 0
    wave_length: int = 0
    shil: int = 0
    shil_start: int = 0
    shil_rate: int = 0
    injection: int = 0
    injection_frequency: int = 0
    injection_phase: int = 0
    bias: int = 0
    slope: int = 0
    curve: int = 0
    noise: int = 0
    lock_ticks: int = 1
    lock_width: int = 0
    lock_oscillator: int | None = None
    seed: int = SEED

    def __post_init__(self) -> None:
        half = 1 << GAIN_BITS - 1
        in_range(self, "gain", -half, half - 1)
        in_range(self, "bias", -half, half - 1)
        for name in ("slope", "curve"):
            in_range(self, name, -(1 << 15), (1 << 15) - 1)
        in_range(self, "injection_frequency", -(1 << 15), (1 << 15) - 1)
        for name in ("shil", "shil_rate", "injection", "injection_phase", "lock_width"):
            in_range(self, name, 0, (1 << 16) - 1)
        in_range(self, "shift", 0, 24)
        in_range(self, "shil_start", 0, (1 << 32) - 1)
        in_range(self, "wave_length", 0, 1 << 12)
        in_range(self, "noise", 0, 15)
        in_range(self, "lock_ticks", 1, (1 << 16) - 1)
        if self.lock_oscillator is not None:
            in_range(self, "lock_oscillator", 0, 1023)
        check_seed(self.seed)

    def registers(self, shape: PhaseShape) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's."""
        return {
            "CONTROL": CONTROL_COUPLED * self.coupled
            | CONTROL_MEAN_FIELD * self.mean_field
            | CONTROL_WAVE * (self.wave_length > 0)
            | CONTROL_STOCHASTIC * self.stochastic
            | CONTROL_QUIET * self.quiet
            | CONTROL_LOCK_OSCILLATOR * (self.lock_oscillator is not None),
            "GAIN": self.gain & (1 << GAIN_BITS) - 1,
            "SHIFT": self.shift,
            "SHIL_MAX": self.shil,
            "SHIL_START": self.shil_start,
            "SHIL_RATE": self.shil_rate,
            "INJ": self.injection,
            "INJ_FREQ": self.injection_frequency & shape.turn - 1,
            "INJ_PHASE": self.injection_phase,
            "BIAS": self.bias & (1 << GAIN_BITS) - 1,
            "SLOPE": self.slope & 0xFFFF,
            "CURVE": self.curve & 0xFFFF,
            "NOISE": self.noise,
            "WAVE_LENGTH": max(1, self.wave_length),
            "LOCK_TICKS": self.lock_ticks,
            "LOCK_WIDTH": self.lock_width,
            "LOCK_REF": self.lock_oscillator or 0,
        }


CONTROL_COUPLED = 1
CONTROL_MEAN_FIELD = 2
CONTROL_WAVE = 4
CONTROL_STOCHASTIC = 8
CONTROL_QUIET = 16
CONTROL_LOCK_OSCILLATOR = 32
RESET_STATE = common.RESET_STATE

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=6, reset=CONTROL_COUPLED | CONTROL_QUIET,
        doc="bit 0 couplings, 1 mean field, 2 gain from the wave, 3 stochastic rounding, 4 quiet: "
        "spikes are counted, not sent; 5 the detectors' reference is oscillator LOCK_REF"),
    Reg(name="GAIN", addr=17, width=GAIN_BITS, reset=1, doc="of the couplings, two's complement"),
    Reg(name="SHIFT", addr=18, width=5, doc="right shift of the couplings' sum"),
    Reg(name="SHIL_MAX", addr=19, width=16, doc="second harmonic, 1/64 of a table step, at last"),
    Reg(name="SHIL_START", addr=20, doc="tick behind which it rises"),
    Reg(name="SHIL_RATE", addr=21, width=16, doc="by so much a tick, 1/256 of SHIL_MAX's unit"),
    Reg(name="INJ", addr=22, width=16, doc="injected signal, 1/64 of a table step"),
    Reg(name="INJ_FREQ", addr=23, width=16, doc="its frequency, phase a tick, two's complement"),
    Reg(name="INJ_PHASE", addr=24, width=16, doc="its phase at a reset"),
    Reg(name="BIAS", addr=25, width=GAIN_BITS, doc="of all oscillators, two's complement"),
    Reg(name="SLOPE", addr=26, width=16, doc="of the frequency by bias, 1/256, two's complement"),
    Reg(name="CURVE", addr=27, width=16, doc="by bias squared, 2^-20, two's complement"),
    Reg(name="NOISE", addr=28, width=4, doc="phase noise, uniform over 2^(NOISE+1); 0: none"),
    Reg(name="WAVE_LENGTH", addr=29, width=13, reset=1, minimum=1, doc="ticks of the gain's wave"),
    Reg(name="LOCK_TICKS", addr=30, width=16, reset=1, minimum=1, doc="window of the detectors"),
    Reg(name="LOCK_WIDTH", addr=31, width=16, doc="how far a locked phase may move in it"),
    Reg(name="LOCK_REF", addr=32, width=10, doc="oscillator that the others are compared with"),
    Reg(name="SEED_LO", addr=33, reset=SEED & 0xFFFFFFFF,
        doc="writing sets the low word of the generator's state"),
    Reg(name="SEED_HI", addr=34, reset=SEED >> 32, doc="the same, high word"),
    Reg(name="COMMAND", addr=35, access="wo", width=1, doc="bit 0 reset the state"),
    Reg(name="TICK", addr=36, access="ro", doc="emulated time, ticks"),
    Reg(name="SPIKES", addr=37, access="ro", doc="spikes, sent or not"),
    Reg(name="SIN_SUM", addr=38, access="ro", doc="sum of the sines, two's complement"),
    Reg(name="COS_SUM", addr=39, access="ro", doc="sum of the cosines, two's complement"),
    Reg(name="LOCKED", addr=40, access="ro", width=16, doc="oscillators that are locked"),
    Reg(name="SHIL", addr=41, access="ro", width=16, doc="the second harmonic now"),
    Reg(name="PSI", addr=42, access="ro", width=16, doc="phase of the injected signal now"),
)  # fmt: skip
PHASE_REGS = ("INJ_FREQ", "INJ_PHASE", "LOCK_WIDTH")

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = common.REGION_REGISTERS
REGION_WEIGHTS = 1  # word (j << bits of k) + k: bits 8n ... = J[4k+n][j], two's complement
REGION_PHASES = 2  # word i: theta[i]
REGION_OMEGA = 3  # word i: omega[i], two's complement of P bits
REGION_LOCKS = 4  # word i: base[i] | ok[i] << 16 | locked[i] << 17; a write is dropped
REGION_WAVE = 5  # write-only; word t: the gain, two's complement of GAIN_BITS
REGIONS = {
    "weights": REGION_WEIGHTS,
    "phases": REGION_PHASES,
    "omega": REGION_OMEGA,
    "locks": REGION_LOCKS,
    "wave": REGION_WAVE,
}

"""Contract of the junction engine: tiles of one stack that a bias turns into any of its devices
(Sec. I.B, II.B, II.D, Fig. 1).

A tile has 16 bits of state, ``value``, whose highest is its output s: 1 for P, 0 for AP, as
everywhere. All tiles share a periodic signal and a sample that the host sends; each has a bias, and
noise, of its own. Numbers are signed, and shifts floor; sat_b clips to b bits.

Time step at tick t, for each of the first n = TILES tiles, or all where TILES = 0; s are the
outputs of all tiles before the step, and each tile draws one random word, 0 first::

    signal = WAVE[phase / 2^22]                       phase of 32 bits, a table of 2^10
    t mod 2^NOISE_HOLD = 0:
        count = 256 (2 bits set in (word / 2^32) & NOISE_MASK  - bits set in NOISE_MASK)
        count = count + 2 ((word / 2^24) mod 256) - 255            where CONTROL's smooth is set
        noise = sat_12((count NOISE) >> (NOISE_SHIFT + 8))
    x = sat_12(BIAS + ((GAIN (signal + DRIVE)) >> 6) + noise
               + (+COUPLING if s[PARTNER] else -COUPLING if PARTNER < n, else 0))

and by its MODE::

    0 junction    w = (SCALE x) >> 6 ;  u = sat_8(OFFSET + (~w if s else w))
                  s changes where word mod 2^24 < RATE[u + 128]
    1 threshold   s = 1 where x >= IC, 0 where x <= -IC                       else it stays
    2 wall        y = x - IC where x > IC, x + IC where x < -IC, else 0
                  value = value + ((SCALE y) >> 6), clipped to 0 to 2^16 - 1
    3 oscillator  value = (value + 16 OFFSET + ((SCALE x) >> 6)) mod 2^16     where x > IC

Then ``phase = (phase + WAVE_STEP) mod 2^32 ; t += 1``. A positive x drives to P.

**Noise** of n bits has n + 1 values, two steps of NOISE 2^-NOISE_SHIFT apart, and a standard
deviation of sqrt(n) such steps. Smooth noise fills the gaps evenly, which makes it sqrt(n + 1/3).

**Rates.** The Neel-Brown law of a junction that a current x biases, in ticks (Sec. II.D)::

    P(switch) = 1 - exp(-f dt exp(-Delta (1 - x / Vc)))     to P; from P with -x

With RATE[u + 128] that probability for Delta0 and x / Vc = (u + 1/2) / 128, one table serves all
devices: Delta and Vc of a tile are OFFSET = 128 (1 - Delta / Delta0) and
SCALE = 64 (Delta / Delta0) (128 / Vc), because the exponent is linear in x. ~w = -w - 1 keeps both
states alike, half a step off the grid.

A tile fires, (t, tile), where s rises: unless quiet that is sent, tile 0 first. SPIKES counts.

Probes. Of each tile: SWITCHES, its changes of s; UPS, the steps that it ended in P; CORRELATION,
the sum of +signal or -signal by its s at the end of each step. All are modulo 2^32. Of tile PROBE,
where it takes part: the step in which s changes ends a dwell of as many ticks as have passed since
the change before; from the second change after a reset on, it is counted,
DWELLS[256 s + min(dwell >> DWELL_SHIFT, 255)] += 1, by the s that ends. And the trace: where t mod
2^TRACE_SHIFT = 0 (t behind the step), TRACE[a] = value + 2^16 (x mod 2^16), a = (a + 1) mod 1024;
with CONTROL's population it is POPULATION, the number of tiles in P, + 2^16 ((signal + DRIVE) mod
2^16).

The stream. Sixteen-bit words: a tick ``1nnnnnnn nnnnnnnn`` (n time steps, n >= 1) or an event
``0aaaaaaa aaaaaaaa``, which sets DRIVE to the 12-bit number a, two's complement. **Each word takes
its whole effect before the next one starts.** An a of 2^12 or more is dropped and flagged in
STATUS. COMMAND's reset puts t, phase, a, SPIKES, POPULATION and the dwell to 0; tiles, their values
and noise, and memories of probes stay.

Cost in cycles (``rtl.engine.junction``): a step takes n and about fifteen more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.random import check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap
from spinloom.emulator.spec.shape import Shape

SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
VALUE_BITS = 16
X_BITS = 12
RATE_BITS = 24
RATES = 256
WAVE = 1024
WAVE_BITS = 8
BINS = 256
TRACE = 1024
SAMPLES = 1 << X_BITS  # different ones of DRIVE
PHASE_SHIFT = 22

MODE_JUNCTION, MODE_THRESHOLD, MODE_WALL, MODE_OSCILLATOR = range(4)
MODES = {
    "junction": MODE_JUNCTION,
    "threshold": MODE_THRESHOLD,
    "wall": MODE_WALL,
    "oscillator": MODE_OSCILLATOR,
}


@dataclass(frozen=True, kw_only=True)
class JunctionShape(Shape):
    """What is fixed in the bitstream: the number of ``tiles``, and the ``generator``."""

    engine: ClassVar[str] = "junction"
    version: ClassVar[int] = 1

    tiles: int
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        in_range(self, "tiles", 1, 1024)
        generator(self.generator)

    @property
    def inputs(self) -> int:
        """Addresses of events: samples, two's complement."""
        return SAMPLES

    @property
    def neurons(self) -> int:
        """Tiles, which emit spikes."""
        return self.tiles

    @property
    def synapses(self) -> int:
        """Couplings, one to each tile."""
        return self.tiles

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
        return frozenset({"tiles", "rates", "wave"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_TILES: self.tiles * TILE_WORDS,
            REGION_STATES: self.tiles,
            REGION_RATES: RATES,
            REGION_WAVE: WAVE,
            REGION_SWITCHES: self.tiles,
            REGION_UPS: self.tiles,
            REGION_CORRELATIONS: self.tiles,
            REGION_DWELLS: 2 * BINS,
            REGION_TRACE: TRACE,
        }[region]

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register."""
        if name == "TILES":
            return self.tiles
        return self.tiles - 1 if name == "PROBE" else super().register_max(name)


@dataclass(frozen=True, kw_only=True)
class Tile:
    """Parameters of one tile, as in the contract; ``gain`` and ``scale`` are in 1/64, ``noise`` in
    2^-NOISE_SHIFT of a count. ``partner`` None couples to nobody."""

    mode: str = "junction"
    bias: int = 0
    gain: int = 0
    noise: int = 0
    ic: int = 0
    scale: int = 64
    offset: int = 0
    partner: int | None = None
    coupling: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"Tile.mode = {self.mode!r}; choose one of {', '.join(MODES)}")
        half = 1 << X_BITS - 1
        for name in ("bias", "gain", "offset", "coupling"):
            in_range(self, name, -half, half - 1)
        for name in ("noise", "ic", "scale"):
            in_range(self, name, 0, 2 * half - 1)
        if self.partner is not None:
            in_range(self, "partner", 0, 1023)

    def words(self) -> tuple[int, int, int, int]:
        """Its words of region TILES."""
        mask = (1 << X_BITS) - 1
        coupling = 0 if self.partner is None else self.coupling & mask
        return (
            self.bias & mask | (self.gain & mask) << 12 | MODES[self.mode] << 24,
            self.scale | (self.offset & mask) << 12,
            self.ic | self.noise << 12,
            coupling | (self.partner or 0) << 12,
        )


@dataclass(frozen=True, kw_only=True)
class JunctionParams:
    """Every number of the engine but tiles, rates and the wave; all are run-time registers.

    ``tiles`` take part, 0 for all; ``drive`` is the sample at the start; the wave moves by
    ``wave_step`` 2^-32 of a turn a tick.
    """

    quiet: bool = True
    population: bool = False
    smooth: bool = False
    tiles: int = 0
    drive: int = 0
    wave_step: int = 0
    noise_mask: int = 0xFFFF
    noise_shift: int = 6
    noise_hold: int = 0
    probe: int = 0
    dwell_shift: int = 0
    trace_shift: int = 0
    seed: int = SEED

    def __post_init__(self) -> None:
        half = 1 << X_BITS - 1
        in_range(self, "tiles", 0, 1024)
        in_range(self, "drive", -half, half - 1)
        in_range(self, "wave_step", 0, 0xFFFFFFFF)
        in_range(self, "noise_mask", 0, 0xFFFF)
        in_range(self, "noise_shift", 0, 15)
        in_range(self, "probe", 0, 1023)
        for name in ("noise_hold", "dwell_shift", "trace_shift"):
            in_range(self, name, 0, 31)
        check_seed(self.seed)

    def registers(self) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's."""
        return {
            "CONTROL": CONTROL_QUIET * self.quiet
            | CONTROL_POPULATION * self.population
            | CONTROL_SMOOTH * self.smooth,
            "TILES": self.tiles,
            "DRIVE": self.drive & SAMPLES - 1,
            "WAVE_STEP": self.wave_step,
            "NOISE_MASK": self.noise_mask,
            "NOISE_SHIFT": self.noise_shift,
            "NOISE_HOLD": self.noise_hold,
            "PROBE": self.probe,
            "DWELL_SHIFT": self.dwell_shift,
            "TRACE_SHIFT": self.trace_shift,
        }


SHAPES = {
    s.name: s
    for s in (
        JunctionShape(name="junction-16", tiles=16),
        # One shift of its generator a draw: what that does to dwell times.
        JunctionShape(name="junction-16-naive", tiles=16, generator="naive64"),
        JunctionShape(name="junction-64", tiles=64),
        JunctionShape(name="junction-256", tiles=256),
        JunctionShape(name="junction-1024", tiles=1024),
    )
}

CONTROL_QUIET = 1
CONTROL_POPULATION = 2
CONTROL_SMOOTH = 4
NOISE_FRACTION = 8
RESET_STATE = common.RESET_STATE

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=3, reset=CONTROL_QUIET,
        doc="bit 0 quiet: spikes are counted, not sent; 1 the trace is of the population; 2 smooth "
        "noise"),
    Reg(name="TILES", addr=17, width=11, doc="so many take part; 0: all"),
    Reg(name="DRIVE", addr=18, width=X_BITS, doc="sample that all tiles see, two's complement"),
    Reg(name="WAVE_STEP", addr=19, doc="frequency of the signal, 2^-32 turns a tick"),
    Reg(name="NOISE_MASK", addr=20, width=16, reset=0xFFFF, doc="random bits that are noise"),
    Reg(name="NOISE_SHIFT", addr=21, width=4, reset=6, doc="right shift of noise"),
    Reg(name="NOISE_HOLD", addr=22, width=5, doc="noise is new every 2^NOISE_HOLD ticks"),
    Reg(name="PROBE", addr=23, width=10, doc="tile whose dwells and trace are kept"),
    Reg(name="DWELL_SHIFT", addr=24, width=5, doc="bins of dwells are 2^DWELL_SHIFT ticks"),
    Reg(name="TRACE_SHIFT", addr=25, width=5, doc="the trace has a word every 2^TRACE_SHIFT ticks"),
    Reg(name="SEED_LO", addr=26, reset=SEED & 0xFFFFFFFF,
        doc="writing sets the low word of the generator's state"),
    Reg(name="SEED_HI", addr=27, reset=SEED >> 32, doc="the same, high word"),
    Reg(name="COMMAND", addr=28, access="wo", width=1, doc="bit 0 reset the state"),
    Reg(name="TICK", addr=29, access="ro", doc="emulated time, ticks"),
    Reg(name="SPIKES", addr=30, access="ro", doc="spikes, sent or not"),
    Reg(name="POPULATION", addr=31, access="ro", width=11, doc="tiles in P after the last step"),
)  # fmt: skip

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = common.REGION_REGISTERS
# Write-only; word 4 i + k of tile i, lowest bits first: BIAS (12), GAIN (12), MODE (2) | SCALE
# (12), OFFSET (12) | IC (12), NOISE (12) | COUPLING (12), PARTNER (10).
REGION_TILES = 1
TILE_WORDS = 4
REGION_STATES = 2  # word i: value | noise << 16, 12 bits, two's complement
REGION_RATES = 3  # write-only; word n: RATE[n], 24 bits; 2^24 - 1 is the highest probability
REGION_WAVE = 4  # write-only; word n: WAVE[n], 8 bits, two's complement
REGION_SWITCHES = 5  # word i
REGION_UPS = 6  # word i
REGION_CORRELATIONS = 7  # word i, two's complement
REGION_DWELLS = 8  # word 256 s + bin
REGION_TRACE = 9
REGIONS = {
    "tiles": REGION_TILES,
    "states": REGION_STATES,
    "rates": REGION_RATES,
    "wave": REGION_WAVE,
    "switches": REGION_SWITCHES,
    "ups": REGION_UPS,
    "correlations": REGION_CORRELATIONS,
    "dwells": REGION_DWELLS,
    "trace": REGION_TRACE,
}

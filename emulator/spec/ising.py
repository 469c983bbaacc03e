"""Contract of the ising engine: p-bits that are all coupled to all (Sec. II.B, II.D).

A p-bit is a superparamagnetic junction whose mean state follows its input (Camsari, Faria, Sutton,
Datta, "Stochastic p-bits for invertible logic", PRX 7, 031014, 2017). Spin *i* is s[i] = +1 or -1,
and of the first n = SPINS of them, or all where SPINS = 0::

    h[i] = b[i] + sum of J[j][i] s[j]                        over j < n
    E    = - sum of J[i][j] s[i] s[j] over i < j < n  - sum of b[i] s[i] over i < n

for couplings J that are symmetric and have no diagonal; h is the field, E the energy, and lower
energies are likelier: p(s) = exp(-beta E) / Z.

**Built.** A write of couplings, biases or spins, and a reset, make fields and energy stale. The
next word of the stream, COMMAND build or a read of fields builds them first: h = b and E = 0, then
for every j < n, 0 first, E -= s[j] h[j] and h[i] += J[j][i] s[j] for all i. If then E <
BEST_ENERGY, the best state is latched.

A **flip** of spin i, with s and h from before it::

    E += 2 s[i] h[i] ;  s[i] = -s[i] ;  h[k] += 2 s[i] J[i][k] for all k ;  FLIPS += 1
    if E < BEST_ENERGY:  BEST_ENERGY = E, BEST = all spins, BEST_TICK = the tick

Unless quiet it is sent, (tick, i).

The stream. Sixteen-bit words: a tick ``1nnnnnnn nnnnnnnn`` (n sweeps, n >= 1) or an event
``0aaaaaaa aaaaaaaa``, which flips spin *a*. **Each word takes its whole effect before the next one
starts.** An address that is not one of the n spins is dropped and flagged in STATUS.

Sweep at tick t, spins 0 to n-1, one after the other (Gibbs sampling)::

    beta = min(BETA + ramp / 2^16, BETA_END)                 at the sweep's start, whole
    x    = (beta h[i] + half of 2^SHIFT) >> SHIFT            SHIFT = 0 rounds nothing
    k    = min(max(x, -2^(I-1)), 2^(I-1) - 1)
    up   = word >> (64-B) < T[k]  or  T[k] = 2^B - 1         a random word for every spin
    flip i, unless s[i] is up already

so that T[k] = 0 is never and T[k] = 2^B - 1 is always. With T the sigmoid of ``sigmoid_table``
P(up) = 1 / (1 + exp(-2 beta h)). Where beta is so high that only the ends of T are seen, no flip
raises E: a Hopfield network. Then::

    ramp = min(ramp + BETA_STEP, 2^32 - 1) ;  t += 1
    histogram:  COUNT[bits of the first H spins, spin 0 lowest] += 1        modulo 2^32
    t mod 2^TRACE_SHIFT = 0:  TRACE[a] = E, a = (a + 1) mod its length

**All at once.** With CONTROL's parallel all spins of a sweep see the fields at its start; flips
come in order none the less. That samples no Boltzmann distribution, and the energy need not fall:
neighbours that answer each other's old states flip for ever. It is there to show just that.

COMMAND's reset puts t, ramp, a and FLIPS to 0 and BEST_ENERGY to its highest; spins, couplings,
counts and energies that were kept stay.

Cost in cycles (``rtl.engine.ising``): about one for a spin that stays, and N / lanes and a few more
for a flip.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.random import check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap
from spinloom.emulator.spec.shape import Shape

SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
BETA_BITS = 12
RAMP_SHIFT = 16
RAMP_MAX = 0xFFFFFFFF
SHIFT_MAX = 24
ENERGY_MAX = 0x7FFFFFFF
WORD = 32  # bits of a window word


@dataclass(frozen=True, kw_only=True)
class IsingShape(Shape):
    """What is fixed in the bitstream.

    ``spins`` N; ``weight_bits`` W of a coupling, signed, of which a 32-bit word holds a whole
    number; ``lanes`` fields are added to at once (no effect but on time); ``index_bits`` I and
    ``probability_bits`` B of the sigmoid; ``histogram_bits`` H of states that are counted, 0 for
    none; ``trace`` energies are kept.
    """

    engine: ClassVar[str] = "ising"
    version: ClassVar[int] = 1

    spins: int
    lanes: int
    weight_bits: int = 8
    index_bits: int = 8
    probability_bits: int = 16
    histogram_bits: int = 0
    trace: int = 1024
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        in_range(self, "spins", 2, 1024)
        in_range(self, "lanes", 1, 1024)
        in_range(self, "weight_bits", 2, 8)
        if WORD % self.weight_bits:
            raise ValueError(f"IsingShape.weight_bits = {self.weight_bits}; give 2, 4 or 8")
        for name, value in (("lanes", self.lanes), ("trace", self.trace)):
            if value & value - 1:
                raise ValueError(f"IsingShape.{name} = {value}; give a power of two")
        for name, value in (("lanes", self.lanes), ("spins", self.spins)):
            if value % self.word_weights:
                raise ValueError(
                    f"IsingShape.{name} = {value}; give a multiple of {self.word_weights}, the "
                    "couplings of a window word"
                )
        in_range(self, "index_bits", 4, 10)
        in_range(self, "probability_bits", 4, 24)
        in_range(self, "histogram_bits", 0, min(12, self.spins))
        in_range(self, "trace", 2, 1 << 12)
        generator(self.generator)

    @property
    def inputs(self) -> int:
        """Addresses of events: spins."""
        return self.spins

    @property
    def neurons(self) -> int:
        """Spins, whose flips are sent."""
        return self.spins

    @property
    def synapses(self) -> int:
        """Couplings of each two."""
        return self.spins * (self.spins - 1) // 2

    @property
    def weight_max(self) -> int:
        """The strongest coupling; the weakest is its negative less 1."""
        return (1 << self.weight_bits - 1) - 1

    @property
    def bias_bits(self) -> int:
        """Bits of a bias, signed: as many as all couplings together need."""
        return self.weight_bits + (self.spins - 1).bit_length()

    @property
    def words(self) -> int:
        """Groups of lanes, the last of which may be longer than spins are left."""
        return -(-self.spins // self.lanes)

    @property
    def word_weights(self) -> int:
        """Couplings of a window word."""
        return WORD // self.weight_bits

    @property
    def row_bits(self) -> int:
        """Bits of the number of a window word of the couplings from one spin."""
        return (self.spins // self.word_weights - 1).bit_length()

    @property
    def spin_words(self) -> int:
        """Window words of all spins."""
        return -(-self.spins // WORD)

    @property
    def always(self) -> int:
        """The entry of the sigmoid that is no chance: 2^B - 1."""
        return (1 << self.probability_bits) - 1

    @property
    def scale(self) -> int:
        """Entries of ``sigmoid_table`` to beta h = 1."""
        return 1 << self.index_bits - 4

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
        return frozenset({"table"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_WEIGHTS: self.spins << self.row_bits,
            REGION_BIASES: self.spins,
            REGION_SPINS: self.spin_words,
            REGION_BEST: self.spin_words,
            REGION_TABLE: 1 << self.index_bits,
            REGION_HISTOGRAM: 1 << self.histogram_bits if self.histogram_bits else 0,
            REGION_TRACE: self.trace,
            REGION_FIELDS: self.spins,
        }[region]

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register."""
        return self.spins if name == "SPINS" else super().register_max(name)


def sigmoid_table(shape: IsingShape) -> tuple[int, ...]:
    """T[k] = 2^B / (1 + exp(-2 k / S)), k from -2^(I-1) on, S = ``shape.scale``: the registers
    BETA and SHIFT then mean an inverse temperature of BETA / (S 2^SHIFT) in units of 1/J. An entry
    that rounds to 2^B or 2^B - 1 is always, its mirror image never."""
    half, most = 1 << shape.index_bits - 1, shape.always
    table = []
    for k in range(-half, half):
        up = round((most + 1) / (1 + exp(-2 * k / shape.scale)))
        table.append(most if up >= most else 0 if up <= 1 else up)
    return tuple(table)


@dataclass(frozen=True, kw_only=True)
class IsingParams:
    """Every number of the engine but couplings, biases and the sigmoid; all are run-time registers.

    ``spins`` take part, 0 for all. ``beta`` is BETA, ``beta_end`` where its ramp ends and
    ``beta_step`` what it rises by in a sweep, 2^-16 (``ramp`` makes the three).
    """

    quiet: bool = True
    histogram: bool = False
    parallel: bool = False
    spins: int = 0
    beta: int = 0
    beta_end: int = (1 << BETA_BITS) - 1
    beta_step: int = 0
    shift: int = 0
    trace_shift: int = 0
    seed: int = SEED

    def __post_init__(self) -> None:
        in_range(self, "spins", 0, 1024)
        for name in ("beta", "beta_end"):
            in_range(self, name, 0, (1 << BETA_BITS) - 1)
        in_range(self, "beta_step", 0, RAMP_MAX)
        in_range(self, "shift", 0, SHIFT_MAX)
        in_range(self, "trace_shift", 0, 31)
        check_seed(self.seed)

    def registers(self) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's."""
        return {
            "CONTROL": CONTROL_QUIET * self.quiet
            | CONTROL_HISTOGRAM * self.histogram
            | CONTROL_PARALLEL * self.parallel,
            "SPINS": self.spins,
            "BETA": self.beta,
            "BETA_END": self.beta_end,
            "BETA_STEP": self.beta_step,
            "SHIFT": self.shift,
            "TRACE_SHIFT": self.trace_shift,
        }


def ramp(shape: IsingShape, first: float, last: float, sweeps: int, shift: int) -> dict[str, int]:
    """``beta``, ``beta_end``, ``beta_step`` and ``shift`` of ``IsingParams``, for an inverse
    temperature that rises from ``first`` to ``last`` (1/J) in so many sweeps, or stays if they are
    equal. Raises ``ValueError`` where registers do not hold it."""
    unit, most = shape.scale << shift, (1 << BETA_BITS) - 1
    ends = [round(value * unit) for value in (first, last)]
    if not 0 <= ends[0] <= ends[1] <= most:
        raise ValueError(
            f"beta from {first:g} to {last:g}: give rising ones of 0 to {most / unit:g}, or "
            f"a shift other than {shift}"
        )
    step = (ends[1] - ends[0] << RAMP_SHIFT) // max(1, sweeps)
    return {"beta": ends[0], "beta_end": ends[1], "beta_step": step, "shift": shift}


SHAPES = {
    s.name: s
    for s in (
        IsingShape(name="ising-16", spins=16, lanes=16, histogram_bits=12),
        IsingShape(name="ising-64", spins=64, lanes=64),
        IsingShape(name="ising-256", spins=256, lanes=128),
        IsingShape(name="ising-512", spins=512, lanes=128),
        IsingShape(name="ising-256-ternary", spins=256, lanes=32, weight_bits=2, trace=256),
        IsingShape(name="ising-512-ternary", spins=512, lanes=16, weight_bits=2, trace=256),
        IsingShape(name="ising-800", spins=800, lanes=256, weight_bits=2),
        IsingShape(name="ising-1024-ternary", spins=1024, lanes=256, weight_bits=2),
    )
}

CONTROL_QUIET = 1
CONTROL_HISTOGRAM = 2
CONTROL_PARALLEL = 4
RESET_STATE = common.RESET_STATE
BUILD = 2

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=3, reset=CONTROL_QUIET,
        doc="bit 0 quiet: flips are counted, not sent; 1 count states; 2 all spins at once, which "
        "fails"),
    Reg(name="SPINS", addr=17, width=11, doc="so many take part; 0: all"),
    Reg(name="BETA", addr=18, width=BETA_BITS, doc="inverse temperature at the ramp's start"),
    Reg(name="BETA_END", addr=19, width=BETA_BITS, reset=(1 << BETA_BITS) - 1, doc="at its end"),
    Reg(name="BETA_STEP", addr=20, doc="it rises by so much a sweep, 2^-16"),
    Reg(name="SHIFT", addr=21, width=5, doc="right shift of beta times field"),
    Reg(name="TRACE_SHIFT", addr=22, width=5, doc="an energy is kept every 2^TRACE_SHIFT sweeps"),
    Reg(name="SEED_LO", addr=23, reset=SEED & 0xFFFFFFFF,
        doc="writing sets the low word of the generator's state"),
    Reg(name="SEED_HI", addr=24, reset=SEED >> 32, doc="the same, high word"),
    Reg(name="COMMAND", addr=25, access="wo", width=2,
        doc="bit 0 reset the state, 1 build fields and energy"),
    Reg(name="TICK", addr=26, access="ro", doc="emulated time, sweeps"),
    Reg(name="FLIPS", addr=27, access="ro", doc="flips, sent or not"),
    Reg(name="ENERGY", addr=28, access="ro", doc="energy as built, two's complement"),
    Reg(name="BEST_ENERGY", addr=29, access="ro", doc="the lowest one, two's complement"),
    Reg(name="BEST_TICK", addr=30, access="ro", doc="its tick"),
    Reg(name="BETA_NOW", addr=31, access="ro", width=BETA_BITS, doc="beta of the next sweep"),
)  # fmt: skip

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file. Writes of
# the best state and of fields are dropped.
REGION_REGISTERS = common.REGION_REGISTERS
REGION_WEIGHTS = 1  # word (j << row_bits) + k: J[j][i] of the k-th 32/W spins i, the first lowest
REGION_BIASES = 2  # word i: b[i], two's complement
REGION_SPINS = 3  # word k: bit i is 1 where s[32 k + i] is +1
REGION_BEST = 4  # the best state, as the spins; read only
REGION_TABLE = 5  # write-only; word n: T[n - 2^(I-1)]
REGION_HISTOGRAM = 6  # word n: COUNT[n]
REGION_TRACE = 7  # word n: TRACE[n], two's complement
REGION_FIELDS = 8  # word i: h[i], two's complement; read only
REGIONS = {
    "weights": REGION_WEIGHTS,
    "biases": REGION_BIASES,
    "spins": REGION_SPINS,
    "best": REGION_BEST,
    "table": REGION_TABLE,
    "histogram": REGION_HISTOGRAM,
    "trace": REGION_TRACE,
    "fields": REGION_FIELDS,
}

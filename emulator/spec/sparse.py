"""Contract of the sparse engine: p-bits on a graph that is fixed in the bitstream (Sec. II.B).

A p-bit is a superparamagnetic junction whose mean state follows its input (Camsari, Faria, Sutton,
Datta, "Stochastic p-bits for invertible logic", PRX 7, 031014, 2017). Spin *i* is s[i] = +1 or -1,
coupled to its neighbours j in the graph (``spec.graphs``)::

    f[i] = sum of J[i][j] s[j]         J = -1, +1, or with ``zeros`` 0, the same for i and j
    E    = - sum of J[i][j] s[i] s[j] over the edges

Its **levels** are the values above 0 that |f| can have, l[0] < l[1] < ...: 1, 2, ... d with
``zeros``, and without them only those that a sum of d signs can be.

Sweep at tick t. The colours of the graph come one after the other, and all spins of a colour at
once, as they see none of each other. Lane *l* is the l-th spin of the colour. For each colour every
generator draws a word: lane l takes of word l div P, P = 64 div B, the B bits from (l mod P) B on,
of which the highest is the sign b (1 is +1, 0 is -1) and the others the number u; the last
generator gives all lanes the number d of its highest D = CHANCE_BITS - (B-1) bits. With the
chances Q of row min(t >> ROW_SHIFT, ROWS - 1) of the schedule::

    T[k] = ((Q[k] + d) >> D) mod 2^(B-1)
    s[i] = b   if b f[i] = 0, or if b f[i] = l[k] and u >= T[k]
    s[i] = -b  otherwise

With Q = 2^CHANCE_BITS (1 - tanh(beta l)) that is P(up) = 1 / (1 + exp(-2 beta f)), the heat bath.
As d is uniform, T is right on average to CHANCE_BITS. That lanes share it makes the updates of two
lanes covary by 2^-2(B+1) at the most. Then t += 1, and if t mod 2^MEASURE_SHIFT = 0 the state is
measured.

**Measured**, after such a sweep or by COMMAND::

    ENERGY = E
    if E < BEST_ENERGY:  BEST_ENERGY = E, BEST_TICK = t, BEST = all spins

and after a sweep TRACE[(t / 2^MEASURE_SHIFT - 1) mod its length] = E.

The stream. Sixteen-bit words: a tick ``1nnnnnnn nnnnnnnn`` (n sweeps, n >= 1) or an event
``0aaaaaaa aaaaaaaa``, which flips spin *a*. **Each word takes its whole effect before the next one
starts.** An address that is no spin is dropped and flagged in STATUS. Spikes there are none.

Generators are all one linear recurrence, x' = A x (``spec.random``), each in a state of its own: in
other places of one sequence of 2^64 - 1 words. At power-on generator g is in the state
``mix(SEED + g)``, and COMMAND puts it there. Writing a word of its seed draws 32 words while the
bits of the word, lowest first, are added to bit 0 of the next state: x' = A x + e[0] bit. A is
irreducible, so from a given state the 64 bits of a seed lead to each state once;
``seed_words`` are mix(seed + g).

COMMAND's reset puts t, ENERGY and BEST_TICK to 0 and BEST_ENERGY to its highest; spins, couplings,
schedule and generators stay.

Cost in cycles (``rtl.engine.sparse``): one for each colour of a sweep; some tens for a measurement,
and as many as there are words of spins more if it is the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import tanh
from typing import ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.graphs import Graph, graph
from spinloom.emulator.spec.random import STATE_BITS, check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap
from spinloom.emulator.spec.shape import Shape

SEED = 0x9E3779B97F4A7C15
CHANCE_BITS = 16  # of a word of the schedule
SHIFT_MAX = 31
ENERGY_MAX = 0x7FFFFFFF
WORD = 32  # bits of a window word


@dataclass(frozen=True, kw_only=True)
class SparseShape(Shape):
    """What is fixed in the bitstream: the ``graph``, by name; whether couplings may be 0
    (``zeros``, which costs circuits); ``probability_bits`` B of a lane's random number; ``rows`` of
    the schedule; how many energies the ``trace`` keeps."""

    engine: ClassVar[str] = "sparse"
    version: ClassVar[int] = 1

    graph: str
    zeros: bool = False
    probability_bits: int = 12
    rows: int = 512
    trace: int = 1024
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        if self.spins > common.MAX_INPUTS:
            raise ValueError(
                f"SparseShape.graph = {self.graph!r} has {self.spins} spins; give one of "
                f"{common.MAX_INPUTS} or fewer"
            )
        in_range(self, "probability_bits", 8, CHANCE_BITS)
        in_range(self, "rows", 1, 1 << 12)
        in_range(self, "trace", 1, 1 << 12)
        if self.trace & self.trace - 1:
            raise ValueError(f"SparseShape.trace = {self.trace}; give a power of two")
        generator(self.generator)

    @property
    def network(self) -> Graph:
        """The graph."""
        return graph(self.graph)

    @property
    def spins(self) -> int:
        """Spins, N."""
        return self.network.spins

    @property
    def inputs(self) -> int:
        """Addresses of events: spins."""
        return self.spins

    @property
    def neurons(self) -> int:
        """Spins."""
        return self.spins

    @property
    def synapses(self) -> int:
        """Couplings, one for each edge."""
        return len(self.network.edges)

    @property
    def lanes(self) -> int:
        """Spins that are updated at once: the largest colour."""
        return max(len(spins) for spins in self.network.colours)

    @property
    def word_lanes(self) -> int:
        """Lanes that one random word serves, P."""
        return STATE_BITS // self.probability_bits

    @property
    def generators(self) -> int:
        """Generators: those of the lanes, and the last one's d."""
        return -(-self.lanes // self.word_lanes) + 1

    @property
    def dither_bits(self) -> int:
        """Bits of d, D."""
        return CHANCE_BITS - (self.probability_bits - 1)

    @property
    def levels(self) -> tuple[int, ...]:
        """The values above 0 of |f|."""
        step = 1 if self.zeros else 2
        return tuple(sorted({v for d in self.network.degrees for v in range(d, 0, -step)}))

    @property
    def level_bits(self) -> int:
        """Bits of the number of a level."""
        return (len(self.levels) - 1).bit_length()

    @property
    def coupling_bits(self) -> int:
        """Bits of a coupling in the window: is it negative; and above that with ``zeros``, is it
        there."""
        return 2 if self.zeros else 1

    @property
    def coupling_words(self) -> int:
        """Window words of all couplings."""
        return -(-self.synapses * self.coupling_bits // WORD)

    @property
    def spin_words(self) -> int:
        """Window words of all spins."""
        return -(-self.spins // WORD)

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
        return frozenset({"schedule", "seeds"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_COUPLINGS: self.coupling_words,
            REGION_SPINS: self.spin_words,
            REGION_SCHEDULE: self.rows << self.level_bits,
            REGION_BEST: self.spin_words,
            REGION_TRACE: self.trace,
            REGION_SEEDS: 2 * self.generators,
        }[region]

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register."""
        return self.rows if name == "ROWS" else super().register_max(name)


def chances(shape: SparseShape, beta: float) -> tuple[int, ...]:
    """A row of the schedule: Q of each level at an inverse temperature (1/J). T has to stay below
    2^(B-1), so Q is at most that of a beta of about 2^-B: no lower ones can be told from 0. Raises
    ``ValueError`` for a negative one."""
    if not beta >= 0:
        raise ValueError(f"beta = {beta}; give 0 or more")
    most = (1 << shape.probability_bits - 1) - 1 << shape.dither_bits
    full = 1 << CHANCE_BITS
    return tuple(min(round(full * (1 - tanh(beta * level))), most) for level in shape.levels)


def mix(number: int) -> int:
    """SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA
    2014): one of the 2^64 - 1 states for a number; for the one that would be zero, 1."""
    mask = (1 << 64) - 1
    z = (number + 0x9E3779B97F4A7C15) & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return z ^ z >> 31 or 1


def starts(shape: SparseShape) -> list[int]:
    """The states of all generators at power-on."""
    return [mix(SEED + g) for g in range(shape.generators)]


def seed_words(shape: SparseShape, seed: int) -> list[int]:
    """The words of region SEEDS that a seed means."""
    mixed = [mix(seed + g) for g in range(shape.generators)]
    return [half for seed in mixed for half in (seed & 0xFFFFFFFF, seed >> 32)]


@dataclass(frozen=True, kw_only=True)
class SparseParams:
    """Every number of the engine but couplings and schedule: a row of the schedule lasts
    2^``row_shift`` sweeps, and the state is measured every 2^``measure_shift`` sweeps."""

    row_shift: int = 0
    measure_shift: int = 0
    seed: int = SEED

    def __post_init__(self) -> None:
        in_range(self, "row_shift", 0, SHIFT_MAX)
        in_range(self, "measure_shift", 0, SHIFT_MAX)
        check_seed(self.seed)

    def registers(self) -> dict[str, int]:
        """Every register value that these parameters mean; ROWS is the schedule's."""
        return {"ROW_SHIFT": self.row_shift, "MEASURE_SHIFT": self.measure_shift}


SHAPES = {
    s.name: s
    for s in (
        SparseShape(name="torus-8x8", graph="torus-8x8", zeros=True),
        SparseShape(name="torus-8x10", graph="torus-8x10"),
        SparseShape(name="torus-12x12", graph="torus-12x12"),
        SparseShape(name="torus-16x16", graph="torus-16x16", zeros=True),
        SparseShape(name="torus-40x40", graph="torus-40x40"),
        SparseShape(name="torus-44x44", graph="torus-44x44"),
        SparseShape(name="ice-6x6", graph="ice-6x6"),
        SparseShape(name="ice-16x16", graph="ice-16x16"),
    )
}

RESET_STATE = common.RESET_STATE
RESET_RANDOM = 2
MEASURE = 4

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="ROWS", addr=16, width=13, reset=1, minimum=1, doc="rows of the schedule; the last "
        "one stays"),
    Reg(name="ROW_SHIFT", addr=17, width=5, doc="a row lasts 2^ROW_SHIFT sweeps"),
    Reg(name="MEASURE_SHIFT", addr=18, width=5, doc="measured every 2^MEASURE_SHIFT sweeps"),
    Reg(name="COMMAND", addr=19, access="wo", width=3,
        doc="bit 0 reset the state, 1 generators to their start, 2 measure"),
    Reg(name="TICK", addr=20, access="ro", doc="emulated time, sweeps"),
    Reg(name="ENERGY", addr=21, access="ro", doc="energy as measured, two's complement"),
    Reg(name="BEST_ENERGY", addr=22, access="ro", doc="the lowest one, two's complement"),
    Reg(name="BEST_TICK", addr=23, access="ro", doc="its tick"),
)  # fmt: skip

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file. Bits that
# no coupling or spin has are 0. Writes of what the engine alone writes are dropped.
REGION_REGISTERS = common.REGION_REGISTERS
# The couplings of all edges behind one another, edge 0 lowest; of each, lowest bit first, 1 if it
# is -1, and with zeros 1 if it is not 0.
REGION_COUPLINGS = 1
REGION_SPINS = 2  # word k: bit i is 1 where s[32 k + i] is +1
REGION_SCHEDULE = 3  # write-only; word (row << level_bits) + k: Q[k]
REGION_BEST = 4  # the best state, as the spins; read only
REGION_TRACE = 5  # word n: TRACE[n], two's complement; read only
REGION_SEEDS = 6  # write-only; words 2g, 2g + 1: the seed of generator g, low half first
REGIONS = {
    "couplings": REGION_COUPLINGS,
    "spins": REGION_SPINS,
    "schedule": REGION_SCHEDULE,
    "best": REGION_BEST,
    "trace": REGION_TRACE,
    "seeds": REGION_SEEDS,
}

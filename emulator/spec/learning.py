"""Contract of the learning engine: shape, parameters, registers, memory regions, events, order.

The stream. Sixteen-bit words arrive in order: an event ``0aaaaaaa aaaaaaaa`` (AER address *a*) or
a tick ``1nnnnnnn nnnnnnnn`` (advance emulated time by *n* ticks, n >= 1). **Each item takes its
whole effect, the STDP sweep of a spike included, before the next item starts.** Items that arrive
meanwhile wait in order. So nothing depends on arrival times, and a machine may overlap work only
where the result is the same. An address that is no input is dropped and flagged in STATUS.

Tick, for every neuron *j* (Sec. II.C, domain-wall neuron with a restoring force)::

    t += 1 ; inh = max(0, inh-1) ; ref[j] = max(0, ref[j]-1) ; pos[j] = max(0, pos[j]-LEAK)
    every BUCKET_TICKS ticks: bucket += 1
    every HOMEO_TICKS ticks, with homeostasis on:
        theta[j] -= (theta[j]-THETA0) >> HOMEO_SHIFT        (the shift floors)

Writing BUCKET_TICKS or HOMEO_TICKS starts its count again from 0; writing T_REF ends every
refractory time.

Events come in groups, whose junctions are read together and which are judged once. A group ends
behind ``group`` events (part of the shape; 1 judges every event) and before a tick; until it does,
its events only wait. Event at input *i*, and the end of a group::

    last[i] = bucket ; for every j: n[j] += strength of synapse (i, j)

    for every j not blocked with pos[j] < theta[j]:  pos[j] += STEP*n[j]
    winner = argmax of pos[j]-theta[j] over j not blocked with pos[j] >= theta[j]; ties: lowest j
    n = 0
    blocked(j) = ref[j] > 0, or inh > 0 and j is not the last winner

Spike of winner *w*::

    emit (t, w), unless quiet ; SPIKES += 1
    pos[w] = 0, with a hard reset pos[j] = 0 for every j
    ref[w] = T_REF ; inh = T_INH ; last winner = w
    with homeostasis on: theta[w] = min(theta[w] + THETA_UP, theta_max)
    with learning on: the sweep

A wall that has reached its junction stays there until a spike or the leak moves it. So, with
thresholds up to theta_max = 2^B - 1 (B, threshold_bits), steps below 2^S (S, step_bits) and
strengths up to s, positions stay below theta_max + group·s·(2^S - 1): walls are that wide and never
overflow.

The C bits (C, ``junctions``) of synapse (i, j) are those of row *i* in columns j·C to j·C+C-1. What
they are says ``synapse``::

    "junctions"   a compound of one-bit junctions; strength: the number of those that are P
    "wall"        one domain-wall memristor; strength: its wall's position, the binary number of the
                  bits, the first of them the lowest

Sweep of neuron *w* (Fig. 4, simplified STDP): of its C columns of junctions in ascending order, or
of its column of walls. In a column, groups of eight inputs, g = 0, 1, ..., take one 64-bit random
word each, or two in a row with codes of 16 bits, in turn from all ``generators``. Input i = 8g+l
takes byte *l* of each as r, the first of them the low one. Its code is c = CODES[a][v], and it
switches when the LSB-first majority fold of the bits of r and c is 1: that is the carry out of
r + c, so the probability is c/2^K exactly, K = ``code_bits``; c = 2^K is always.

The class *a* comes from the age of the input's last event, bucket - last[i]: 0 where that is
``window_ages`` or more (to AP, or down), else 1 (to P, or up); with more than two ages, 1 + age,
so that an exponential window is a staircase of codes. The level is

    v = min(max(v0 + d, 0), 15),  d = 0, or with a CYCLE_SPREAD of k > 0: x - y

where v0 is the device level of the junction (0 in a shape of one level), or position >> max(0, C-4)
of the wall. With k > 0 the sweep of a column draws a word of every generator before all others; x
are the low k bits of the first byte of the first one, y those of its second byte. So all devices of
a column share a d that differs from cycle to cycle.

``device_levels`` says where the level of a junction comes from: "hashed" is level(g, column) of
``spec.synapse``; "stored" is bits 4l to 4l+3 of the word of region LEVELS for (g, column). A stored
level of 0 has no spread from cycle to cycle: with codes of 0 there, such devices are stuck.

A junction that switches takes the value a > 0; a wall moves by one position, up if a > 0, else
down, and stays where its track ends. Trials that switched are counted, whether or not they changed
anything. Writing a seed's half sets that half of every generator's state, XORed with its
``lane_seed``.

Hands of the host. Writing neuron *w* to TEACH makes it spike now, exactly as if it had won a
judgement, whoever is blocked; the open group stays open. COMMAND bit 3 does PULSE_COUNT sweeps of
the neuron PULSE_COLUMN, as a spike's, without a spike and whether or not learning is on; their
class *a* is PULSE_CLASS for every input, or with 2 by the window. Resets come first, then a replay,
then pulses. A shape of several row groups has none of this, nor a CYCLE_SPREAD: there these
registers take 0 alone, and COMMAND three bits. TRIALS counts every trial of every sweep, whatever
began it, in all shapes: C·I a sweep, or I of walls.

Cost in cycles of the serial engine (``rtl.engine.learning``), with N neurons and I inputs: an event
1 + C, a spike N + 5, a hard reset 2·N. A sweep of junctions takes C·(I/8 + 9), and two for every
junction that switches, less the cycle in which its group is decided; one of walls 3·I, and two for
every wall that moves. Codes of 16 bits take another I/8 + 6 a column of junctions, or 9·I/8 of
walls. Stored levels are there 5 cycles sooner. More ages and a cycle spread take none.

Replay. A shape with a stimulus memory can play items from it, so that the speed of the array is not
that of the link. An item reads up to one row of each row group r (input i is row i // row_groups
of group i mod row_groups), then may end the group, then may tick::

    bits r*(row_bits+1) ...: row | present << row_bits, for r = 0 ... row_groups-1 ; judge ; tick

COMMAND bit 2 plays items 0 to PLAY_ITEMS-1, PLAY_ROUNDS times over. Only the judge bit ends a
group here; a group must not hold more than ``group`` events, and an item that ticks must judge.
An open group of the stream joins the first one played.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec import synapse
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.random import STATE_BITS, check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap

CODE_BITS = 8  # of a random byte's decision
CODE_ONE = 1 << CODE_BITS  # the code of probability 1
LEVELS = 16  # device-to-device levels of a junction
LANES = 8  # junctions decided by one random word
TIMER_BITS = 12
SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
WORD_TICK, MAX_TICKS, MAX_INPUTS = common.WORD_TICK, common.MAX_TICKS, common.MAX_INPUTS
MAX_STIMULUS = 1 << 16
MAX_COLUMNS = 4096
MAX_AGES = 6
SYNAPSES = ("junctions", "wall")
DEVICE_LEVELS = ("hashed", "stored")


def row_words(columns: int) -> int:
    """32-bit words that hold a row of so many junctions, rounded up to a power of two."""
    return 1 << (-(-columns // 32) - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class LearningShape(common.Shape):
    """What is fixed in the bitstream: ``inputs`` × ``neurons`` synapses of ``junctions`` bits each,
    how they are read and written, and the random generator.

    ``group`` events are judged together; ``row_groups`` rows are read and ``8 * generators``
    junctions written at once by an array as wide as its memory; ``levels`` is 16, or 1 for devices
    without spread; ``step_bits`` is the width of STEP (default: ``threshold_bits``); ``stimulus``
    is the number of items of the replay memory; ``synapse`` says what the bits of a synapse are;
    ``code_bits`` is 8 or 16; ``window_ages`` (2 to 6) is the length of the STDP window in buckets;
    ``device_levels`` is "hashed", or "stored" in four bits a junction.
    """

    engine: ClassVar[str] = "learning"
    version: ClassVar[int] = 4

    inputs: int
    neurons: int
    threshold_bits: int = 12
    step_bits: int = 0
    generator: str = "lutopt64"
    generators: int = 1
    levels: int = LEVELS
    group: int = 1
    row_groups: int = 1
    stimulus: int = 0
    junctions: int = 1
    synapse: str = "junctions"
    code_bits: int = CODE_BITS
    window_ages: int = 2
    device_levels: str = "hashed"

    def __post_init__(self) -> None:
        in_range(self, "inputs", 64, MAX_INPUTS)
        in_range(self, "neurons", 2, 1024)
        in_range(self, "threshold_bits", 4, 15)
        if not self.step_bits:
            object.__setattr__(self, "step_bits", self.threshold_bits)
        in_range(self, "step_bits", 1, self.threshold_bits)
        in_range(self, "group", 1, 1024)
        in_range(self, "stimulus", 0, MAX_STIMULUS)
        for field, top in (("row_groups", 64), ("generators", 64)):
            in_range(self, field, 1, top)
            value = getattr(self, field)
            if value & (value - 1):
                raise ValueError(f"LearningShape.{field} = {value} is not a power of two")
        if self.levels not in (1, LEVELS):
            raise ValueError(f"LearningShape.levels = {self.levels}; give 1 or {LEVELS}")
        if self.synapse not in SYNAPSES:
            known = " or ".join(map(repr, SYNAPSES))
            raise ValueError(f"LearningShape.synapse = {self.synapse!r}; give {known}")
        if self.is_wall:
            in_range(self, "junctions", 2, 8)
        elif self.junctions not in (1, 2, 4, 8):
            raise ValueError(f"LearningShape.junctions = {self.junctions}; give 1, 2, 4 or 8")
        if self.columns > MAX_COLUMNS:
            raise ValueError(
                f"LearningShape.junctions = {self.junctions}: {self.columns} columns of "
                f"{self.neurons} neurons; give {MAX_COLUMNS} or fewer"
            )
        if self.code_bits not in (CODE_BITS, 2 * CODE_BITS):
            raise ValueError(
                f"LearningShape.code_bits = {self.code_bits}; give {CODE_BITS} or {2 * CODE_BITS}"
            )
        in_range(self, "window_ages", 2, MAX_AGES)
        if self.device_levels not in DEVICE_LEVELS:
            known = " or ".join(map(repr, DEVICE_LEVELS))
            raise ValueError(f"LearningShape.device_levels = {self.device_levels!r}; give {known}")
        if self.has_stored_levels and (self.is_wall or self.levels == 1):
            raise ValueError(
                "LearningShape.device_levels = 'stored': walls and shapes of one level have none "
                "to store; give 'hashed'"
            )
        self._check_wide()
        for unit in (32, LANES * self.generators, self.row_groups):
            if self.inputs % unit:
                raise ValueError(
                    f"LearningShape.inputs = {self.inputs} is not a multiple of {unit}"
                )
        if self.position_bits > 16:
            raise ValueError(
                f"LearningShape.group = {self.group}: walls of {self.position_bits} bits; the "
                "memory window holds 16: give fewer events or junctions, step_bits or "
                "threshold_bits"
            )
        generator(self.generator)

    def _check_wide(self) -> None:
        """What only an array that is read a row at a time can be."""
        for field in ("junctions", "synapse", "code_bits", "window_ages", "device_levels"):
            default = type(self).__dataclass_fields__[field].default
            if self.row_groups > 1 and getattr(self, field) != default:
                raise ValueError(
                    f"LearningShape.{field} = {getattr(self, field)!r} with row_groups = "
                    f"{self.row_groups}: give row_groups = 1, or {field} = {default!r}"
                )

    @property
    def columns(self) -> int:
        """Junctions of a row."""
        return self.neurons * self.junctions

    @property
    def is_wall(self) -> bool:
        """Whether a synapse is a domain-wall memristor."""
        return self.synapse == "wall"

    @property
    def has_stored_levels(self) -> bool:
        """Whether the device levels of the junctions are in a memory."""
        return self.device_levels == "stored"

    @property
    def is_plain(self) -> bool:
        """Whether a synapse is one junction under two classes of pulses, with codes of 8 bits."""
        return self.strength_max == 1 and self.classes == 2 and self.code_bits == CODE_BITS

    @property
    def cell_bits(self) -> int:
        """Bits of what one trial may write: a junction, or the position of a wall."""
        return self.junctions if self.is_wall else 1

    @property
    def cells(self) -> int:
        """Trials of a synapse in a sweep."""
        return self.junctions // self.cell_bits

    @property
    def code_one(self) -> int:
        """The code of probability 1."""
        return 1 << self.code_bits

    @property
    def classes(self) -> int:
        """Pulse classes: to AP, and to P for both ages of a window of two, or for each of more."""
        return 2 if self.window_ages == 2 else 1 + self.window_ages

    @property
    def words_per_group(self) -> int:
        """Random words that decide a group of eight inputs."""
        return self.code_bits // CODE_BITS

    def code_table(self, params: LearningParams) -> list[int]:
        """The words of region CODES for these parameters; one row of ``codes_p`` serves all ages.

        Raises ``ValueError`` for codes of another width, or rows for another number of ages.
        """
        if params.code_bits != self.code_bits:
            raise ValueError(
                f"LearningParams.code_bits = {params.code_bits}; shape {self.name} has "
                f"{self.code_bits}"
            )
        rows, need = len(params.codes_p) // LEVELS, self.classes - 1
        if rows not in (1, need):
            raise ValueError(
                f"LearningParams.codes_p holds {rows} rows of {LEVELS} codes; shape {self.name} "
                f"needs {need}, or 1 for all ages"
            )
        return [*params.codes_ap, *params.codes_p * (need // rows)]

    @property
    def position_shift(self) -> int:
        """How far the position of a memristor's wall is shifted right to index a code table."""
        return max(0, self.junctions - LEVELS.bit_length() + 1)

    @property
    def strength_max(self) -> int:
        """The strongest synapse."""
        return (1 << self.junctions) - 1 if self.is_wall else self.junctions

    @property
    def theta_max(self) -> int:
        """Largest threshold and leak, in wall steps."""
        return (1 << self.threshold_bits) - 1

    @property
    def position_bits(self) -> int:
        """Bits of a wall's position."""
        most = self.group * self.strength_max
        farthest = self.theta_max - 1 + most * ((1 << self.step_bits) - 1)
        return farthest.bit_length()

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register: those in wall steps are as wide as
        thresholds."""
        if self.row_groups > 1 and name in SERIAL_REGS:
            return 0
        if name in ("TEACH", "PULSE_COLUMN"):
            return self.neurons - 1
        bits = REGISTERS[name].width
        if name == "STEP":
            bits = self.step_bits
        elif name in POSITION_REGS:
            bits = self.threshold_bits
        elif name == "COMMAND" and self.row_groups > 1:
            bits = 3
        return PULSE_BY_WINDOW if name == "PULSE_CLASS" else (1 << bits) - 1

    @property
    def synapses(self) -> int:
        """Synapses, one between each input and each neuron."""
        return self.inputs * self.neurons

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
        return frozenset({"codes", "stimulus"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return region_words(self, region)

    @property
    def groups(self) -> int:
        """Groups of eight inputs that share a random word."""
        return self.inputs // LANES

    @property
    def group_bits(self) -> int:
        """Bits of the number of such a group."""
        return (self.groups - 1).bit_length()

    @property
    def rows(self) -> int:
        """Rows of a row group."""
        return self.inputs // self.row_groups

    @property
    def row_bits(self) -> int:
        """Bits of a row's number in its group."""
        return (self.rows - 1).bit_length()

    @property
    def item_bits(self) -> int:
        """Bits of an item of the replay memory."""
        return self.row_groups * (self.row_bits + 1) + 2

    @property
    def item_words(self) -> int:
        """32-bit words of the memory window in one item: a power of two."""
        return 1 << (-(-self.item_bits // 32) - 1).bit_length()

    @property
    def row_words(self) -> int:
        """32-bit words of the memory window in one row (one input): a power of two."""
        return row_words(self.columns)

    def contract(self) -> dict[str, Any]:
        """What the identity hash covers: the spread of the devices too."""
        return {**super().contract(), "spread": [synapse.ROUNDS, *synapse.ROUND_KEYS]}


def lane_seed(k: int) -> int:
    """What generator *k* XORs its seed with: 0 for the first, then words without structure
    (splitmix64 of k; Steele, Lea, Flood 2014), so that generators are far apart in the one
    sequence that they share."""
    if k == 0:
        return 0
    mask = (1 << STATE_BITS) - 1
    z = k * 0x9E3779B97F4A7C15 & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return z ^ z >> 31


SHAPES = {
    s.name: s
    for s in (
        LearningShape(name="lanes", inputs=8192, neurons=32),
        LearningShape(name="lanes-small", inputs=1024, neurons=16),
        LearningShape(name="lanes-full", inputs=32768, neurons=32),
        LearningShape(
            name="w1", inputs=1024, neurons=256, threshold_bits=8, step_bits=1, levels=1,
            group=64, row_groups=8, generators=16, stimulus=8192,
        ),
        # The same network, read a row at a time: what the wide one is measured against.
        LearningShape(name="w1-serial", inputs=1024, neurons=256, threshold_bits=10),
        LearningShape(
            name="wide-small", inputs=256, neurons=32, threshold_bits=9, step_bits=6,
            group=8, row_groups=4, stimulus=64,
        ),
        LearningShape(name="digits", inputs=800, neurons=100, threshold_bits=15, step_bits=4),
        LearningShape(
            name="digits-stored", inputs=800, neurons=100, threshold_bits=15, step_bits=4,
            code_bits=16, device_levels="stored",
        ),
        LearningShape(
            name="digits4", inputs=800, neurons=100, threshold_bits=15, step_bits=4, junctions=4,
        ),
        LearningShape(
            name="digits-wall", inputs=800, neurons=100, threshold_bits=15, step_bits=4,
            junctions=4, synapse="wall",
        ),
        LearningShape(name="devices", inputs=1024, neurons=16, code_bits=16),
        LearningShape(name="stdp", inputs=1024, neurons=16, code_bits=16, window_ages=6),
        LearningShape(
            name="memristors", inputs=1024, neurons=16, threshold_bits=15, step_bits=4,
            junctions=4, synapse="wall", code_bits=16,
        ),
        LearningShape(name="digits400", inputs=800, neurons=400, threshold_bits=15, step_bits=4),
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LearningParams:
    """Every physical number of the engine; all are run-time registers. Times in ticks, positions in
    wall steps.

    ``codes_p[v]`` and ``codes_ap[v]`` are the switching codes (probability × 2^``code_bits``, where
    that is always) of a device of level *v* under the pulse classes "to P" (active inputs) and "to
    AP" (silent ones). For a window of more than two ages ``codes_p`` may hold a row of codes for
    each, one behind the other. ``LearningShape.code_table`` checks that they fit.
    """

    step: int = 4
    leak: int = 8
    theta0: int = 800
    theta_up: int = 16
    t_inh: int = 30
    t_ref: int = 300
    bucket_ticks: int = 4
    homeo_ticks: int = 1000
    homeo_shift: int = 3
    cycle_spread: int = 0
    code_bits: int = CODE_BITS
    codes_p: tuple[int, ...] = (64,) * LEVELS
    codes_ap: tuple[int, ...] = (16,) * LEVELS
    seed: int = SEED
    spread_seed: int = 0
    learn: bool = True
    homeostasis: bool = True
    hard_reset: bool = False

    def __post_init__(self) -> None:
        for name, reg in PARAM_REGS.items():
            in_range(self, name, REGISTERS[reg].minimum, (1 << REGISTERS[reg].width) - 1)
        if self.code_bits not in (CODE_BITS, 2 * CODE_BITS):
            raise ValueError(
                f"LearningParams.code_bits = {self.code_bits}; give {CODE_BITS} or {2 * CODE_BITS}"
            )
        one = 1 << self.code_bits
        for name, rows in (("codes_p", MAX_AGES), ("codes_ap", 1)):
            codes = getattr(self, name)
            fits = len(codes) in range(LEVELS, rows * LEVELS + 1, LEVELS)
            if not fits or not all(0 <= c <= one for c in codes):
                raise ValueError(
                    f"LearningParams.{name} = {codes!r}: give {LEVELS} codes from 0 to {one}"
                    + ", or as many for each age" * (rows > 1)
                )
        check_seed(self.seed)
        in_range(self, "spread_seed", 0, (1 << 32) - 1)

    def registers(self) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's, which restart the
        generator; the codes go to region CODES."""
        values = {reg: getattr(self, name) for name, reg in PARAM_REGS.items()}
        return values | {
            "SPREAD_SEED": self.spread_seed,
            "CONTROL": CONTROL_LEARN * self.learn
            | CONTROL_HOMEOSTASIS * self.homeostasis
            | CONTROL_HARD_RESET * self.hard_reset,
        }


CONTROL_LEARN = 1
CONTROL_HOMEOSTASIS = 2
CONTROL_HARD_RESET = 4
CONTROL_QUIET = 8
# COMMAND bits: what is put back to its start. Weights are non-volatile and stay.
# State: pos, ref, inh, last winner (to 0), window, open group, tick, both phase counters, and what
# counts spikes and trials.
RESET_STATE = common.RESET_STATE
RESET_THETA = 2  # theta[j] = THETA0
PLAY = 4  # once the resets are done
PULSE = 8  # once that is done
PULSE_BY_WINDOW = 2  # a PULSE_CLASS

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=4,
        doc="bit 0 learning on, bit 1 homeostasis on, bit 2 a spike resets all walls, "
        "bit 3 quiet: spikes are counted, not sent"),
    Reg(name="STEP", addr=17, width=16, reset=4, doc="wall steps of an event through a P junction"),
    Reg(name="LEAK", addr=18, width=16, reset=8, doc="wall steps lost at every tick"),
    Reg(name="THETA0", addr=19, width=16, reset=800, doc="rest threshold, wall steps"),
    Reg(name="THETA_UP", addr=20, width=16, reset=16, doc="threshold rise at a neuron's own spike"),
    Reg(name="T_INH", addr=21, width=TIMER_BITS, reset=30, doc="inhibition of all others, ticks"),
    Reg(name="T_REF", addr=22, width=TIMER_BITS, reset=300, doc="refractory time, ticks"),
    Reg(name="BUCKET_TICKS", addr=23, width=16, reset=4, minimum=1, doc="ticks of one bucket"),
    Reg(name="HOMEO_TICKS", addr=24, width=16, reset=1000, minimum=1,
        doc="ticks between threshold decays"),
    Reg(name="HOMEO_SHIFT", addr=25, width=4, reset=3, doc="right shift of a threshold decay"),
    Reg(name="SEED_LO", addr=26, reset=SEED & 0xFFFFFFFF,
        doc="writing sets the low word of the generator's state"),
    Reg(name="SEED_HI", addr=27, reset=SEED >> 32, doc="the same, high word"),
    Reg(name="SPREAD_SEED", addr=28, doc="seed of the device levels"),
    Reg(name="COMMAND", addr=29, access="wo", width=4,
        doc="bit 0 reset the state, bit 1 the thresholds; bit 2 play the stimulus memory; "
        "bit 3 pulses"),
    Reg(name="TICK", addr=30, access="ro", doc="emulated time, ticks"),
    Reg(name="SWITCHED_P", addr=31, access="ro", doc="trials to P, or up, that switched, low word"),
    Reg(name="SWITCHED_AP", addr=32, access="ro",
        doc="trials to AP, or down, that switched, low word"),
    Reg(name="SPIKES", addr=33, access="ro", doc="spikes, sent or not"),
    Reg(name="PLAY_ITEMS", addr=34, width=17, doc="items of the stimulus memory to play"),
    Reg(name="PLAY_ROUNDS", addr=35, doc="how often to play them"),
    Reg(name="PULSE_COLUMN", addr=36, width=10, doc="neuron whose synapses COMMAND pulses"),
    Reg(name="PULSE_CLASS", addr=37, width=2, reset=PULSE_BY_WINDOW,
        doc="class of its pulses: 0 to AP, 1 to P, 2 by the window as in a spike's sweep"),
    Reg(name="PULSE_COUNT", addr=38, width=16, reset=1, doc="sweeps of such pulses"),
    Reg(name="TEACH", addr=39, access="wo", width=10, doc="neuron that spikes now"),
    Reg(name="TRIALS_LO", addr=40, access="ro", doc="write trials, low word"),
    Reg(name="TRIALS_HI", addr=41, access="ro", doc="the same, high word"),
    Reg(name="SWITCHED_P_HI", addr=42, access="ro", doc="high word of SWITCHED_P"),
    Reg(name="SWITCHED_AP_HI", addr=43, access="ro", doc="high word of SWITCHED_AP"),
    Reg(name="CYCLE_SPREAD", addr=44, width=2,
        doc="bits of a level's cycle-to-cycle spread, 0: none"),
)  # fmt: skip

PARAM_REGS = {
    "step": "STEP",
    "leak": "LEAK",
    "theta0": "THETA0",
    "theta_up": "THETA_UP",
    "t_inh": "T_INH",
    "t_ref": "T_REF",
    "bucket_ticks": "BUCKET_TICKS",
    "homeo_ticks": "HOMEO_TICKS",
    "homeo_shift": "HOMEO_SHIFT",
    "cycle_spread": "CYCLE_SPREAD",
}
# Registers in wall steps: the shape limits them to its theta_max.
POSITION_REGS = ("STEP", "LEAK", "THETA0", "THETA_UP")
# Registers of an array that is read a row at a time.
PULSE_REGS = ("PULSE_COLUMN", "PULSE_CLASS", "PULSE_COUNT")
SERIAL_REGS = (*PULSE_REGS, "TEACH", "CYCLE_SPREAD")

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = common.REGION_REGISTERS
REGION_WEIGHTS = 1  # word row*row_words + k: bit b = column 32k+b, a junction: 1 = P; rest 0
REGION_CODES = 2  # write-only; word 16*a + v, code_bits + 1 bits: class a, level v
REGION_NEURONS = 3  # word j: pos[j] | theta[j] << 16
REGION_STIMULUS = 4  # write-only; word item*item_words + k: bits 32k ... of the item
REGION_LEVELS = 5  # word (column << bits of g) + g: bits 4l ... = level of input 8g + l
REGIONS = {
    "weights": REGION_WEIGHTS,
    "codes": REGION_CODES,
    "neurons": REGION_NEURONS,
    "stimulus": REGION_STIMULUS,
    "levels": REGION_LEVELS,
}


def region_words(shape: LearningShape, region: int) -> int:
    """How many 32-bit words a region holds."""
    return {
        REGION_WEIGHTS: shape.inputs * shape.row_words,
        REGION_CODES: shape.classes * LEVELS,
        REGION_NEURONS: shape.neurons,
        REGION_STIMULUS: shape.stimulus * shape.item_words,
        REGION_LEVELS: shape.columns << shape.group_bits if shape.has_stored_levels else 0,
    }[region]

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

Event at input *i*::

    last[i] = bucket
    for every j not blocked with pos[j] < theta[j]:  pos[j] += STEP*W[i][j]
    winner = argmax of pos[j]-theta[j] over j not blocked with pos[j] >= theta[j]; ties: lowest j
    blocked(j) = ref[j] > 0, or inh > 0 and j is not the last winner

Spike of winner *w*::

    emit (t, w) ; pos[w] = 0 ; ref[w] = T_REF ; inh = T_INH ; last winner = w
    with homeostasis on: theta[w] = min(theta[w] + THETA_UP, theta_max)
    with learning on: the sweep

A wall that has reached its junction stays there until a spike or the leak moves it. So, with
thresholds and steps up to theta_max = 2^B - 1 (B, threshold_bits, is part of the shape), positions
stay below 2^(B+1): walls need B + 1 bits and never overflow.

Sweep of column *w* (Fig. 4, simplified STDP). For groups g = 0, 1, ... of eight inputs, one 64-bit
random word; input i = 8g+l takes byte *l* as r. Its class is a = 1 if last[i] >= bucket-1 (the
two-bucket window), else 0; its device level v = level(g, w) of ``spec.synapse``; its code is
c = CODES[a][v]. The junction switches when the LSB-first majority fold of the bits of r and c is
1: that is the carry out of r + c, so the probability is c/256 exactly. A switched junction takes
the value a.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.random import check_seed, generator
from spinloom.emulator.spec.registers import SHELL, Reg, RegisterMap

CODE_BITS = 8
CODE_ONE = 1 << CODE_BITS  # the code of probability 1
LEVELS = 16  # device-to-device levels of a junction
LANES = 8  # junctions decided by one random word
TIMER_BITS = 12
SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
WORD_TICK = 0x8000
MAX_TICKS = 0x7FFF
MAX_INPUTS = 0x8000


def row_words(neurons: int) -> int:
    """32-bit words that hold a row of so many junctions, rounded up to a power of two."""
    return 1 << (-(-neurons // 32) - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class LearningShape:
    """What is fixed in the bitstream: ``inputs`` × ``neurons`` one-bit junctions and the random
    generator."""

    name: str
    inputs: int
    neurons: int
    threshold_bits: int = 12
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        in_range(self, "inputs", 64, MAX_INPUTS)
        in_range(self, "neurons", 2, 1024)
        in_range(self, "threshold_bits", 4, 15)
        if self.inputs % 32:
            raise ValueError(f"LearningShape.inputs = {self.inputs} is not a multiple of 32")
        generator(self.generator)

    @property
    def theta_max(self) -> int:
        """Largest threshold, step and leak, in wall steps."""
        return (1 << self.threshold_bits) - 1

    @property
    def position_bits(self) -> int:
        """Bits of a wall's position."""
        return self.threshold_bits + 1

    def register_bits(self, name: str) -> int:
        """Bits of this machine's register: those in wall steps are as wide as thresholds."""
        return self.threshold_bits if name in POSITION_REGS else REGISTERS[name].width

    def check_register(self, name: str, value: int) -> None:
        """Raise ``ValueError`` unless this machine's register can hold the value."""
        REGISTERS[name].check(value)
        top = (1 << self.register_bits(name)) - 1
        if value > top:
            raise ValueError(
                f"register {name} = {value} is out of range for shape {self.name}; give 0 to {top}"
            )

    @property
    def groups(self) -> int:
        """Groups of eight inputs that share a random word."""
        return self.inputs // LANES

    @property
    def row_words(self) -> int:
        """32-bit words of the memory window in one row (one input): a power of two."""
        return row_words(self.neurons)

    def contract(self) -> dict[str, Any]:
        """What the identity hash covers; the name is only a name."""
        fields = asdict(self)
        del fields["name"]
        return {"engine": "learning", "version": 1, **fields}


SHAPES = {
    s.name: s
    for s in (
        LearningShape(name="lanes", inputs=8192, neurons=32),
        LearningShape(name="lanes-small", inputs=1024, neurons=16),
    )
}


@dataclass(frozen=True, kw_only=True)
class LearningParams:
    """Every physical number of the engine; all are run-time registers. Times in ticks, positions in
    wall steps.

    ``codes_p[v]`` and ``codes_ap[v]`` are the switching codes (probability × 256, 256 = always) of
    a device of level *v* under the pulse classes "to P" (active inputs) and "to AP" (silent ones).
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
    codes_p: tuple[int, ...] = (64,) * LEVELS
    codes_ap: tuple[int, ...] = (16,) * LEVELS
    seed: int = SEED
    spread_seed: int = 0
    learn: bool = True
    homeostasis: bool = True

    def __post_init__(self) -> None:
        for name, reg in PARAM_REGS.items():
            in_range(self, name, REGISTERS[reg].minimum, (1 << REGISTERS[reg].width) - 1)
        for name in ("codes_p", "codes_ap"):
            codes = getattr(self, name)
            if len(codes) != LEVELS or not all(0 <= c <= CODE_ONE for c in codes):
                raise ValueError(
                    f"LearningParams.{name} = {codes!r}: give {LEVELS} codes from 0 to {CODE_ONE}"
                )
        check_seed(self.seed)
        in_range(self, "spread_seed", 0, (1 << 32) - 1)

    def registers(self) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's, which restart the
        generator; the codes go to region CODES."""
        values = {reg: getattr(self, name) for name, reg in PARAM_REGS.items()}
        return values | {
            "SPREAD_SEED": self.spread_seed,
            "CONTROL": CONTROL_LEARN * self.learn | CONTROL_HOMEOSTASIS * self.homeostasis,
        }


CONTROL_LEARN = 1
CONTROL_HOMEOSTASIS = 2
# COMMAND bits: what is put back to its start. Weights are non-volatile and stay.
# State: pos, ref, inh, last winner (to 0), window, tick, both phase counters, probes.
RESET_STATE = 1
RESET_THETA = 2  # theta[j] = THETA0

REGISTERS = RegisterMap(
    *SHELL,
    Reg(name="CONTROL", addr=16, width=2, doc="bit 0 learning on, bit 1 homeostasis on"),
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
    Reg(name="COMMAND", addr=29, access="wo", width=2,
        doc="reset: bit 0 state, bit 1 thresholds"),
    Reg(name="TICK", addr=30, access="ro", doc="emulated time, ticks"),
    Reg(name="SWITCHED_P", addr=31, access="ro", doc="write trials to P that switched"),
    Reg(name="SWITCHED_AP", addr=32, access="ro", doc="write trials to AP that switched"),
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
}
# Registers in wall steps: the shape limits them to its theta_max.
POSITION_REGS = ("STEP", "LEAK", "THETA0", "THETA_UP")

# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = 0
REGION_WEIGHTS = 1  # word row*row_words + k: bit b = junction of neuron 32k+b, 1 = P; rest 0
REGION_CODES = 2  # write-only; word 16*a + v, 9 bits: class a (0 to AP, 1 to P), level v
REGION_NEURONS = 3  # word j: pos[j] | theta[j] << 16
REGIONS = {"weights": REGION_WEIGHTS, "codes": REGION_CODES, "neurons": REGION_NEURONS}


def region_words(shape: LearningShape, region: int) -> int:
    """How many 32-bit words a region holds."""
    return {
        REGION_WEIGHTS: shape.inputs * shape.row_words,
        REGION_CODES: 2 * LEVELS,
        REGION_NEURONS: shape.neurons,
    }[region]

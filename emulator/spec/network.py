"""Contract of the network engine: shape, parameters, registers, memory regions, events, order.

Feed-forward layers of spin neurons with signed weights, trained elsewhere. A weight is a pair of
one-bit junctions, W = plus - minus, one of -1, 0, +1. Neurons are in *neuron words* of 16 lanes,
and so are weights: an event adds a weight word to a neuron word in one step.

Layers, first to last. A ``Dense`` layer's input *i* meets every neuron: its event takes one step a
neuron word, weight word ``i*words + n`` and neuron word *n*, whose lane *l* is neuron 16n+l. A
``Convolution`` has one neuron word a position, one lane a filter; planes have a pitch of 2^x_bits
positions a row::

    input   (y << x_bits | x) << channel_bits | c
    neuron  (y << x_bits | x) << filter_bits | f

and the event of (y, x, c) takes one step a tap, dy then dx ascending: weight word
``(c*kernel + dy)*kernel + dx`` and neuron word (y - dy + r, x - dx + r), r = kernel // 2, or no
neuron outside of the plane. So a tap is the weight of input (y + dy - r, x + dx - r) at neuron
(y, x): zero padding. The weight words and neuron words of a layer follow those of the layer before.

The stream. Sixteen-bit words: an event ``0aaaaaaa aaaaaaaa`` at input *a* of the first layer or a
tick ``1nnnnnnn nnnnnnnn`` (n time steps, n >= 1). **Each word takes its whole effect before the
next one starts.** An address that is no input is dropped and flagged in STATUS.

Event, for every lane of each step (positions saturate at ``position_bits`` bits, two's
complement)::

    if timer == 0:  pos = saturate(pos + STEP·W)

Time step: t += 1; then, for the layers in order, and in a layer for the neuron words in order (rows
of a plane one after the other), the neurons of the word, lane 0 first::

    if timer > 0:                                   # the reset pulse (Sec. II.C, Fig. 8)
        timer -= 1 ; if timer == 0: reset
    else:
        v = pos + bias ; v -= sign(v)·min(|v|, LEAK) ; pos = v = min(max(v, LO), HI)
        wall:      fires if v >= THETA
        junction:  fires if r + codes[max(0, min((v-LO) >> SHIFT, 63))] >= 2^16 ; pos = 0
        if it fires and RESET_TICKS > 0:  timer = RESET_TICKS
        if it fires and RESET_TICKS = 0:  reset
    reset:  wall: pos = saturate(pos - THETA), or 0 with MODE bit 0 ; junction: pos = 0

and then its spikes, lane 0 first: each is an event of the next layer; those of the last layer are
emitted as (t, neuron), unless quiet. A *wall* neuron integrates; a *junction* feels the current of
the time step alone, switches from AP to P with a probability of code/2^16, and is silent until the
reset pulse has put it back.

Random words. Each neuron word of a layer of junctions takes one 64-bit word for four lanes, up to
its last neuron: lane 4q+i of it takes r from bits 16i to 16i+15 of word q, whether it can fire or
not. Layers of walls take none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from spinloom.emulator.spec import shape as common
from spinloom.emulator.spec.check import in_range
from spinloom.emulator.spec.random import check_seed, generator
from spinloom.emulator.spec.registers import SHELL, SHELL_END, Reg, RegisterMap

LANES = 16
CODES = 64
CODE_BITS = 16
CODE_ONE = 1 << CODE_BITS  # the code of probability 1
SEED = 0x9E3779B97F4A7C15  # the generator's state at power-on
MAX_LAYERS = 4
KERNELS = (3, 5)


def _bits(values: int) -> int:
    """Bits that count so many values."""
    return (values - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class Dense:
    """A layer in which every input meets every neuron."""

    inputs: int
    neurons: int

    def __post_init__(self) -> None:
        in_range(self, "inputs", 2, common.MAX_INPUTS)
        in_range(self, "neurons", 1, 1024)

    @property
    def outputs(self) -> int:
        """Addresses of its spikes: 0 to ``outputs`` - 1."""
        return self.neurons

    @property
    def rows(self) -> int:
        """Rows of neuron words."""
        return 1

    @property
    def columns(self) -> int:
        """Neuron words of a row."""
        return -(-self.neurons // LANES)

    @property
    def words(self) -> int:
        """Neuron words of the layer's memory."""
        return self.columns

    @property
    def lane_bits(self) -> int:
        """Bits of a lane in a neuron's number."""
        return _bits(LANES)

    @property
    def weight_words(self) -> int:
        """Weight words."""
        return self.inputs * self.columns

    @property
    def bias_words(self) -> int:
        """Neuron words whose neurons have a bias of their own."""
        return self.columns

    @property
    def synapses(self) -> int:
        """Connections."""
        return self.inputs * self.neurons

    def lanes(self, column: int) -> int:
        """Neurons of a word."""
        return min(LANES, self.neurons - LANES * column)

    def is_input(self, address: int) -> bool:
        """Whether an input has this address."""
        return 0 <= address < self.inputs

    def contract(self) -> dict[str, int]:
        """What the identity hash covers."""
        return {"inputs": self.inputs, "neurons": self.neurons}


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """A layer of ``filters`` neurons at each position of a plane, which share their weights."""

    height: int
    width: int
    channels: int = 1
    kernel: int = 3
    filters: int = LANES

    def __post_init__(self) -> None:
        in_range(self, "height", 1, 256)
        in_range(self, "width", 1, 256)
        in_range(self, "channels", 1, LANES)
        in_range(self, "filters", 1, LANES)
        if self.kernel not in KERNELS:
            raise ValueError(f"Convolution.kernel = {self.kernel!r}; give 3 or 5")
        if self.inputs > common.MAX_INPUTS or self.outputs > common.MAX_INPUTS:
            raise ValueError(
                f"Convolution.height = {self.height}: the plane has more than "
                f"{common.MAX_INPUTS} addresses; give fewer positions, channels or filters"
            )

    @property
    def x_bits(self) -> int:
        """Bits of a column's number."""
        return _bits(self.width)

    @property
    def channel_bits(self) -> int:
        """Bits of a channel's number."""
        return _bits(self.channels)

    @property
    def lane_bits(self) -> int:
        """Bits of a filter's number: of a lane in a neuron's number."""
        return _bits(self.filters)

    @property
    def inputs(self) -> int:
        """End of its inputs' addresses, which have gaps unless width and channels are powers of
        two."""
        return self.height << self.x_bits + self.channel_bits

    @property
    def outputs(self) -> int:
        """The same of its spikes."""
        return self.height << self.x_bits + self.lane_bits

    @property
    def neurons(self) -> int:
        """Neurons of the plane."""
        return self.height * self.width * self.filters

    @property
    def rows(self) -> int:
        """Rows of neuron words."""
        return self.height

    @property
    def columns(self) -> int:
        """Neuron words of a row."""
        return self.width

    @property
    def words(self) -> int:
        """Neuron words of the layer's memory, with those between the rows."""
        return self.height << self.x_bits

    @property
    def weight_words(self) -> int:
        """Weight words."""
        return self.channels * self.kernel**2

    @property
    def bias_words(self) -> int:
        """Neuron words whose neurons have a bias of their own: positions share it."""
        return 1

    @property
    def synapses(self) -> int:
        """Connections, of neurons far from the edges times all."""
        return self.neurons * self.channels * self.kernel**2

    def lanes(self, column: int) -> int:
        """Neurons of a word."""
        return self.filters

    def is_input(self, address: int) -> bool:
        """Whether an input has this address."""
        x = address >> self.channel_bits & (1 << self.x_bits) - 1
        c = address & (1 << self.channel_bits) - 1
        return 0 <= address < self.inputs and x < self.width and c < self.channels

    def contract(self) -> dict[str, int]:
        """What the identity hash covers."""
        fields = ("height", "width", "channels", "kernel", "filters")
        return {field: getattr(self, field) for field in fields}


Layer = Dense | Convolution


@dataclass(frozen=True, kw_only=True)
class NetworkShape(common.Shape):
    """What is fixed in the bitstream: the layers, and bits of a position, a bias and a timer."""

    engine: ClassVar[str] = "network"
    version: ClassVar[int] = 1

    layers: tuple[Layer, ...]
    position_bits: int = 12
    bias_bits: int = 12
    timer_bits: int = 4
    generator: str = "lutopt64"

    def __post_init__(self) -> None:
        in_range(self, "position_bits", 6, 16)
        in_range(self, "bias_bits", 2, self.position_bits)
        in_range(self, "timer_bits", 1, 8)
        generator(self.generator)
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ValueError(
                f"NetworkShape.layers: {len(self.layers)} layers; give 1 to {MAX_LAYERS}"
            )
        for n, (one, two) in enumerate(zip(self.layers, self.layers[1:], strict=False), 1):
            if isinstance(two, Convolution):
                fits = isinstance(one, Convolution) and (
                    (one.height, one.width, one.filters) == (two.height, two.width, two.channels)
                )
            else:
                fits = one.outputs == two.inputs
            if not fits:
                raise ValueError(
                    f"NetworkShape.layers: layer {n} = {two} does not take the spikes of {one}, "
                    f"which has {one.outputs} addresses"
                )

    @property
    def inputs(self) -> int:
        """End of the addresses of events."""
        return self.layers[0].inputs

    @property
    def neurons(self) -> int:
        """Neurons of all layers."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def synapses(self) -> int:
        """Connections of all layers."""
        return sum(layer.synapses for layer in self.layers)

    @property
    def words(self) -> int:
        """Neuron words of all layers."""
        return sum(layer.words for layer in self.layers)

    @property
    def weight_words(self) -> int:
        """Weight words of all layers."""
        return sum(layer.weight_words for layer in self.layers)

    @property
    def bias_words(self) -> int:
        """Words of biases of all layers."""
        return sum(layer.bias_words for layer in self.layers)

    @property
    def lowest(self) -> int:
        """Lowest position."""
        return -(1 << self.position_bits - 1)

    @property
    def highest(self) -> int:
        """Highest position; the largest step, threshold and leak too."""
        return (1 << self.position_bits - 1) - 1

    @property
    def registers(self) -> RegisterMap:
        """Every register, the shell's too."""
        return registers(len(self.layers))

    @property
    def regions(self) -> dict[str, int]:
        """Number of each region of the memory window, by name."""
        return REGIONS

    @property
    def write_only(self) -> frozenset[str]:
        """Regions that read as zero."""
        return frozenset({"codes"})

    def region_words(self, region: int) -> int:
        """How many 32-bit words a region holds."""
        return {
            REGION_WEIGHTS: self.weight_words,
            REGION_CODES: CODES,
            REGION_NEURONS: LANES * self.words,
            REGION_BIAS: LANES * self.bias_words,
        }[region]

    def register_max(self, name: str) -> int:
        """The highest value of this machine's register: those of positions and timers are as wide
        as the shape says."""
        kind = name.partition("_")[2]
        bits = self.registers[name].width
        if name.startswith("L") and kind in POSITIVE_REGS:
            bits = self.position_bits - 1
        elif name.startswith("L") and kind in SIGNED_REGS:
            bits = self.position_bits
        elif kind == "RESET_TICKS":
            bits = self.timer_bits
        return (1 << bits) - 1

    def contract(self) -> dict[str, Any]:
        """What the identity hash covers: kinds of layers too."""
        layers = [{"kind": type(la).__name__, **la.contract()} for la in self.layers]
        return {**super().contract(), "layers": layers}


SHAPES = {
    s.name: s
    for s in (
        NetworkShape(
            name="network-digits",
            layers=(Dense(inputs=784, neurons=128), Dense(inputs=128, neurons=10)),
        ),
        NetworkShape(
            name="network-conv",
            layers=(
                Convolution(height=28, width=28, kernel=5, filters=8),
                Dense(inputs=7168, neurons=10),
            ),
        ),
        NetworkShape(
            name="network-edges",
            layers=(Convolution(height=28, width=28, kernel=3, filters=8),),
        ),
        NetworkShape(
            name="network-edges5",
            layers=(Convolution(height=28, width=28, kernel=5, filters=8),),
        ),
        NetworkShape(name="network-neurons", layers=(Dense(inputs=64, neurons=64),)),
        NetworkShape(
            name="network-shapes",
            layers=(Dense(inputs=64, neurons=16), Dense(inputs=16, neurons=2)),
        ),
        NetworkShape(
            name="network-small",
            layers=(
                Convolution(height=6, width=5, channels=3, kernel=3, filters=3),
                Dense(inputs=192, neurons=20),
                Dense(inputs=20, neurons=3),
            ),
            position_bits=10,
            bias_bits=6,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class LayerParams:
    """Every physical number of a layer; all are run-time registers. ``reset_ticks`` in ticks, all
    others but ``shift`` in wall steps. ``junction`` neurons switch by chance, others are walls;
    ``to_zero`` resets a wall to the track's start, otherwise it loses ``theta``."""

    step: int = 1
    theta: int = 10
    lo: int = -20
    hi: int = 20
    leak: int = 0
    reset_ticks: int = 0
    to_zero: bool = False
    junction: bool = False
    shift: int = 0

    def __post_init__(self) -> None:
        for name in ("step", "theta", "leak"):
            in_range(self, name, 0, (1 << 15) - 1)
        for name in ("lo", "hi"):
            in_range(self, name, -(1 << 15), (1 << 15) - 1)
        in_range(self, "reset_ticks", 0, 255)
        in_range(self, "shift", 0, 15)

    def registers(self, shape: NetworkShape, layer: int) -> dict[str, int]:
        """Register values; raises ``ValueError`` for a number that the shape can't hold."""
        for name in ("lo", "hi"):
            value = getattr(self, name)
            if not shape.lowest <= value <= shape.highest:
                raise ValueError(
                    f"LayerParams.{name} = {value} is out of range for shape {shape.name}; "
                    f"give {shape.lowest} to {shape.highest}"
                )
        mask = (1 << shape.position_bits) - 1
        values = {
            "STEP": self.step,
            "THETA": self.theta,
            "LO": self.lo & mask,
            "HI": self.hi & mask,
            "LEAK": self.leak,
            "RESET_TICKS": self.reset_ticks,
            "MODE": MODE_TO_ZERO * self.to_zero | MODE_JUNCTION * self.junction,
            "SHIFT": self.shift,
        }
        return {f"L{layer}_{name}": value for name, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class NetworkParams:
    """Every physical number of the engine but weights and biases: those of each layer, first to
    last, and ``codes`` (probability × 2^16, 2^16 = always) of the junctions' currents."""

    layers: tuple[LayerParams, ...]
    codes: tuple[int, ...] = (0,) * CODES
    seed: int = SEED

    def __post_init__(self) -> None:
        if len(self.codes) != CODES or not all(0 <= c <= CODE_ONE for c in self.codes):
            raise ValueError(f"NetworkParams.codes: give {CODES} codes from 0 to {CODE_ONE}")
        check_seed(self.seed)

    def registers(self, shape: NetworkShape) -> dict[str, int]:
        """Every register value that these parameters mean, but for the seed's, which restart the
        generator; the codes go to region CODES."""
        if len(self.layers) != len(shape.layers):
            raise ValueError(
                f"NetworkParams.layers: {len(self.layers)} layers; "
                f"shape {shape.name} has {len(shape.layers)}"
            )
        values = {"CONTROL": 0}
        for n, layer in enumerate(self.layers):
            values |= layer.registers(shape, n)
        return values


CONTROL_QUIET = 1
MODE_TO_ZERO = 1
MODE_JUNCTION = 2
# State: positions and timers (to 0), tick and counters.
RESET_STATE = common.RESET_STATE

LAYER_REGS = (
    ("STEP", 16, 1, "wall steps of an event through a plus junction"),
    ("THETA", 16, 10, "threshold of a wall, wall steps"),
    ("LO", 16, 0, "low end of the track, two's complement of the shape's position bits"),
    ("HI", 16, 20, "high end of the track, the same"),
    ("LEAK", 16, 0, "wall steps lost toward 0 at every tick"),
    ("RESET_TICKS", 8, 0, "ticks from a spike to the end of its reset pulse"),
    ("MODE", 2, 0, "bit 0 a reset puts a wall to 0, else it loses THETA; bit 1 junction neurons"),
    ("SHIFT", 4, 0, "right shift of a junction's current, to its code"),
)  # fmt: skip
POSITIVE_REGS = ("STEP", "THETA", "LEAK")
SIGNED_REGS = ("LO", "HI")
LAYER_ADDR = 32  # of the first layer's registers
LAYER_STRIDE = 8


@cache
def registers(layers: int) -> RegisterMap:
    """Registers of an engine of so many layers."""
    return RegisterMap(
        *SHELL,
        Reg(name="CONTROL", addr=SHELL_END, width=1,
            doc="bit 0 quiet: spikes are counted, not sent"),
        Reg(name="SEED_LO", addr=17, reset=SEED & 0xFFFFFFFF,
            doc="writing sets the low word of the generator's state"),
        Reg(name="SEED_HI", addr=18, reset=SEED >> 32, doc="the same, high word"),
        Reg(name="COMMAND", addr=19, access="wo", width=1, doc="bit 0 reset the state"),
        Reg(name="TICK", addr=20, access="ro", doc="emulated time, ticks"),
        Reg(name="SPIKES", addr=21, access="ro", doc="spikes of the last layer, sent or not"),
        Reg(name="HIDDEN", addr=22, access="ro", doc="spikes of all other layers"),
        *(
            Reg(name=f"L{n}_{name}", addr=LAYER_ADDR + LAYER_STRIDE * n + at, width=width,
                reset=reset, doc=f"layer {n}: {doc}")
            for n in range(layers)
            for at, (name, width, reset, doc) in enumerate(LAYER_REGS)
        ),
    )  # fmt: skip


# Regions of the memory window, addressed in 32-bit words. Region 0 is the register file.
REGION_REGISTERS = common.REGION_REGISTERS
REGION_WEIGHTS = 1  # a weight word each: bit l = plus junction of lane l, bit 16+l = minus
REGION_CODES = 2  # write-only; 17 bits each: by the junction's current
REGION_NEURONS = 3  # word 16*n + l, of neuron word n: pos (position bits) | timer << 16
REGION_BIAS = 4  # word 16*n + l, n counts words of biases: two's complement of bias bits
REGIONS = {
    "weights": REGION_WEIGHTS,
    "codes": REGION_CODES,
    "neurons": REGION_NEURONS,
    "bias": REGION_BIAS,
}

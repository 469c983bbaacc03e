"""Random sessions with a learning engine: what is sent, what came of it, and the golden replay.

The engine decides when an event goes in between two bus requests, so a session is replayed on the
golden model in the order in which the hardware took its items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cocotb_tests.stimulus import random_params, random_words, shaped_codes
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.synapse.array import pack

SHAPES = {
    shape.name: shape
    for shape in (
        spec.LearningShape(name="one-word", inputs=256, neurons=12),
        spec.LearningShape(name="two-words", inputs=64, neurons=33, threshold_bits=9),
        # Built as a compact engine, whose window refreshes two words at a time.
        spec.LearningShape(name="compact", inputs=544, neurons=5),
        spec.LearningShape(name="compound", inputs=64, neurons=9, junctions=4),
        spec.LearningShape(
            name="walls",
            inputs=96,
            neurons=7,
            junctions=5,
            synapse="wall",
            step_bits=6,
        ),
        spec.LearningShape(
            name="stored", inputs=96, neurons=5, junctions=2, device_levels="stored"
        ),
        spec.LearningShape(name="ages", inputs=96, neurons=10, code_bits=16, window_ages=6),
        spec.LearningShape(
            name="walls-ages", inputs=64, neurons=6, junctions=3, synapse="wall", step_bits=6,
            code_bits=16, window_ages=3,
        ),
    )
}  # fmt: skip
# Shapes of the engine of several rows a cycle.
WIDE = {
    shape.name: shape
    for shape in (
        spec.SHAPES["wide-small"],
        spec.LearningShape(
            name="wide-alike", inputs=256, neurons=48, threshold_bits=8, step_bits=4, levels=1,
            group=5, row_groups=4, generators=2, stimulus=32,
        ),
        spec.LearningShape(
            name="wide-single", inputs=128, neurons=12, threshold_bits=9, row_groups=8,
        ),
    )
}  # fmt: skip
LONG = 300  # ticks in one word
# What random parameters alone reach too seldom: a session has one of these on top of them.
TWISTS: tuple[dict[str, int], ...] = (
    {},
    {"STEP": 200, "THETA0": 600, "T_INH": 0, "T_REF": 5},
    {"STEP": 200, "THETA0": 400, "THETA_UP": 3000, "CONTROL": 7},
    {"STEP": 30, "THETA0": 200, "LEAK": 1, "THETA_UP": 50, "CONTROL": 3,
     "HOMEO_TICKS": 1, "HOMEO_SHIFT": 2},
    {"STEP": 200, "THETA0": 600, "T_INH": 0, "CONTROL": 13},
)  # fmt: skip
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One bus request; a read has no ``data``."""

    region: int
    addr: int
    data: int | None = None


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Words and the ``requests`` sent beside them; then, when all are done, those ``after``.

    The stalls are probabilities a cycle: of stream words, requests, spikes and responses.
    """

    words: list[int]
    requests: list[Request]
    after: list[Request]
    stalls: tuple[float, float, float, float]


@dataclass(kw_only=True)
class Recording:
    """What an engine took and gave: ``log`` of words and requests in the order taken."""

    log: list[int | Request] = field(default_factory=list)
    spikes: list[tuple[int, int]] = field(default_factory=list)
    responses: list[int] = field(default_factory=list)
    bad_events: int = 0
    cycles: list[int] = field(default_factory=list)  # when each item of the log was taken

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Recording:
        values["log"] = [Request(**i) if isinstance(i, dict) else i for i in values["log"]]
        values["spikes"] = [(tick, neuron) for tick, neuron in values["spikes"]]
        return cls(**values)


def write(name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=spec.REGION_REGISTERS, addr=spec.REGISTERS[name].addr, data=value)


def writes(shape: spec.LearningShape, params: dict[str, Any]) -> Iterator[Request]:
    """Writes of the values of ``random_params``, within what the shape can hold."""
    for name, value in params.items():
        if name == "codes":
            for addr, code in enumerate(value):
                yield Request(region=spec.REGION_CODES, addr=addr, data=code)
        else:
            yield write(name, min(value, shape.register_max(name)))


def read_all(shape: spec.LearningShape) -> list[Request]:
    """Reads of every register of the engine, neuron, code and weight word."""
    reads = [Request(region=0, addr=r.addr) for r in spec.REGISTERS.regs if r.addr >= SHELL_END]
    for region in spec.REGIONS.values():
        reads += [Request(region=region, addr=a) for a in range(spec.region_words(shape, region))]
    return reads


def random_request(rng: np.random.Generator, shape: spec.LearningShape) -> Request:
    """A change of one parameter, a write or a read of a memory, a command."""
    kind = rng.choice(["parameter", "memory", "read", "command"], p=[0.4, 0.3, 0.26, 0.04])
    if shape.row_groups == 1 and rng.random() < 0.15:
        name = str(rng.choice(["TEACH", "TEACH", *spec.PULSE_REGS, "COMMAND", "COMMAND"]))
        top = 3 if name == "PULSE_COUNT" else shape.register_max(name)
        return write(name, int(rng.integers(top + 1)) | spec.PULSE * (name == "COMMAND"))
    if kind == "parameter":
        every = list(writes(shape, random_params(rng)))
        return every[int(rng.integers(len(every) - 2 * spec.LEVELS))]
    if kind == "command":
        return write("COMMAND", int(rng.integers(8)))
    if kind == "read" and rng.random() < 0.5:
        end = spec.REGISTERS.regs[-1].addr + 1
        return Request(region=0, addr=int(rng.integers(SHELL_END, end)))
    region = int(rng.choice(list(spec.REGIONS.values())))
    addr = int(rng.integers(spec.region_words(shape, region) or 1 << 24))
    if kind == "read":
        return Request(region=region, addr=addr)
    top = spec.CODE_ONE + 1 if region == spec.REGION_CODES else 1 << 32
    return Request(region=region, addr=addr, data=int(rng.integers(top)))


def setup(shape: spec.LearningShape, params: dict[str, Any], weights: Bits) -> Burst:
    """Writes of all that outlives a reset, then a reset of the rest."""
    random = np.random.default_rng(len(shape.name))
    requests = [
        Request(region=spec.REGION_WEIGHTS, addr=a, data=int(word))
        for a, word in enumerate(pack(weights))
    ]
    levels = random.integers(1 << 32, size=spec.region_words(shape, spec.REGION_LEVELS))
    requests += [
        Request(region=spec.REGION_LEVELS, addr=a, data=int(word)) for a, word in enumerate(levels)
    ]
    names = (*spec.PULSE_REGS, "CYCLE_SPREAD")
    defaults = {name: spec.REGISTERS[name].reset for name in names}
    requests += [
        *writes(shape, defaults | params),
        write("COMMAND", spec.RESET_STATE | spec.RESET_THETA),
    ]
    return Burst(words=[], requests=requests, after=[], stalls=(0, 0, 0, 0))


def burst_of(
    rng: np.random.Generator,
    words: list[int],
    request: Callable[[], Request],
    look: Callable[[], list[Request]],
    *,
    requests: int = 20,
    slow: float = 0.9,
) -> Burst:
    """Words beside fewer than so many random requests, then a look at everything, with stalls at
    random: those of spikes up to ``slow``."""
    choices = ([0, 0.3, 0.9], [0.9, 0.98], [0, 0.5, slow], [0, 0.5])
    return Burst(
        words=words,
        requests=[request() for _ in range(int(rng.integers(requests)))],
        after=look(),
        stalls=tuple(float(rng.choice(c)) for c in choices),
    )


def random_session(seed: int, shape: spec.LearningShape) -> list[Burst]:
    """Setup, then bursts of events and ticks beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    weights = rng.random((shape.inputs, shape.columns)) < rng.random()
    params = random_params(rng) | TWISTS[seed % len(TWISTS)]
    params |= {"CYCLE_SPREAD": (0, 1, 0, 3)[seed % 4]}
    params["codes"] = shaped_codes(rng, shape, params["codes"])
    bursts = [setup(shape, params, weights.astype(np.uint8))]
    for n in range(3):
        words = random_words(rng, shape, 250)
        if n == seed % 3:
            words[int(rng.integers(len(words)))] = spec.WORD_TICK | LONG + int(rng.integers(100))
        choices = ([0, 0.3, 0.9], [0.5, 0.95], [0, 0.5, 0.95], [0, 0.5])
        requests = [random_request(rng, shape) for _ in range(int(rng.integers(40)))]
        if shape.row_groups == 1:  # the second spike falls into the refractory time of the first
            requests[:0] = 2 * [write("TEACH", int(rng.integers(shape.neurons)))]
        bursts.append(
            Burst(
                words=words.tolist(),
                requests=requests,
                after=read_all(shape),
                stalls=tuple(float(rng.choice(c)) for c in choices),
            )
        )
    return bursts


def steady_session(shape: spec.LearningShape) -> list[Burst]:
    """Events back to back that no neuron fires at: walls move all the way but one event."""
    rng = np.random.default_rng(0)
    params = random_params(rng) | {"STEP": 1, "LEAK": 0, "THETA0": shape.theta_max}
    words = rng.integers(0, shape.inputs, (shape.theta_max - 1) // shape.strength_max).tolist()
    return [
        setup(shape, params, np.ones((shape.inputs, shape.columns), np.uint8)),
        Burst(words=words, requests=[], after=read_all(shape), stalls=(0, 0, 0, 0)),
    ]


class Replay:
    """The golden model after ``log``: its ``spikes`` and ``responses``, and a ``census`` of the
    corners on the way.

    ``fine`` sends words one by one, and ticks one at a time: it must not matter.
    """

    CORNERS = (
        "requests between words",
        "neuron writes",
        "bad addresses",
        "long ticks",
        "sweeps",
        "spikes without inhibition",
        "spikes without refractory time",
        "saturated thresholds",
        "releases in one tick",
        "decays behind a leak",
        "decays at every tick",
        "buckets of one tick",
        "hard resets of moved walls",
        "quiet spikes",
        "plays of nothing",
        "teaches",
        "teaches in a refractory time",
        "pulses",
    )

    def __init__(
        self, shape: spec.LearningShape, log: list[int | Request], *, fine: bool = False
    ) -> None:
        self.engine = LearningEngine(shape)
        self.spikes: list[tuple[int, int]] = []
        self.responses: list[int] = []
        self.census: Counter[str] = Counter()
        words: list[int] = []
        for item in log:
            if isinstance(item, int):
                words.append(item)
                continue
            self._stream(words, fine)
            if words:
                self.census["requests between words"] += 1
            words = []
            self._request(item)
        self._stream(words, fine)

    def _request(self, request: Request) -> None:
        engine, region, addr = self.engine, request.region, request.addr
        if region == spec.REGION_REGISTERS:
            if request.data is None:
                self.responses.append(engine.read_register(addr))
            else:
                self._write(spec.REGISTERS.by_addr[addr].name, request.data)
        elif not spec.region_words(engine.shape, region):
            self.responses += [0] * (request.data is None)
        elif request.data is None:
            self.responses.append(int(engine.read_memory(region, addr, 1)[0]))
        else:
            engine.write_memory(region, addr, np.array([request.data], np.uint32))
            self.census["neuron writes"] += region == spec.REGION_NEURONS

    def _write(self, name: str, value: int) -> None:
        engine = self.engine
        command = value if name == "COMMAND" else 0
        self.census["plays of nothing"] += bool(command & spec.PLAY)
        self.census["pulses"] += bool(command & spec.PULSE and engine.regs["PULSE_COUNT"])
        if name == "TEACH":
            self.census["teaches"] += 1
            self.census["teaches in a refractory time"] += bool(engine.neurons.ref[value])
        engine.write_register(spec.REGISTERS[name].addr, value)
        self.spikes += engine.played().tolist()

    def _stream(self, words: list[int], fine: bool) -> None:
        if not fine:
            self.spikes += self.engine.stream(np.array(words, np.uint16)).tolist()
            return
        for word in words:
            if word < spec.WORD_TICK:
                self._event(word)
                continue
            self.census["long ticks"] += word - spec.WORD_TICK >= LONG
            for _ in range(word - spec.WORD_TICK):
                self._tick()

    def _event(self, word: int) -> None:
        engine, regs = self.engine, self.engine.regs
        fired, moved = engine.fired, engine.neurons.pos > 0
        spikes = engine.stream(np.array([word], np.uint16)).tolist()
        self.spikes += spikes
        self.census["bad addresses"] += word >= engine.shape.inputs
        if engine.fired == fired:
            return
        neuron, control = engine.neurons.last_winner, regs["CONTROL"]
        self.census["spikes without inhibition"] += regs["T_INH"] == 0
        self.census["spikes without refractory time"] += regs["T_REF"] == 0
        self.census["sweeps"] += control & spec.CONTROL_LEARN
        saturated = engine.neurons.theta[neuron] == engine.shape.theta_max
        self.census["saturated thresholds"] += bool(saturated and regs["THETA_UP"])
        moved[neuron] = False
        hard = control & spec.CONTROL_HARD_RESET and moved.any()
        self.census["hard resets of moved walls"] += bool(hard)
        self.census["quiet spikes"] += not spikes

    def _tick(self) -> None:
        engine, regs = self.engine, self.engine.regs
        released = int((engine.neurons.ref == 1).sum())
        leaks = regs["LEAK"] > 0 and bool((engine.neurons.pos > 0).any())
        theta = engine.neurons.theta.copy()
        self.spikes += engine.stream(np.array([spec.WORD_TICK | 1], np.uint16)).tolist()
        decays = bool((engine.neurons.theta != theta).any())
        self.census["releases in one tick"] += released > 1
        self.census["decays behind a leak"] += leaks and decays
        self.census["decays at every tick"] += decays and regs["HOMEO_TICKS"] == 1
        self.census["buckets of one tick"] += regs["BUCKET_TICKS"] == 1

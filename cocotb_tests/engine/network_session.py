"""Random sessions with a network engine, and their replay on the golden model."""

from __future__ import annotations

from functools import partial

import numpy as np

from cocotb_tests import network
from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine.network import NetworkEngine
from spinloom.emulator.spec import network as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = network.SHAPES | {
    "one-word": spec.NetworkShape(
        name="one-word", layers=(spec.Dense(inputs=12, neurons=9),), position_bits=6, bias_bits=3
    )
}
STEADY_EVENTS = 50
STEADY_TICKS = 20


def write(shape: spec.NetworkShape, name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=shape.registers[name].addr, data=value)


def look(rng: np.random.Generator, shape: spec.NetworkShape) -> list[Request]:
    """Reads of every register of the engine and every neuron, and of some words of the memories
    that only writes change."""
    regs = [r for r in shape.registers.regs if r.addr >= SHELL_END]
    reads = [Request(region=0, addr=r.addr) for r in regs]
    for region in spec.REGIONS.values():
        words = shape.region_words(region)
        every = np.arange(words)
        if region != spec.REGION_NEURONS:
            every = rng.permutation(words)[:20]
        reads += [Request(region=region, addr=int(a)) for a in every]
    return reads


def memory_writes(rng: np.random.Generator, shape: spec.NetworkShape) -> list[Request]:
    """Writes of every memory word."""
    return [
        Request(region=region, addr=addr, data=word)
        for region, words in network.random_memories(rng, shape).items()
        for addr, word in enumerate(words.tolist())
    ]


def random_request(rng: np.random.Generator, shape: spec.NetworkShape) -> Request:
    """A change of one register, a write or a read of a memory, a command."""
    kind = rng.choice(["register", "memory", "read", "command"], p=[0.45, 0.2, 0.31, 0.04])
    if kind == "register":
        name, value = rng.choice(list(network.random_registers(rng, shape).items()))
        return write(shape, str(name), int(value))
    if kind == "command":
        return write(shape, "COMMAND", int(rng.integers(2)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    region = int(rng.choice(list(spec.REGIONS.values())))
    addr = int(rng.integers(shape.region_words(region)))
    top = spec.CODE_ONE + 1 if region == spec.REGION_CODES else 1 << 32
    return Request(region=region, addr=addr, data=int(rng.integers(top)))


def setup(rng: np.random.Generator, shape: spec.NetworkShape) -> list[Request]:
    """Writes of every memory and register."""
    values = network.random_registers(rng, shape)
    return memory_writes(rng, shape) + [write(shape, n, v) for n, v in values.items()]


def random_session(seed: int, shape: spec.NetworkShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(3):
        if n % 2 == 0:
            requests = setup(rng, shape)
            bursts.append(Burst(words=[], requests=requests, after=[], stalls=(0, 0, 0, 0)))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(burst_of(rng, network.random_words(rng, shape, 60).tolist(), request, seen))
    return bursts


def steady_session(shape: spec.NetworkShape) -> list[Burst]:
    """Events back to back, then time steps back to back, in which no neuron fires."""
    rng = np.random.default_rng(0)
    values = network.random_registers(rng, shape)
    for n in range(len(shape.layers)):
        values |= {f"L{n}_MODE": 0, f"L{n}_THETA": shape.highest, f"L{n}_HI": 0}
    first = shape.layers[0]
    known = [a for a in range(first.inputs) if first.is_input(a)]
    words = rng.choice(known, STEADY_EVENTS).tolist() + [WORD_TICK | 1] * STEADY_TICKS
    setups = memory_writes(rng, shape) + [write(shape, n, v) for n, v in values.items()]
    return [
        Burst(words=[], requests=setups, after=[], stalls=(0, 0, 0, 0)),
        Burst(words=words, requests=[], after=look(rng, shape), stalls=(0, 0, 0, 0)),
    ]


class Replay(replay.Replay):
    """The golden model of a network engine after ``log``, a stretch of words at a time."""

    engine_class = NetworkEngine

    def _stream(self, words: list[int]) -> None:
        engine = self.engine
        fired, hidden, state = engine.fired, engine.hidden, engine.random.state
        spikes = engine.stream(np.array(words, np.uint16)).tolist()
        self.spikes += spikes
        self.census["spikes"] += len(spikes)
        self.census["quiet spikes"] += engine.fired - fired - len(spikes)
        self.census["hidden spikes"] += engine.hidden - hidden
        self.census["draws"] += engine.random.state != state

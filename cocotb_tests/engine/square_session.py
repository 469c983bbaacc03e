"""Random sessions with a square engine, and their replay on the golden model."""

from __future__ import annotations

from functools import partial

import numpy as np

from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine.square import SquareEngine
from spinloom.emulator.spec import square as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (
        spec.SHAPES["square-16"],
        spec.SquareShape(name="three-groups", oscillators=96, weight_bits=4, phase_bits=3),
    )
}


def register(name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=spec.REGISTERS[name].addr, data=value)


def look(rng: np.random.Generator, shape: spec.SquareShape) -> list[Request]:
    """Reads of every register of the engine, every phase, and some of the couplings."""
    regs = [r for r in spec.REGISTERS.regs if r.addr >= SHELL_END]
    reads = [Request(region=0, addr=r.addr) for r in regs]
    reads += [Request(region=spec.REGION_PHASES, addr=a) for a in range(shape.oscillators)]
    words = rng.permutation(shape.region_words(spec.REGION_WEIGHTS))[:20]
    return reads + [Request(region=spec.REGION_WEIGHTS, addr=int(a)) for a in words]


def setup(rng: np.random.Generator, shape: spec.SquareShape, balanced: bool) -> list[Request]:
    """Writes of every memory word and register; ``balanced`` couplings have sums of 0 often."""
    words = rng.integers(0, 1 << 32, shape.region_words(spec.REGION_WEIGHTS))
    if balanced:
        words &= rng.integers(0, 1 << 32, len(words)) & rng.integers(0, 1 << 32, len(words))
    phases = rng.integers(0, 1 << 32, shape.oscillators)
    memories = {spec.REGION_WEIGHTS: words, spec.REGION_PHASES: phases}
    requests = [
        Request(region=region, addr=addr, data=word)
        for region, values in memories.items()
        for addr, word in enumerate(values.tolist())
    ]
    return [*requests, register("CONTROL", int(rng.integers(2)))]


def random_request(rng: np.random.Generator, shape: spec.SquareShape) -> Request:
    """A write or a read of a memory or register, a command."""
    kind = rng.choice(["memory", "quiet", "command", "read"], p=[0.4, 0.1, 0.05, 0.45])
    if kind == "quiet":
        return register("CONTROL", int(rng.integers(2)))
    if kind == "command":
        return register("COMMAND", int(rng.integers(2)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    region = int(rng.choice([spec.REGION_WEIGHTS, spec.REGION_PHASES]))
    addr = int(rng.integers(shape.region_words(region)))
    return Request(region=region, addr=addr, data=int(rng.integers(1 << 32)))


def random_session(seed: int, shape: spec.SquareShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(3):
        if n % 2 == 0:
            requests = setup(rng, shape, balanced=seed % 2 == 1)
            bursts.append(Burst(words=[], requests=requests, after=[], stalls=(0, 0, 0, 0)))
        words = rng.integers(0, shape.oscillators + 1, 60)
        ticks = rng.random(60) < 0.6
        words[ticks] = WORD_TICK | rng.choice([0, 1, 1, 2, shape.period], int(ticks.sum()))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(burst_of(rng, words.tolist(), request, seen))
    return bursts


def steady_session(shape: spec.SquareShape) -> list[Burst]:
    """Without couplings nothing moves: two periods of steps, one behind the other."""
    zeros = [
        Request(region=region, addr=addr, data=0)
        for region in spec.REGIONS.values()
        for addr in range(shape.region_words(region))
    ]
    start = [*zeros, register("CONTROL", 1), register("COMMAND", 1)]
    return [
        Burst(words=[], requests=start, after=[], stalls=(0, 0, 0, 0)),
        Burst(words=[WORD_TICK | 1] * 2 * shape.period, requests=[],
              after=look(np.random.default_rng(0), shape), stalls=(0, 0, 0, 0)),
    ]  # fmt: skip


class Replay(replay.Replay):
    """The golden model of a square engine after ``log``."""

    engine_class = SquareEngine

    def _word(self, word: int) -> None:
        engine = self.engine
        fired, before = engine.fired, engine.phases.copy()
        spikes = engine.stream(np.array([word], np.uint16)).tolist()
        self.spikes += spikes
        self.census["spikes"] += len(spikes)
        self.census["quiet spikes"] += engine.fired - fired - len(spikes)
        if word >= WORD_TICK:
            self.census["phases moved by others"] += int((engine.phases != before).sum())
        signs = np.where(engine.out, 1, -1)
        self.census["sums of zero"] += int((engine.weights @ signs == 0).sum())
        self.census["settled"] += bool(engine.settled)

"""Random sessions with an ising engine, and their replay on the golden model."""

from __future__ import annotations

from functools import partial

import numpy as np

from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine import gibbs
from spinloom.emulator.engine.ising import IsingEngine
from spinloom.emulator.spec import ising as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (
        spec.SHAPES["ising-16"],
        spec.IsingShape(
            name="ternary-words", spins=80, lanes=32, weight_bits=2, index_bits=6,
            probability_bits=8, trace=8,
        ),
    )
}  # fmt: skip
IDLE = (0.0, 0.0, 0.0, 0.0)


def register(name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=spec.REGISTERS[name].addr, data=value)


def look(rng: np.random.Generator, shape: spec.IsingShape) -> list[Request]:
    """Reads of every register of the engine, of every small memory, and some of the rest."""
    reads = [Request(region=0, addr=r.addr) for r in spec.REGISTERS.regs if r.addr >= SHELL_END]
    for region in spec.REGIONS.values():
        words = rng.permutation(shape.region_words(region))[:40]
        reads += [Request(region=region, addr=int(a)) for a in words]
    return [reads[n] for n in rng.permutation(len(reads))]


def setup(rng: np.random.Generator, shape: spec.IsingShape) -> list[Request]:
    """Writes of every memory word; couplings of any size, symmetric or not."""
    table = np.sort(rng.integers(0, shape.always + 1, 1 << shape.index_bits))
    table[: len(table) // 8], table[-len(table) // 8 :] = 0, shape.always
    small = rng.integers(-8, 9, shape.spins) & 0xFFFFFFFF
    memories = {
        spec.REGION_WEIGHTS: rng.integers(0, 1 << 32, shape.region_words(spec.REGION_WEIGHTS)),
        spec.REGION_BIASES: small if rng.random() < 0.5 else rng.integers(0, 1 << 32, len(small)),
        spec.REGION_SPINS: rng.integers(0, 1 << 32, shape.spin_words),
        spec.REGION_TABLE: table,
        spec.REGION_HISTOGRAM: rng.integers(0, 9, shape.region_words(spec.REGION_HISTOGRAM)),
        spec.REGION_TRACE: rng.integers(0, 1 << 32, shape.trace),
    }
    seeds = [register(name, int(rng.integers(1, 1 << 32))) for name in ("SEED_LO", "SEED_HI")]
    return seeds + [
        Request(region=region, addr=addr, data=word)
        for region, values in memories.items()
        for addr, word in enumerate(values.tolist())
    ]


def parameters(rng: np.random.Generator, shape: spec.IsingShape) -> list[Request]:
    """Writes of every parameter, so that chance and certainty are seen."""
    shift = int(rng.integers(0, 12))
    values = {
        "CONTROL": int(rng.choice([0, 0, 1, 2, 4, 6])),
        "SPINS": int(rng.choice([0, 1, shape.spins, rng.integers(1, shape.spins + 1)])),
        "BETA": int(rng.choice([0, 1, rng.integers(1 << 12)])),
        "BETA_END": int(rng.choice([(1 << 12) - 1, rng.integers(1 << 12)])),
        "BETA_STEP": int(rng.choice([0, rng.integers(1 << 20), rng.integers(1 << 32)])),
        "SHIFT": shift,
        "TRACE_SHIFT": int(rng.choice([0, 1, 3])),
    }
    return [register(name, value) for name, value in values.items()]


def random_request(rng: np.random.Generator, shape: spec.IsingShape) -> Request:
    """A write or a read of a memory or register, a command."""
    kind = rng.choice(["memory", "parameter", "command", "seed", "read"],
                      p=[0.25, 0.2, 0.15, 0.05, 0.35])  # fmt: skip
    if kind == "parameter":
        every = parameters(rng, shape)
        return every[int(rng.integers(len(every)))]
    if kind == "command":
        return register("COMMAND", int(rng.integers(4)))
    if kind == "seed":
        return register(str(rng.choice(["SEED_LO", "SEED_HI"])), int(rng.integers(1, 1 << 32)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    held = [r for r in spec.REGIONS.values() if shape.region_words(r)]
    region = int(rng.choice(held))
    addr = int(rng.integers(shape.region_words(region)))
    return Request(region=region, addr=addr, data=int(rng.integers(1 << 32)))


def random_session(seed: int, shape: spec.IsingShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(4):
        start = setup(rng, shape) if n % 2 == 0 else []
        start += [*parameters(rng, shape), register("COMMAND", int(rng.choice([0, 1, 3])))]
        bursts.append(Burst(words=[], requests=start, after=[], stalls=IDLE))
        words = rng.integers(0, shape.spins + 1, 12)
        ticks = rng.random(12) < 0.6
        words[ticks] = WORD_TICK | rng.choice([0, 1, 1, 2, 7], int(ticks.sum()))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(burst_of(rng, words.tolist(), request, seen))
    return bursts


def steady_session(shape: spec.IsingShape) -> list[Burst]:
    """Sweeps without a flip, one behind the other, then with one of spin 0 in each: its own events
    in between."""
    zeros = [
        Request(region=region, addr=addr, data=0)
        for region in (spec.REGION_WEIGHTS, spec.REGION_BIASES, spec.REGION_SPINS,
                       spec.REGION_TABLE, spec.REGION_HISTOGRAM, spec.REGION_TRACE)
        for addr in range(shape.region_words(region))
    ]  # fmt: skip
    writable = [r for r in spec.REGISTERS.regs if r.access == "rw"]
    start = [*zeros, *(register(r.name, r.reset) for r in writable), register("COMMAND", 3)]
    look_after = look(np.random.default_rng(0), shape)
    return [
        Burst(words=[], requests=start, after=[], stalls=IDLE),
        Burst(words=[WORD_TICK | 1] * 4 + [0, WORD_TICK | 1] * 4, requests=[], after=look_after,
              stalls=IDLE),
    ]  # fmt: skip


class Replay(replay.Replay):
    """The golden model of an ising engine after ``log``."""

    engine_class = IsingEngine

    def _word(self, word: int) -> None:
        engine, control = self.engine, self.engine.regs["CONTROL"]
        before = engine.state.copy()
        self.census["builds by words"] += engine.stale
        spikes = engine.stream(np.array([word], np.uint16)).tolist()
        self.spikes += spikes
        flips = int(engine.state[gibbs.FLIPS] - before[gibbs.FLIPS])
        self.census["flips sent"] += len(spikes)
        self.census["flips kept"] += flips - len(spikes)
        self.census["flips of all at once"] += flips * bool(control & spec.CONTROL_PARALLEL)
        better = engine.state[gibbs.BEST_ENERGY] < before[gibbs.BEST_ENERGY]
        self.census["better states"] += bool(better)
        self.census["best states left"] += bool(
            better and engine.state[gibbs.ENERGY] > engine.state[gibbs.BEST_ENERGY]
        )
        self.census["ramps at their end"] += engine.regs["BETA_END"] == engine.live()["BETA_NOW"]
        self.census["counted"] += bool(control & spec.CONTROL_HISTOGRAM and word > WORD_TICK)

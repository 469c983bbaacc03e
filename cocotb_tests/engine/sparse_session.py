"""Random sessions with a sparse engine, and their replay on the golden model."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine.sparse import SparseEngine
from spinloom.emulator.spec import sparse as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (
        replace(spec.SHAPES["torus-8x8"], trace=32),
        replace(spec.SHAPES["ice-6x6"], trace=32),
        # Colours of several sizes, words of three lanes, one row.
        spec.SparseShape(name="odd", graph="torus-3x5", probability_bits=16, rows=1, trace=4),
        spec.SparseShape(name="king", graph="king-4x6", zeros=True, probability_bits=8, rows=16,
                         trace=32),
    )
}  # fmt: skip
READABLE = (spec.REGION_COUPLINGS, spec.REGION_SPINS, spec.REGION_BEST)


def register(name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=spec.REGISTERS[name].addr, data=value)


def look(rng: np.random.Generator, shape: spec.SparseShape) -> list[Request]:
    """Reads of every register of the engine, all spins, couplings and best spins, and some of the
    rest."""
    regs = [r for r in spec.REGISTERS.regs if r.addr >= SHELL_END]
    reads = [Request(region=0, addr=r.addr) for r in regs]
    reads += [
        Request(region=region, addr=a) for region in READABLE for a in range(words(shape, region))
    ]
    rest = set(spec.REGIONS.values()) - set(READABLE)
    return reads + [
        Request(region=region, addr=int(rng.integers(words(shape, region))))
        for region in rest
        for _ in range(4)
    ]


def words(shape: spec.SparseShape, region: int) -> int:
    """Words of a region."""
    return shape.region_words(region)


def some(rng: np.random.Generator, shape: spec.SparseShape, region: int) -> int:
    """A word for a region: chances that matter, and now and then any word."""
    if region == spec.REGION_SCHEDULE and rng.random() < 0.9:
        beta = float(rng.choice([0, 0.2, 0.5, 1]))
        return int(rng.choice(spec.chances(shape, beta)))
    return int(rng.integers(1 << 32))


def setup(rng: np.random.Generator, shape: spec.SparseShape, measure_shift: int) -> list[Burst]:
    """Writes of every memory word and register; then sweeps write the best state and the trace."""
    regions = (spec.REGION_COUPLINGS, spec.REGION_SPINS, spec.REGION_SCHEDULE, spec.REGION_SEEDS)
    memories = [
        Request(region=region, addr=addr, data=some(rng, shape, region))
        for region in regions
        for addr in range(words(shape, region))
    ]
    requests = [
        *memories,
        register("ROWS", int(rng.integers(1, min(shape.rows, 20) + 1))),
        register("ROW_SHIFT", int(rng.integers(4))),
        register("MEASURE_SHIFT", 0),
        register("COMMAND", 1),
    ]
    after = [register("MEASURE_SHIFT", measure_shift), register("COMMAND", 1)]
    still = (0.0, 0.0, 0.0, 0.0)
    return [
        Burst(words=[], requests=requests, after=[], stalls=still),
        Burst(words=[WORD_TICK | shape.trace], requests=[], after=after, stalls=still),
    ]


def random_request(rng: np.random.Generator, shape: spec.SparseShape) -> Request:
    """A write or a read of a memory or register, a command."""
    kind = rng.choice(["memory", "register", "command", "read"], p=[0.3, 0.15, 0.15, 0.4])
    if kind == "register":
        name, top = [("ROWS", shape.rows), ("ROW_SHIFT", 6), ("MEASURE_SHIFT", 4)][rng.integers(3)]
        return register(name, int(rng.integers(1, top + 1)))
    if kind == "command":
        return register("COMMAND", int(rng.integers(8)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    region = int(rng.choice(list(spec.REGIONS.values())))
    addr = int(rng.integers(words(shape, region)))
    return Request(region=region, addr=addr, data=some(rng, shape, region))


def random_session(seed: int, shape: spec.SparseShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(3):
        if n % 2 == 0:
            bursts += setup(rng, shape, int(rng.integers(3)))
        sent = rng.integers(0, shape.spins + 1, 60)
        ticks = rng.random(60) < 0.6
        sent[ticks] = WORD_TICK | rng.choice([0, 1, 1, 2, 7, 30], int(ticks.sum()))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(burst_of(rng, sent.tolist(), request, seen))
    return bursts


SWEEPS = 256  # of a long word


def steady_session(shape: spec.SparseShape) -> list[Burst]:
    """Words of many sweeps, measured at the end of each word, and then after every sweep."""
    rng = np.random.default_rng(0)
    every = [register("MEASURE_SHIFT", 0)]
    after = look(rng, shape)
    sent = [WORD_TICK | SWEEPS] * 2
    return [
        *setup(rng, shape, 8),
        Burst(words=sent, requests=[], after=every, stalls=(0, 0, 0, 0)),
        Burst(words=sent, requests=[], after=after, stalls=(0, 0, 0, 0)),
    ]


class Replay(replay.Replay):
    """The golden model of a sparse engine after ``log``."""

    engine_class = SparseEngine

    def _word(self, word: int) -> None:
        engine = self.engine
        before, best = engine.array.spins.copy(), engine.best_energy
        engine.stream(np.array([word], np.uint16))
        if word >= WORD_TICK:
            self.census["flips"] += int((engine.array.spins != before).sum())
            last = engine.tick >> engine.regs["ROW_SHIFT"] >= engine.regs["ROWS"]
            self.census["behind the last row"] += last
        else:
            self.census["events"] += int((engine.array.spins != before).sum())
        self.census["best states"] += engine.best_energy < best

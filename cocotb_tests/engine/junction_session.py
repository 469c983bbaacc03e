"""Random sessions with a junction engine, and their replay on the golden model."""

from __future__ import annotations

from functools import partial

import numpy as np

from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine import tiles as kernel
from spinloom.emulator.engine.junction import JunctionEngine
from spinloom.emulator.spec import junction as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (spec.SHAPES["junction-16"], spec.JunctionShape(name="forty", tiles=40))
}
IDLE = (0.0, 0.0, 0.0, 0.0)
SIGNED = 1 << spec.X_BITS - 1


def register(name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=spec.REGISTERS[name].addr, data=value)


def look(rng: np.random.Generator, shape: spec.JunctionShape) -> list[Request]:
    """Reads of every register of the engine, and of some words of every memory."""
    reads = [Request(region=0, addr=r.addr) for r in spec.REGISTERS.regs if r.addr >= SHELL_END]
    for region in spec.REGIONS.values():
        words = rng.permutation(shape.region_words(region))[:40]
        reads += [Request(region=region, addr=int(a)) for a in words]
    return [reads[n] for n in rng.permutation(len(reads))]


def tile(rng: np.random.Generator, shape: spec.JunctionShape) -> tuple[int, ...]:
    """Words of a tile that is worth looking at, or of any."""
    if rng.random() < 0.2:
        return tuple(rng.integers(0, 1 << 32, spec.TILE_WORDS).tolist())
    return spec.Tile(
        mode=str(rng.choice(list(spec.MODES))), bias=int(rng.integers(-60, 60)),
        gain=int(rng.integers(-200, 200)), noise=int(rng.choice([0, 300, 4095])),
        ic=int(rng.integers(0, 60)), scale=int(rng.choice([16, 64, 4095])),
        offset=int(rng.integers(-60, 60)), partner=int(rng.integers(shape.tiles)),
        coupling=int(rng.integers(-60, 60)),
    ).words()  # fmt: skip


def setup(rng: np.random.Generator, shape: spec.JunctionShape) -> list[Request]:
    """Writes of every memory word."""
    memories = {
        spec.REGION_TILES: np.ravel([tile(rng, shape) for _ in range(shape.tiles)]),
        spec.REGION_RATES: rng.integers(0, 1 << 24, spec.RATES),
        spec.REGION_DWELLS: rng.integers(0, 9, 2 * spec.BINS),
    }
    for name, region in spec.REGIONS.items():
        if region not in memories:
            high = 1 << 28 if name == "states" else 1 << 32
            memories[region] = rng.integers(0, high, shape.region_words(region))
    seeds = [register(name, int(rng.integers(1, 1 << 32))) for name in ("SEED_LO", "SEED_HI")]
    return seeds + [
        Request(region=region, addr=addr, data=word)
        for region, values in memories.items()
        for addr, word in enumerate(values.tolist())
    ]


def parameters(rng: np.random.Generator, shape: spec.JunctionShape) -> list[Request]:
    """Writes of every parameter."""
    values = {
        "CONTROL": int(rng.integers(8)),
        "TILES": int(rng.choice([0, 1, shape.tiles, rng.integers(1, shape.tiles + 1)])),
        "DRIVE": int(rng.integers(spec.SAMPLES)),
        "WAVE_STEP": int(rng.integers(1 << 32)),
        "NOISE_MASK": int(rng.choice([0xFFFF, 1, rng.integers(1 << 16)])),
        "NOISE_SHIFT": int(rng.choice([6, rng.integers(16)])),
        "NOISE_HOLD": int(rng.integers(3)),
        "PROBE": int(rng.choice([0, rng.integers(shape.tiles)])),
        "DWELL_SHIFT": int(rng.choice([0, 0, 1, 31])),
        "TRACE_SHIFT": int(rng.choice([0, 1, 3])),
    }
    return [register(name, value) for name, value in values.items()]


def random_request(rng: np.random.Generator, shape: spec.JunctionShape) -> Request:
    """A write or a read of a memory or register, a command."""
    kind = rng.choice(["memory", "parameter", "command", "seed", "read"],
                      p=[0.3, 0.2, 0.1, 0.05, 0.35])  # fmt: skip
    if kind == "parameter":
        every = parameters(rng, shape)
        return every[int(rng.integers(len(every)))]
    if kind == "command":
        return register("COMMAND", int(rng.integers(2)))
    if kind == "seed":
        return register(str(rng.choice(["SEED_LO", "SEED_HI"])), int(rng.integers(1, 1 << 32)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    every = setup(rng, shape)
    return every[int(rng.integers(2, len(every)))]


def random_session(seed: int, shape: spec.JunctionShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(4):
        start = setup(rng, shape) if n % 2 == 0 else []
        start += [*parameters(rng, shape), register("COMMAND", int(rng.integers(2)))]
        bursts.append(Burst(words=[], requests=start, after=[], stalls=IDLE))
        words = rng.integers(0, spec.SAMPLES + 40, 30)
        words[rng.random(30) < 0.1] = spec.SAMPLES
        ticks = rng.random(30) < 0.7
        words[ticks] = WORD_TICK | rng.choice([0, 1, 2, 5, 20], int(ticks.sum()))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(burst_of(rng, words.tolist(), request, seen))
    return bursts


def steady_session(shape: spec.JunctionShape) -> list[Burst]:
    """Tiles that do nothing, a step behind the other."""
    zeros = [
        Request(region=region, addr=addr, data=0)
        for region in spec.REGIONS.values()
        for addr in range(shape.region_words(region))
    ]
    writable = [r for r in spec.REGISTERS.regs if r.access == "rw"]
    start = [*zeros, *(register(r.name, r.reset) for r in writable), register("COMMAND", 1)]
    return [
        Burst(words=[], requests=start, after=[], stalls=IDLE),
        Burst(words=[WORD_TICK | 1] * 5, requests=[], after=look(np.random.default_rng(0), shape),
              stalls=IDLE),
    ]  # fmt: skip


class Replay(replay.Replay):
    """The golden model of a junction engine after ``log``."""

    engine_class = JunctionEngine

    def _word(self, word: int) -> None:
        engine = self.engine
        before, switches = engine.values.copy(), engine.probes[:, kernel.SWITCHES].copy()
        dwells, fired = int(engine.dwells.sum()), int(engine.state[kernel.FIRED])
        spikes = engine.stream(np.array([word], np.uint16)).tolist()
        self.spikes += spikes
        self.census["spikes sent"] += len(spikes)
        self.census["spikes kept"] += int(engine.state[kernel.FIRED]) - fired - len(spikes)
        moved = engine.values != before
        for name, mode in spec.MODES.items():
            mine = engine.tiles[:, kernel.MODE] == mode
            self.census[f"{name} moves"] += int((moved & mine).sum())
        self.census["walls at an end"] += int(
            (moved & (engine.tiles[:, kernel.MODE] == spec.MODE_WALL)
             & np.isin(engine.values, (0, (1 << 16) - 1))).sum()
        )  # fmt: skip
        self.census["switches"] += int((engine.probes[:, kernel.SWITCHES] - switches).sum())
        self.census["dwells"] += int(engine.dwells.sum()) - dwells
        self.census["samples"] += word < spec.SAMPLES

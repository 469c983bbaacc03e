"""Random sessions with a phase engine, and their replay on the golden model."""

from __future__ import annotations

from functools import partial

import numpy as np

from cocotb_tests.engine import replay
from cocotb_tests.engine.session import Burst, Request, burst_of
from spinloom.emulator.engine.phase import PhaseEngine
from spinloom.emulator.spec import phase as spec
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (
        spec.PhaseShape(name="three-passes", oscillators=9, lanes=3, phase_bits=14, wave=16),
        spec.PhaseShape(name="one-pass", oscillators=20, lanes=20),
        # The narrowest table and one lane; odd numbers of bits.
        spec.PhaseShape(
            name="square", oscillators=5, lanes=1, phase_bits=8, table_bits=3, amplitude_bits=1,
            weight_bits=3, wave=7,
        ),
        spec.PhaseShape(
            name="fine", oscillators=6, lanes=2, table_bits=8, amplitude_bits=7, weight_bits=8,
        ),
    )
}  # fmt: skip
LOOKS = 40  # words of the couplings that are read after a burst
STEADY_EVENTS = 20
STEADY_TICKS = 10  # words of them
STEADY_MODES = (spec.CONTROL_COUPLED, spec.CONTROL_COUPLED | spec.CONTROL_MEAN_FIELD, 0)


def write(shape: spec.PhaseShape, name: str, value: int) -> Request:
    """Write of the register of this name."""
    return Request(region=0, addr=shape.registers[name].addr, data=value)


def random_registers(rng: np.random.Generator, shape: spec.PhaseShape) -> dict[str, int]:
    """Registers that let phases move by a part of a turn, and sometimes by any amount."""
    p = shape.phase_bits
    wild = rng.random() < 0.2

    def below(top: int) -> int:
        return int(rng.integers(max(1, top)))

    values = {
        "CONTROL": int(rng.choice([0, 1, 1, 1, 2, 3])) | below(4) << 2 | (below(4) == 0) << 4
        | below(2) << 5,
        "GAIN": below(1 << 12) if wild else int(rng.choice([1, 40, 500, (1 << 12) - 90])),
        "SHIFT": below(32) if wild else below(20),
        "SHIL_MAX": int(rng.choice([0, 3, 300, 65535])),
        "SHIL_START": below(30),
        "SHIL_RATE": int(rng.choice([0, 100, 5000, 65535])),
        "INJ": int(rng.choice([0, 200, 20000])),
        "INJ_FREQ": below(shape.turn),
        "INJ_PHASE": below(shape.turn),
        "BIAS": below(1 << 12),
        "SLOPE": int(rng.choice([0, 70, 65500])),
        "CURVE": int(rng.choice([0, 900, 64000])),
        "NOISE": int(rng.choice([0, 1, p // 2, p - 1])),
        "WAVE_LENGTH": 1 + below(shape.wave),
        "LOCK_TICKS": int(rng.choice([1, 2, 3, 5, 7])),
        "LOCK_WIDTH": int(rng.choice([0, shape.turn // 8, shape.turn // 4, shape.turn // 2 - 1])),
        "LOCK_REF": below(shape.oscillators),
        "SEED_LO": 1 + below(0xFFFFFFFF),
        "SEED_HI": below(1 << 32),
    }  # fmt: skip
    if shape.wave == 0:
        values["CONTROL"] &= ~spec.CONTROL_WAVE
    return values


def look(rng: np.random.Generator, shape: spec.PhaseShape) -> list[Request]:
    """Reads of every register of the engine, phase and detector, and of some couplings."""
    reads = [Request(region=0, addr=r.addr) for r in shape.registers.regs if r.addr >= SHELL_END]
    for region in spec.REGIONS.values():
        every = np.arange(shape.region_words(region))
        if region in (spec.REGION_WEIGHTS, spec.REGION_WAVE):
            every = rng.permutation(every)[:LOOKS]
        reads += [Request(region=region, addr=int(a)) for a in every]
    return reads


def setup(rng: np.random.Generator, shape: spec.PhaseShape) -> list[Request]:
    """Writes of every memory word and register, and a reset."""
    requests = []
    for region in spec.REGIONS.values():
        words = rng.integers(0, 1 << 32, shape.region_words(region)).tolist()
        if region == spec.REGION_OMEGA and rng.random() < 0.5:
            words = [w >> 32 - shape.phase_bits + 4 for w in words]
        requests += [Request(region=region, addr=a, data=w) for a, w in enumerate(words)]
    requests += [write(shape, n, v) for n, v in random_registers(rng, shape).items()]
    return [*requests, write(shape, "COMMAND", spec.RESET_STATE)]


def random_request(rng: np.random.Generator, shape: spec.PhaseShape) -> Request:
    """A change of one register, a write or a read of a memory, a command."""
    kind = rng.choice(["register", "memory", "read", "command"], p=[0.45, 0.2, 0.31, 0.04])
    if kind == "register":
        name, value = rng.choice(list(random_registers(rng, shape).items()))
        return write(shape, str(name), int(value))
    if kind == "command":
        return write(shape, "COMMAND", int(rng.integers(2)))
    if kind == "read":
        every = look(rng, shape)
        return every[int(rng.integers(len(every)))]
    regions = [r for r in spec.REGIONS.values() if shape.region_words(r)]
    region = int(rng.choice(regions))
    addr = int(rng.integers(shape.region_words(region)))
    return Request(region=region, addr=addr, data=int(rng.integers(1 << 32)))


def random_words(rng: np.random.Generator, shape: spec.PhaseShape, count: int) -> list[int]:
    """Events, some of them of no oscillator, and ticks: none, one or a few in a word."""
    words = rng.integers(0, shape.oscillators, count)
    words[rng.random(count) < 0.1] = rng.integers(shape.oscillators, WORD_TICK)
    ticks = rng.random(count) < 0.6
    words[ticks] = WORD_TICK | rng.choice([0, 1, 1, 1, 4], int(ticks.sum()))
    return words.tolist()


def random_session(seed: int, shape: spec.PhaseShape) -> list[Burst]:
    """Setups and bursts of words beside requests, each with a look at everything."""
    rng = np.random.default_rng(seed)
    bursts = []
    for n in range(4):
        if n % 2 == 0:
            requests = setup(rng, shape)
            bursts.append(Burst(words=[], requests=requests, after=[], stalls=(0, 0, 0, 0)))
        request, seen = partial(random_request, rng, shape), partial(look, rng, shape)
        bursts.append(
            burst_of(rng, random_words(rng, shape, 40), request, seen, requests=25, slow=0.97)
        )
    return bursts


def steady_session(shape: spec.PhaseShape) -> list[Burst]:
    """Events back to back, then time steps back to back, one to three a word, without spikes: with
    couplings, with the mean field, with neither."""
    rng = np.random.default_rng(0)
    events = rng.integers(0, shape.oscillators, STEADY_EVENTS).tolist()
    ticks = [WORD_TICK | 1 + k % 3 for k in range(STEADY_TICKS)]
    bursts = [Burst(words=[], requests=setup(rng, shape), after=[], stalls=(0, 0, 0, 0))]
    for mode in STEADY_MODES:
        quiet = write(shape, "CONTROL", mode | spec.CONTROL_QUIET)
        bursts += [
            Burst(words=[], requests=[quiet], after=[], stalls=(0, 0, 0, 0)),
            Burst(words=events + ticks, requests=[], after=look(rng, shape), stalls=(0, 0, 0, 0)),
        ]
    return bursts


class Replay(replay.Replay):
    """The golden model of a phase engine after ``log``."""

    engine_class = PhaseEngine

    def _word(self, word: int) -> None:
        engine = self.engine
        fired, states = engine.fired, list(engine.random.states)
        spikes = engine.stream(np.array([word], np.uint16)).tolist()
        self.spikes += spikes
        self.census["spikes"] += len(spikes)
        self.census["quiet spikes"] += engine.fired - fired - len(spikes)
        self.census["draws"] += list(engine.random.states) != states
        self.census["locked"] += int(engine.locked.sum())
        self.census["second harmonic"] += engine.clock.ramp > 0

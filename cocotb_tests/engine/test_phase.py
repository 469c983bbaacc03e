"""The phase engine in Verilator against the golden model, bit for bit, and its speed."""

from dataclasses import replace
from itertools import pairwise

import pytest

from cocotb_tests.engine.phase_session import (
    SHAPES,
    STEADY_EVENTS,
    STEADY_MODES,
    STEADY_TICKS,
    Replay,
)
from cocotb_tests.engine.replay import compare, each
from cocotb_tests.engine.session import Request
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec.phase import CONTROL_COUPLED, PHASE_REGS
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK
from spinloom.rtl.engine.phase import PhaseEngine

SESSION = "phase_session"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check_speed(shape, recording):
    """An event takes two cycles, a word of time steps one and what the contract counts of each."""
    items = zip(recording.cycles, recording.log, strict=True)
    taken = [(cycle, item) for cycle, item in items if isinstance(item, int)]
    words = STEADY_EVENTS + STEADY_TICKS
    assert len(taken) == words * len(STEADY_MODES) and not recording.spikes
    for k, mode in enumerate(STEADY_MODES):
        some = taken[words * k : words * (k + 1)]
        step = shape.step_cycles(coupled=mode == CONTROL_COUPLED)
        for (at, word), (then, _) in pairwise(some):
            assert then - at == (1 + (word & MAX_TICKS) * step if word >= WORD_TICK else 2)


def changed(item, addr, bit):
    """The item, or if it writes this register, the same with another bit."""
    here = isinstance(item, Request) and item.region == 0 and item.data is not None
    return replace(item, data=item.data ^ 1 << bit) if here and item.addr == addr else item


def differs(shape, recording, addr, bit):
    """Whether a session gives other spikes or memories with another bit in a register."""
    replay = Replay(shape, [changed(item, addr, bit) for item in recording.log])
    reads = [i for i in recording.log if isinstance(i, Request) and i.data is None]
    pairs = zip(reads, replay.responses, recording.responses, strict=True)
    return replay.spikes != recording.spikes or any(n != o for r, n, o in pairs if r.region)


def check_every_parameter_matters(shape, recordings):
    """The comparison can fail: a bit of each register changes the outcome of some session."""
    fixed = ("WAVE_LENGTH", "LOCK_TICKS", "LOCK_REF", "SHIFT", "NOISE")  # bounded by the shape
    names = [r.name for r in shape.registers.regs if r.access == "rw" and r.name not in fixed]
    top = shape.phase_bits - 1
    bits = {name: (top - 1,) if name in PHASE_REGS else (9, 10, 4) for name in names}
    for name, some in {**bits, "CONTROL": (4,), "SHIL_START": (2, 1), "SEED_HI": (0, 1)}.items():
        addr = shape.registers[name].addr
        trials = ((recording, bit) for bit in some for recording in recordings.values())
        found = any(differs(shape, recording, addr, bit) for recording, bit in trials)
        assert found, f"nothing depends on bits {some} of {name}"


@each(SHAPES, ("three-passes", "fine"))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, PhaseEngine, SESSION)
    census = compare(Replay, shape, recordings, shape.oscillators)
    print(census)
    for corner in (
        "requests between words", "spikes", "quiet spikes", "draws", "bad addresses", "locked",
        "second harmonic",
    ):  # fmt: skip
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_every_parameter_matters(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    recordings = simulate(shape, tmp_path, 60, PhaseEngine, SESSION)
    compare(Replay, shape, recordings, shape.oscillators)

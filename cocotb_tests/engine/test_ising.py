"""The ising engine in Verilator against the golden model, bit for bit, and its speed."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from cocotb_tests.engine.ising_session import SHAPES, Replay
from cocotb_tests.engine.session import Request
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import ising as spec
from spinloom.rtl.engine.ising import IsingEngine

BENCH = "tb_ising"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def compare(shape, recordings):
    """Spikes with their ticks, and what is read after each burst; the census of the replays."""
    census = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items, {len(recording.spikes)} spikes")
        replay = Replay(shape, recording.log)
        assert recording.spikes == replay.spikes
        assert recording.responses == replay.responses
        census += replay.census
        census["bad addresses"] += recording.bad_events
    return census


def check_speed(shape, recording):
    """A decision a cycle; a flip takes a row of words, and starts the pipeline again. The first
    event copies the best state besides."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    sweep, flip = shape.spins + 15, shape.words + 13
    assert {b - a for a, b in pairwise(at[1:5])} == {sweep}
    assert at[5] - at[4] == flip + 3 + shape.spin_words
    assert at[6] - at[5] == sweep + flip


def check_couplings_matter(shape, recordings):
    """The comparison can fail: one bit of one coupling changes the outcome of some session."""

    def differs(recording):
        log, turned = [], False
        for item in recording.log:
            if not turned and isinstance(item, Request) and item.region == spec.REGION_WEIGHTS:
                item = replace(item, data=item.data ^ 8) if item.data is not None else item
                turned = True
            log.append(item)
        replay = Replay(shape, log)
        return replay.spikes != recording.spikes or replay.responses != recording.responses

    assert any(differs(recording) for recording in recordings.values())


@shapes
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, IsingEngine, BENCH)
    census = compare(shape, recordings)
    print(census)
    for corner in ("builds by words", "flips sent", "flips kept", "flips of all at once",
                   "better states", "best states left", "ramps at their end", "counted",
                   "bad addresses"):  # fmt: skip
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_couplings_matter(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(shape, simulate(shape, tmp_path, 60, IsingEngine, BENCH))

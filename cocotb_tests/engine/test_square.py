"""The square engine in Verilator against the golden model, bit for bit, and its speed."""

from collections import Counter
from dataclasses import replace

import pytest

from cocotb_tests.engine.session import Request
from cocotb_tests.engine.square_session import SHAPES, Replay
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import square as spec
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.rtl.engine.square import SquareEngine

BENCH = "tb_square"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def compare(shape, recordings):
    """Spikes with their ticks, and what is read after each burst; the census of the replays."""
    census = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items, {len(recording.spikes)} spikes")
        replay = Replay(shape, recording.log)
        assert recording.spikes == replay.spikes
        assert recording.responses == replay.responses
        events = [w for w in recording.log if isinstance(w, int) and w < WORD_TICK]
        assert recording.bad_events == sum(w >= shape.oscillators for w in events)
        census += replay.census
        census["bad addresses"] += recording.bad_events
    return census


def check_speed(shape, recording):
    """Outputs turn all at once, twice a period; a step looks at every group and goes through the
    chain once."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    half = shape.period // 2
    n, groups = shape.oscillators, shape.groups
    idle = 2 * groups + groups + 12
    assert at[2 * half] - at[half] <= half * idle + n


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
    recordings = simulate(shape, tmp_path, 6, SquareEngine, BENCH)
    census = compare(shape, recordings)
    print(census)
    for corner in ("spikes", "quiet spikes", "phases moved by others", "sums of zero", "settled",
                   "bad addresses"):  # fmt: skip
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_couplings_matter(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(shape, simulate(shape, tmp_path, 60, SquareEngine, BENCH))

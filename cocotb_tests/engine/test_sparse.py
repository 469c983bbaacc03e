"""The sparse engine in Verilator against the golden model, bit for bit, and its speed."""

from collections import Counter
from dataclasses import replace

import pytest

from cocotb_tests.engine.session import Request
from cocotb_tests.engine.sparse_session import SHAPES, SWEEPS, Replay
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import sparse as spec
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.rtl.engine.sparse import SparseEngine

BENCH = "tb_sparse"
QUICK = ("torus-8x8", "ice-6x6")
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def compare(shape, recordings):
    """What is read after each burst; the census of the replays."""
    census = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items")
        replay = Replay(shape, recording.log)
        assert recording.spikes == []
        assert recording.responses == replay.responses
        events = [w for w in recording.log if isinstance(w, int) and w < WORD_TICK]
        assert recording.bad_events == sum(w >= shape.spins for w in events)
        census += replay.census
        census["bad addresses"] += recording.bad_events
    return census


def check_speed(shape, recording):
    """A sweep is a cycle for each colour; a measurement goes through the tree of adders, and the
    best state through the ring."""
    items = zip(recording.cycles, recording.log, strict=True)
    _, *at = [cycle for cycle, item in items if isinstance(item, int)]  # the first is of the setup
    colours = len(shape.network.colours)
    measured = colours + (shape.lanes - 1).bit_length() + 12
    assert at[1] - at[0] <= SWEEPS * colours + 8 + measured + shape.spin_words
    assert at[3] - at[2] <= SWEEPS * (colours + measured + shape.spin_words)


def check_couplings_matter(shape, recordings):
    """The comparison can fail: one coupling changes the outcome of some session."""

    def differs(recording):
        log, turned = [], False
        for item in recording.log:
            if not turned and isinstance(item, Request) and item.region == spec.REGION_COUPLINGS:
                item = replace(item, data=item.data ^ 1) if item.data is not None else item
                turned = True
            log.append(item)
        return Replay(shape, log).responses != recording.responses

    assert any(differs(recording) for recording in recordings.values())


@pytest.mark.parametrize(
    "shape",
    # Every spin is logic of its own, which takes a minute to compile.
    [
        pytest.param(s, id=n, marks=[] if n in QUICK else pytest.mark.proof)
        for n, s in SHAPES.items()
    ],
)
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, SparseEngine, BENCH)
    census = compare(shape, recordings)
    print(census)
    for corner in ("flips", "events", "best states", "behind the last row", "bad addresses"):
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_couplings_matter(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(shape, simulate(shape, tmp_path, 60, SparseEngine, BENCH))

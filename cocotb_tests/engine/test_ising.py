"""The ising engine in Verilator against the golden model, bit for bit, and its speed."""

from itertools import pairwise

import pytest

from cocotb_tests.engine.ising_session import SHAPES, Replay
from cocotb_tests.engine.replay import check_memory_matters, compare, each
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import ising as spec
from spinloom.rtl.engine.ising import IsingEngine

SESSION = "ising_session"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check_speed(shape, recording):
    """A decision a cycle; a flip takes a row of words, and starts the pipeline again. The first
    event copies the best state besides."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    sweep, flip = shape.spins + 15, shape.words + 13
    assert {b - a for a, b in pairwise(at[1:5])} == {sweep}
    assert at[5] - at[4] == flip + 3 + shape.spin_words
    assert at[6] - at[5] == sweep + flip


@each(SHAPES, ("ising-16",))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, IsingEngine, SESSION)
    census = compare(Replay, shape, recordings)
    print(census)
    for corner in ("builds by words", "flips sent", "flips kept", "flips of all at once",
                   "better states", "best states left", "ramps at their end", "counted",
                   "bad addresses"):  # fmt: skip
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_memory_matters(Replay, shape, recordings, spec.REGION_WEIGHTS, 8)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(Replay, shape, simulate(shape, tmp_path, 60, IsingEngine, SESSION))

"""The sparse engine in Verilator against the golden model, bit for bit, and its speed."""

import pytest

from cocotb_tests.engine.replay import check_memory_matters, compare, each
from cocotb_tests.engine.sparse_session import SHAPES, SWEEPS, Replay
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import sparse as spec
from spinloom.rtl.engine.sparse import SparseEngine

SESSION = "sparse_session"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check_speed(shape, recording):
    """A sweep is a cycle for each colour; a measurement goes through the tree of adders, and the
    best state through the ring."""
    items = zip(recording.cycles, recording.log, strict=True)
    _, *at = [cycle for cycle, item in items if isinstance(item, int)]  # the first is of the setup
    colours = len(shape.network.colours)
    measured = colours + (shape.lanes - 1).bit_length() + 12
    assert at[1] - at[0] <= SWEEPS * colours + 8 + measured + shape.spin_words
    assert at[3] - at[2] <= SWEEPS * (colours + measured + shape.spin_words)


@each(SHAPES, ("torus-8x8", "ice-6x6"))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, SparseEngine, SESSION)
    census = compare(Replay, shape, recordings, shape.spins)
    print(census)
    for corner in ("flips", "events", "best states", "behind the last row", "bad addresses"):
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_memory_matters(Replay, shape, recordings, spec.REGION_COUPLINGS, 1)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    recordings = simulate(shape, tmp_path, 60, SparseEngine, SESSION)
    compare(Replay, shape, recordings, shape.spins)

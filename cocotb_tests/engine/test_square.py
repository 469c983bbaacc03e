"""The square engine in Verilator against the golden model, bit for bit, and its speed."""

import pytest

from cocotb_tests.engine.replay import check_memory_matters, compare, each
from cocotb_tests.engine.square_session import SHAPES, Replay
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import square as spec
from spinloom.rtl.engine.square import SquareEngine

SESSION = "square_session"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check_speed(shape, recording):
    """Outputs turn all at once, twice a period; a step looks at every group and goes through the
    chain once."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    half = shape.period // 2
    n, groups = shape.oscillators, shape.groups
    idle = 2 * groups + groups + 12
    assert at[2 * half] - at[half] <= half * idle + n


@each(SHAPES, ("square-16",))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, SquareEngine, SESSION)
    census = compare(Replay, shape, recordings, shape.oscillators)
    print(census)
    for corner in ("spikes", "quiet spikes", "phases moved by others", "sums of zero", "settled",
                   "bad addresses"):  # fmt: skip
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_memory_matters(Replay, shape, recordings, spec.REGION_WEIGHTS, 8)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    recordings = simulate(shape, tmp_path, 60, SquareEngine, SESSION)
    compare(Replay, shape, recordings, shape.oscillators)

"""The junction engine in Verilator against the golden model, bit for bit, and its speed."""

from dataclasses import replace
from itertools import pairwise

import pytest

from cocotb_tests.engine.junction_session import SHAPES, Replay
from cocotb_tests.engine.replay import compare, each
from cocotb_tests.engine.session import Request
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec import junction as spec
from spinloom.rtl.engine.junction import JunctionEngine

SESSION = "junction_session"
CORNERS = ("spikes sent", "spikes kept", *(f"{name} moves" for name in spec.MODES), "switches",
           "walls at an end", "dwells", "samples", "bad addresses")  # fmt: skip
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check_speed(shape, recording):
    """A tile a cycle."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    assert {b - a for a, b in pairwise(at[:5])} == {shape.tiles + 16}


def check_rates_matter(shape, recordings):
    """The comparison can fail: another table changes the outcome of some session."""

    def differs(recording):
        log = [
            replace(item, data=0)
            if isinstance(item, Request) and item.region == spec.REGION_RATES and item.data
            else item
            for item in recording.log
        ]
        replay = Replay(shape, log)
        return replay.spikes != recording.spikes or replay.responses != recording.responses

    assert any(differs(recording) for recording in recordings.values())


@each(SHAPES, ("junction-16",))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, JunctionEngine, SESSION)
    census = compare(Replay, shape, recordings)
    print(census)
    for corner in CORNERS:
        assert census[corner] > 0, corner
    check_speed(shape, recordings["steady"])
    check_rates_matter(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(Replay, shape, simulate(shape, tmp_path, 60, JunctionEngine, SESSION))

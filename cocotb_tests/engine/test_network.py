"""The network engine in Verilator against the golden model, bit for bit, and its speed."""

from collections import Counter
from dataclasses import replace

import pytest

from cocotb_tests.engine.network_session import SHAPES, STEADY_EVENTS, STEADY_TICKS, Replay
from cocotb_tests.engine.replay import each
from cocotb_tests.engine.session import Request
from cocotb_tests.engine.test_learning import simulate
from spinloom.emulator.spec.network import LAYER_REGS, Convolution
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.rtl.engine.network import NetworkEngine

SESSION = "network_session"
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def compare(shape, recordings):
    """Spikes with their ticks, and every register and memory word after each burst; the census of
    the replays."""
    census = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items, {len(recording.spikes)} spikes")
        replay = Replay(shape, recording.log)
        assert recording.spikes == replay.spikes
        assert recording.responses == replay.responses
        events = [w for w in recording.log if isinstance(w, int) and w < WORD_TICK]
        assert recording.bad_events == sum(not shape.layers[0].is_input(w) for w in events)
        census += replay.census
        census["bad addresses"] += recording.bad_events
    return census


def check_speed(shape, recording):
    """An event takes its steps and a cycle; a time step a cycle, and the neurons of each word and
    five more."""
    items = zip(recording.cycles, recording.log, strict=True)
    at = [cycle for cycle, item in items if isinstance(item, int)]
    assert len(at) == STEADY_EVENTS + STEADY_TICKS and not recording.spikes
    first = shape.layers[0]
    steps = first.kernel**2 if isinstance(first, Convolution) else first.columns
    assert at[STEADY_EVENTS] - at[0] == STEADY_EVENTS * (steps + 1)
    words = sum(
        layer.rows * sum(layer.lanes(x) + 5 for x in range(layer.columns)) for layer in shape.layers
    )
    assert at[-1] - at[STEADY_EVENTS] == (STEADY_TICKS - 1) * (words + 2)


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
    """The comparison can fail: a low bit of each register, and each bit of MODE, changes the
    outcome of some session."""
    names = [f"L{n}_{name}" for n in range(len(shape.layers)) for name, *_ in LAYER_REGS]
    lowest = [(name, (0, 1, 2)) for name in names if not name.endswith(("MODE", "TICKS"))]
    lowest += [(name, (0, 1)) for name in names if name.endswith("TICKS")]
    lowest += [(name, (bit,)) for name in names if name.endswith("MODE") for bit in (0, 1)]
    for name, bits in [*lowest, ("SEED_LO", (0, 1)), ("CONTROL", (0,))]:
        addr = shape.registers[name].addr
        trials = ((recording, bit) for bit in bits for recording in recordings.values())
        found = any(differs(shape, recording, addr, bit) for recording, bit in trials)
        assert found, f"nothing depends on bits {bits} of {name}"


@each(SHAPES, ("network-small",))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 6, NetworkEngine, SESSION)
    census = compare(shape, recordings)
    print(census)
    for corner in ("requests between words", "spikes", "quiet spikes", "draws", "bad addresses"):
        assert census[corner] > 0, corner
    assert census["hidden spikes"] > 0 or len(shape.layers) == 1
    check_speed(shape, recordings["steady"])
    check_every_parameter_matters(shape, recordings)


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(shape, simulate(shape, tmp_path, 60, NetworkEngine, SESSION))

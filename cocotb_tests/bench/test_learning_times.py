"""Learning times: the frames carry the couplings, and the record is what its rows say."""

import json
from pathlib import Path

import numpy as np
import pytest

from spinloom.bench import coupling_load, learning_times
from spinloom.boards.catalog import BOARDS
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.link.frames import decode
from spinloom.host.machine import Machine


def random_weights(n):
    return np.random.default_rng(n).integers(-15, 16, (n, n))


@pytest.mark.parametrize(("name", "n"), [("square-16", 15), ("square-64", 35), ("phase-64", 35)])
def test_the_frames_set_all_couplings(name, n):
    shape, weights = SHAPES[name], random_weights(n)
    with Machine.open("golden", shape) as machine:
        for line in coupling_load.frames(shape, weights):
            frame = decode(line[:-1])
            address, *words = np.frombuffer(frame.payload, "<u4").tolist()
            assert frame.type == Type.MEM_WR and address & 0xFF == shape.regions["weights"]
            machine.write_memory("weights", words, address >> 8)
        held = machine.weights()
    assert (held[:n, :n] == weights).all()
    held[:n, :n] = 0
    assert not held.any()


def test_cycles_of_a_load():
    """The circuit takes a byte a cycle and stores a frame before it works on it."""
    load = coupling_load.Load(SHAPES["square-16"], random_weights(2))
    (size, whole, rest), second = load.frames
    assert second == (size, whole, rest)
    assert size + rest == whole and rest >= size - 13  # overhead: not worked on
    assert 0 < load.busy < 2 * rest


def test_the_record_is_consistent():
    path = Path(__file__).parents[2] / learning_times.DOCS / "learning.json"
    kept = json.loads(path.read_text())
    board = BOARDS[kept["board"]]
    assert (kept["clock_hz"], kept["baud"]) == (board.clock_hz, board.baud)
    for row in kept["learning"]:
        on_line = row["bytes"] * learning_times.BYTE_BITS * board.divisor
        # What is left is the circuit's work on the last frame.
        assert 0 < row["line_cycles"] - on_line < row["window_cycles"] / row["oscillators"]
        assert row["line_us"] == pytest.approx(1e6 * row["line_cycles"] / board.clock_hz, abs=0.1)
        assert row["engine_cycles"] < row["window_cycles"]
        assert row["published_us"] == learning_times.PUBLISHED_US.get(
            (row["rule"], row["oscillators"])
        )
    assert kept["speed"] == learning_times.speeds()

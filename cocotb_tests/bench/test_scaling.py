"""The study of widths: what one more neuron or input costs, and that the record is of one piece."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spinloom.bench import scaling
from spinloom.boards.catalog import BOARDS
from spinloom.emulator.spec.learning import WORD_TICK

RECORD = Path(__file__).resolve().parents[2] / "docs" / "scaling" / "scaling.json"


def row(board: str, size: tuple[int, int, int], **used: int) -> dict[str, Any]:
    """A recorded array that takes these resources."""
    key = dict(zip(scaling.KEY, (board, *size), strict=True))
    return key | {"resources": {name: [n, 1 << 20] for name, n in used.items()}}


def test_one_more_costs_the_difference() -> None:
    """Of arrays of one board that differ in one number alone, each with the next larger one."""
    found = scaling.costs([
        row("ulx3s", (16, 8, 256), LUT=1800, FF=1040, DP16KD=13),
        row("ulx3s", (8, 8, 256), LUT=1000, FF=1000, DP16KD=13),
        row("ulx3s", (32, 8, 256), LUT=5000, FF=1040, DP16KD=21),
        row("ulx3s", (16, 8, 1024), LUT=3336, FF=1808, DP16KD=19),
        row("tangnano9k", (64, 8, 256), LUT=9, FF=9, BSRAM=9),  # another board
        row("ulx3s", (64, 4, 256), LUT=9, FF=9, DP16KD=9),  # other row groups
    ])  # fmt: skip
    assert [(c["board"], c["one_more"], c["from"], c["to"]) for c in found] == [
        ("ulx3s", "neuron", "8x8x256", "16x8x256"),
        ("ulx3s", "neuron", "16x8x256", "32x8x256"),
        ("ulx3s", "input", "16x8x256", "16x8x1024"),
    ]
    figures = [[c[name] for name in ("LUT", "FF", "LC", "memory_bits")] for c in found]
    assert figures == [
        [100, 5, None, 0],
        [200, 0, None, 8 * 18432 / 16],
        [2, 1, None, 6 * 18432 / 768],
    ]


def test_memory_is_counted_in_bits_of_its_own_blocks() -> None:
    """An iCE40 has two kinds, and cells that hold a LUT, a flip-flop or both."""
    (found,) = scaling.costs([
        row("icebreaker", (16, 1, 1024), LUT=900, FF=400, LC=1000, EBR=4, SPRAM=1),
        row("icebreaker", (32, 1, 1024), LUT=980, FF=480, LC=1160, EBR=5, SPRAM=2),
    ])  # fmt: skip
    assert (found["LUT"], found["FF"], found["LC"]) == (5, 5, 10)
    assert found["memory_bits"] == (4096 + (1 << 18)) / 16


@pytest.mark.parametrize("size", [(16, 8, 128), (32, 1, 1024)])
def test_every_event_of_the_stimulus_counts(size: tuple[int, int, int]) -> None:
    words, events = scaling.stimulus(scaling.array(*size))
    assert np.count_nonzero(words & WORD_TICK) == scaling.TICKS
    assert np.count_nonzero(words < size[2]) == events
    # Binomial, 150 ticks of 20.5 events: sigma below sqrt(150 * 20.5), four of them.
    expected = scaling.TICKS * scaling.EVENTS
    assert abs(events - expected) < 4 * np.sqrt(expected)


def test_what_is_recorded_is_what_is_built() -> None:
    """Every array is recorded once or refused once; costs are those of the recorded arrays."""
    kept = json.loads(RECORD.read_text())
    named = [tuple(r[k] for k in scaling.KEY) for r in (*kept["arrays"], *kept["refused"])]
    asked = [(board, *size) for board, sizes in scaling.ARRAYS.items() for size in sizes]
    assert sorted(named) == sorted(asked)
    assert {r["board"] for r in kept["arrays"]} == set(BOARDS)
    assert kept["costs"] == scaling.costs(kept["arrays"])

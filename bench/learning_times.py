"""How long learning takes: ``python bench/learning_times.py [--record]``.

The host works the couplings out (``host.couplings``) and loads them through the memory window:
MEM_WR frames for each oscillator that is used, of the words that hold its couplings. Both parts are
timed, for three random patterns:

* ``host``: the rule and its quantising, wall time of this computer, median of many.
* ``line``: from the first bit of the first frame to the last coupling in memory at the UART's rate:
  ten bits a byte, and the cycles that the circuit takes for the last frame once it is there.
* ``window``: the same without a line: a byte a cycle, and a frame when the one before is done.
* ``engine``: cycles of these in which the engine is busy, as register CYCLES counts them.

Cycles are those of the simulated circuit; the last words are read back. Microseconds are theirs at
the clock of the board. Sending only words that the last pattern has changed saves nothing: nearly
all have. A frame with a pattern alone, of which a circuit would have to make the couplings itself,
is timed beside it.

Published for 15 oscillators and up to three patterns, learning on the processor of the same Zynq
chip: from 119 us by Hebb's rule to 163 us by Storkey's (Abernot, Gil, Todri-Sanial, ICONS 2022,
abstract; that of a sequel for up to 35, Abernot, Azemard, Todri-Sanial, Front. Neurosci. 2023,
doi:10.3389/fnins.2023.1196796, says hundreds of microseconds).

Beside it, steps and periods a second of the machines in ``oscillators.json`` and the published
design that is nearest (Haverkort and Todri-Sanial, arXiv:2504.20680, 2025, abstract).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.bench.builds import kept
from spinloom.bench.coupling_load import Load, packed, spans
from spinloom.bench.oscillators import DOCS, PUBLISHED, RECORD
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.emulator.spec.link import BAUD_FAST, Type
from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.emulator.spec.square import SquareShape
from spinloom.host.commands.output import show
from spinloom.host.couplings import RULES, quantised
from spinloom.host.link.frames import encode
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic

NOTE = "cycles of the simulated circuit; host times are wall times, known to a factor of two"
BOARD = "ulx3s"
PATTERNS = 3
REPEATS = 301  # of the host's part
BYTE_BITS = 10  # of a byte on the line
SIZES = {15: ("square-16", "phase-64"), 35: ("square-64", "phase-64")}
PUBLISHED_US = {("hebb", 15): 119.0, ("storkey", 15): 163.0}
UNSTATED = "not stated in what could be read"

Row = dict[str, Any]
Ints = npt.NDArray[np.int64]


def learned(rule: str, patterns: Ints, top: int) -> Ints:
    """What the host works out."""
    return quantised(RULES[rule](patterns), top)


def host_us(rule: str, patterns: Ints, top: int) -> float:
    """Microseconds of the host's part, the median."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter_ns()
        learned(rule, patterns, top)
        taken.append(time.perf_counter_ns() - start)
    return float(np.median(taken)) / 1000


def measure(board: Board, name: str, n: int) -> list[Row]:
    """One machine and number of oscillators: a row for each rule. What is loaded takes the same
    time whatever it is."""
    shape = SHAPES[name]
    assert isinstance(shape, OscillatorShape)
    patterns = np.random.default_rng(n).integers(0, 2, (PATTERNS, n)) * 2 - 1
    load = Load(shape, learned("hebb", patterns, shape.weight_max))
    size = sum(frame[0] for frame in load.frames)
    window = sum(frame[1] for frame in load.frames)
    line = size * BYTE_BITS * board.divisor + load.frames[-1][2]
    line_us = round(1e6 * line / board.clock_hz, 1)
    rows = []
    for rule in ("hebb", "storkey"):
        published = PUBLISHED_US.get((rule, n))
        now, before = (
            np.hstack([packed(shape, weights)[:n, span] for span in spans(shape, n)])
            for stored in (patterns, patterns[:-1])
            for weights in (learned(rule, stored, shape.weight_max),)
        )
        rows.append({
            "oscillators": n,
            "shape": name,
            "rule": rule,
            "host_us": round(host_us(rule, patterns, shape.weight_max), 1),
            "bytes": size,
            "line_cycles": line,
            "line_us": line_us,
            "window_cycles": window,
            "window_us": round(1e6 * window / board.clock_hz, 1),
            "engine_cycles": load.busy,
            "published_us": published,
            "line_over_published": published and round(line_us / published, 1),
            "words": now.size,
            "words_changed_by_the_last_pattern": int((now != before).sum()),
        })  # fmt: skip
    return rows


def pattern_us(n: int, baud: int) -> float:
    """The line's time for a frame that holds an address and one pattern, a bit a pixel."""
    return 1e6 * BYTE_BITS * len(encode(Type.MEM_WR, 1, bytes(4 + (n + 7) // 8))) / baud


def speeds() -> list[Row]:
    """Recorded machines of square waves, fastest clock after routing, and the published design. The
    period of a phase oscillator is a parameter."""
    rows: list[Row] = []
    for row in kept(RECORD):
        shape = SHAPES[row["shape"]]
        if not isinstance(shape, SquareShape):
            continue
        rows.append({
            "design": f"{row['shape']}, {row['board']}",
            "oscillators": row["oscillators"],
            "weight_bits": shape.weight_bits,
            "phase_bits": shape.phase_bits,
            "clock_mhz": row["fmax_mhz"],
            "steps_per_s": row["steps_per_s"],
            "periods_per_s": round(row["steps_per_s"] / shape.period),
        })  # fmt: skip
    rows.append({
        "design": "Haverkort and Todri-Sanial 2025, Zynq-7020",
        "oscillators": PUBLISHED,
        "weight_bits": 5,
        "phase_bits": 4,
        "clock_mhz": UNSTATED,
        "steps_per_s": UNSTATED,
        "periods_per_s": UNSTATED,
    })  # fmt: skip
    return rows


def summary(rows: list[Row]) -> list[Row]:
    """What is printed of the learning times."""
    return [
        {
            "oscillators": r["oscillators"],
            "shape": r["shape"],
            "rule": r["rule"],
            "host (us)": r["host_us"],
            "bytes": r["bytes"],
            "line (cycles)": r["line_cycles"],
            "line (us)": r["line_us"],
            "window (cycles)": r["window_cycles"],
            "window (us)": r["window_us"],
            "engine (cycles)": r["engine_cycles"],
            "published (us)": r["published_us"] or "-",
            "line/published": r["line_over_published"] or "-",
            "words changed": f"{r['words_changed_by_the_last_pattern']}/{r['words']}",
        }
        for r in rows
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="How long learning takes.")
    parser.add_argument("--record", action="store_true", help=f"write {DOCS}/learning.json")
    args = parser.parse_args()
    board = BOARDS[BOARD]
    rows = [row for n, names in SIZES.items() for name in names for row in measure(board, name, n)]
    alone: list[Row] = [
        {"oscillators": n, "baud": baud, "us": pattern_us(n, baud)}
        for n in SIZES
        for baud in (board.baud, BAUD_FAST)
    ]
    told = {
        "note": NOTE,
        "board": board.name,
        "clock_hz": board.clock_hz,
        "baud": board.baud,
        "patterns": PATTERNS,
        "learning": rows,
        "a_pattern_alone_on_the_line": alone,
        "speed": speeds(),
    }
    if args.record:
        text = json.dumps(told, indent=1) + "\n"
        write_atomic(DOCS / "learning.json", lambda file: file.write(text.encode()))
    printed = [
        {k: si(v) if k.endswith("_per_s") and v != UNSTATED else v for k, v in row.items()}
        for row in told["speed"]
    ]
    title = f"learning, {board.clock_hz / 1e6:g} MHz, {board.baud / 1e6:g} Mbaud"
    show(
        {title: summary(rows), "a pattern alone on the line": alone, "speed": printed},
        as_json=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

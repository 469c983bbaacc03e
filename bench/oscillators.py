"""How oscillator networks scale: ``python bench/oscillators.py [SHAPE ...] [--record]``.

Builds machines of coupled oscillators for a board and counts the cycles of a time step in
Verilator, with couplings and phases at random. Speeds are estimates: Fmax after routing over those
cycles. The exponent is that of the logic against the number of oscillators, N^x, fitted to the
machines of one engine. ``--record`` keeps all of it in ``docs/oscillators``, build by build.

Beside them stands the published design that is nearest: 506 oscillators, fully connected, weights
of 5 bits and phases of 4, on a Zynq-7020 (Haverkort and Todri-Sanial, arXiv:2504.20680, 2025, whose
abstract gives the exponent of about 1.2).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from spinloom.bench import builds
from spinloom.bench.builds import NOTE, Row, logic
from spinloom.boards import simulators
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.emulator.spec.phase import PhaseParams, PhaseShape
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.emulator.spec.square import SquareShape
from spinloom.host import pictures
from spinloom.host.machine import Machine
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic
from spinloom.rtl.top import Top

DOCS = Path("docs/oscillators")
RECORD = DOCS / "oscillators.json"
ENGINES = {"square": (SquareShape, "#0072B2"), "phase": (PhaseShape, "#D55E00")}
PUBLISHED = 506  # oscillators of the published design
TICKS = 64


def cycles(name: str) -> float:
    """Cycles a time step, of random couplings and phases."""
    shape = SHAPES[name]
    program = simulators.build(Top(shape), "verilator")
    rng = np.random.default_rng(1)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-1]
        with Machine.open(f"tcp:{address}", shape) as machine:
            n = shape.neurons
            machine.set_weights(rng.integers(-15, 16, (n, n)))
            if isinstance(shape, PhaseShape):
                machine.configure(PhaseParams(gain=1, shift=4))
                machine.set_frequencies(np.zeros(n, np.int64))
                machine.set_phases(rng.integers(0, shape.turn, n))
            else:
                machine.set_phases(rng.integers(0, shape.period, n))
            machine.reset(state=True)
            taken = []
            for ticks in (TICKS, 2 * TICKS):  # what comes once is the same in both
                before = machine.cycles or 0
                machine.stream(np.array([0x8000 | ticks], np.uint16))
                machine.read("TICK")
                taken.append((machine.cycles or 0) - before)
    return (taken[1] - taken[0]) / TICKS


def measure(board: Board, name: str) -> Row:
    """One machine: its build, and its speed."""
    shape = SHAPES[name]
    row = builds.built(board, name, Path("build") / f"oscillators-{board.name}-{name}")
    step = cycles(name)
    return row | {
        "oscillators": shape.neurons,
        "cycles_per_step": round(step, 1),
        "steps_per_s": round(1e6 * row["fmax_mhz"] / step),
        "couplings_per_s": round(1e6 * row["fmax_mhz"] / step * shape.synapses),
    }


def exponents(rows: list[Row]) -> dict[str, float]:
    """x of logic = a N^x, by board and engine, least squares of the logarithms."""
    found = {}
    for key in sorted({(r["board"], r["engine"]) for r in rows}):
        mine = [r for r in rows if (r["board"], r["engine"]) == key]
        if len({r["oscillators"] for r in mine}) > 1:
            n = np.log([r["oscillators"] for r in mine])
            found[" ".join(key)] = round(
                float(np.polyfit(n, np.log([logic(r) for r in mine]), 1)[0]), 3
            )
    return found


def picture(path: Path, rows: list[Row]) -> None:
    """Logic and steps a second against oscillators."""
    fits = exponents(rows)
    with pictures.saved_figure(path, 9.5, 3.8) as figure:
        left, right = figure.subplots(1, 2)
        markers = dict(zip(BOARDS, "osv", strict=False))
        for engine, (_, colour) in ENGINES.items():
            for board in BOARDS:
                mine = [r for r in rows if (r["board"], r["engine"]) == (board, engine)]
                mine.sort(key=lambda r: r["oscillators"])
                if not mine:
                    continue
                n = [r["oscillators"] for r in mine]
                fit = fits.get(f"{board} {engine}")
                name = f"{engine}, {board}" + (f": N^{fit:.2f}" if fit else "")
                style = {"color": colour, "marker": markers[board], "ms": 5, "lw": 1.2}
                left.plot(n, [logic(r) for r in mine], label=name, **style)
                right.plot(n, [r["steps_per_s"] for r in mine], label=f"{engine}, {board}", **style)
        for axes in (left, right):
            axes.axvline(PUBLISHED, color=pictures.GREY, lw=0.8, ls=":")
            axes.set(xscale="log", yscale="log", xlabel="oscillators, all coupled to all")
            axes.legend(frameon=False, fontsize=7)
        left.annotate(
            "published: 506", (PUBLISHED, left.get_ylim()[0]), rotation=90, fontsize=7,
            color=pictures.GREY, ha="right", va="bottom",
        )  # fmt: skip
        left.set(ylabel="LUTs (LC on the iCE40)")
        left.set_title("Logic after routing")
        right.set(ylabel="time steps a second")
        right.set_title("Speed, estimated")


def record(rows: list[Row]) -> None:
    """Keep the rows and their picture."""
    DOCS.mkdir(parents=True, exist_ok=True)
    rows.sort(key=lambda r: (r["board"], r["engine"], r["oscillators"]))
    text = json.dumps({"note": NOTE, "machines": rows, "exponents": exponents(rows)}, indent=1)
    write_atomic(RECORD, lambda file: file.write((text + "\n").encode()))
    picture(DOCS / "oscillators.png", rows)


def tables(rows: list[Row]) -> dict[str, list[Row]]:
    """What is printed of the rows."""
    machines = [
        {
            "board": r["board"],
            "shape": r["shape"],
            "logic": logic(r),
            "Fmax (MHz)": r["fmax_mhz"],
            "cycles a step": r["cycles_per_step"],
            "steps/s": si(r["steps_per_s"]),
            "couplings/s": si(r["couplings_per_s"]),
        }
        for r in rows
    ]
    return {"oscillators": machines, "exponents": [exponents(rows)]}


def main() -> int:
    every = [name for name, s in SHAPES.items() if isinstance(s, (SquareShape, PhaseShape))]
    what = "How oscillator networks scale."
    return builds.main(what, every, RECORD, measure, record, tables)


if __name__ == "__main__":
    sys.exit(main())

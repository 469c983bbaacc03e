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

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from spinloom.boards import flow, simulators
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.boards.toolchain import ToolError
from spinloom.boards.uart_top import UartTop
from spinloom.emulator.spec.phase import PhaseParams, PhaseShape
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.emulator.spec.square import SquareShape
from spinloom.host import pictures
from spinloom.host.commands.output import show
from spinloom.host.machine import Machine
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic
from spinloom.rtl.top import Top

DOCS = Path("docs/oscillators")
NOTE = "estimates: Fmax after routing over the cycles of the simulated circuit"
ENGINES = {"square": (SquareShape, "#0072B2"), "phase": (PhaseShape, "#D55E00")}
PUBLISHED = 506  # oscillators of the published design
TICKS = 64

Row = dict[str, Any]


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


def measure(board: Board, name: str, built: Row | None = None) -> Row:
    """One machine: its build, or one that there is, and its speed."""
    shape = SHAPES[name]
    if built is None:
        folder = Path("build") / f"oscillators-{board.name}-{name}"
        built = flow.build(
            board, UartTop(board, shape), folder, lambda line: print(line, flush=True)
        )
    step = cycles(name)
    return {
        "board": board.name,
        "shape": name,
        "engine": shape.engine,
        "oscillators": shape.neurons,
        "resources": built["resources"],
        "fmax_mhz": built["fmax_mhz"],
        "timing": built["timing"],
        "cycles_per_step": round(step, 1),
        "steps_per_s": round(1e6 * built["fmax_mhz"] / step),
        "couplings_per_s": round(1e6 * built["fmax_mhz"] / step * shape.synapses),
    }


def logic(row: Row) -> int:
    """LUTs, or logic cells where they are counted, that a machine takes."""
    count: int = row["resources"].get("LC", row["resources"]["LUT"])[0]
    return count


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
    write_atomic(DOCS / "oscillators.json", lambda file: file.write((text + "\n").encode()))
    picture(DOCS / "oscillators.png", rows)


def kept() -> list[Row]:
    """Recorded rows."""
    path = DOCS / "oscillators.json"
    rows: list[Row] = json.loads(path.read_text())["machines"] if path.exists() else []
    return rows


def table(rows: list[Row]) -> list[Row]:
    """What is printed of the rows."""
    return [
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


def main() -> int:
    parser = argparse.ArgumentParser(description="How oscillator networks scale.")
    every = [name for name, s in SHAPES.items() if isinstance(s, (SquareShape, PhaseShape))]
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(every)}")
    parser.add_argument("--board", default="ulx3s", choices=BOARDS, help="(%(default)s)")
    parser.add_argument("--record", action="store_true", help=f"write {DOCS}")
    args = parser.parse_args()
    rows = kept()
    for name in args.shapes:
        if name not in every:
            parser.error(f"unknown shape {name!r}; choose of {', '.join(every)}")
        try:
            row = measure(BOARDS[args.board], name)
        except ToolError as error:
            print(f"{name} does not build for {args.board}: {error}")
            continue
        rows = [r for r in rows if (r["board"], r["shape"]) != (args.board, name)] + [row]
        if args.record:
            record(rows)
    show({"oscillators": table(rows), "exponents": [exponents(rows)]}, as_json=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m spinloom.boards list | verilog | build | flash``: the circuit and its boards.

The host starts these commands as a process of its own, since it never imports the hardware
description. Tables and JSON go to standard output, progress and errors to standard error.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from spinloom.boards import cache, flash, flow, reports, yosys
from spinloom.boards.arguments import Parser
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.emulator.spec.shape import Shape
from spinloom.emulator.spec.shapes import SHAPES

RESULTS = Path(__file__).parent / "results.json"
DEFAULT_SHAPE = "lanes"
# Of workload W1, by ``spinloom.bench.w1``: cycles of the simulated circuit times the Fmax.
SPEEDS = ("synaptic_events_per_s", "state_updates_per_s", "roofline_fraction")


def progress(line: str) -> None:
    """One progress line on standard error."""
    print(line, file=sys.stderr, flush=True)


def build_name(board: Board, shape: Shape) -> str:
    """A build's folder and its row of the table: the board, and the shape unless it is
    ``lanes``."""
    return board.name if shape.name == DEFAULT_SHAPE else f"{board.name}-{shape.name}"


def list_boards(args: argparse.Namespace) -> int:
    """The boards there are, with the figures of the last recorded build."""
    recorded = json.loads(RESULTS.read_text())["boards"] if RESULTS.exists() else {}
    rows = [
        {
            "board": b.name,
            "title": b.title,
            "chip": b.chip,
            "clock_mhz": b.clock_hz / 1e6,
            "baud": b.baud,
            "fmax_mhz": recorded.get(b.name, {}).get("fmax_mhz"),
            "timing": recorded.get(b.name, {}).get("timing", ""),
        }
        for b in BOARDS.values()
    ]
    if args.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['board']:12} {row['title']:14} {row['chip']:22} {row['clock_mhz']:g} MHz")
    return 0


def verilog(args: argparse.Namespace) -> int:
    """The machine of a shape as Verilog, to a file or to standard output."""
    from spinloom.rtl.top import Top

    text = yosys.to_verilog(Top(SHAPES[args.shape]), f"spinloom_{args.shape.replace('-', '_')}")
    if args.output is None:
        print(text, end="")
    else:
        cache.write(args.output, text)
        progress(f"wrote {args.output} ({len(text.splitlines())} lines)")
    return 0


def build(args: argparse.Namespace) -> int:
    """Build one board or all; with ``--record`` their figures become ``boards/results.json``."""
    from spinloom.boards.uart_top import UartTop

    shape = SHAPES[args.shape]
    results = []
    for board in BOARDS.values() if args.board == "all" else [BOARDS[args.board]]:
        name = build_name(board, shape)
        folder = args.directory / name
        result = flow.build(
            board,
            UartTop(board, shape),
            folder,
            lambda line, name=board.name: progress(f"{name}: {line}"),
        )
        result |= {"shape": shape.name, "build": name, "bitstream": str(folder / board.bitstream)}
        progress(f"{board.name}: {summary(result)}")
        results.append(result)
    if args.record:
        record(results)
    if args.json:
        print(json.dumps(results if args.board == "all" else results[0], indent=2))
    return int(any(r["timing"] == "failed" for r in results))


def summary(result: dict[str, Any]) -> str:
    """The figures of a build in one line."""
    used = ", ".join(f"{n} {used}/{of}" for n, (used, of) in result["resources"].items() if used)
    note = {
        "met": "timing met",
        "failed": "TIMING FAILED",
        "not clean": f"timing not clean ({result['hold_violations']} hold violations)",
    }[result["timing"]]
    return f"{used}; {result['fmax_mhz']:g} MHz of {result['target_mhz']:g}, {note}"


def record(results: list[dict[str, Any]]) -> None:
    """Put these builds into the committed table; what was not built keeps its row."""
    kept = json.loads(RESULTS.read_text())["boards"] if RESULTS.exists() else {}
    for result in results:
        drop = ("board", "build", "build_seconds", "bitstream")
        kept[result["build"]] = {k: v for k, v in result.items() if k not in drop}
    _keep(kept)


def keep_speeds(speeds: dict[str, dict[str, Any]]) -> None:
    """Put the speeds of workload W1, by build, into the committed table."""
    kept = json.loads(RESULTS.read_text())["boards"]
    for build_name, figures in speeds.items():
        kept[build_name] |= {key: figures[key] for key in SPEEDS}
    _keep(kept)


def _keep(kept: dict[str, dict[str, Any]]) -> None:
    rows = {
        name: kept[name]
        for board in BOARDS
        for name in sorted(kept)
        if name == board or name.startswith(f"{board}-")
    }
    table = {
        "note": "estimates of the place-and-route tools, after routing",
        "boards": rows,
        "tools": reports.tools(),
    }
    text = json.dumps(table, indent=2)
    pairs = re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text)  # used, available: one line
    cache.write(RESULTS, pairs + "\n")


def flash_board(args: argparse.Namespace) -> int:
    """Write the bitstream of ``build`` into the board."""
    board = BOARDS[args.board]
    folder = args.directory / build_name(board, SHAPES[args.shape])
    flash.flash(board, flow.bitstream(board, folder))
    progress(f"{board.title}: written")
    return 0


def main(argv: list[str] | None = None) -> int:
    """The command; errors are one line on standard error and status 1."""
    parser = Parser(prog="python -m spinloom.boards", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("list", help="the boards there are")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=list_boards)

    shape = Parser(add_help=False)
    shape.add_argument("--shape", default=DEFAULT_SHAPE, choices=SHAPES, help="machine to build")
    command = commands.add_parser("verilog", parents=[shape], help="write a machine as Verilog")
    command.add_argument("-o", "--output", type=Path, help="file (default: standard output)")
    command.set_defaults(run=verilog)

    place = Parser(add_help=False)
    place.add_argument("--directory", type=Path, default=Path("build"), help="folder of the builds")
    command = commands.add_parser("build", parents=[shape, place], help="build a bitstream")
    command.add_argument("board", choices=[*BOARDS, "all"])
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    command.add_argument("--record", action="store_true", help="update boards/results.json")
    command.set_defaults(run=build)

    command = commands.add_parser("flash", parents=[shape, place], help="write it into the board")
    command.add_argument("board", choices=BOARDS)
    command.set_defaults(run=flash_board)

    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except (RuntimeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

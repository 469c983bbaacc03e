"""What benches of machines that are built for boards share: a build's figures, the committed table
of them, and the command line ``[SHAPE ...] [--board B] [--record]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from spinloom.boards import flow
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.boards.toolchain import ToolError
from spinloom.boards.uart_top import UartTop
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.commands.output import show

NOTE = "estimates: Fmax after routing over the cycles of the simulated circuit"

Row = dict[str, Any]


def built(board: Board, name: str, folder: Path) -> Row:
    """Build a machine; its figures, with names for the table."""
    design = UartTop(board, SHAPES[name])
    figures = flow.build(board, design, folder, lambda line: print(line, flush=True))
    return named(board, name, figures)


def named(board: Board, name: str, figures: Row) -> Row:
    """Of the figures of a build what is kept, with names."""
    return {
        "board": board.name,
        "shape": name,
        "engine": SHAPES[name].engine,
        **{key: figures[key] for key in ("resources", "fmax_mhz", "timing")},
    }


def logic(row: Row) -> int:
    """LUTs, or logic cells where they are counted, that a machine takes."""
    count: int = row["resources"].get("LC", row["resources"]["LUT"])[0]
    return count


def kept(path: Path) -> list[Row]:
    """Recorded rows."""
    rows: list[Row] = json.loads(path.read_text())["machines"] if path.exists() else []
    return rows


def with_row(rows: list[Row], row: Row) -> list[Row]:
    """These, and this one in place of that of its board and shape."""
    key = ("board", "shape")
    return [r for r in rows if [r[k] for k in key] != [row[k] for k in key]] + [row]


def main(
    description: str,
    every: Collection[str],
    path: Path,
    measure: Callable[[Board, str], Row],
    record: Callable[[list[Row]], None],
    tables: Callable[[list[Row]], dict[str, list[Row]]],
) -> int:
    """Build and measure the shapes that are asked for, keep them if that is, and print all rows;
    ``every`` are the shapes that this bench knows, ``path`` its table."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(every)}")
    parser.add_argument("--board", default="ulx3s", choices=BOARDS, help="(%(default)s)")
    parser.add_argument("--record", action="store_true", help=f"write {path.parent}")
    args = parser.parse_args()
    rows = kept(path)
    for name in args.shapes:
        if name not in every:
            parser.error(f"unknown shape {name!r}; choose of {', '.join(every)}")
        try:
            row = measure(BOARDS[args.board], name)
        except ToolError as error:
            print(f"{name} does not build for {args.board}: {error}")
            continue
        rows = with_row(rows, row)
        if args.record:
            record(rows)
    show(tables(rows), as_json=False)
    return 0

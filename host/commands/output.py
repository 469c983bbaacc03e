"""How commands print: the same rows as tables for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 160  # a pipe has no width; wide enough that no table wraps

Rows = Sequence[Mapping[str, Any]]


def add_json_option(parser: ArgumentParser) -> None:
    """``--json``, the same words for every command that prints a table."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def console() -> Console:
    """The console of standard output."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def show(sections: Mapping[str, Rows], *, as_json: bool) -> None:
    """Print each section: JSON of the whole mapping, or one table a section, columns by the keys of
    its first row."""
    if as_json:
        print(json.dumps(sections, indent=2, allow_nan=False))
        return
    for title, rows in sections.items():
        console().print(table(title, rows))


def table(title: str, rows: Rows) -> Table:
    """A table of rows that share their keys; numbers are right-aligned."""
    view = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    columns = list(rows[0]) if rows else []
    for column in columns:
        numeric = all(isinstance(row[column], int | float | None) for row in rows)
        view.add_column(column.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        view.add_row(*(Text(cell(row[column])) for column in columns))
    return view


def cell(value: Any) -> str:
    """One value for people: an em dash for nothing, four digits of a fraction."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)

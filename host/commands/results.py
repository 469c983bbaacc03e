"""``spinloom results [DIR ...]``: what earlier runs found, one line a run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from spinloom.host import rundir
from spinloom.host.commands.output import add_json_option, show
from spinloom.host.experiments.registry import EXPERIMENTS

RUNS = Path("runs")
HASH_DIGITS = 12


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("results", parents=[common], help="a table of earlier runs")
    parser.add_argument(
        "runs", nargs="*", type=Path, metavar="DIR", help=f"run directories (all in {RUNS}/)"
    )
    add_json_option(parser)
    parser.set_defaults(handler=main)


def main(args: Namespace) -> int:
    """Print the runs; all of their figures with --json."""
    paths = args.runs or (sorted(p.parent for p in RUNS.glob(f"*/{rundir.RESULT}")))
    if not paths:
        raise ValueError(f"no runs in {RUNS}/; make one with: spinloom run lanes --on golden")
    results = {str(path): rundir.read_result(path) for path in paths}
    if args.json:
        show({"runs": [{"run": path, **body} for path, body in results.items()]}, as_json=True)
        return 0
    tables: dict[str, list[dict[str, Any]]] = {}
    for path, body in results.items():
        tables.setdefault(str(body.get("experiment", "runs")), []).append(summary(path, body))
    show(tables, as_json=False)
    return 0


def summary(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One line of the table: the figures that runs of an experiment share."""
    entry = EXPERIMENTS.get(str(body.get("experiment")))
    columns = ("status", *(entry.figures if entry else ()), "seconds")
    line = {"run": path, **{column: body.get(column) for column in columns}}
    for column in columns:
        if column.endswith("_hash") and line[column]:
            line[column] = str(line[column])[:HASH_DIGITS]
    return line

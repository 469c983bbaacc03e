"""``spinloom results [DIR ...]``: what earlier runs found, one line a run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from spinloom.host import rundir
from spinloom.host.commands.output import add_json_option, show

RUNS = Path("runs")
COLUMNS = ("status", "f1_mean", "detection", "false_alarms", "weights_hash", "seconds")
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
    else:
        show({"runs": [summary(path, body) for path, body in results.items()]}, as_json=False)
    return 0


def summary(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One line of the table: the figures that runs share."""
    line = {"run": path, **{column: body.get(column) for column in COLUMNS}}
    if line["weights_hash"]:
        line["weights_hash"] = str(line["weights_hash"])[:HASH_DIGITS]
    return line

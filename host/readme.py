"""The README's generated tables: each stands between two markers and has one source of data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinloom.host import features, rundir

# Boards are another package's; their figures are data that lies beside this package.
BOARDS = Path(__file__).resolve().parent.parent / "boards" / "results.json"
TIMING = {"met": "met", "failed": "failed", "not clean": "timing not clean"}


def board_table(results: Mapping[str, Any]) -> str:
    """One row a board: what is used of what there is, and the clock against its target."""
    lines = ["| board | used | Fmax | clock | timing |", "|---|---|---|---|---|"]
    for name, row in results["boards"].items():
        used = ", ".join(f"{n} of {of} {kind}" for kind, (n, of) in row["resources"].items() if n)
        lines.append(
            f"| {name} | {used} | {row['fmax_mhz']:.1f} MHz | {row['target_mhz']:g} MHz "
            f"| {TIMING[row['timing']]} |"
        )
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Every generated table by the name in its markers."""
    results = json.loads(BOARDS.read_text(encoding="utf-8"))
    return {"boards": board_table(results), "features": features.markdown(features.load())}


def replace_table(readme: str, name: str, table: str) -> str:
    """The README's text with one table replaced; ``ValueError`` when its markers are missing."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    head, opened, rest = readme.partition(start)
    _, closed, tail = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"the README needs the two lines {start} and {end}, in this order")
    return f"{head}{start}\n{table}\n{end}{tail}"


def current(readme: str) -> str:
    """The README's text with every table as it should be."""
    for name, table in tables().items():
        readme = replace_table(readme, name, table)
    return readme


def write(path: Path) -> bool:
    """Bring the README's tables up to date; True when one changed."""
    if not path.is_file():
        raise ValueError(f"{path} does not exist; run this in a checkout or name the README")
    old = path.read_text(encoding="utf-8")
    new = current(old)
    if new != old:
        rundir.write_atomic(path, lambda file: file.write(new.encode()))
    return new != old

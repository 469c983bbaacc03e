"""``spinloom features``: what is emulated, how far each body is, and the README's copy of it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from dataclasses import asdict
from pathlib import Path

from spinloom.host import features, readme
from spinloom.host.commands.output import add_json_option, show


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("features", parents=[common], help="what is emulated, how far")
    add_json_option(parser)
    parser.add_argument(
        "--write-readme",
        nargs="?",
        type=Path,
        const=Path("README.md"),
        metavar="FILE",
        help="update the generated tables of FILE, boards' too (README.md here)",
    )
    parser.set_defaults(handler=main)


def main(args: Namespace) -> int:
    """Print the table, or write the README's tables."""
    if args.write_readme is not None:
        changed = readme.write(args.write_readme)
        print(f"{args.write_readme}: {'tables updated' if changed else 'already up to date'}")
        return 0
    rows = features.load()
    if args.json:
        show({"features": [asdict(row) for row in rows]}, as_json=True)
        return 0
    sections: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        line = {
            "id": row.id,
            "feature": row.title,
            "golden": row.golden,
            "sim": row.sim,
            "bitstream": row.bitstream,
            "command": row.command,
        }
        sections.setdefault(row.section, []).append(line)
    show(sections, as_json=False)
    return 0

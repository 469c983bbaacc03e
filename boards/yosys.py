"""Yosys in a process of its own: ``python -m spinloom.boards.yosys [-q] [-l LOG] SCRIPT``.

pyosys carries Yosys as a library, and an error in a pass ends the process that holds it; so every
script runs in a subprocess, and its last line becomes a :class:`YosysError`. The command
understands the options that Amaranth's platforms pass to ``yosys``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

# The longest synthesis here, of the w1 machine, takes four minutes; several times that is a hang.
DEADLINE_S = 1800.0

# Amaranth's processes as assignments: no ``always @*``, which some simulators never start.
ASSIGNMENTS = (
    "delete w:$verilog_initial_trigger",
    "proc",
    "opt_clean",
    "memory_collect",
)
# The same, without cutting words into bits: else bits of a word seem to depend on one another.
WORDS = ("delete w:$verilog_initial_trigger", "proc -noopt", "memory_collect")
# Blocks of hundreds of equal parts: their flip-flops get enables, and a simulator skips all those
# that share one together.
ENABLES = tuple(
    f"{command} *.walls *.walls.* *.sweep *.sweep.*"
    for command in ("proc -noopt", "opt_expr", "opt_clean", "opt_dff", "opt_clean")
)
# All other branches kept as branches: a simulator skips those that are not taken.
BRANCHES = (
    "delete w:$verilog_initial_trigger",
    *ENABLES,
    "proc -nomux -norom -noopt",
    "memory_collect",
)

# A single-port memory never reads and writes a word in the same cycle; told so, Yosys leaves out
# the logic that would decide such a race. Only modules of ``rtl.memory.single_port`` are called
# "ram": a queue, which may meet such a race, holds its memory itself.
AREA = ("setparam -set COLLISION_X_MASK 1'1 *.ram/t:$memrd_v2",)


class YosysError(RuntimeError):
    """A Yosys script that failed; the message is Yosys's own last error line."""


def to_rtlil(component: wiring.Component, name: str = "top") -> str:
    """The component as RTLIL text; ports are named ``rx__valid`` and so on, plus ``clk``,
    ``rst``. The text holds no source paths, so it is the same in any checkout."""
    return rtlil.convert(component, name=name, emit_src=False)


def run(script: str, cwd: Path, log: str | None = None) -> None:
    """Run a Yosys script (one command a line) in directory ``cwd``; raise :class:`YosysError`."""
    with tempfile.NamedTemporaryFile("w", suffix=".ys", dir=cwd) as file:
        file.write(script + "\n")
        file.flush()
        options = ["-q"] + (["-l", log] if log else [])
        command = [sys.executable, "-m", __spec__.name, *options, Path(file.name).name]
        try:
            done = subprocess.run(
                command, cwd=cwd, capture_output=True, text=True, timeout=DEADLINE_S
            )
        except subprocess.TimeoutExpired:
            raise YosysError(f"yosys did not end within {DEADLINE_S:.0f} s: {script}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
        raise YosysError(errors[0] if errors else f"yosys ended with status {done.returncode}")


def translate(design: str, passes: Sequence[str], output: str) -> str:
    """RTLIL text through ``passes``, then the writer ``output``; returns the text written."""
    with tempfile.TemporaryDirectory(prefix="spinloom-yosys-") as folder:
        cwd = Path(folder)
        (cwd / "design.il").write_text(design)
        run("\n".join(["read_rtlil design.il", *passes, f"{output} output.txt"]), cwd)
        return (cwd / "output.txt").read_text()


def to_verilog(component: wiring.Component, name: str = "top") -> str:
    """The component as Verilog for any tool."""
    strip = [
        f"attrmap {flag} -remove generator -remove top -remove src"
        " -remove amaranth.hierarchy -remove amaranth.decoding"
        for flag in ("", "-modattr")
    ]
    design = to_rtlil(component, name)
    return translate(design, [*ASSIGNMENTS, *strip], "write_verilog -norename")


def main(argv: list[str] | None = None) -> int:
    """The ``yosys`` command: runs a script file, or standard input for ``-``."""
    parser = argparse.ArgumentParser(prog="yosys", description="Yosys, from the pyosys package.")
    parser.add_argument("-q", action="store_true", help="print warnings and errors only")
    parser.add_argument("-l", metavar="LOG", help="write the log to this file")
    parser.add_argument("script", help="a .ys file, or - for standard input")
    args = parser.parse_args(argv)
    from pyosys import libyosys  # only here: importing it changes the process's signal handling

    with contextlib.ExitStack() as stack:
        script = args.script
        if script == "-":
            file = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".ys"))
            file.write(sys.stdin.read())
            file.flush()
            script = file.name
        if args.q:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Yosys reports errors on stderr too
        tee = f"tee -o {args.l} " if args.l else ""
        libyosys.run_pass(f"{tee}script {script}", libyosys.Design())
    return 0


if __name__ == "__main__":
    sys.exit(main())

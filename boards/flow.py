"""From a board and a shape to a bitstream: Amaranth's build plan, run with the tools of
``toolchain``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spinloom.boards import reports, toolchain, yosys
from spinloom.boards.board import DESIGN, Board
from spinloom.boards.uart_top import UartTop

# Place and route of a full device on a slow machine.
DEADLINE_S = 5400.0
REPORT = "report.json"


def plan(board: Board, design: UartTop, *, dense: bool = False) -> dict[str, str]:
    """The files that describe the design to the tools, by name: netlist, pins, Yosys script."""
    options = board.synth_options + dense * board.dense_options
    made = board.platform().prepare(
        design,
        DESIGN,
        emit_src=False,
        synth_opts=" ".join(options),
        script_after_read="\n".join([*yosys.AREA, *board.yosys_setup]),
    )
    return {
        name: text.decode() if isinstance(text, bytes) else text
        for name, text in made.files.items()
        if not name.startswith("build_")  # Amaranth's own scripts, which expect tools on PATH
    }


def build(
    board: Board,
    design: UartTop,
    folder: Path,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Build the bitstream into ``folder`` (replaced as a whole) and return its report.

    Raises ``ToolError`` or ``YosysError`` with the tool's own error; ``folder`` is then as before.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        work = Path(temporary) / "new"
        work.mkdir()
        try:
            log = _route(board, design, work, progress)
        except toolchain.ToolError as error:
            if not board.dense_options:
                raise
            progress(f"{error}: synthesis again, with {' '.join(board.dense_options)}")
            log = _route(board, design, work, progress, dense=True)
        (work / f"{DESIGN}.tim").write_text(log)
        progress(f"bitstream ({board.pack[0]})")
        _tool(list(board.pack), work)
        if not (work / board.bitstream).stat().st_size:
            raise toolchain.ToolError(f"{board.pack[0]} wrote an empty {board.bitstream}")
        result = reports.parse(board, (work / REPORT).read_text(), log)
        result["build_seconds"] = round(time.monotonic() - start, 1)
        if folder.exists():
            folder.rename(Path(temporary) / "old")
        work.rename(folder)
    return result


def _route(
    board: Board,
    design: UartTop,
    work: Path,
    progress: Callable[[str], None],
    *,
    dense: bool = False,
) -> str:
    """Synthesis, place and route; the log of the last."""
    progress("elaborating")
    for name, text in plan(board, design, dense=dense).items():
        (work / name).write_text(text)
    progress("synthesis (yosys)")
    yosys.run(f"script {DESIGN}.ys", work, log=f"{DESIGN}.rpt")
    progress(f"place and route ({board.place[0]})")
    more = board.engines.get(design.shape.engine, ())
    return _tool([*board.place, *more, "--report", REPORT], work)


def _tool(command: list[str], work: Path) -> str:
    return toolchain.call([*toolchain.script(command[0]), *command[1:]], work, DEADLINE_S)


def bitstream(board: Board, folder: Path) -> Path:
    """The built bitstream, or ``ToolError`` that says how to build it."""
    path = folder / board.bitstream
    if not path.exists():
        raise toolchain.ToolError(f"{path} is not there; run: spinloom build {board.name}")
    return path

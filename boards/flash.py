"""Writing a bitstream into a board, with openFPGALoader."""

from __future__ import annotations

import subprocess
from pathlib import Path

from spinloom.boards import toolchain
from spinloom.boards.board import Board

DEADLINE_S = 300.0

# What openFPGALoader or the loader of shared libraries says -> what it means and what to do.
CAUSES = (
    (
        ("error while loading shared libraries", "cannot open shared object"),
        "openFPGALoader lacks a system library;"
        " run: sudo apt install libusb-1.0-0 libftdi1-2 libhidapi-hidraw0",
    ),
    (
        ("permission", "libusb_error_access", "access denied", "insufficient perm"),
        "no permission for the USB device; add a udev rule for the board, or your user to the"
        " group that owns it (plugdev, dialout), and plug it in again",
    ),
    (
        ("unable to open ftdi device", "no device", "device not found", "no cable found"),
        "no such board on USB; plug it in, and check the cable carries data",
    ),
)


def flash(board: Board, path: Path) -> None:
    """Write the bitstream; raises ``ToolError`` with the cause and the fix in one line."""
    command = [*toolchain.script("openFPGALoader"), "-b", board.flash_name, str(path)]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=DEADLINE_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise toolchain.ToolError(
            f"{board.title} did not answer within {DEADLINE_S:.0f} s; plug it in again"
        ) from None
    if done.returncode:
        raise toolchain.ToolError(f"{board.title}: {explain(done.stdout)}")


def explain(output: str) -> str:
    """The cause in a failed loader's output, and the fix."""
    lowered = output.lower()
    for signs, meaning in CAUSES:
        if any(sign in lowered for sign in signs):
            return meaning
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"openFPGALoader failed: {lines[-1] if lines else 'it says nothing'}"

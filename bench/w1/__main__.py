"""Workload W1, every contestant in one run: ``python -m spinloom.bench.w1`` (see ``docs/w1.md``).

    --install-peers   Brian2, NEST and PyTorch, from PyPI into build/bench-venv
    --json FILE       also keep the figures
    --record          keep figures, picture and table in docs/

Run it on an idle machine: each contestant has one core to itself, one after another. Ends with
status 1 when a C loop and the golden model disagree.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from spinloom.bench.w1 import check, report, workload
from spinloom.bench.w1.contestants import CONTESTANTS, PEERS_PYTHON
from spinloom.boards import __main__ as builds
from spinloom.boards import toolchain
from spinloom.host.commands.output import show
from spinloom.host.progress import Progress
from spinloom.host.readme import BOARDS, replace_table
from spinloom.host.rundir import write_atomic

DOCS = Path("docs")
PEERS = ("brian2", "nest-simulator", "torch")
PEERS_NUMPY = "numpy<2"  # Brian2 2.9, the newest for Python 3.11, does not load with NumPy 2.4
DEADLINE_S = 900.0
IDLE_LOAD = 0.5
CHECKED = {"golden": (96, 1), "golden:numba": (workload.PATTERN, 3)}  # ticks and rounds


def install_peers() -> list[str]:
    """Packages for the peers alone; one line for each that cannot be had."""
    if not PEERS_PYTHON.exists():
        venv.create(PEERS_PYTHON.parent.parent, with_pip=True)
    pip = [str(PEERS_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    absent = []
    for peer in PEERS:
        done = subprocess.run([*pip, peer, PEERS_NUMPY, "setuptools"], capture_output=True)
        if done.returncode:
            absent.append(f"{peer} cannot be installed here and is left out")
    return absent


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    info = Path("/proc/cpuinfo")
    model = re.search(r"(?m)^model name\s*:\s*(.*)$", info.read_text() if info.exists() else "")
    return {
        "cpu": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load_at_start": load,
        "avx512": " avx512bw" in toolchain.processor(),
        "python": platform.python_version(),
        "compiler": toolchain.cxx_version(),
    }


def measure(name: str, theta: int, t_ref: int, seconds: float) -> dict[str, Any]:
    """One contestant in a process of its own."""
    command = [sys.executable, "-m", "spinloom.bench.w1.contestants"]
    command += [name, str(theta), str(t_ref), str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        return {"absent": f"did not end within {DEADLINE_S:.0f} s"}
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        return {"absent": lines[-1]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="Workload W1, every contestant in one run.")
    parser.add_argument("--install-peers", action="store_true", help="from PyPI, build/bench-venv")
    parser.add_argument("--seconds", type=float, default=2.0, help="a contestant (%(default)s)")
    parser.add_argument("--only", action="append", choices=CONTESTANTS, help="may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--record", action="store_true", help="write docs/w1.md and docs/w1/")
    args = parser.parse_args()
    absent = install_peers() if args.install_peers else []
    here = machine()
    names = args.only or list(CONTESTANTS)
    pairs = [(t, r) for r in (workload.T_REF, workload.T_REF_STRICT) for t in workload.THETAS]
    rows: list[dict[str, Any]] = []
    wrong: list[str] = []
    with Progress() as progress:
        with progress.task(
            "C loops = golden", total=len(CHECKED) * len(pairs), unit="runs"
        ) as step:
            for target, (ticks, rounds) in CHECKED.items():
                part = workload.stimulus().first(ticks)
                for pair in pairs:
                    wrong += check.differences(target, *pair, part, rounds)
                    step(1)
        with progress.task("W1", total=len(names) * len(pairs), unit="runs") as step:
            for theta, t_ref in pairs:
                for name in names:
                    result = measure(name, theta, t_ref, args.seconds)
                    if "absent" in result:
                        absent.append(f"{name}: {result['absent']}")
                    else:
                        rows.append(report.row(name, theta, t_ref, result))
                    step(1)
    circuits = report.fpga(json.loads(BOARDS.read_text(encoding="utf-8")), rows)
    tables = {"W1": rows, "against Brian2": report.ratios(rows), "FPGA, estimate": circuits}
    show({title: report.readable(t) for title, t in tables.items() if t}, as_json=False)
    absent = list(dict.fromkeys(absent))
    for line in wrong + absent:
        print(line)
    if (here["load_at_start"] or 0) > IDLE_LOAD:
        print(f"the machine was not idle (load {here['load_at_start']}): figures are too low")
    figures = {
        "machine": here, "workload": workload.describe(), **tables,
        "C loops differ from golden": wrong, "absent": absent,
    }  # fmt: skip
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    files = [args.json] if args.json else []
    if args.record:
        builds.keep_speeds({c["board"]: c for c in circuits})
        files.append(DOCS / "w1" / "w1.json")
        report.picture(DOCS / "w1" / "w1.png", rows, circuits)
        page = DOCS / "w1.md"
        table = report.markdown(rows, circuits)
        new = replace_table(page.read_text(encoding="utf-8"), "w1", table)
        write_atomic(page, lambda file: file.write(new.encode()))
    for path in files:
        write_atomic(path, lambda file: file.write(text.encode()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

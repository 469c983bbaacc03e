"""Spin glasses on a torus: ``python bench/ising.py [--shape SHAPE] [--sweeps N] [--runs N]``.

Couplings +-1 at random; each contestant anneals them ``--runs`` times in the same number of sweeps,
beta rising linearly. Golden model and circuit give the same bits; the circuit's speed is an
estimate, of the builds that ``bench/pbits.py --record`` has kept. Beside them the open simulated
annealing of dwave-samplers (PyPI), on one core as the golden model; its time for setting up counts.
Energies are those of the last states.

    --install-peers   dwave-samplers, from PyPI into build/bench-venv
    --json FILE       also keep the figures
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np

from spinloom.bench import builds, pbits
from spinloom.emulator.spec.sparse import SHAPES, SparseParams, SparseShape
from spinloom.host.commands.output import show
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.rundir import write_atomic

PEERS_PYTHON = Path("build/bench-venv/bin/python")
PEER = Path(__file__).parent / "peers" / "dwave_ising.py"
PEER_PACKAGE = "dwave-samplers"
DEADLINE_S = 600.0
BETAS = (0.1, 3.0)

Row = dict[str, Any]


def install_peers() -> None:
    """The peer's package alone, in an environment of its own."""
    if not PEERS_PYTHON.exists():
        venv.create(PEERS_PYTHON.parent.parent, with_pip=True)
    subprocess.run([str(PEERS_PYTHON), "-m", "pip", "install", "--quiet", PEER_PACKAGE], check=True)


def row(name: str, shape: SparseShape, sweeps: int, seconds: float, energies: list[float]) -> Row:
    """Figures of a contestant; energies a spin."""
    return {
        "contestant": name,
        "updates/s": shape.spins * sweeps * len(energies) / seconds,
        "mean energy": float(np.mean(energies)) / shape.spins,
        "lowest energy": min(energies) / shape.spins,
    }


def golden(shape: SparseShape, values: list[int], sweeps: int, runs: int) -> Row:
    """The golden model, a run after the other; setting up does not count."""
    energies, seconds = [], 0.0
    shift = max(0, (sweeps - 1).bit_length() - (shape.rows - 1).bit_length())
    with Machine.open("golden", shape) as machine, Progress() as progress:
        machine.set_couplings(values)
        machine.set_schedule(np.linspace(*BETAS, -(-sweeps >> shift)))
        with progress.task("golden", total=runs, unit="runs") as step:
            for run in range(runs):
                rng = np.random.default_rng(run)
                # Nothing is measured but the end.
                params = SparseParams(row_shift=shift, measure_shift=31, seed=run + 1)
                machine.configure(params)
                machine.set_spins(rng.choice([-1, 1], shape.spins))
                machine.reset(state=True, random=True)
                start = time.perf_counter()
                machine.run(sweeps)
                seconds += time.perf_counter() - start
                energies.append(float(machine.energy()))
                step(1)
    return row("golden", shape, sweeps, seconds, energies)


def peer(shape: SparseShape, values: list[int], sweeps: int, runs: int) -> Row:
    """dwave-samplers, all runs in one call."""
    couplings = [(*edge, j) for edge, j in zip(shape.network.edges, values, strict=True)]
    job = {"couplings": couplings, "sweeps": sweeps, "runs": runs, "betas": BETAS, "seed": 1}
    done = subprocess.run(
        [str(PEERS_PYTHON), str(PEER)], input=json.dumps(job), capture_output=True, text=True,
        timeout=DEADLINE_S, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    name = f"{PEER_PACKAGE} {found['of']}"
    return row(name, shape, sweeps, found["seconds"], found["energies"])


def circuits(shape: SparseShape) -> list[Row]:
    """Estimates of the builds of this shape that are kept."""
    return [
        {
            "contestant": f"{figures['board']}, estimate",
            "updates/s": figures["updates_per_s"],
            "mean energy": None,
            "lowest energy": None,
        }
        for figures in builds.kept(pbits.RECORD)
        if figures["shape"] == shape.name
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Spin glasses on a torus.")
    parser.add_argument("--shape", default="torus-40x40", choices=SHAPES)
    parser.add_argument("--sweeps", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--install-peers", action="store_true", help="from PyPI, build/bench-venv")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    args = parser.parse_args()
    if args.install_peers:
        install_peers()
    shape = SHAPES[args.shape]
    values = np.random.default_rng(0).choice([-1, 1], shape.synapses).tolist()
    rows = [golden(shape, values, args.sweeps, args.runs)]
    if PEERS_PYTHON.exists():
        rows.append(peer(shape, values, args.sweeps, args.runs))
    else:
        print(f"{PEER_PACKAGE} is left out; --install-peers has it")
    rows += circuits(shape)
    show({f"{shape.name}, {args.sweeps} sweeps": rows}, as_json=False)
    if args.json:
        write_atomic(args.json, lambda file: file.write(json.dumps(rows, indent=2).encode()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

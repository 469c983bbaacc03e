"""How fast networks of p-bits are: ``python bench/pbits.py [SHAPE ...] [--board B] [--record]``.

Builds machines of the ising and sparse engines for a board, and counts the cycles of a sweep in
Verilator. Couplings are +-1 at random, a spin glass, which dense machines have at a temperature
where a tenth of the spins flips. A flip here is an update, taken or not, as the field counts them.
Speeds are estimates: Fmax after routing over those cycles. ``--record`` keeps all of it in
``docs/pbits``, build by build.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from spinloom.bench import builds
from spinloom.bench.builds import NOTE, Row, logic
from spinloom.boards.board import Board
from spinloom.emulator.spec.ising import IsingParams, IsingShape, ramp, sigmoid_table
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.emulator.spec.sparse import SparseParams, SparseShape
from spinloom.host.machine import Machine
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic

RECORD = Path("docs/pbits/pbits.json")
SWEEPS = 50


def dense_cycles(shape: IsingShape) -> tuple[float, float]:
    """Cycles of a sweep, and the part of the updates that flip a spin, of a spin glass at
    beta sqrt(N) = 1.6, near where glasses freeze."""
    rng = np.random.default_rng(1)
    n = shape.spins
    couplings = np.triu(rng.choice([-1, 1], (n, n)), 1)
    with Machine.open("sim", shape) as machine:
        machine.set_table(sigmoid_table(shape))
        machine.set_couplings(couplings + couplings.T)
        machine.set_biases([0])
        machine.set_spins(rng.choice([-1, 1], n))
        beta = 1.6 / np.sqrt(n)
        machine.configure(IsingParams(**ramp(shape, beta, beta, 1, shift=6)))
        machine.reset(state=True)
        machine.run(SWEEPS)
        before, flips = machine.cycles or 0, machine.read("FLIPS")
        machine.run(SWEEPS)
        flips = machine.read("FLIPS") - flips
        return ((machine.cycles or 0) - before) / SWEEPS, flips / SWEEPS / n


def sparse_cycles(shape: SparseShape) -> float:
    """Cycles of a sweep of a spin glass."""
    rng = np.random.default_rng(1)
    with Machine.open("sim", shape) as machine:
        machine.configure(SparseParams(measure_shift=31))
        machine.set_couplings(rng.choice([-1, 1], shape.synapses))
        machine.set_spins(rng.choice([-1, 1], shape.spins))
        machine.set_schedule([1.0])
        machine.reset(state=True)
        taken = []
        for sweeps in (SWEEPS, 2 * SWEEPS):  # what comes once is the same in both
            before = machine.cycles or 0
            machine.run(sweeps)
            machine.read("TICK")
            taken.append((machine.cycles or 0) - before)
        return (taken[1] - taken[0]) / SWEEPS


def measure(board: Board, name: str, built: Row | None = None) -> Row:
    """One machine: its build, or one that there is, and its speed."""
    shape = SHAPES[name]
    assert isinstance(shape, IsingShape | SparseShape)
    row = built or builds.built(board, name, Path("build") / f"pbits-{board.name}-{name}")
    sweep, taken = (
        dense_cycles(shape) if isinstance(shape, IsingShape) else (sparse_cycles(shape), None)
    )
    updates = 1e6 * row["fmax_mhz"] * shape.spins / sweep
    return row | {
        "spins": shape.spins,
        "weight_bits": shape.weight_bits if isinstance(shape, IsingShape) else 1 + shape.zeros,
        "cycles_per_sweep": round(sweep, 1),
        "taken": None if taken is None else round(taken, 3),
        "updates_per_s": round(updates),
        "updates_per_s_and_lut": round(updates / logic(row)),
    }


def record(rows: list[Row]) -> None:
    """Keep the rows."""
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    rows.sort(key=lambda r: (r["board"], r["engine"], r["spins"]))
    text = json.dumps({"note": NOTE, "machines": rows}, indent=1) + "\n"
    write_atomic(RECORD, lambda file: file.write(text.encode()))


def tables(rows: list[Row]) -> dict[str, list[Row]]:
    """What is printed of the rows."""
    return {
        "p-bits": [
            {
                "board": r["board"],
                "shape": r["shape"],
                "logic": logic(r),
                "Fmax (MHz)": r["fmax_mhz"],
                "cycles a sweep": r["cycles_per_sweep"],
                "updates/s": si(r["updates_per_s"]),
                "and LUT": si(r["updates_per_s_and_lut"]),
            }
            for r in rows
        ]
    }


def main() -> int:
    every = [name for name, s in SHAPES.items() if isinstance(s, IsingShape | SparseShape)]
    what = "How fast networks of p-bits are."
    return builds.main(what, every, RECORD, measure, record, tables)


if __name__ == "__main__":
    sys.exit(main())

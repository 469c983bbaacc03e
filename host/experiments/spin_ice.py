"""The spin-ice experiment: magnetic monopoles of a square ice of islands (Sec. II.C, Fig. 9).

Magnetic islands lie on the edges of a square lattice; four meet at a vertex. Each points along its
edge or against it, so that at a vertex it points in or out. With the charge of a vertex, out less
in::

    Q = sum of g s over its four islands,  g = +1 where s = +1 points out, -1 where it points in
    E = J / 2 sum of (Q^2 - 4) over vertices = - sum of J[i][j] s[i] s[j],  J[i][j] = - J g[i] g[j]

Two in, two out (Q = 0) is the ice rule; a vertex of Q = +-2 is a monopole, which moves when an
island flips, and is made and annihilated in pairs of opposite charge: all charges together are 0.
If vertices were independent (Pauling's estimate), of their sixteen states six had no charge, eight
a charge of +-2 and two of +-4, and the density of monopoles were::

    rho = 8 a / (6 + 8 a + 2 a^4),  a = exp(-2 beta J)

which the square lattice keeps within 0.015 or so. Four islands of a vertex are coupled alike, as in
a lattice whose heights are chosen so (Perrin, Canals, Rougemaille, Nature 540, 410, 2016); the flat
one has weaker diagonal couplings (Wang et al., Nature 439, 303, 2006).

In the ledger an island is a p-bit: its decision is one read of a junction, which thermal noise
switches for nothing; what adds up the fields is no junction and not in it.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.sparse import SHAPES, SparseParams, SparseShape
from spinloom.host.experiments import ledger
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive
from spinloom.host.progress import Progress
from spinloom.host.sparse import SparseMachine, couplings

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class SpinIceConfig:
    """One run."""

    shape: str = option("ice-16x16", "a machine of square spin ice")
    seed: int = 1
    betas: tuple[float, ...] = option((0.1, 0.25, 0.5, 0.75, 1.0, 1.5), "beta J, rising")
    samples: int = option(200, "states that are looked at, for each beta")
    every: int = option(10, "sweeps between them")

    def __post_init__(self) -> None:
        self.ice()
        check(self, samples=(2, 100_000), every=(1, 10_000))
        if not self.betas or not all(0 <= b <= 5 for b in self.betas):
            raise ValueError(f"betas = {self.betas}; give some of 0 to 5")

    def ice(self) -> SparseShape:
        """The shape, if it is one of spin ice."""
        good = [s.name for s in SHAPES.values() if s.graph.startswith("ice")]
        if self.shape not in good:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return SHAPES[self.shape]

    def sides(self) -> tuple[int, int]:
        """Rows and columns of vertices."""
        rows, columns = map(int, re.findall(r"\d+", self.ice().graph))
        return rows, columns

    def vertices(self) -> list[list[tuple[int, int]]]:
        """(island, g) of the four islands of each vertex: east, west, south, north."""
        rows, columns = self.sides()
        down = rows * columns
        return [
            [
                (y * columns + x, 1),
                (y * columns + (x - 1) % columns, -1),
                (down + y * columns + x, 1),
                (down + (y - 1) % rows * columns + x, -1),
            ]
            for y in range(rows)
            for x in range(columns)
        ]

    def couplings(self) -> Ints:
        """J of each edge, J = 1."""
        values = {
            (i, j): -g * h
            for islands in self.vertices()
            for n, (i, g) in enumerate(islands)
            for j, h in islands[:n]
        }
        return couplings(self.ice(), values)


CONFIG = SpinIceConfig


def pauling(beta: npt.ArrayLike) -> Floats:
    """Density of monopoles if vertices were independent."""
    a = np.exp(-2 * np.asarray(beta, np.float64))
    density: Floats = 8 * a / (6 + 8 * a + 2 * a**4)
    return density


@dataclass(frozen=True, kw_only=True)
class SpinIceResult:
    """What a run leaves: ``charges`` [betas, samples, vertices], ``spins`` at the end [betas, N],
    and energies measured on chip [betas]."""

    config: SpinIceConfig
    charges: Ints
    spins: Ints
    energies: Ints
    run_hash: str
    reads: int
    cycles: int | None
    seconds: float

    def densities(self) -> Floats:
        """Of monopoles, by beta."""
        found: Floats = (np.abs(self.charges) == 2).mean((1, 2))
        return found

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        energy = ((self.charges[:, -1] ** 2).sum(1) - 4 * self.charges.shape[2]) // 2
        return {
            "betas": list(config.betas),
            "densities": self.densities().tolist(),
            "pauling": pauling(config.betas).tolist(),
            "greatest_difference": float(np.abs(self.densities() - pauling(config.betas)).max()),
            "double": (np.abs(self.charges) == 4).mean((1, 2)).tolist(),
            "charge": int(np.abs(self.charges.sum(2)).max()),
            "energies_agree": bool((energy == self.energies).all()),
            "run_hash": self.run_hash,
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"charges": self.charges.astype(np.int8), "spins": self.spins.astype(np.int8)}


def run(machine: SparseMachine, config: SpinIceConfig, progress: Progress) -> SpinIceResult:
    """Cool the ice, and look at its vertices at every temperature."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    islands = np.array([[i for i, _ in each] for each in config.vertices()])
    signs = np.array([[g for _, g in each] for each in config.vertices()])
    rng = np.random.default_rng(derive(config.seed)[0])
    machine.configure(SparseParams(measure_shift=31, seed=derive(config.seed)[-1]))
    machine.set_couplings(config.couplings())
    machine.set_spins(rng.choice([-1, 1], machine.shape.spins))
    machine.set_schedule([0.0])
    machine.reset(state=True, random=True)
    digest = hashlib.sha256()
    charges, ends, energies = [], [], []
    total = len(config.betas) * config.samples
    with progress.task("cool", total=total, unit="samples") as advance:
        for beta in config.betas:
            machine.set_schedule([beta])
            machine.run(10 * config.every)
            for _ in range(config.samples):
                machine.run(config.every)
                spins = machine.spins()
                charges.append((spins[islands] * signs).sum(1))
                advance(1)
            ends.append(spins)
            energies.append(machine.energy())
            digest.update(np.array(energies[-1:] + spins.tolist(), "<i8").tobytes())
    shaped = np.array(charges).reshape(len(config.betas), config.samples, -1)
    digest.update(shaped.astype("<i8").tobytes())
    cycles = machine.cycles_since(before)
    return SpinIceResult(
        config=config,
        charges=shaped,
        spins=np.array(ends),
        energies=np.array(energies),
        run_hash=digest.hexdigest(),
        reads=(machine.ticks - ticks) * machine.shape.spins,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: SpinIceResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import spin_ice_pictures

    return spin_ice_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each temperature."""
    rows = [
        {"beta J": b, "monopoles": round(d, 4), "Pauling": round(p, 4), "double": round(q, 4)}
        for b, d, p, q in zip(
            run["betas"], run["densities"], run["pauling"], run["double"], strict=True
        )
    ]
    title = f"spin ice, {run['machine']}, seed {run['seed']}"
    return {title: rows} | ledger.table(run, "cooling")

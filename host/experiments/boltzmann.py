"""The boltzmann experiment: p-bits with couplings visit their states as often as Boltzmann's law
says (Sec. I.B, II.D).

Networks of a few spins, with couplings and biases drawn from a normal distribution, make a sweep a
sample; the machine counts states on chip. The judge is exact enumeration
(``emulator.physics.ising``), by the divergence KL(sampled, exact) in nats. Of M independent samples
it is (2^n - 1) / 2M; sweeps that remember each other, and a sigmoid of finitely many entries, leave
somewhat more.

``beta`` is in the unit of 1 / (sqrt(n) rms of J), in which a large network freezes into a glass at
1 (Sherrington and Kirkpatrick, Phys. Rev. Lett. 35, 1792, 1975). With ``parallel`` each network is
run once more with all spins at once: a failure on purpose, which samples Peretto's law instead.

In the ledger a decision of a p-bit is one read of its junction, which thermal noise switches for
nothing; what adds up the fields is no junction and not in it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics import ising
from spinloom.emulator.spec.ising import IsingParams, IsingShape, sigmoid_table
from spinloom.host.couplings import quantised
from spinloom.host.experiments import ledger
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.pbits import annealed, ising_shape
from spinloom.host.ising import IsingMachine
from spinloom.host.progress import Advance, Progress

SETTLE = 1000  # sweeps from spins at random before states are counted
FIRST = 1000  # samples at which the divergence is first taken
POINTS = 13  # at which it is, evenly on a logarithmic axis
BOUND = 0.01  # divergence, nats, of the default run

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class BoltzmannConfig:
    """One run."""

    shape: str = option("ising-16", "a machine of p-bits that counts states")
    seed: int = 1
    networks: int = option(10, "networks at random")
    spins: tuple[int, ...] = option((8, 9, 10, 11, 12), "spins of a network, of these in turn")
    beta: float = option(1.0, "inverse temperature, of 1/(sqrt(spins) rms of the couplings)")
    samples: int = option(1_000_000, "samples of each network, one a sweep")
    parallel: bool = option(False, "also update all spins at once, which samples another law")

    def __post_init__(self) -> None:
        most = self.ising().histogram_bits
        if not self.spins or not all(2 <= n <= most for n in self.spins):
            raise ValueError(f"spins = {self.spins}; give some of 2 to {most}")
        if not 0 < self.beta <= 10:
            raise ValueError(f"beta = {self.beta} is out of range; give more than 0, up to 10")
        check(self, networks=(1, 1000), samples=(FIRST, 100_000_000))

    def ising(self) -> IsingShape:
        """The shape, if it counts states."""
        shape = ising_shape(self.shape)
        if not shape.histogram_bits:
            raise ValueError(f"shape = {self.shape!r} counts no states; choose ising-16")
        return shape

    def points(self) -> list[int]:
        """Numbers of samples at which the divergence is taken."""
        steps = np.rint(np.geomspace(FIRST, self.samples, POINTS)).astype(np.int64)
        return [int(step) for step in np.unique(steps)]


CONFIG = BoltzmannConfig


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """A network, at ``beta`` in 1/J, and what it did: ``counts`` and ``law`` [2^n] of its states;
    ``divergences`` [points] of the counts so far; and all spins at once, ``at_once_counts`` and
    ``at_once_law``, if they were run. ``reads`` of its junctions."""

    spins: int
    beta: float
    law: Floats
    counts: Ints
    divergences: Floats
    at_once_law: Floats
    at_once_counts: Ints | None
    reads: int

    def floor(self) -> float:
        """What the divergence of so many independent samples is on average."""
        return (len(self.law) - 1) / (2 * int(self.counts.sum()))

    def at_once(self, law: Floats) -> float | None:
        """Divergence of all spins at once from a law."""
        counts = self.at_once_counts
        return None if counts is None else ising.divergence(counts, law)


@dataclass(frozen=True, kw_only=True)
class BoltzmannResult:
    """What a run leaves."""

    config: BoltzmannConfig
    networks: tuple[Sampled, ...]
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        return {
            "networks": [
                {
                    "spins": one.spins,
                    "beta": one.beta,
                    "divergence": float(one.divergences[-1]),
                    "independent": one.floor(),
                    "at_once": one.at_once(one.law),
                    "at_once_own_law": one.at_once(one.at_once_law),
                }
                for one in self.networks
            ],
            "samples": self.config.samples,
            "greatest_divergence": max(float(one.divergences[-1]) for one in self.networks),
            "bound": BOUND,
            "counts_hash": weights_hash(np.concatenate(self._counted()).astype(np.uint32)),
            **ledger.spent(self.cycles, reads=sum(one.reads for one in self.networks)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def _counted(self) -> list[Ints]:
        both = [(one.counts, one.at_once_counts) for one in self.networks]
        return [counts for pair in both for counts in pair if counts is not None]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``: networks by their number."""
        return {
            f"{name}{k}": array
            for k, one in enumerate(self.networks)
            for name, array in (
                ("law", one.law),
                ("counts", one.counts),
                ("divergence", one.divergences),
                ("at_once", one.at_once_counts),
            )
            if array is not None
        } | {"samples": np.array(self.config.points())}


def run(machine: IsingMachine, config: BoltzmannConfig, progress: Progress) -> BoltzmannResult:
    """Sample every network."""
    started, before = time.monotonic(), machine.cycles
    machine.set_table(sigmoid_table(machine.shape))
    total = config.networks * config.samples * (1 + config.parallel)
    with progress.task("sample", total=total, unit="sweeps") as advance:
        networks = tuple(_network(machine, config, k, advance) for k in range(config.networks))
    cycles = machine.cycles_since(before)
    return BoltzmannResult(
        config=config,
        networks=networks,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _network(
    machine: IsingMachine, config: BoltzmannConfig, number: int, advance: Advance
) -> Sampled:
    n, shape = config.spins[number % len(config.spins)], machine.shape
    rng = np.random.default_rng([config.seed, number])
    upper = np.triu(rng.standard_normal((n, n)), 1)
    couplings = quantised(upper + upper.T, shape.weight_max)
    rms = np.sqrt((couplings**2).sum() / (n * (n - 1)))
    biases = np.rint(rms * rng.standard_normal(n)).astype(np.int64)
    start = rng.choice([-1, 1], n)
    seed = int(rng.integers(1, 1 << 63))
    wanted = config.beta / (np.sqrt(n) * rms)
    params = IsingParams(spins=n, histogram=True, seed=seed)
    params = annealed(params, shape, wanted, wanted, sweeps=1)
    beta = params.beta / (shape.scale << params.shift)  # as the registers hold it
    ticks = machine.ticks
    machine.set_couplings(couplings)
    machine.set_biases(biases)
    counts = _sample(machine, params, start, config.points(), advance)
    at_once = None
    if config.parallel:
        params = replace(params, parallel=True)
        at_once = _sample(machine, params, start, config.points(), advance)[-1]
    law = ising.boltzmann(ising.energies(couplings, biases), beta)
    return Sampled(
        spins=n,
        beta=beta,
        law=law,
        counts=counts[-1],
        divergences=np.array([ising.divergence(count, law) for count in counts]),
        at_once_law=ising.all_at_once(couplings, biases, beta),
        at_once_counts=at_once,
        reads=(machine.ticks - ticks) * n,
    )


def _sample(
    machine: IsingMachine, params: IsingParams, start: Ints, points: list[int], advance: Advance
) -> list[Ints]:
    """How often each state was seen until each number of samples."""
    machine.configure(params)
    machine.set_spins(start)
    machine.reset(state=True, random=True)
    machine.run(SETTLE)
    machine.reset(counts=True)
    counts = []
    for sweeps in np.diff(points, prepend=0).tolist():
        machine.run(sweeps)
        counts.append(machine.histogram()[: 1 << params.spins])
        advance(sweeps)
    return counts


def draw(result: BoltzmannResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import boltzmann_pictures

    return boltzmann_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a network."""
    rows = []
    for one in run["networks"]:
        row = {
            "spins": one["spins"],
            "beta (1/J)": one["beta"],
            "KL(sampled, exact)": one["divergence"],
            "independent samples": one["independent"],
        }
        if one["at_once"] is not None:
            row["all at once (fails)"] = one["at_once"]
            row["all at once, from Peretto's law"] = one["at_once_own_law"]
        rows.append(row)
    title = f"boltzmann, {run['samples']} samples each, {run['machine']}, seed {run['seed']}"
    return {title: rows} | ledger.table(run, "sampling")

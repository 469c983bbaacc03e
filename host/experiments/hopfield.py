"""The hopfield experiment: cold p-bits are a Hopfield network (Sec. II.D, Fig. 10; Hopfield, PNAS
79, 2554, 1982).

At the highest beta a p-bit takes the sign of its field, so that spins updated in turn can only
lower the energy, until a minimum: a pattern that the couplings hold. Two measurements:

*picture*   probes of a stored picture with flipped pixels relax. The host follows the energy flip
    by flip, from the spikes; the machine's trace and its energy at the end must be the same.
*capacity*  P = alpha N random patterns, Hebb's rule: overlap of what is recalled with the pattern,
    against the theory of large networks (``emulator.physics.hopfield``). Beyond the capacity a
    network of some hundred units keeps a part of the pattern that a large one loses.

In the ledger a decision of a p-bit is one read of its junction, which thermal noise switches for
nothing; what adds up the fields is no junction and not in it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.hopfield import overlap
from spinloom.emulator.spec.ising import BETA_BITS, IsingParams, sigmoid_table
from spinloom.host.couplings import RULES, hebb, quantised
from spinloom.host.experiments import ledger
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.hopfield_config import HopfieldConfig
from spinloom.host.ising import IsingMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import patterns
from spinloom.host.stimuli.patterns import PatternSet, flipped

COLD = (1 << BETA_BITS) - 1  # with it a field of 1 is beyond the end of the sigmoid
PROBE = 10.0  # flipped pixels of the capacity's probes, %

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


CONFIG = HopfieldConfig


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """A probe and what became of it: ``order`` are the spins that flipped, ``ticks`` their sweeps,
    ``energies`` [flips + 1] from the probe on; ``followed``: the machine's trace, its last energy
    and its spins are those of the flips."""

    probe: Ints
    order: Ints
    ticks: Ints
    energies: Ints
    followed: bool

    def state(self, flips: int) -> Ints:
        """Spins after so many flips."""
        turned = np.bincount(self.order[:flips], minlength=len(self.probe)) % 2
        return np.asarray(np.where(turned, -self.probe, self.probe))

    def climbs(self) -> int:
        """Flips that raised the energy."""
        return int((np.diff(self.energies) > 0).sum())


@dataclass(frozen=True, kw_only=True)
class HopfieldResult:
    """What a run leaves: ``relaxations`` of the picture, whose pixels are ``pixels``; ``overlaps``
    [alphas, sets, probes]."""

    config: HopfieldConfig
    stored: PatternSet
    relaxations: tuple[Relaxation, ...]
    overlaps: Floats
    reads: int
    cycles: int | None
    seconds: float

    @property
    def pixels(self) -> Ints:
        """The picture."""
        return np.asarray(self.stored.pixels[self.stored.names.index(self.config.picture)])

    def error(self) -> Floats:
        """Standard error of the mean overlap of each alpha: sets are independent, probes of a set
        are not."""
        sets = self.config.sets
        means = self.overlaps.mean(axis=2)
        return np.asarray(means.std(axis=1, ddof=1 if sets > 1 else 0) / np.sqrt(sets))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config, done = self.config, self.relaxations
        words = [part for one in done for part in (one.order, one.ticks, one.energies)]
        words.append(np.rint(self.overlaps * config.units).astype(np.int64).ravel())
        return {
            "picture": config.picture,
            "pixels": len(self.pixels),
            "trials": len(done),
            "recalled": sum(bool((one.state(len(one.order)) == self.pixels).all()) for one in done),
            "flips": sum(len(one.order) for one in done),
            "climbs": sum(one.climbs() for one in done),
            "followed": all(one.followed for one in done),
            "sweeps_to_settle": max(int(one.ticks.max(initial=-1)) + 1 for one in done),
            "alphas": list(config.alphas),
            "overlap": self.overlaps.mean(axis=(1, 2)).tolist(),
            "overlap_error": self.error().tolist(),
            "law": [overlap(alpha) for alpha in config.alphas],
            "states_hash": weights_hash((np.concatenate(words) & 0xFFFFFFFF).astype(np.uint32)),
            **ledger.spent(self.cycles, reads=self.reads),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``: relaxations by their number."""
        return {
            f"{name}{k}": array
            for k, one in enumerate(self.relaxations)
            for name, array in (
                ("probe", one.probe.astype(np.int8)),
                ("order", one.order),
                ("energies", one.energies),
            )
        } | {"overlaps": self.overlaps}


def run(machine: IsingMachine, config: HopfieldConfig, progress: Progress) -> HopfieldResult:
    """The picture, then the capacity."""
    started, before, ticks = time.monotonic(), machine.cycles, machine.ticks
    rng = np.random.default_rng([config.seed, 1])
    stored = patterns.load(config.set)
    machine.set_table(sigmoid_table(machine.shape))
    machine.set_biases([0])
    seed = int(rng.integers(1, 1 << 63))  # decides where a field is 0, and nothing else
    weights = quantised(RULES[config.rule](stored.pixels), machine.shape.weight_max)
    pixels = stored.pixels[stored.names.index(config.picture)]
    machine.set_couplings(weights)
    machine.configure(IsingParams(spins=len(pixels), quiet=False, beta=COLD, seed=seed))
    machine.set_random(seed)
    relaxations = []
    with progress.task("relax", total=config.trials, unit="probes") as advance:
        for _ in range(config.trials):
            probe = flipped(pixels, round(config.flips * len(pixels) / 100), rng)
            relaxations.append(_relax(machine, weights, probe, config.sweeps))
            advance(1)
    reads, ticks = (machine.ticks - ticks) * len(pixels), machine.ticks
    machine.configure(IsingParams(spins=config.units, beta=COLD, seed=seed))
    overlaps = []
    with progress.task("load", total=len(config.alphas) * config.sets, unit="sets") as advance:
        for alpha in config.alphas:
            for _ in range(config.sets):
                count = round(alpha * config.units)
                overlaps.append(_recall(machine, config, count, rng))
                advance(1)
    cycles = machine.cycles_since(before)
    return HopfieldResult(
        config=config,
        stored=stored,
        relaxations=tuple(relaxations),
        overlaps=np.reshape(overlaps, (len(config.alphas), config.sets, config.probes)),
        reads=reads + (machine.ticks - ticks) * config.units,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _relax(machine: IsingMachine, weights: Ints, probe: Ints, sweeps: int) -> Relaxation:
    """Run from a probe, and follow it by its flips."""
    machine.set_spins(probe)
    machine.reset(state=True)
    machine.run(sweeps)
    spikes = machine.spikes()
    order, ticks = spikes["neuron"].astype(np.int64), spikes["tick"].astype(np.int64)
    spins = probe.copy()
    energies = [-int(spins @ weights @ spins) // 2]
    for i in order.tolist():
        energies.append(energies[-1] + 2 * int(spins[i]) * int(weights[i] @ spins))
        spins[i] = -spins[i]
    found = np.array(energies)
    by_sweep = found[np.searchsorted(ticks, np.arange(sweeps), side="right")]
    followed = (
        (machine.spins()[: len(spins)] == spins).all()
        and machine.energy() == found[-1]
        and (machine.trace(sweeps) == by_sweep).all()
    )
    return Relaxation(
        probe=probe, order=order, ticks=ticks, energies=found, followed=bool(followed)
    )


def _recall(
    machine: IsingMachine, config: HopfieldConfig, count: int, rng: np.random.Generator
) -> Floats:
    """Overlaps of probes with their patterns, of so many random ones."""
    random = rng.integers(0, 2, (count, config.units)) * 2 - 1
    machine.set_couplings(quantised(hebb(random), machine.shape.weight_max))
    stored = random[np.arange(config.probes) % count]
    ends = []
    for probe in flipped(stored, round(PROBE * config.units / 100), rng):
        machine.set_spins(probe)
        machine.reset(state=True)
        machine.run(config.sweeps)
        ends.append(machine.spins()[: config.units])
    return np.asarray((np.array(ends) * stored).mean(axis=1))


def draw(result: HopfieldResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import hopfield_pictures

    return hopfield_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The picture; one line an alpha."""
    picture = {
        "picture": run["picture"],
        "recalled": f"{run['recalled']} of {run['trials']}",
        "flips": run["flips"],
        "of them raised the energy": run["climbs"],
        "machine's energies are those of the flips": run["followed"],
        "sweeps to settle": run["sweeps_to_settle"],
    }
    rows = [
        {"alpha": alpha, "overlap": mean, "± error": error, "theory, N → ∞": law}
        for alpha, mean, error, law in zip(
            run["alphas"], run["overlap"], run["overlap_error"], run["law"], strict=True
        )
    ]
    where = f"{run['machine']}, seed {run['seed']}"
    tables = {f"hopfield, {where}": [picture], f"capacity, {where}": rows}
    return tables | ledger.table(run, "recalling")

"""The capacity experiment: how many random patterns coupled oscillators hold (Sec. II.D; Aonishi,
Phys. Rev. E 58, 4865, 1998).

P = alpha N random patterns are stored by a rule, three rms at the highest weight; probes have 10 %
of their pixels flipped. The overlap of what is recalled with its pattern is drawn against alpha,
with the second harmonic (SHIL) rising slowly and without it. Sine couplings alone lose the patterns
near alpha = 0.042, binary units hold them up to 0.138 (Amit, Gutfreund, Sompolinsky, Phys. Rev.
Lett. 55, 1530, 1985): SHIL makes binary units of the oscillators.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import SEED, PhaseShape
from spinloom.host import hopfield
from spinloom.host.couplings import RULES, quantised
from spinloom.host.experiments.options import option
from spinloom.host.experiments.recall import store
from spinloom.host.experiments.recall_config import phase_shape, probe_phases, read_out
from spinloom.host.phase import PhaseMachine
from spinloom.host.pictures import GREY, OFF, ON, saved_figure
from spinloom.host.progress import Progress
from spinloom.host.stimuli.patterns import flipped

SUITED: dict[str, dict[str, Any]] = {}
KINDS = {
    "shil": "oscillators, SHIL rises",
    "plain": "oscillators without SHIL",
    "hopfield": "Hopfield, asynchronous",
}
SHIL = 1.0  # second harmonic at last, of the coupling's step
LATE = 0.05  # part of the run that it waits: later, sine couplings have lost the patterns
SINE, BINARY = 0.042, 0.138  # alpha at which sine couplings and binary units lose the patterns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class CapacityConfig:
    """One run."""

    shape: str = option("phase-256", "a machine of phase oscillators")
    seed: int = 1
    alphas: tuple[float, ...] = option(
        (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.14, 0.17), "patterns an oscillator"
    )
    rule: str = option("hebb", f"one of {', '.join(RULES)}")
    flips: float = option(10.0, "flipped pixels of a probe, %")
    sets: int = option(8, "sets of patterns of each alpha")
    probes: int = option(25, "probes of each set")
    ticks: int = option(150, "time steps of a recall")

    def __post_init__(self) -> None:
        shape = self.phase()
        if not 0 <= self.seed < 1 << 64:
            raise ValueError(f"seed = {self.seed} is out of range; give 0 to 2^64-1")
        rises = all(a < b for a, b in pairwise(self.alphas))
        if not self.alphas or not rises or not 0 < self.alphas[0] <= self.alphas[-1] <= 1:
            raise ValueError(f"alphas = {self.alphas}; give some that rise, above 0, to 1")
        if round(self.alphas[0] * shape.oscillators) < 1:
            raise ValueError(
                f"alphas = {self.alphas}: the first is no pattern of {shape.oscillators} "
                f"oscillators; give {1 / shape.oscillators:.3g} or more"
            )
        if self.rule not in RULES:
            raise ValueError(f"rule = {self.rule!r}: choose one of {', '.join(RULES)}")
        if not 0 <= self.flips <= 50:
            raise ValueError(f"flips = {self.flips} is out of range; give 0 to 50")
        for name, low, high in (("sets", 1, 1000), ("probes", 1, 10_000), ("ticks", 20, 10_000)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(
                    f"{name} = {getattr(self, name)} is out of range; give {low} to {high}"
                )

    def phase(self) -> PhaseShape:
        """The shape, if it is one of phase oscillators."""
        return phase_shape(self.shape)

    def counts(self) -> list[int]:
        """Patterns of each alpha."""
        return [round(alpha * self.phase().oscillators) for alpha in self.alphas]


CONFIG = CapacityConfig


@dataclass(frozen=True, kw_only=True)
class CapacityResult:
    """What a run leaves: ``overlaps`` of each of ``KINDS``, [alphas, sets, probes]."""

    config: CapacityConfig
    overlaps: dict[str, Floats]
    phases_hash: str
    cycles: int | None
    seconds: float

    def mean(self, kind: str) -> Floats:
        """Mean overlap of each alpha."""
        return np.asarray(self.overlaps[kind].mean(axis=(1, 2)))

    def error(self, kind: str) -> Floats:
        """Its standard error: sets are independent, probes of a set are not."""
        means = self.overlaps[kind].mean(axis=2)
        sets = self.config.sets
        return np.asarray(means.std(axis=1, ddof=1 if sets > 1 else 0) / np.sqrt(sets))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        tenth = [k for k, alpha in enumerate(config.alphas) if abs(alpha - 0.1) < 1e-9]
        lost = np.flatnonzero(self.mean("plain") < 0.5)
        return {
            "oscillators": config.phase().oscillators,
            "alphas": list(config.alphas),
            "patterns": config.counts(),
            "overlap": {kind: self.mean(kind).tolist() for kind in KINDS},
            "overlap_error": {kind: self.error(kind).tolist() for kind in KINDS},
            "overlap_at_tenth": float(self.mean("shil")[tenth[0]]) if tenth else None,
            "collapse_without_shil": config.alphas[lost[0]] if lost.size else None,
            "phases_hash": self.phases_hash,
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {f"overlaps_{kind}": array for kind, array in self.overlaps.items()}


def run(machine: PhaseMachine, config: CapacityConfig, progress: Progress) -> CapacityResult:
    """Every alpha, every set of patterns; each with and without SHIL from the same probes."""
    started, before = time.monotonic(), machine.cycles
    digest = hashlib.sha256()
    found: dict[str, list[Floats]] = {kind: [] for kind in KINDS}
    n, turn = machine.shape.oscillators, machine.shape.turn
    with progress.task("recall", total=len(config.alphas) * config.sets, unit="sets") as advance:
        for count in config.counts():
            for number in range(config.sets):
                rng = np.random.default_rng([config.seed, count, number])
                patterns = rng.integers(0, 2, (count, n)) * 2 - 1
                weights = quantised(RULES[config.rule](patterns), machine.shape.weight_max)
                stored = patterns[np.arange(config.probes) % count]
                probes = flipped(stored, round(config.flips * n / 100), rng)
                starts = probe_phases(probes, machine.shape, rng)
                recalled = {"hopfield": hopfield.asynchronous(weights, probes, rng)}
                for kind, shil in (("shil", SHIL), ("plain", 0.0)):
                    store(machine, patterns, weights, config.ticks, shil=shil, late=LATE)
                    # The seeds change nothing here: a recall draws no random words.
                    ends = machine.ensemble(starts, config.ticks, [SEED] * config.probes)
                    digest.update(ends.astype("<u2").tobytes())
                    recalled[kind] = read_out(ends, probes, turn)
                for kind in KINDS:
                    found[kind].append((recalled[kind] * stored).mean(axis=1))
                advance(1)
    form = len(config.alphas), config.sets, config.probes
    after = machine.cycles
    return CapacityResult(
        config=config,
        overlaps={kind: np.reshape(rows, form) for kind, rows in found.items()},
        phases_hash=digest.hexdigest(),
        cycles=None if before is None or after is None else after - before,
        seconds=time.monotonic() - started,
    )


def draw(result: CapacityResult, folder: Path) -> list[str]:
    """Overlap against alpha; bars are standard errors."""
    config = result.config
    with saved_figure(folder / "capacity.png", 8, 4.6) as figure:
        axis = figure.subplots()
        for (kind, label), colour, mark in zip(
            KINDS.items(), (ON, OFF, GREY), ("o-", "s-", "^--"), strict=True
        ):
            mean, error = result.mean(kind), result.error(kind)
            axis.errorbar(
                config.alphas, mean, error, fmt=mark, color=colour, ms=5, lw=1.3, label=label
            )
        for alpha, text in ((SINE, "sine couplings, theory"), (BINARY, "binary units, theory")):
            if config.rule == "hebb" and alpha < 1.05 * config.alphas[-1]:
                axis.axvline(alpha, color="black", lw=0.8, ls=":")
                axis.annotate(
                    f"{text} {alpha:g}", (alpha, 0.03), xytext=(4, 0), textcoords="offset points",
                    fontsize=8,
                )  # fmt: skip
        axis.set(
            xlabel="patterns stored an oscillator, α",
            ylabel="overlap of the recalled with the stored pattern",
            ylim=(0, 1.05),
            xlim=(0, None),
        )
        axis.set_title(
            f"Patterns that {config.phase().oscillators} oscillators hold, with SHIL and without "
            f"({config.rule}, {config.flips:g} % flipped)"
        )
        axis.legend(loc="lower left", bbox_to_anchor=(0, 0.12), frameon=False)
        axis.grid(axis="y", color="#E6E6E6")
    return ["capacity.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line an alpha."""
    rows = [
        {"alpha": alpha, "patterns": run["patterns"][k]}
        | {label: run["overlap"][kind][k] for kind, label in KINDS.items()}
        for k, alpha in enumerate(run["alphas"])
    ]
    return {f"overlap, {run['machine']}, seed {run['seed']}": rows}

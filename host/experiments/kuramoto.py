"""The kuramoto experiment: many oscillators of different frequencies, coupled by their mean field,
synchronise beyond a critical coupling (Sec. II.D).

Frequencies are Lorentzian, of half width gamma, one at random from each N-th part of the
distribution. A gain G gives the coupling of the continuous equation, in the unit of gamma::

    K = G N a^2 / 2^SHIFT,   r = sqrt(1 - 2 gamma/K) from K = 2 gamma on, else 0

a is the amplitude of the table's first harmonic. r is measured twice, over the last ``ticks`` of a
point: by the host from all phases, |mean of exp(i theta)|, and from the machine's sums SIN_SUM and
COS_SUM, which see the phases through the table. All oscillators turn by a common ``mean``, so that
the table's steps average out. Below the transition N phases at random have an r of about 1/sqrt(N),
somewhat more near it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.oscillator import order_parameter
from spinloom.emulator.spec.phase import GAIN_BITS, SHAPES, PhaseParams, PhaseShape
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.options import check, option
from spinloom.host.phase import PhaseMachine, first_harmonic
from spinloom.host.pictures import GREY, OFF, ON, saved_figure
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class KuramotoConfig:
    """One run; frequencies in 2^-P turns a tick."""

    shape: str = option("phase-1024", "a machine of phase oscillators")
    seed: int = 1
    gamma: float = option(32.0, "half width of the frequencies, 2^-P turns a tick")
    mean: int = option(997, "frequency that all have in common, the same unit")
    couplings: tuple[float, ...] = option(
        (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0), "couplings K, in gamma"
    )
    settle: int = option(3000, "ticks before a point is measured")
    ticks: int = option(3000, "ticks over which it is measured")
    every: int = option(50, "ticks from one reading to the next")

    def __post_init__(self) -> None:
        self.phase()
        check(self)
        if not 1 <= self.gamma <= 1024:
            raise ValueError(f"gamma = {self.gamma} is out of range; give 1 to 1024")
        if not -4096 <= self.mean <= 4096:
            raise ValueError(f"mean = {self.mean} is out of range; give -4096 to 4096")
        if not self.couplings or not all(0 < k <= 50 for k in self.couplings):
            raise ValueError(f"couplings = {self.couplings}; give some above 0, up to 50")
        for name, low in (("settle", 0), ("ticks", 1), ("every", 1)):
            if not low <= getattr(self, name) <= 1_000_000:
                raise ValueError(f"{name} = {getattr(self, name)}; give {low} to 1000000")
        if self.every > self.ticks:
            raise ValueError(f"every = {self.every}; give {self.ticks} (ticks) or less")

    def phase(self) -> PhaseShape:
        """The shape, if it is of this engine."""
        shape = SHAPES.get(self.shape)
        if shape is None:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(SHAPES)}")
        return shape

    def gains(self) -> tuple[int, list[int]]:
        """SHIFT, the largest with which all gains fit, and the gain of each coupling."""
        shape = self.phase()
        unit = self.gamma / (shape.oscillators * first_harmonic(shape) ** 2)
        most = (1 << GAIN_BITS - 1) - 1
        shift = 24
        while max(self.couplings) * unit * (1 << shift) > most:
            shift -= 1
        return shift, [round(k * unit * (1 << shift)) for k in self.couplings]

    def draw(self) -> tuple[Ints, Ints]:
        """Frequencies without their mean, and first phases."""
        shape, rng = self.phase(), np.random.default_rng([self.seed, 1])
        n, half = shape.oscillators, shape.turn // 2
        parts = (np.arange(n) + rng.random(n)) / n
        omega = np.clip(np.rint(self.gamma * np.tan(np.pi * (parts - 0.5))), -half, half - 1)
        return rng.permutation(omega.astype(np.int64)), rng.integers(0, shape.turn, n)


CONFIG = KuramotoConfig


@dataclass(frozen=True, kw_only=True)
class KuramotoResult:
    """What a run leaves: ``phases`` at the end of each point [points, N]; ``order`` by the host and
    ``summed`` by the machine [points, readings]."""

    config: KuramotoConfig
    phases: Ints
    order: Floats
    summed: Floats
    cycles: int | None
    seconds: float

    def couplings(self) -> Floats:
        """K/gamma of the gains that were set."""
        config = self.config
        shape, (shift, gains) = config.phase(), config.gains()
        unit = shape.oscillators * first_harmonic(shape) ** 2 / (1 << shift) / config.gamma
        return np.array(gains) * unit

    def law(self) -> Floats:
        """r of the theory."""
        return np.array([order_parameter(k, 1.0) for k in self.couplings().tolist()])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        order, summed = self.order.mean(axis=1), self.summed.mean(axis=1)
        k, law = self.couplings(), self.law()
        # At 2 to 3.5 gamma it settles slowly, and N oscillators scatter most.
        above, below = k >= 3.5, k < 1.9
        off = np.abs(np.array([order, summed]) - law)
        return {
            "couplings": k.tolist(),
            "order": order.tolist(),
            "order_summed": summed.tolist(),
            "law": law.tolist(),
            "greatest_error": float(off[0, above].max(initial=0.0)),
            "greatest_error_summed": float(off[1, above].max(initial=0.0)),
            "order_below": float(np.maximum(order, summed)[below].max(initial=0.0)),
            "phases_hash": weights_hash(self.phases.astype(np.uint32)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"phases": self.phases, "order": self.order, "summed": self.summed}


def run(machine: PhaseMachine, config: KuramotoConfig, progress: Progress) -> KuramotoResult:
    """Measure r at every coupling, each from the same phases at random."""
    started, before = time.monotonic(), machine.cycles
    omega, first = config.draw()
    shift, gains = config.gains()
    half = config.phase().turn // 2
    phases, order, summed = [], [], []
    with progress.task("couple", total=len(gains), unit="points") as advance:
        for gain in gains:
            machine.configure(PhaseParams(coupled=False, mean_field=True, gain=gain, shift=shift))
            machine.set_frequencies((omega + config.mean + half) % (2 * half) - half)
            machine.set_phases(first)
            machine.reset(state=True, random=True)
            machine.run(config.settle)
            for _ in range(config.ticks // config.every):
                machine.run(config.every)
                phases.append(machine.phases())
                turns = phases[-1] / machine.shape.turn
                order.append(abs(np.exp(2j * np.pi * turns).mean()))
                summed.append(abs(machine.order()))
            del phases[len(phases) - config.ticks // config.every : -1]
            advance(1)
    cycles = machine.cycles_since(before)
    return KuramotoResult(
        config=config,
        phases=np.array(phases),
        order=np.reshape(order, (len(gains), -1)),
        summed=np.reshape(summed, (len(gains), -1)),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: KuramotoResult, folder: Path) -> list[str]:
    """r against the coupling, and the phases of all oscillators below and above the transition."""
    k, top = result.couplings(), float(result.couplings().max())
    fine = np.linspace(0.01, top, 400)
    n = result.config.phase().oscillators
    omega, _ = result.config.draw()
    with saved_figure(folder / "kuramoto.png", 9, 4.6) as figure:
        grid = figure.add_gridspec(2, 2, width_ratios=[1.7, 1])
        main = figure.add_subplot(grid[:, 0])
        main.plot(
            fine, [order_parameter(x, 1.0) for x in fine.tolist()], color=GREY, label="theory"
        )
        main.axhline(1 / np.sqrt(n), color=GREY, lw=0.8, ls=":", label="phases at random")
        order, summed = result.order.mean(axis=1), result.summed.mean(axis=1)
        main.errorbar(
            k, order, result.order.std(axis=1), fmt="o", color=ON, ms=5, label="from phases"
        )
        main.plot(k, summed, "s", color=OFF, mfc="none", ms=8, label="from on-chip sums")
        main.set(xlabel="coupling K (gamma)", ylabel="order parameter r", ylim=(0, 1))
        main.set_title(f"{n} oscillators synchronise from K = 2 gamma on")
        main.legend(loc="lower right", frameon=False)
        for row, point in enumerate((int(np.argmin(k)), int(np.argmax(k)))):
            axis = figure.add_subplot(grid[row, 1])
            turns = result.phases[point] / result.config.phase().turn
            middle = np.angle(np.exp(2j * np.pi * turns).mean()) / (2 * np.pi)
            axis.plot(omega / result.config.gamma, (turns - middle + 0.5) % 1 - 0.5, ".",
                      color=(OFF, ON)[row], ms=2)  # fmt: skip
            axis.set(xlim=(-8, 8), ylim=(-0.5, 0.5), ylabel="phase (turns)")
            axis.set_title(f"K = {k[point]:.1f} gamma", fontsize=9)
        axis.set(xlabel="natural frequency (gamma)")
    return ["kuramoto.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a coupling."""
    rows = [
        {"K (gamma)": k, "r, phases": host, "r, on-chip sums": chip, "theory": law}
        for k, host, chip, law in zip(
            run["couplings"], run["order"], run["order_summed"], run["law"], strict=True
        )
    ]
    return {f"kuramoto, {run['machine']}, seed {run['seed']}": rows}

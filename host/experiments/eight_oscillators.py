"""The eight-oscillators experiment: an image recalled by eight oscillators that have one coupling
in common, which changes with time (Sec. II.D; Hoelzel and Krischer, "Pattern recognition minimizes
entropy production in a neural network of electrical oscillators", Phys. Lett. A 377, 2013).

All feel the mean field with one gain, from the wave's memory, which holds a period of it::

    G(t) = g sum of J_ij cos((w_i - w_j) t) over i != j,   J = sum of xi xi^T over the images xi

The frequencies w are ``spacing`` times the marks of a Golomb ruler: no two differences are alike.
Averaged over a period, only the term of its own difference acts between oscillators i and j, with

    K J_ij sin(phi_j - phi_i),   K = g a^2 / 2^SHIFT

where phi is the phase in the frame of the own frequency and a the table's first harmonic: Hebbian
couplings, without a wire of their own. After whole periods phi is the phase itself. A probe is an
image with ``flips`` pixels inverted and phases up to ``jitter`` turns off, since a phase of exactly
half a turn has nowhere to go. Recalled is an image of which every pixel is right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import GAIN_BITS, SHAPES, PhaseParams, PhaseShape
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.options import check, option
from spinloom.host.phase import PhaseMachine, first_harmonic
from spinloom.host.pictures import GREY, OFF, ON, saved_figure
from spinloom.host.progress import Progress

RULER = (0, 1, 4, 9, 15, 22, 32, 34)  # the shortest of eight marks
IMAGES = (  # of two rows of four pixels; every two differ in four of eight
    (1, -1, 1, -1, 1, -1, 1, -1),
    (1, 1, -1, -1, 1, 1, -1, -1),
    (1, 1, 1, 1, -1, -1, -1, -1),
)

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class EightOscillatorsConfig:
    """One run."""

    shape: str = option("phase-8", "a machine of eight oscillators with a wave")
    seed: int = 1
    images: int = option(3, "images stored, 1 to 3")
    probes: int = option(96, "distorted inputs")
    flips: int = option(1, "inverted pixels of each")
    jitter: float = option(0.05, "phases are off by up to so many turns")
    spacing: int = option(8, "least difference of frequencies, turns of a wave's period")
    shift: int = option(16, "right shift of the coupling")
    periods: int = option(12, "periods of the wave until the read-out")

    def __post_init__(self) -> None:
        self.phase()
        check(
            self,
            images=(1, len(IMAGES)),
            probes=(1, 100_000),
            flips=(0, 8),
            spacing=(1, 32),
            shift=(0, 24),
            periods=(1, 10_000),
        )
        if not 0 <= self.jitter <= 0.25:
            raise ValueError(f"jitter = {self.jitter} is out of range; give 0 to 0.25")

    def phase(self) -> PhaseShape:
        """The shape, if it has eight oscillators and a wave."""
        good = {n: s for n, s in SHAPES.items() if s.oscillators == len(RULER) and s.wave}
        if self.shape not in good:
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return good[self.shape]

    def stored(self) -> Ints:
        """Images, ±1 [images, 8]."""
        return np.array(IMAGES[: self.images])

    def couplings(self) -> Ints:
        """J, without its diagonal."""
        stored = self.stored()
        return stored.T @ stored * (1 - np.eye(len(RULER), dtype=np.int64))

    def frequencies(self) -> Ints:
        """2^-P turns a tick: whole turns in a period of the wave."""
        shape = self.phase()
        marks = np.array(RULER) - RULER[-1] // 2
        return self.spacing * marks * (shape.turn // shape.wave)

    def wave(self) -> tuple[Ints, float]:
        """Gains of a period, and g: the highest is as high as a gain can be."""
        shape, omega = self.phase(), self.frequencies()
        angle = 2 * np.pi / shape.turn * np.subtract.outer(omega, omega)[..., None]
        terms = self.couplings()[..., None] * np.cos(angle * np.arange(shape.wave))
        total = terms.sum(axis=(0, 1))
        g = ((1 << GAIN_BITS - 1) - 1) / float(np.abs(total).max())
        return np.rint(g * total).astype(np.int64), g

    def coupling(self) -> float:
        """K, 2^-P turns a tick."""
        return self.wave()[1] * first_harmonic(self.phase()) ** 2 / (1 << self.shift)

    def draw(self) -> tuple[Ints, Ints, Ints]:
        """Which image each probe is of, its pixels ±1, and its phases."""
        rng, turn = np.random.default_rng([self.seed, 1]), self.phase().turn
        which = np.arange(self.probes) % self.images
        probes = self.stored()[which]
        for probe in probes:
            probe[rng.permutation(len(RULER))[: self.flips]] *= -1
        off = np.rint(rng.uniform(-self.jitter, self.jitter, probes.shape) * turn)
        return which, probes, (np.where(probes < 0, turn // 2, 0) + off.astype(np.int64)) % turn


CONFIG = EightOscillatorsConfig


def pixels(phases: Ints, turn: int) -> Ints:
    """±1 by the side of the axis that phases [..., 8] are nearest to; both signs are the same
    image, and the first pixel is 1."""
    z = np.exp(2j * np.pi * phases / turn)
    axis = np.exp(0.5j * np.angle((z**2).sum(axis=-1, keepdims=True)))
    bits = np.where((z * axis.conj()).real > 0, 1, -1)
    signed: Ints = bits * bits[..., :1]
    return signed


@dataclass(frozen=True, kw_only=True)
class EightOscillatorsResult:
    """What a run leaves: ``phases`` [probes, 8] at the end, and ``course`` [periods + 1, 8], the
    first probe's after each period."""

    config: EightOscillatorsConfig
    phases: Ints
    course: Ints
    cycles: int | None
    seconds: float

    def recalled(self) -> npt.NDArray[np.bool_]:
        """Which probes ended as their image."""
        which, _, _ = self.config.draw()
        images = self.config.stored()[which]
        found = pixels(self.phases, self.config.phase().turn)
        right: npt.NDArray[np.bool_] = (found == images * images[:, :1]).all(axis=1)
        return right

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        which, probes, _ = config.draw()
        images, turn = config.stored()[which], config.phase().turn
        overlap = np.abs((np.exp(2j * np.pi * self.phases / turn) * images).mean(axis=1))
        return {
            "recalled": float(self.recalled().mean()),
            "overlap_before": float(np.abs((probes * images).mean(axis=1)).mean()),
            "overlap": float(overlap.mean()),
            "coupling": config.coupling(),
            "probes": config.probes,
            "phases_hash": weights_hash(self.phases.astype(np.uint32)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"phases": self.phases, "course": self.course}


def run(
    machine: PhaseMachine, config: EightOscillatorsConfig, progress: Progress
) -> EightOscillatorsResult:
    """Let all probes relax, and watch the first."""
    started, before = time.monotonic(), machine.cycles
    _, _, first = config.draw()
    period = config.phase().wave
    machine.configure(
        PhaseParams(coupled=False, mean_field=True, wave_length=period, shift=config.shift)
    )
    machine.set_wave(config.wave()[0])
    machine.set_frequencies(config.frequencies())
    ends, course = first, [first[0]]
    with progress.task("recall", total=config.periods, unit="periods") as advance:
        for _ in range(config.periods):  # the wave starts anew with each, as if it had gone on
            ends = machine.ensemble(ends, period, [1] * config.probes)
            course.append(ends[0])
            advance(1)
    cycles = machine.cycles_since(before)
    return EightOscillatorsResult(
        config=config,
        phases=ends,
        course=np.array(course),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: EightOscillatorsResult, folder: Path) -> list[str]:
    """The common gain, the phases of one probe over time, and its image before and after."""
    config = result.config
    turn, which = config.phase().turn, config.draw()[0][0]
    image = config.stored()[which]
    with saved_figure(folder / "eight.png", 9, 4.6) as figure:
        grid = figure.add_gridspec(3, 2, width_ratios=[2.2, 1])
        top, main = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1:, 0])
        wave, _ = config.wave()
        top.plot(np.arange(len(wave)), wave, color=GREY, lw=0.5)
        top.set(xlim=(0, len(wave)), xlabel="time (ticks)", ylabel="gain")
        top.set_title(f"One gain for all recalls {100 * result.recalled().mean():.0f} % of "
                      f"{config.probes} distorted images")  # fmt: skip
        z = np.exp(2j * np.pi * result.course / turn)
        axis = np.exp(0.5j * np.angle((z[-1] ** 2).sum()))
        axis *= 1 if (z[-1] * axis.conj() * image).real.sum() > 0 else -1
        turns = (np.angle(z * axis.conj()) / (2 * np.pi) + 0.25) % 1 - 0.25
        for k in range(len(RULER)):
            main.plot(turns[:, k], "o-", ms=3, lw=1, color=ON if image[k] > 0 else OFF)
        main.set(xlabel="time (periods of the gain)", ylabel="phase (turns)", ylim=(-0.25, 0.75))
        main.set_title("Phases of one probe, coloured by its stored image", fontsize=9)
        states = (result.course[0], result.course[-1])
        pictures = [*(pixels(s, turn) * image[0] for s in states), image]
        for row, (name, bits) in enumerate(zip(("input", "recalled", "stored"), pictures,
                                               strict=True)):  # fmt: skip
            axes = figure.add_subplot(grid[row, 1])
            axes.imshow(np.reshape(bits, (2, 4)), cmap="gray_r", vmin=-1.3, vmax=1.3)
            axes.set(xticks=[], yticks=[])
            axes.set_title(name, fontsize=9)
            for spine in axes.spines.values():
                spine.set(visible=True, color=GREY)
    return ["eight.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line."""
    row = {
        "probes": run["probes"],
        "recalled": run["recalled"],
        "overlap before": run["overlap_before"],
        "after": run["overlap"],
        "K (LSB/tick)": run["coupling"],
    }
    return {f"eight oscillators, {run['machine']}, seed {run['seed']}": [row]}

"""The pictures of the hopfield experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.emulator.physics.hopfield import CAPACITY, overlap
from spinloom.host.experiments.hopfield import PROBE, HopfieldResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: HopfieldResult, folder: Path) -> list[str]:
    """A probe that relaxes, as Fig. 10 has it, and the energy of all; overlap against alpha."""
    _relaxation(result, folder / "relaxation.png")
    _capacity(result, folder / "capacity.png")
    return ["relaxation.png", "capacity.png"]


def _relaxation(result: HopfieldResult, path: Path) -> None:
    one, form = result.relaxations[0], (result.stored.rows, result.stored.columns)
    flips = len(one.order)
    shown = [0, flips // 3, 2 * flips // 3, flips]
    with saved_figure(path, 8.5, 5.4) as figure:
        grid = figure.add_gridspec(2, 5, height_ratios=[1, 1.5])
        frames = [(one.state(k), f"{k} flips") for k in shown] + [(result.pixels, "stored")]
        for column, (state, title) in enumerate(frames):
            axis = figure.add_subplot(grid[0, column])
            axis.imshow(-state.reshape(form), cmap="gray", interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.set_title(title, loc="center", fontsize=9)
            for spine in axis.spines.values():
                spine.set(visible=True, color=GREY)
        axis = figure.add_subplot(grid[1, :])
        for other in result.relaxations[1:]:
            axis.step(np.arange(len(other.energies)), other.energies, color=OFF, lw=0.6, alpha=0.5)
        axis.step(np.arange(flips + 1), one.energies, color=ON, lw=1.6)
        axis.plot(shown, one.energies[shown], "o", color=ON, ms=5)
        axis.set(xlabel="flips", ylabel="energy (least step of a coupling)")
        climbs = sum(other.climbs() for other in result.relaxations)
        total = sum(len(other.order) for other in result.relaxations)
        axis.set_title(f"{climbs} of {total:,} flips of {len(result.relaxations)} probes raise it")
        axis.grid(axis="y", color="#E6E6E6")
        figure.suptitle(
            f"A noisy {result.config.picture} relaxes to the one that is stored", x=0.01, ha="left"
        )


def _capacity(result: HopfieldResult, path: Path) -> None:
    config = result.config
    fine = np.linspace(min(0.005, config.alphas[0]), max(CAPACITY, config.alphas[-1]), 200)
    with saved_figure(path, 7.5, 4.4) as figure:
        axis = figure.subplots()
        axis.plot(fine, [overlap(a) for a in fine.tolist()], color=GREY, label="theory, N → ∞")
        axis.errorbar(config.alphas, result.overlaps.mean(axis=(1, 2)), result.error(), fmt="o",
                      color=ON, ms=5, label=f"{config.units} cold p-bits")  # fmt: skip
        axis.set(
            xlabel="patterns a unit, α", ylabel="overlap of the recalled with the stored pattern",
            xlim=(0, None), ylim=(0, 1.05),
        )  # fmt: skip
        axis.set_title(f"Random patterns by Hebb's rule, probes with {PROBE:g} % flipped")
        axis.legend(loc="lower left", frameon=False)
        axis.grid(axis="y", color="#E6E6E6")

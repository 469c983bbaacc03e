"""The pictures of one run of the energy-error experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np

from spinloom.host.experiments.energy_error import EnergyErrorResult
from spinloom.host.experiments.energy_error_config import energies
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure

FJ = 1e15
GRID = "#E6E6E6"
STORAGE_ERROR = 1e-9  # that of a storage cell, too rare to be measured here
DECADES = 9  # of the law of energy against error


def draw(result: EnergyErrorResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    energy_by_barrier(folder / "energy.png", result)
    energy_by_error(folder / "tradeoff.png", result)
    error_by_barrier(folder / "error.png", result)
    return ["energy.png", "tradeoff.png", "error.png"]


def energy_by_barrier(path: Path, result: EnergyErrorResult) -> None:
    """Energy of a bit of the wanted error against the barrier: measured (points), law (lines), and
    the least of all; the law at a storage cell's error dashed."""
    config, joules = result.config, result.energies_j() * FJ
    wanted = config.targets[0]
    with saved_figure(path, 11, 4.8) as figure:
        axes = figure.subplots(1, len(config.spreads), sharey=True, squeeze=False)[0]
        for axis, spread in zip(axes, config.spreads, strict=True):
            least = result.least().get(f"{spread:g}")
            for copies, colour in zip(config.copies, cycle(LANE_COLOURS), strict=False):
                for target, style in ((wanted, "-"), (STORAGE_ERROR, "--")):
                    deltas, law = energies(config.storage(spread), copies, target)
                    axis.plot(
                        deltas, law * FJ, style, color=colour, lw=1.2 if style == "-" else 0.8
                    )
                here = [
                    n for n, p in enumerate(result.points)
                    if (p.spread, p.copies, p.target) == (spread, copies, wanted)
                ]  # fmt: skip
                label = f"{copies} junction{'s' * (copies > 1)}"
                axis.plot([result.points[n].delta for n in here], joules[here], "o", color=colour,
                          ms=5, label=label)  # fmt: skip
            axis.plot([], [], "--", color=GREY, lw=0.8, label=f"error {STORAGE_ERROR:g}: law alone")
            if least is not None:
                at = least["barrier_kt"], least["energy_j"] * FJ
                axis.plot(*at, "*", color="black", ms=13, zorder=5, label="least energy")
            title = f"Barriers spread by {spread:.0%}" if spread else "All junctions alike"
            if least is not None:
                m = least["copies"]
                title += f": {m} a bit cheapest, {at[0]:g} kT, {at[1]:.0f} fJ"
            axis.set(xlabel="barrier (kT)", yscale="log", ylim=(80, 2e4), xlim=(20, 110))
            axis.set_title(title)
            axis.grid(color=GRID)
            axis.legend(frameon=False, loc="upper left", fontsize=8, ncols=2)
        axes[0].set_ylabel("energy of writing a bit (fJ)")
        figure.suptitle(
            f"Energy of a bit kept for {config.hold:g} s with an error of {wanted:g}: ledger of the"
            " machine's pulses (points), law (lines)", x=0.01, ha="left",
        )  # fmt: skip


def energy_by_error(path: Path, result: EnergyErrorResult) -> None:
    """Measured error against the energy of the best barrier, and the law of the least energy."""
    config, joules, rates = result.config, result.energies_j() * FJ, result.rates()
    errors = np.geomspace(0.1, 10.0**-DECADES, 2 * DECADES - 1)
    with saved_figure(path, 11, 4.4) as figure:
        axes = figure.subplots(1, len(config.spreads), sharey=True, squeeze=False)[0]
        for axis, spread in zip(axes, config.spreads, strict=True):
            for copies, colour in zip(config.copies, cycle(LANE_COLOURS), strict=False):
                found = [(energies(config.storage(spread), copies, e)[1], e) for e in errors]
                curve = [(law.min() * FJ, e) for law, e in found if law.size]
                axis.plot(*zip(*curve, strict=True), color=colour, lw=1.2)
                for n, point in enumerate(result.points):
                    if (point.spread, point.copies) != (spread, copies) or not rates[n]:
                        continue
                    same = [
                        p.energy_j
                        for p in result.points
                        if (p.spread, p.copies, p.target) == (spread, copies, point.target)
                    ]
                    if point.energy_j == min(same):
                        axis.plot(joules[n], rates[n], "o", color=colour, ms=5)
                axis.plot(
                    [], [], "o-", color=colour, label=f"{copies} junction{'s' * (copies > 1)}"
                )
            axis.set(xlabel="energy of writing a bit (fJ)", xscale="log", yscale="log",
                     xlim=(30, 2e4))  # fmt: skip
            axis.set_title(f"Barriers spread by {spread:.0%}" if spread else "All junctions alike")
            axis.grid(color=GRID)
            axis.legend(frameon=False, loc="lower left", fontsize=8)
        axes[0].set_ylabel("error of a bit")
        figure.suptitle(
            "Less energy, more errors, at the best barrier: measured (points) and law (lines); "
            "errors too rare to measure are law alone", x=0.01, ha="left",
        )  # fmt: skip


def error_by_barrier(path: Path, result: EnergyErrorResult) -> None:
    """Measured errors of all points against the law, in standard errors."""
    config, sigma = result.config, result.sigma()
    with saved_figure(path, 8, 3.8) as figure:
        axis = figure.subplots()
        for copies, colour in zip(config.copies, cycle(LANE_COLOURS), strict=False):
            here = [n for n, p in enumerate(result.points) if p.copies == copies]
            axis.plot([result.points[n].delta for n in here], sigma[here], "o", color=colour, ms=5,
                      label=f"{copies} junction{'s' * (copies > 1)}")  # fmt: skip
        for edge in (-3, 0, 3):
            axis.axhline(edge, color=GREY, lw=0.8, ls=":" if edge else "-")
        reach = max(4.0, 1.1 * float(np.abs(sigma).max()))
        axis.set(
            xlabel="barrier (kT)", ylabel="error, measured - law (sigma)", ylim=(-reach, reach)
        )
        axis.set_title(
            f"Errors of {len(sigma)} points follow the law of the majority, "
            f"{min(result.bits)} bits each or more"
        )
        axis.legend(frameon=False, ncols=len(config.copies), loc="upper right", fontsize=8)

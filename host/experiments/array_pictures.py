"""The pictures of one run of the array experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np

from spinloom.host.experiments.array_reads_pictures import reads
from spinloom.host.experiments.array_result import ArrayResult
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure

FINE = 3  # points of a drawn law from one amplitude to the next


def draw(result: ArrayResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    write_errors(folder / "write_errors.png", result)
    reads(folder / "reads.png", result)
    return ["write_errors.png", "reads.png"]


def write_errors(path: Path, result: ArrayResult) -> None:
    """Write-error rate against amplitude, measured (points, with their standard error) and by the
    law (lines), a colour for each duration. A triangle is an upper bound: no cell was wrong."""
    config, cells = result.config, result.cells
    given = np.array(config.amplitudes)
    fine = np.interp(np.arange(FINE * (len(given) - 1) + 1) / FINE, np.arange(len(given)), given)
    with saved_figure(path, 7.5, 4.8) as figure:
        axis = figure.subplots()
        for k, (duration, colour) in enumerate(
            zip(config.durations, cycle(LANE_COLOURS), strict=False)
        ):
            axis.plot(fine, [config.law(i, duration) for i in fine.tolist()], color=colour, lw=1.2)
            rate = result.measured()[k]
            some = rate > 0
            error = np.sqrt(rate * (1 - rate) / cells)
            axis.errorbar(
                given[some], rate[some], error[some], fmt="o", color=colour, ms=4.5, capsize=2,
                label=f"{duration:g} ns",
            )  # fmt: skip
            # No error among n cells: p < 3/n with 95 % confidence. Side by side, to be seen.
            aside = 0.004 * (given[-1] - given[0]) * (2 * k - len(config.durations) + 1)
            none = given[~some] + aside
            axis.plot(none, np.full(len(none), 3 / cells), "v", color=colour, ms=5)
        axis.axhline(3 / cells, color=GREY, lw=0.8, ls=":")
        axis.set(
            xlabel=f"amplitude of the write pulse to {config.to} (uA)",
            ylabel="write-error rate",
            yscale="log",
            ylim=(0.3 / cells, 1.5),
        )
        axis.legend(title="duration", loc="lower left", frameon=False)
        worst = "" if result.max_sigma is None else f", within {result.max_sigma:.1f} sigma"
        axis.set_title(
            f"Write errors fall with current and duration as the law says (lines){worst}\n"
            f"{cells} cells a point; triangles: none was wrong, below 3 in {cells}"
        )

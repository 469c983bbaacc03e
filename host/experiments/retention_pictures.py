"""The picture of one run of the retention experiment."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from spinloom.emulator.spec.learning import CODE_ONE
from spinloom.host.experiments.retention import RetentionResult, drawn
from spinloom.host.experiments.retention_config import MEMORIES
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure

TITLES = {
    "first": "A smaller p forgets more slowly: a memory held whole, $(1-p)^n$",
    "shown": "... and learns less: a pattern shown once, $p\\,(1-p)^n$",
}
YTICKS = (0, 0.05, 0.1, 0.2, 0.5, 1)
LEGENDS = {  # where no curve is
    "first": ((0.02, 0.37), "lost in chance after (law)", "remembered"),
    "shown": ((0.6, 0.65), "patterns recalled in the end (law)", "recalled"),
}


def draw(result: RetentionResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config = result.config
    with saved_figure(folder / "retention.png", 11, 6.6) as figure:
        axes = figure.subplots(2, 2, sharex=True, sharey="row", height_ratios=[2.2, 1])
        for memory, (top, bottom) in zip(MEMORIES, axes.T, strict=True):
            _overlaps(top, result, memory)
            _deviations(bottom, result, memory)
        longest = max(map(config.patterns, config.codes))
        axes[0, 0].set_xscale("symlog", linthresh=1, linscale=0.5)
        axes[0, 0].set_yscale("symlog", linthresh=config.chance(), linscale=0.4)
        axes[0, 0].set(ylabel="overlap with the memory", xlim=(-0.15, 1.4 * longest))
        axes[0, 0].set(ylim=(-1.5 * config.chance(), 1.4), yticks=YTICKS, yticklabels=YTICKS)
        axes[0, 0].minorticks_off()
        axes[1, 0].set(ylabel="deviation (sigma)")
        figure.suptitle(
            f"{config.learning().synapses} junctions, seed {config.seed}: measured (points) and "
            "law (lines); grey: within 3 sigma of chance",
            x=0.01,
            ha="left",
        )
    return ["retention.png"]


def _overlaps(axis: Axes, result: RetentionResult, memory: str) -> None:
    """Overlaps against the patterns written since, on axes that are linear near 0."""
    config = result.config
    place, title, figure = LEGENDS[memory]
    figures = result.figures()
    axis.axhspan(-config.chance(), config.chance(), color="#E6E6E6", lw=0)
    for c, (code, colour) in enumerate(zip(config.codes, cycle(LANE_COLOURS), strict=False)):
        law, measured = result.laws(memory)[c], result.overlaps(memory)[c]
        fine = np.append(np.linspace(0, 1, 30), np.geomspace(1, max(1, len(law) - 1), 200))
        axis.plot(fine, law[0] * (1 - code / CODE_ONE) ** fine, "-", color=colour, lw=1.2)
        at = drawn(len(law))
        count, expected = figures[figure][c], figures[f"{figure}_law"][c]
        label = (
            f"p = {Fraction(code, CODE_ONE)}: {'-' if count is None else count} ({expected:.3g})"
        )
        axis.plot(at, measured[at], "o", color=colour, ms=4.5, label=label)
    axis.set_title(TITLES[memory])
    axis.legend(loc=place, title=title, frameon=False, fontsize=8, title_fontsize=8)


def _deviations(axis: Axes, result: RetentionResult, memory: str) -> None:
    """What is left of the law in sigma; dotted: 3 sigma, dashed: the bound for all points."""
    figures = result.figures()
    bound = figures["joint_bound"]
    reach = max(bound + 0.5, 1.1 * figures["max_sigma"])
    for sigmas, colour in zip(result.sigmas(memory), cycle(LANE_COLOURS), strict=False):
        at = drawn(len(sigmas))
        axis.plot(at, sigmas[at], "o", color=colour, ms=3.5)
    axis.axhline(0, color=GREY, lw=0.8)
    for edge in (-1, 1):
        axis.axhline(3 * edge, color=GREY, lw=0.8, ls=":")
        axis.axhline(bound * edge, color=GREY, lw=0.8, ls="--")
    axis.set(xlabel="random patterns written since, n", ylim=(-reach, reach))

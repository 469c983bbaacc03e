"""The pictures of one run of the lock-map experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, SymLogNorm

from spinloom.host.experiments.lock_map_result import KINDS, LockMapResult
from spinloom.host.pictures import GREY, NEITHER, OFF, ON, saved_figure

SHOWN = 6  # points of a run, at most
BEYOND = 1.25  # of the critical level, where the last of these is
FLATTEST = 0.5  # a row of pictures, by its width: a label stands beside it
WIDEST = 2.5  # standard deviations of the frequencies that colours tell apart
COLOURS = (OFF, ON)


def draw(result: LockMapResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    shown = _shown(result)
    maps(folder / "map.png", result, shown)
    curve(folder / "locked.png", result)
    pairs(folder / "pairs.png", result, shown)
    joined(folder / "joined.png", result)
    return ["map.png", "locked.png", "pairs.png", "joined.png"]


def _shown(result: LockMapResult) -> list[int]:
    """Points from no coupling to somewhat more than what theory needs."""
    levels = np.array(result.config.levels)
    wanted = np.linspace(0, BEYOND * result.config.critical(), SHOWN)
    return sorted({int(np.abs(levels - w).argmin()) for w in wanted})


def maps(path: Path, result: LockMapResult, shown: list[int]) -> None:
    """The grid at some levels: flags of both kinds, frequencies and phases of memristors."""
    config = result.config
    rows, columns = config.grid()
    row, column = divmod(config.reference(), columns)
    frequencies, angles = result.frequencies()[1], result.angles()[1]
    flags = ListedColormap([NEITHER, ON])
    titles = ("flags,\nideal", "flags,\nmemristors", "frequency", "phase")
    height = 1.75 * max(rows / columns, FLATTEST)
    with saved_figure(path, 1.7 * len(shown) + 1.6, 4 * height + 0.9) as figure:
        axes = figure.subplots(4, len(shown), squeeze=False)
        for n, point in enumerate(shown):
            level = config.levels[point]
            axes[0, n].set_title(f"level {level}", fontsize=9, loc="center")
            drawn = [
                (result.flags[0, point], {"cmap": flags, "vmin": 0, "vmax": 1}),
                (result.flags[1, point], {"cmap": flags, "vmin": 0, "vmax": 1}),
                (
                    frequencies[point] / config.deviation,
                    {
                        "cmap": "RdBu_r",
                        "norm": SymLogNorm(
                            config.bound() / config.deviation, vmin=-WIDEST, vmax=WIDEST
                        ),
                    },
                ),
                # The phase of who is not locked has no mean.
                (
                    np.where(result.flags[1, point], angles[point], np.nan),
                    {"cmap": "twilight", "vmin": -0.5, "vmax": 0.5},
                ),
            ]
            for axis, (values, style) in zip(axes[:, n], drawn, strict=True):
                image = axis.imshow(values.reshape(rows, columns), **style)
                axis.plot(column, row, "+", color="black", ms=7)
                _frame(axis)
                if n == len(shown) - 1 and style["cmap"] is not flags:
                    unit, ticks = (
                        ("st. dev.", [-1, -0.1, 0, 0.1, 1])
                        if style["cmap"] == "RdBu_r"
                        else ("turns", [-0.5, 0, 0.5])
                    )
                    bar = figure.colorbar(image, ax=axis, label=unit, ticks=ticks, format="%g")
                    bar.minorticks_off()
        for axis, title in zip(axes[:, 0], titles, strict=True):
            axis.set_ylabel(title)
        figure.suptitle("Who is locked to the oscillator at the cross", x=0.01, ha="left")


def _frame(axis: Axes) -> None:
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.6)


def curve(path: Path, result: LockMapResult) -> None:
    """Locked share and order parameter against the level; how flags and host agree."""
    config, figures = result.config, result.figures()
    levels = np.array(config.levels)
    with saved_figure(path, 10, 4.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.4, 1])
        left.axvline(figures["critical_level"], color=GREY, lw=1, ls="--")
        left.annotate(
            "theory, ideal", (figures["critical_level"], 0.02), xytext=(3, 0),
            textcoords="offset points", color=GREY, fontsize=8, rotation=90,
        )  # fmt: skip
        for kind, colour in zip(KINDS, COLOURS, strict=True):
            left.plot(levels, figures["locked"][kind], "o-", color=colour, ms=4,
                      label=f"{kind}, flags")  # fmt: skip
            left.plot(levels, figures["locked_by_host"][kind], "s", color=colour, mfc="none", ms=8,
                      label=f"{kind}, host")  # fmt: skip
        left.set(xlabel="level of the couplings", ylabel="share that is locked", ylim=(-0.03, 1.05))
        left.secondary_xaxis(
            "top",
            functions=(
                lambda x: x * config.coupling(1) / config.deviation,
                lambda k: k * config.deviation / config.coupling(1),
            ),
        ).set_xlabel("K (standard deviations of the frequencies)")
        left.legend(loc="center right", frameon=False, fontsize=8)
        for kind, colour in zip(KINDS, COLOURS, strict=True):
            right.plot(levels, figures["order"][kind], "o", color=colour, ms=4,
                       label=f"{kind}, from phases")  # fmt: skip
            right.plot(levels, figures["order_summed"][kind], "s", color=colour, mfc="none", ms=8,
                       label=f"{kind}, on-chip sums")  # fmt: skip
        right.set(xlabel="level of the couplings", ylabel="order parameter r", ylim=(0, 1.05))
        right.set_title("Mean of exp(i phase) over all")
        right.legend(loc="lower right", frameon=False, fontsize=8)


def pairs(path: Path, result: LockMapResult, shown: list[int]) -> None:
    """Who has the same mean frequency as whom, oscillators sorted by it."""
    config = result.config
    frequencies, same = result.frequencies(), result.pairs()
    black = ListedColormap(["#FFFFFF", "#000000"])
    with saved_figure(path, 1.9 * len(shown) + 0.6, 4.7) as figure:
        axes = figure.subplots(2, len(shown), squeeze=False)
        for row, kind in enumerate(KINDS):
            for n, point in enumerate(shown):
                order = np.argsort(frequencies[row, point], kind="stable")
                axis = axes[row, n]
                axis.imshow(same[row, point][np.ix_(order, order)], cmap=black, vmin=0, vmax=1)
                _frame(axis)
                if row == 0:
                    axis.set_title(f"level {config.levels[point]}", fontsize=9, loc="center")
            axes[row, 0].set_ylabel(kind)
        figure.suptitle(
            "Pairs of the same mean frequency (black); sorted by frequency", x=0.01, ha="left"
        )


def joined(path: Path, result: LockMapResult) -> None:
    """The halves' difference of phase over time, and of frequency."""
    config, apart = result.config, result.apart()
    ticks = np.arange(1, len(apart) + 1) * (
        2 * config.window * (config.settle + config.measured) / len(apart)
    )
    middle = ticks[len(ticks) // 2 - 1]
    speed = np.diff(apart) * config.phase().turn / np.diff(ticks)
    with saved_figure(path, 9, 3.8) as figure:
        left, right = figure.subplots(1, 2)
        left.plot(ticks, apart, color=ON, lw=1.4)
        left.set(xlabel="time (ticks)", ylabel="phase, left less right half (turns)")
        left.set_title("Links written at run time join two halves")
        right.plot(ticks[1:], speed / config.deviation, color=ON, lw=1.4)
        right.set(xlabel="time (ticks)", ylabel="difference of frequencies (st. dev.)")
        for axis in (left, right):
            axis.axvline(middle, color=GREY, ls="--", lw=1)
        left.annotate(
            "links written", (middle, left.get_ylim()[0]), xytext=(4, 4),
            textcoords="offset points", color=GREY, fontsize=8,
        )  # fmt: skip

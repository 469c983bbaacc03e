"""The picture of one run of the f-i-curve experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from spinloom.host.bit_slices import TOP
from spinloom.host.experiments.f_i_curve import FiCurveResult
from spinloom.host.experiments.f_i_curve_config import KINDS
from spinloom.host.experiments.f_i_curve_crossbar import Crossbar
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure


def draw(result: FiCurveResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    curves(folder / "curves.png", result)
    if result.crossbar is None:
        return ["curves.png"]
    crossbar(folder / "crossbar.png", result, result.crossbar)
    return ["curves.png", "crossbar.png"]


def curves(path: Path, result: FiCurveResult) -> None:
    """Rates against currents, measured (points) and by the law (lines): a panel for each kind of
    neuron, a colour for each time of the reset pulse."""
    config, current = result.config, result.config.currents()
    measured, law = result.rates(), result.law()
    with saved_figure(path, 10, 4.2) as figure:
        axes = figure.subplots(1, len(KINDS), sharex=True)
        for k, (axis, kind) in enumerate(zip(axes, KINDS, strict=True)):
            for r, (ticks, colour) in enumerate(
                zip(config.reset_ticks, cycle(LANE_COLOURS), strict=False)
            ):
                axis.plot(current, law[k, r], "-", color=colour, lw=1.2)
                label = f"reset pulse of {ticks} ticks"
                axis.plot(current, measured[k, r], "o", color=colour, ms=3.5, label=label)
            axis.set(xlabel="current (wall steps a tick)", ylabel="spikes a tick", ylim=(0, None))
            axis.grid(axis="y", color="#E6E6E6")
            axis.set_title(kind)
        axes[0].legend(loc="upper left", frameon=False)
        through = " through 16-level memristors" if result.crossbar is not None else ""
        figure.suptitle(
            f"Firing rate against current{through}: {config.ticks} ticks measured (points) and "
            f"the law (lines), seed {config.seed}",
            x=0.01,
            ha="left",
        )


def crossbar(path: Path, result: FiCurveResult, devices: Crossbar) -> None:
    """Positions of the memristors, and what the crossbar summed against the integer product."""
    products = devices.products()
    wrong = int((result.sums != products).sum())
    with saved_figure(path, 10, 4.2) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        image = left.imshow(devices.levels, cmap="RdBu_r", vmin=-TOP, vmax=TOP, aspect="auto")
        figure.colorbar(image, ax=left, label="level, with its sign", ticks=(-15, -8, 0, 8, 15))
        left.set(xlabel="neuron, by its current", ylabel="input of the crossbar")
        left.set_title("Walls of 16 positions, trimmed to the currents")
        ends = [products.min(), products.max()]
        right.plot(ends, ends, "-", color=GREY, lw=0.8, zorder=3, label="step · counts · levels")
        for sums, kind, size, colour in zip(
            result.sums, KINDS, (6.0, 3.0), LANE_COLOURS, strict=False
        ):
            label = f"of {kind} neurons"
            right.plot(products.ravel(), sums.ravel(), "o", color=colour, ms=size, label=label)
        right.set(xlabel="integer product (wall steps)", ylabel="position read (wall steps)")
        right.set_title("Positions of neurons after events")
        right.legend(loc="upper left", frameon=False)
        figure.suptitle(
            f"Multiply-accumulate of 16-level memristors: {result.sums.size} sums, {wrong} wrong, "
            f"seed {result.config.seed}",
            x=0.01,
            ha="left",
        )

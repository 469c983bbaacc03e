"""The picture of one run of the f-i-curve experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from spinloom.host.experiments.f_i_curve import KINDS, FiCurveResult
from spinloom.host.pictures import LANE_COLOURS, saved_figure


def draw(result: FiCurveResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    curves(folder / "curves.png", result)
    return ["curves.png"]


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
        figure.suptitle(
            f"Firing rate against current: {config.ticks} ticks measured (points) and the law "
            f"(lines), seed {config.seed}",
            x=0.01,
            ha="left",
        )

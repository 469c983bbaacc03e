"""The picture of the boltzmann experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from spinloom.host.experiments.boltzmann import BOUND, BoltzmannResult
from spinloom.host.pictures import GREY, LANE_COLOURS, OFF, ON, saved_figure

Ints = npt.NDArray[np.int64]


def draw(result: BoltzmannResult, folder: Path) -> list[str]:
    """States of the largest network by probability; divergence against samples of all."""
    largest = max(result.networks, key=lambda one: one.spins)
    with saved_figure(folder / "boltzmann.png", 11, 4.6) as figure:
        left, right = figure.subplots(1, 2)
        order = np.argsort(largest.law)[::-1]
        rank = np.arange(1, len(order) + 1)
        if largest.at_once_counts is not None:
            counts = largest.at_once_counts[order]
            _counted(left, rank, counts, OFF, "all spins at once: fails")
        _counted(left, rank, largest.counts[order], ON, "sampled")
        left.plot(rank, largest.law[order], color="black", lw=1.2, label="exact")
        left.set(xlabel="state, the likeliest first", ylabel="probability", xscale="log")
        left.set(yscale="log", ylim=(0.5 / largest.counts.sum(), None))
        left.set_title(f"{largest.spins} p-bits visit their {len(order)} states by Boltzmann's law")
        left.legend(loc="lower left", frameon=False)
        points = np.array(result.config.points())
        sizes = sorted({one.spins for one in result.networks})
        colours = dict(zip(sizes, LANE_COLOURS * len(sizes), strict=False))
        for one in result.networks:
            right.plot(points, one.divergences, "o-", color=colours[one.spins], ms=3, lw=1)
        for spins, colour in colours.items():
            right.plot(points, ((1 << spins) - 1) / (2 * points), ":", color=colour, lw=1)
            right.plot([], [], "o-", color=colour, ms=3, label=f"{spins} spins")
        right.plot([], [], ":", color=GREY, label="(2ⁿ - 1) / 2 samples")
        right.axhline(BOUND, color=GREY, lw=0.8)
        right.annotate(f"{BOUND:g}", (points[0], BOUND), va="bottom", color=GREY)
        right.set(xlabel="samples", ylabel="KL(sampled, exact), nats", xscale="log", yscale="log")
        right.set_title("The divergence falls as that of independent samples")
        right.legend(loc="upper right", frameon=False, ncols=2, fontsize=8)
        right.grid(color="#E6E6E6")
    return ["boltzmann.png"]


def _counted(axis: Axes, rank: Ints, counts: Ints, colour: str, label: str) -> None:
    """States that were seen; one that never was has no place on the axis."""
    seen = counts > 0
    axis.plot(rank[seen], counts[seen] / counts.sum(), ".", color=colour, ms=3, label=label)

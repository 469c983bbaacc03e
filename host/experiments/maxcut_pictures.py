"""The picture of the maxcut experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.host.experiments.maxcut import MaxcutResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: MaxcutResult, path: Path) -> None:
    """Cuts on the way, and the best cut of each run."""
    cuts, sweeps, target = result.cuts(), result.trace_sweeps(), result.target()
    first = int(cuts.argmax())
    with saved_figure(path, 10, 4.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.7, 1])
        for k, trace in enumerate(result.cut_of(result.traces)):
            best = k == first
            left.plot(sweeps, trace, color=ON if best else OFF, lw=1.4 if best else 0.5,
                      alpha=1 if best else 0.4, zorder=2 + best)  # fmt: skip
        left.plot([], [], color=ON, label="best run")
        if len(cuts) > 1:
            left.plot([], [], color=OFF, lw=0.8, label="other runs")
        left.axhline(target, color=GREY, lw=0.8, ls=":", label=f"target {target:,}")
        left.set(xlabel="sweeps", ylabel="cut")
        left.set_title(f"{result.graph.name} cut by {len(result.graph.nodes)} p-bits that cool")
        left.legend(loc="lower right", frameon=False)
        left.grid(axis="y", color="#E6E6E6")
        right.plot(np.arange(1, len(cuts) + 1), np.sort(cuts), "o", color=ON, ms=4)
        right.axhline(target, color=GREY, lw=0.8, ls=":")
        right.axhline(float(cuts.mean()), color=OFF, lw=1)
        right.annotate(f"mean {cuts.mean():,.1f}", (1, float(cuts.mean())), va="bottom", color=OFF)
        right.set(xlabel="run, the worst first", ylabel="best cut")
        right.set_title(f"Best of {len(cuts)}: {cuts.max():,}")
        right.grid(axis="y", color="#E6E6E6")

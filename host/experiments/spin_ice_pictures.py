"""The picture of one run of the spin-ice experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from spinloom.host.experiments.spin_ice import SpinIceResult, pauling
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: SpinIceResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config = result.config
    with saved_figure(folder / "spin_ice.png", 12, 4.2) as figure:
        hot, cold, curve = figure.subplots(1, 3)
        _lattice(hot, result, 0)
        _lattice(cold, result, -1)
        beta = np.linspace(0, max(config.betas), 200)
        curve.plot(beta, pauling(beta), color=GREY, label="Pauling's estimate")
        curve.plot(config.betas, result.densities(), "o", color=ON, ms=5, label="measured")
        curve.set(xlabel=r"$\beta J$", ylabel="monopoles a vertex", ylim=(0, None))
        curve.legend(frameon=False)
        curve.set_title("Monopoles freeze out")
    return ["spin_ice.png"]


def _lattice(axis: Axes, result: SpinIceResult, n: int) -> None:
    """Islands as arrows, vertices that have a charge as dots."""
    rows, columns = result.config.sides()
    spins = result.spins[n].reshape(2, rows, columns)
    y, x = np.mgrid[:rows, :columns].astype(float)
    style: dict[str, Any] = {
        "color": "#BBBBBB",
        "pivot": "mid",
        "scale": 1.4,
        "scale_units": "x",
        "width": 0.004,
    }
    axis.quiver(x + 0.5, y, spins[0], 0 * x, **style)
    axis.quiver(x, y + 0.5, 0 * x, -spins[1], **style)  # rows count downwards
    charges = result.charges[n, -1].reshape(rows, columns)
    for sign, colour in ((1, ON), (-1, OFF)):
        at = charges * sign > 0
        axis.scatter(x[at], y[at], s=18 * np.abs(charges[at]), color=colour, zorder=3)
    axis.set(xticks=[], yticks=[], aspect="equal", xlim=(-1, columns), ylim=(rows, -1))
    axis.set_title(rf"$\beta J$ = {result.config.betas[n]:g}")

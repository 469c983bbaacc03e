"""The pictures of the recall-energy experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import EngFormatter

from spinloom.host.experiments.recall_energy import MOST, Array, RecallEnergyResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

PULLS = np.geomspace(0.05, 5, 21)  # GHz
DELTAS = np.arange(2.0, 20.5, 1.0)
FRAMES = 4


def draw(result: RecallEnergyResult, folder: Path) -> list[str]:
    """One probe on both arrays; what is right against device time; energy against time of other
    devices, from the same events."""
    wanted = result.patterns.pixels[result.stored]
    arrays = (
        (result.fast, "spin-torque oscillators", ON),
        (result.slow, "superparamagnetic junctions", OFF),
    )
    with saved_figure(folder / "recall_energy.png", 9.6, 7.0) as figure:
        top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.3], squeeze=False)[:, 0]
        _frames(top, result, arrays)
        course, cost = bottom.subplots(1, 2)
        for one, name, colour in arrays:
            _course(course, one, wanted, name, colour)
        _cost(cost, result, arrays)
    return ["recall_energy.png"]


def _frames(
    figure: SubFigure, result: RecallEnergyResult, arrays: tuple[tuple[Array, str, str], ...]
) -> None:
    kinds = result.patterns
    axes = figure.subplots(2, FRAMES + 1)
    for row, (one, name, colour) in zip(axes, arrays, strict=True):
        stop = max(1, one.stop(kinds.pixels[result.stored]))
        looks = np.unique(np.linspace(0, min(2 * stop, len(one.states) - 1), FRAMES).astype(int))
        frames = [(one.states[k, 0], _time(one.times()[k])) for k in looks]
        frames.append((kinds.pixels[result.stored[0]], "stored"))
        for axis, (state, title) in zip(row, frames, strict=False):
            axis.imshow(-state.reshape(kinds.rows, kinds.columns), cmap="gray", vmin=-1, vmax=1)
            axis.set_title(title, loc="center", fontsize=9)
            for spine in axis.spines.values():
                spine.set(visible=True, color=GREY)
        for axis in row:
            axis.set(xticks=[], yticks=[])
        for axis in row[len(frames) :]:
            axis.set_axis_off()
        row[0].set_ylabel(name.replace(" ", "\n"), color=colour)
    figure.suptitle("The same probe on fast and on slow oscillators", x=0.01, ha="left")


def _time(seconds: float) -> str:
    return EngFormatter("s", places=1)(seconds)


def _course(axis: Axes, one: Array, wanted: np.ndarray, name: str, colour: str) -> None:
    axis.plot(one.times()[1:], one.right(wanted)[1:], ".-", color=colour, label=name)
    axis.set(xscale="log", xlabel="time of the devices", ylabel="probes exactly recalled")
    axis.set_ylim(0, 1.03)
    axis.xaxis.set_major_formatter(EngFormatter("s"))
    axis.grid(axis="y", color="#E6E6E6")
    axis.legend(frameon=False, loc="lower right", fontsize=8)


def _cost(
    axis: Axes, result: RecallEnergyResult, arrays: tuple[tuple[Array, str, str], ...]
) -> None:
    config, wanted = result.config, result.patterns.pixels[result.stored]
    for one, _, colour in arrays:
        part = one.stop(wanted) / (len(one.states) - 1)
        seconds, energy = one.times()[-1] * part, one.recall_j() * part
        if one is result.fast:
            scale, label = config.pull / PULLS, "couplings of 0.05 to 5 GHz"
        else:
            scale = np.exp(DELTAS - config.delta)
            label = f"barriers of {DELTAS[0]:g} to {DELTAS[-1]:g} kT"
        # Both grow as the time that the events take.
        axis.plot(seconds * scale, energy * scale, ".-", color=colour, lw=1, ms=4, label=label)
        axis.plot([seconds], [energy], "o", color=colour, ms=8)
    axis.set(
        xscale="log", yscale="log", xlabel="time of a recall", ylabel="energy of a recall",
    )  # fmt: skip
    axis.xaxis.set_major_formatter(EngFormatter("s"))
    axis.yaxis.set_major_formatter(EngFormatter("J"))
    axis.set_title(f"stopped when {MOST:.0%} of the recalls are done", fontsize=10)
    axis.grid(color="#E6E6E6")
    axis.legend(frameon=False, loc="upper left", fontsize=8)

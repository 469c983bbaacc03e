"""Pictures of a run, drawn from arrays, as PNG files.

Colours are those of Okabe and Ito, which people of any colour vision tell apart; ON is vermilion,
OFF is blue everywhere. A file appears whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from spinloom.host.experiments.readout import LaneScore
from spinloom.host.rundir import write_atomic

LANE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
ON, OFF, BOTH, NEITHER = "#D55E00", "#0072B2", "#000000", "#F4F4F4"
GREY = "#8C8C8C"
DPI = 130
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.titlesize": 12,
}

Spikes = npt.NDArray[np.void]
Floats = npt.NDArray[np.float64]


@contextmanager
def saved_figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """A figure of this size in inches, saved when the block ends well."""
    with mpl.rc_context(rc=STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        canvas = FigureCanvasAgg(figure)
        yield figure
        figure.set_dpi(DPI)
        write_atomic(path, canvas.print_png)


def _lane_colours(lanes: int) -> list[str]:
    return [colour for colour, _ in zip(cycle(LANE_COLOURS), range(lanes), strict=False)]


def weight_maps(
    path: Path,
    weights: npt.NDArray[np.uint8],
    view: tuple[int, int],
    titles: Sequence[str],
    colours: Sequence[str],
) -> None:
    """What each neuron looks for: its P junctions on the camera's view.

    ``weights`` [inputs, neurons]; ``view`` = rows, columns; a title and its colour per neuron. An
    input beyond both polarity maps is not shown.
    """
    rows, columns = view
    neurons = weights.shape[1]
    across = min(8, neurons)
    down = -(-neurons // across)
    palette = np.array([_rgb(c) for c in (NEITHER, OFF, ON, BOTH)])
    with saved_figure(path, 1.5 * across, 1.65 * down * rows / columns + 0.6) as figure:
        axes = figure.subplots(down, across, squeeze=False)
        for unused in axes.flat[neurons:]:
            unused.set_axis_off()
        for neuron in range(neurons):
            axis: Axes = axes.flat[neuron]
            off, on = weights[: 2 * rows * columns, neuron].reshape(2, rows, columns).astype(int)
            axis.imshow(palette[off + 2 * on], interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.set_title(titles[neuron], fontsize=8, color=colours[neuron], loc="center")
            for spine in axis.spines.values():
                spine.set(visible=True, color=colours[neuron], linewidth=0.8)
        figure.suptitle("Junctions in the parallel state, by neuron", x=0.01, ha="left")
        figure.legend(
            handles=[
                Patch(facecolor=ON, label="ON (brighter)"),
                Patch(facecolor=OFF, label="OFF (darker)"),
                Patch(facecolor=BOTH, label="both"),
            ],
            loc="upper right",
            ncols=3,
            frameon=False,
        )


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def raster(
    path: Path,
    spikes: Spikes,
    passages: npt.NDArray[np.void],
    detections: Sequence[npt.NDArray[np.int64]],
    preferred: Sequence[int | None],
    seconds: tuple[float, float],
) -> None:
    """Spikes of all neurons, and below them the cars that were there and the cars counted.

    ``detections`` [lanes] are ticks; ``preferred`` [neurons] is each neuron's lane or None;
    ``seconds`` the time shown. Neurons are sorted by lane.
    """
    lanes = len(detections)
    colours = _lane_colours(lanes)
    order = sorted(range(len(preferred)), key=lambda n: (_last_if_none(preferred[n], lanes), n))
    with saved_figure(path, 11, 6.2) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
        shown = spikes[(spikes["tick"] >= seconds[0] * 1000) & (spikes["tick"] < seconds[1] * 1000)]
        for row, neuron in enumerate(order):
            lane = preferred[neuron]
            times = shown["tick"][shown["neuron"] == neuron] / 1000
            colour = GREY if lane is None else colours[lane]
            top.eventplot(times, lineoffsets=row, linelengths=0.85, linewidths=1.4, colors=colour)
        top.set(ylabel="neuron", yticks=range(len(order)), ylim=(len(order) - 0.5, -0.5))
        top.set_yticklabels([str(n) for n in order], fontsize=6)
        top.set_title("Spikes, neurons sorted and coloured by the lane that they prefer")
        for lane in range(lanes):
            cars = passages[passages["lane"] == lane]
            bars = [
                (a / 1000, (b - a) / 1000) for a, b in zip(cars["start"], cars["end"], strict=True)
            ]
            bottom.broken_barh(
                bars, (lane - 0.38, 0.76), facecolor=colours[lane], alpha=0.3, edgecolor="white"
            )
            found = detections[lane] / 1000
            bottom.plot(
                found,
                np.full(found.size, lane),
                "v",
                color=colours[lane],
                ms=5,
                mec="black",
                mew=0.5,
            )
        bottom.set(
            xlabel="time (s)",
            ylabel="lane",
            yticks=range(lanes),
            yticklabels=[str(n + 1) for n in range(lanes)],
            ylim=(lanes - 0.4, -0.6),
            xlim=seconds,
        )
        bottom.set_title("Cars in view (bars) and cars counted (triangles)")


def _last_if_none(lane: int | None, lanes: int) -> int:
    return lanes if lane is None else lane


def learning_curve(
    path: Path,
    while_learning: Sequence[Floats],
    window_seconds: float,
    frozen: Sequence[tuple[float, float]],
) -> None:
    """Mean F1 against traffic watched.

    ``while_learning`` has for each pass the F1 of successive windows, from the spikes emitted while
    learning; ``frozen`` the points (seconds, F1) of machines frozen at that time, on test traffic.
    """
    with saved_figure(path, 8, 4.2) as figure:
        axis = figure.subplots()
        start = 0.0
        for number, f1 in enumerate(while_learning):
            middle = start + (np.arange(f1.size) + 0.5) * window_seconds
            label = f"while learning, windows of {window_seconds:g} s" if number == 0 else None
            axis.plot(middle, f1, "o-", color=OFF, ms=4, lw=1.2, label=label)
            if number:
                axis.axvline(start, color=GREY, lw=0.8, ls=":")
            end = start + f1.size * window_seconds
            axis.annotate(f"pass {number + 1}", ((start + end) / 2, 1.03), ha="center", color=GREY)
            start = end
        if frozen:
            seconds, scores = zip(*frozen, strict=True)
            axis.plot(seconds, scores, "s-", color=ON, ms=6, label="frozen, on test traffic")
            for x, y in frozen:
                axis.annotate(
                    f"{y:.2f}", (x, y), xytext=(0, -14), textcoords="offset points",
                    ha="center", fontsize=8, color=ON,
                )  # fmt: skip
        axis.set(
            xlabel="traffic watched (s)",
            ylabel="mean F1 over lanes",
            ylim=(0, 1.08),
            xlim=(0, None),
        )
        axis.set_title("Learning curve")
        axis.grid(axis="y", color="#E6E6E6")
        axis.legend(loc="lower right", frameon=False)


def time_to_learn(path: Path, curves: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Mean F1 on test traffic against traffic watched: one thin line a run, their mean in bold."""
    with saved_figure(path, 8, 4.2) as figure:
        axis = figure.subplots()
        points = np.array(curves)  # [run, point, (seconds, F1)]
        for run in points:
            axis.plot(run[:, 0], run[:, 1], "o-", color=OFF, alpha=0.35, ms=3, lw=1)
        mean = points.mean(axis=0)
        axis.plot(mean[:, 0], mean[:, 1], "s-", color=ON, ms=6, lw=2)
        for x, y in mean:
            axis.annotate(f"{y:.2f}", (x, y), xytext=(4, -16), textcoords="offset points", color=ON)
        axis.set(
            xlabel="traffic watched (s)",
            ylabel="mean F1 over lanes, test traffic",
            ylim=(0, 1.03),
            xlim=(0, None),
        )
        axis.set_title(f"Time to learn: {len(points)} seeds, and their mean")
        axis.grid(axis="y", color="#E6E6E6")


def lane_table(
    path: Path, scores: Sequence[LaneScore], masks: Sequence[Sequence[int]], title: str
) -> None:
    """The score of each lane, and of all, as a table."""
    head = ["lane", "neurons", "cars", "counted", "twice", "false", "F1"]
    body = [
        [
            str(lane + 1),
            ", ".join(map(str, mask)) or "none",
            str(s.passages),
            f"{s.hits} ({100 * s.detection:.0f} %)",
            str(s.duplicates),
            str(s.false_alarms),
            f"{s.f1:.3f}",
        ]
        for lane, (s, mask) in enumerate(zip(scores, masks, strict=True))
    ]
    cars, hits = sum(s.passages for s in scores), sum(s.hits for s in scores)
    body.append(
        [
            "all",
            "",
            str(cars),
            f"{hits} ({100 * hits / max(cars, 1):.0f} %)",
            str(sum(s.duplicates for s in scores)),
            str(sum(s.false_alarms for s in scores)),
            f"{np.mean([s.f1 for s in scores]):.3f}",
        ]
    )
    colours = _lane_colours(len(scores))
    with saved_figure(path, 7.2, 0.34 * (len(body) + 1) + 0.6) as figure:
        axis = figure.subplots()
        axis.set_axis_off()
        axis.set_title(title)
        table = axis.table(
            cellText=body,
            colLabels=head,
            cellLoc="center",
            colWidths=[0.08, 0.26, 0.1, 0.2, 0.1, 0.1, 0.12],
            bbox=Bbox.unit(),
        )
        for (row, column), cell in table.get_celld().items():
            cell.set(edgecolor="#D9D9D9", linewidth=0.6)
            if row in (0, len(body)):
                cell.get_text().set_fontweight("bold")
            elif column == 0:
                cell.get_text().set(color=colours[row - 1], fontweight="bold")


def bars(path: Path, values: Mapping[str, Sequence[float]], title: str, unit: str) -> None:
    """One horizontal bar a name: the mean of its values, with each value as a dot."""
    names = list(values)
    with saved_figure(path, 8, 0.3 * len(names) + 1.1) as figure:
        axis = figure.subplots()
        means = [float(np.mean(values[name])) for name in names]
        axis.barh(range(len(names)), means, color=[ON, *[OFF] * (len(names) - 1)], alpha=0.75)
        for row, name in enumerate(names):
            axis.plot(values[name], np.full(len(values[name]), row), "o", color="black", ms=3)
            axis.annotate(
                f"{means[row]:.2f}", (1.0, row), xytext=(6, 0), textcoords="offset points",
                va="center", xycoords=("axes fraction", "data"),
            )  # fmt: skip
        axis.set(
            yticks=range(len(names)), yticklabels=names, xlabel=unit, ylim=(len(names) - 0.5, -0.5)
        )
        axis.set_title(title)
        axis.grid(axis="x", color="#E6E6E6")
        axis.set_axisbelow(True)

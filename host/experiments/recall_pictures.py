"""The pictures of one run of the recall experiment."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinloom.host.experiments.recall_config import read_out
from spinloom.host.experiments.recall_result import RecallResult
from spinloom.host.pictures import GREY, OFF, ON, STYLE, saved_figure
from spinloom.host.stimuli.patterns import PatternSet

FRAMES_A_SECOND = 12
LAST = 15  # frames that the end stays
CLOSE = 100  # dots an inch of the animation
BINS = 40  # of coherence

Ints = npt.NDArray[np.int64]


def draw(result: RecallResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    success(folder / "success.png", result)
    probes(folder / "probes.png", result)
    coherence(folder / "coherence.png", result)
    wheel(folder / "recall.gif", result)
    return ["success.png", "probes.png", "coherence.png", "recall.gif"]


def success(path: Path, result: RecallResult) -> None:
    """Rates of exact recall as heat maps: the oscillators', and those of Hopfield networks."""
    config, names = result.config, list(result.patterns)
    columns = [(rule, flips) for rule in config.rule for flips in config.flips]
    shown = {
        "Phase oscillators": "oscillators",
        "Hopfield, same weights": "hopfield_asynchronous",
        "Nearest pattern (bound)": "nearest",
    }
    width = max(9.0, 2.6 + 1.6 * len(columns))
    with saved_figure(path, width, 1.4 + 0.38 * len(names) + 0.3) as figure:
        axes = figure.subplots(1, len(shown), sharey=True)
        for axis, (title, network) in zip(axes, shown.items(), strict=True):
            rates = dict(
                zip(
                    [(c.set, c.rule, c.flips) for c in result.cells],
                    result.rates(network),
                    strict=True,
                )
            )
            grid = np.array([[rates[(name, *column)] for column in columns] for name in names])
            axis.imshow(grid, cmap="viridis", vmin=0, vmax=1, aspect="auto")
            for (row, column), value in np.ndenumerate(grid):
                axis.text(
                    column, row, f"{value:.2f}", ha="center", va="center", fontsize=8,
                    color="white" if value < 0.6 else "black",
                )  # fmt: skip
            axis.set_title(title, fontsize=10)
            ticks = [f"{f:g}" if len(config.rule) == 1 else f"{f:g}\n{r}" for r, f in columns]
            axis.set_xticks(range(len(columns)), ticks, rotation=0 if len(config.rule) == 1 else 90)
            axis.set(xlabel="flipped pixels (%)")
            axis.set_yticks(range(len(names)), [Path(name).name for name in names])
        figure.suptitle(
            f"Part of {config.probes} probes restored exactly ({', '.join(config.rule)})",
            x=0.01, ha="left",
        )  # fmt: skip


def probes(path: Path, result: RecallResult) -> None:
    """A probe of each set and part of flips with what was recalled; wrong pixels are vermilion."""
    config = result.config
    cells = [c for c in result.cells if c.rule == config.rule[0]]
    across = len(config.flips)
    down = len(result.patterns)
    with saved_figure(path, 0.9 + 2.7 * across, 1.05 * down + 0.7) as figure:
        axes = figure.subplots(down, 2 * across, squeeze=False)
        for k, cell in enumerate(cells):
            row, column = divmod(k, across)
            kinds = result.patterns[cell.set]
            which = (3 * row + 1) % len(cell.stored)
            target = kinds.pixels[cell.stored[which]]
            pair = (cell.probes[which], cell.recalled["oscillators"][which])
            for side, picture in enumerate(pair):
                axis = axes[row, 2 * column + side]
                axis.imshow(_coloured(picture, target, kinds), interpolation="nearest")
                axis.set(xticks=[], yticks=[])
                for spine in axis.spines.values():
                    spine.set(visible=True, color=GREY, linewidth=0.6)
                if row == 0:
                    title = ("probe", "recalled")[side]
                    axis.set_title(f"{title}, {cell.flips:g} %", fontsize=8, loc="center")
            if column == 0:
                axes[row, 0].set_ylabel(
                    Path(cell.set).name, rotation=0, ha="right", va="center", fontsize=8
                )
        figure.suptitle(
            f"Probes and recalled pictures ({config.rule[0]}); wrong pixels in colour",
            x=0.01, ha="left",
        )  # fmt: skip


def _coloured(picture: Ints, target: Ints, kinds: PatternSet) -> npt.NDArray[np.float64]:
    """Ink black, ground white; wrong ink vermilion, wrong ground a light tint of it."""
    palette = np.array([[1, 1, 1], [0.1, 0.1, 0.1], [1, 0.78, 0.66], [0.835, 0.369, 0]])
    codes = (picture > 0) + 2 * (picture != target)
    return np.asarray(palette[codes].reshape(kinds.rows, kinds.columns, 3))


def coherence(path: Path, result: RecallResult) -> None:
    """Histograms of the coherence of the phases at the end: recalled patterns and spurious states,
    a panel for each rule."""
    rules = result.config.rule
    bins = np.linspace(0, 1, BINS + 1)
    with saved_figure(path, 1.5 + 4.5 * len(rules), 3.6) as figure:
        axes = figure.subplots(1, len(rules), squeeze=False)[0]
        for axis, rule, row in zip(axes, rules, result.figures()["coherence"], strict=True):
            for values, colour, label in zip(
                result.coherences(rule), (OFF, ON), ("a stored pattern", "none"), strict=True
            ):
                mean = f", mean {values.mean():.3f}" if len(values) else ""
                axis.hist(
                    values, bins, color=colour, alpha=0.65, label=f"{label}: {len(values)}{mean}"
                )
            axis.set(yscale="log", xlim=(0, 1), xlabel="coherence of the doubled phases")
            axis.legend(title="ended as", loc="upper left", frameon=False, fontsize=8)
            apart = row["told_apart"]
            axis.set_title(rule if apart is None else f"{rule}: told apart {apart:.3f}")
        axes[0].set_ylabel("probes")


def wheel(path: Path, result: RecallResult) -> None:
    """Animation of one recall: every pixel's phase on a circle, and as a picture."""
    course = result.course
    cell, kinds = course.cell, result.patterns[course.cell.set]
    turn = result.config.phase().turn
    target = kinds.pixels[cell.stored[0]]
    angles = 2 * np.pi / turn * course.phases
    order = read_out(course.phases[-1:], cell.probes[:1], turn)[0]
    ends = np.exp(2j * angles[-1]).sum()
    # The frame of reference in which the pattern's two phases end at 0 and half a turn.
    zero = np.angle(ends) / 2
    zero += 0 if (np.cos(angles[-1] - zero) * order).sum() > 0 else np.pi
    radius = 0.72 + 0.28 * np.random.default_rng(0).random(len(target))
    with mpl.rc_context(rc=STYLE):
        figure = Figure(figsize=(7.2, 3.9), layout="constrained")
        FigureCanvasAgg(figure)
        circle = figure.add_subplot(1, 2, 1, projection="polar")
        picture = figure.add_subplot(1, 2, 2)
        for colour, label in ((ON, "ink"), (OFF, "ground")):
            circle.plot([], [], "o", color=colour, ms=4, label=label)
        colours = [ON if value > 0 else OFF for value in target]
        dots = circle.scatter(angles[0] - zero, radius, s=9, c=colours, alpha=0.6, lw=0)
        circle.set(ylim=(0, 1.08), yticks=[])
        circle.set_xticks(np.pi / 2 * np.arange(4), ["0", "¼ turn", "½", "¾"])
        circle.spines["polar"].set(visible=True, color=GREY)
        circle.grid(alpha=0.3)
        circle.legend(
            title="stored pixel", loc="lower center", bbox_to_anchor=(0.5, -0.32), ncols=2,
            frameon=False,
        )  # fmt: skip
        image = picture.imshow(
            np.zeros((kinds.rows, kinds.columns)), cmap="gray_r", vmin=-1, vmax=1
        )
        picture.set(xticks=[], yticks=[])
        for spine in picture.spines.values():
            spine.set(visible=True, color=GREY)
        picture.set_xlabel("cosine of the phase: black +1, white -1")

        def show(frame: int) -> None:
            at = min(frame, len(course.ticks) - 1)
            theta = angles[at] - zero
            dots.set_offsets(np.stack([theta, radius], axis=1))
            image.set_data(np.cos(theta).reshape(kinds.rows, kinds.columns))
            overlap = abs((np.exp(1j * theta) * target).mean())
            circle.set_title(f"step {course.ticks[at]}", fontsize=10)
            picture.set_title(f"overlap with the stored pattern {overlap:.2f}", fontsize=10)

        frames = len(course.ticks) + LAST
        animation = FuncAnimation(figure, show, frames=frames)
        part = path.with_name(f".{path.name}.part.gif")
        try:
            animation.save(part, writer=PillowWriter(fps=FRAMES_A_SECOND), dpi=CLOSE)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

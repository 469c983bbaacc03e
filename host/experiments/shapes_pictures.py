"""The pictures of one run of the shapes experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.host.experiments.shapes import NAMES, SIDE, ShapesResult
from spinloom.host.pictures import OFF, ON, bars, saved_figure

ACROSS = 8  # pictures answered right, and as many wrong


def draw(result: ShapesResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    figures = result.figures()
    shares = {
        "network": figures["accuracy"],
        **{f"network, {kind}": share for kind, share in figures["accuracy_by_kind"].items()},
        "linear unit": figures["linear_accuracy"],
    }
    title = f"{result.config.task}: {len(result.labels)} test pictures (seed {result.config.seed})"
    values = {name: [100 * share] for name, share in shares.items()}
    bars(folder / "accuracy.png", values, title, "right answers (%)")
    decisions(folder / "decisions.png", result)
    return ["accuracy.png", "decisions.png"]


def decisions(path: Path, result: ShapesResult) -> None:
    """Test pictures with the network's answers: the first that are right, the first that are
    wrong."""
    names, answers = NAMES[result.config.task], result.answers()
    right = answers == result.labels
    rows = [
        (colour, np.flatnonzero(chosen)[:ACROSS])
        for colour, chosen in ((OFF, right), (ON, ~right))
        if chosen.any()
    ]
    with saved_figure(path, 1.3 * ACROSS, 1.65 * len(rows) + 0.4) as figure:
        axes = figure.subplots(len(rows), ACROSS, squeeze=False)
        for axis in axes.flat:
            axis.set_axis_off()
        for row, (colour, which) in zip(axes, rows, strict=True):
            for axis, n in zip(row, which.tolist(), strict=False):
                axis.set_axis_on()
                axis.imshow(result.pictures[n].reshape(SIDE, SIDE), cmap="gray", vmin=0, vmax=255)
                axis.set(xticks=[], yticks=[])
                for spine in axis.spines.values():
                    spine.set(visible=True, color=colour)
                axis.set_title(names[answers[n]], fontsize=9, color=colour, loc="center")
        figure.suptitle(
            f"The network's answers: {right.sum()} right (blue), "
            f"{(~right).sum()} wrong (vermilion)",
            x=0.01,
            ha="left",
        )

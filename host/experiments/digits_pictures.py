"""The pictures of one run of the digits experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from spinloom.host.experiments.digits_result import DigitsResult
from spinloom.host.pictures import GREY, LANE_COLOURS, OFF, ON, saved_figure

INCHES = 9.0


def draw(result: DigitsResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    weight_maps(folder / "weights.png", result)
    learning_curve(folder / "learning.png", result)
    confusion(folder / "confusion.png", result.confusion(), result.config.seed)
    return ["weights.png", "learning.png", "confusion.png"]


def weight_maps(path: Path, result: DigitsResult) -> None:
    """What each neuron looks for: its P junctions on the image, sorted by the label of its votes;
    a neuron that never fires is last, without a label."""
    strength, votes = result.strength(), result.votes()
    rows, columns = result.train.rows, result.train.columns
    neurons = strength.shape[1]
    label = np.where(votes.any(axis=1), votes.argmax(axis=1), result.kinds)
    across = int(np.ceil(neurons**0.5))
    down = -(-neurons // across)
    # A pixel of margin between two maps.
    sheet = np.full((down * (rows + 1) - 1, across * (columns + 1) - 1), np.nan)
    with saved_figure(path, INCHES, INCHES * down * rows / (across * columns) + 0.5) as figure:
        axis = figure.subplots()
        for place, neuron in enumerate(np.argsort(label, kind="stable").tolist()):
            top, left = place // across * (rows + 1), place % across * (columns + 1)
            sheet[top : top + rows, left : left + columns] = strength[:, neuron].reshape(
                rows, columns
            )
            if label[neuron] < result.kinds:
                name = str(label[neuron])
                colour = LANE_COLOURS[label[neuron] % len(LANE_COLOURS)]
                axis.text(left, top, name, color=colour, fontsize=70 / across, va="top")
        axis.imshow(sheet, cmap="Greys", interpolation="nearest")
        axis.set_axis_off()
        axis.set_title("Junctions in the parallel state, by neuron, sorted by the label they vote")


def learning_curve(path: Path, result: DigitsResult) -> None:
    """Accuracy against epochs: while learning, and of the frozen machine on the test images."""
    window, curve = result.curve()
    per_epoch = len(result.train)
    with saved_figure(path, 8, 4.2) as figure:
        axis = figure.subplots()
        middle = (np.arange(len(curve)) + 1.5) * window / per_epoch
        label = f"while learning, {window} images by the votes of the {window} before"
        axis.plot(middle, 100 * curve, "o-", color=OFF, ms=4, lw=1.2, label=label)
        for epoch in range(1, result.config.epochs):
            axis.axvline(epoch, color=GREY, lw=0.8, ls=":")
        table = result.confusion()
        accuracy = 100 * np.trace(table) / table.sum()
        axis.plot(
            result.config.epochs, accuracy, "s", color=ON, ms=7, clip_on=False,
            label=f"frozen, {len(result.test)} test images: {accuracy:.1f} %",
        )  # fmt: skip
        axis.set(
            xlabel="epochs", ylabel="accuracy (%)", xlim=(0, result.config.epochs), ylim=(0, 100)
        )
        axis.set_title(f"Learning curve (seed {result.config.seed})")
        axis.grid(axis="y", color="#E6E6E6")
        axis.legend(loc="lower right", frameon=False)


def confusion(path: Path, table: npt.NDArray[np.int64], seed: int) -> None:
    """Which labels the test images were given, row by row in percent."""
    kinds = len(table)
    share = 100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    accuracy = 100 * np.trace(table) / table.sum()
    with saved_figure(path, 0.5 * kinds + 1.4, 0.5 * kinds + 1.2) as figure:
        axis = figure.subplots()
        axis.imshow(share, cmap="Blues", vmin=0, vmax=100)
        for row, column in zip(*np.nonzero(table), strict=True):
            dark = share[row, column] > 50
            axis.text(
                column, row, f"{share[row, column]:.0f}", ha="center", va="center",
                fontsize=8, color="white" if dark else "black",
            )  # fmt: skip
        axis.set(xticks=range(kinds), yticks=range(kinds), xlabel="label given", ylabel="label")
        axis.set_title(f"Test images, % of each label: {accuracy:.1f} % right (seed {seed})")

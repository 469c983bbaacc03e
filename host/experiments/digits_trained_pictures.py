"""The pictures of one run of the digits-trained experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.host.experiments.digits_pictures import confusion
from spinloom.host.experiments.digits_trained import DigitsTrainedResult
from spinloom.host.pictures import OFF, saved_figure


def draw(result: DigitsTrainedResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    time_steps(folder / "steps.png", result)
    confusion(folder / "confusion.png", result.confusion, result.config.seed)
    return ["steps.png", "confusion.png"]


def time_steps(path: Path, result: DigitsTrainedResult) -> None:
    """Accuracy on the test images against the time steps that they have been seen."""
    percent = 100 * np.array(result.accuracy_by_step())
    step = np.arange(1, len(percent) + 1)
    with saved_figure(path, 8, 4.2) as figure:
        axis = figure.subplots()
        axis.plot(step, percent, "o-", color=OFF, ms=5, lw=1.2)
        axis.annotate(
            f"{percent[-1]:.1f} %", (step[-1], percent[-1]), xytext=(0, -14),
            textcoords="offset points", ha="center", color=OFF,
        )  # fmt: skip
        axis.set(
            xlabel="time steps seen", ylabel="accuracy (%)", xlim=(0, step[-1] + 0.5), ylim=(0, 100)
        )
        axis.set_title(f"{len(result.labels)} test images (seed {result.config.seed})")
        axis.grid(axis="y", color="#E6E6E6")

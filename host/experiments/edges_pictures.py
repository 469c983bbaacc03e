"""The picture of the edges experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.experiments.edges import EdgesResult, Grouped
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

SHOWN = 3


def draw(result: EdgesResult, folder: Path) -> list[str]:
    """Pictures, their segments, and the selected ones, of the first scenes."""
    groups = result.groups[:SHOWN]
    with saved_figure(folder / "edges.png", 9, 3.1 * len(groups) + 0.4) as figure:
        for row, one in zip(figure.subplots(len(groups), 3, squeeze=False), groups, strict=True):
            for axis in row:
                axis.imshow(one.scene.pixels, cmap="gray", vmin=0, vmax=1, alpha=0.3)
                axis.set(xticks=[], yticks=[], autoscale_on=False)
            row[0].images[0].set_alpha(1)
            row[0].set_title("picture")
            _lines(row[1], one, np.ones(len(one.true), bool), GREY)
            row[1].set_title(f"{len(one.true)} segments")
            _lines(row[2], one, one.selected & one.true, OFF)
            _lines(row[2], one, one.selected & ~one.true, ON)
            row[2].set_title(f"{int(one.selected.sum())} selected")
        if result.config.image is None:
            figure.suptitle("Selected: of outlines blue, others vermilion", x=0.01, ha="left")
    return ["edges.png"]


def _lines(axis: Any, one: Grouped, flags: npt.NDArray[np.bool_], color: str) -> None:
    """Segments as short lines."""
    places, turns = one.segments.places[flags], one.segments.directions[flags]
    half = 2 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    axis.plot(*np.stack([places - half, places + half]).transpose(2, 0, 1), color=color, lw=1.4)

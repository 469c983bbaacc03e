"""The pictures of one run of the convolution experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from spinloom.host.experiments.convolution import DIRECTIONS, ConvolutionResult, kernels
from spinloom.host.pictures import OFF, saved_figure

SHOWN = 8  # pictures with their edges
ACROSS = 4  # of them in a row
BRIGHT = 0.35  # how dark a bright pixel is printed, 1 = black


def draw(result: ConvolutionResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    maps(folder / "maps.png", result)
    edges(folder / "edges.png", result)
    return ["maps.png", "edges.png"]


def maps(path: Path, result: ConvolutionResult) -> None:
    """The first picture through every filter: the filter, the walls' positions, who fires."""
    filters = kernels(result.config.plane())
    number = filters.shape[-1]
    most = max(1, int(np.abs(result.sums[0]).max()))
    with saved_figure(path, 1.3 * (number + 1), 4.4) as figure:
        axes = figure.subplots(3, number + 1)
        for axis in axes.flat:
            _bare(axis)
        for row in (0, 2):
            axes[row, 0].set_axis_off()
        axes[1, 0].imshow(result.pictures[0], cmap="Greys", vmin=0, vmax=1 / BRIGHT)
        axes[1, 0].set_title("picture", fontsize=9, loc="center")
        for n in range(number):
            top, middle, bottom = axes[:, n + 1]
            top.imshow(filters[..., n], cmap="RdBu_r", vmin=-1.5, vmax=1.5)
            top.set_title(f"{360 * n // DIRECTIONS}°", fontsize=9, loc="center")
            shown = middle.imshow(result.sums[0, ..., n], cmap="RdBu_r", vmin=-most, vmax=most)
            bottom.imshow(result.edges[0, ..., n], cmap="Greys", vmin=0, vmax=1)
        for row, name in enumerate(("filter", "positions", "spikes")):
            axes[row, 1].set_ylabel(name)
        figure.colorbar(shown, ax=axes[1], shrink=0.9, label="wall steps")
        figure.suptitle(
            f"One picture through {number} filters: {result.wrong} of {result.sums.size} neurons "
            f"of the run differ from the equation (seed {result.config.seed})",
            x=0.01,
            ha="left",
        )


def edges(path: Path, result: ConvolutionResult) -> None:
    """Pictures with an arrow where a neuron fires, to the bright side: the direction of its
    strongest filter."""
    count = min(SHOWN, len(result.pictures))
    down, across = -(-count // ACROSS), min(ACROSS, count)
    with saved_figure(path, 2.6 * across, 2.6 * down + 0.5) as figure:
        axes = figure.subplots(down, across, squeeze=False)
        for unused in axes.flat[count:]:
            unused.set_axis_off()
        for axis, pixels, fired, sums in zip(
            axes.flat, result.pictures, result.edges, result.sums, strict=False
        ):
            _bare(axis)
            axis.imshow(pixels, cmap="Greys", vmin=0, vmax=1 / BRIGHT)
            y, x = np.nonzero(fired.any(axis=-1))
            strongest = np.where(fired, sums, sums.min() - 1)[y, x].argmax(axis=-1)
            angle = 2 * np.pi * strongest / DIRECTIONS
            axis.quiver(
                x, y, np.cos(angle), -np.sin(angle), angles="xy", pivot="mid", color=OFF,
                units="xy", scale=1, width=0.14, headwidth=4, headlength=4, headaxislength=3.5,
            )  # fmt: skip
        figure.suptitle("Edges: arrows to the bright side, where a neuron fires", x=0.01, ha="left")


def _bare(axis: Axes) -> None:
    """A frame without ticks."""
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(visible=True, color="#B0B0B0", linewidth=0.6)

"""The convolution experiment: edges of figures by weight-shared filters of spin neurons.

Each position of the plane has a neuron a filter, and all of them share the filter's weights of -1,
0 and +1 (Sec. II.C). A picture of figures is one event a bright pixel. With thresholds out of reach
the walls then hold the convolution, which is compared with its equation

    out[y, x, f] = sum over dy, dx of K[dy, dx, f] · in[y + dy - r, x + dx - r]

and with the threshold in reach, the neurons that fire are where an edge of their direction is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import (
    SHAPES,
    Convolution,
    LayerParams,
    NetworkParams,
    NetworkShape,
)
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.host.experiments.options import check, option
from spinloom.host.network import NetworkMachine
from spinloom.host.progress import Progress

DIRECTIONS = 8

SUITED: dict[str, dict[str, Any]] = {}
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ConvolutionConfig:
    """One run."""

    shape: str = option("network-edges", "network-edges for 3x3, network-edges5 for 5x5")
    seed: int = 1
    pictures: int = option(20, "pictures of figures")
    theta: int = option(3, "threshold: pixels of contrast across an edge")

    def __post_init__(self) -> None:
        top = self.network().highest
        check(self, pictures=(1, 10_000), theta=(1, top))

    def network(self) -> NetworkShape:
        """The shape, if it is one convolution of one channel."""

        def fits(shape: NetworkShape) -> bool:
            (first, *rest) = shape.layers
            return isinstance(first, Convolution) and first.channels == 1 and not rest

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def plane(self) -> Convolution:
        """Its one layer."""
        return cast(Convolution, self.network().layers[0])


CONFIG = ConvolutionConfig


@dataclass(frozen=True, kw_only=True)
class ConvolutionResult:
    """What a run leaves: pictures uint8 [pictures, height, width]; ``sums`` and ``edges`` (bool) of
    [pictures, height, width, filters]; ``wrong`` neurons that do not hold the equation's value."""

    config: ConvolutionConfig
    pictures: npt.NDArray[np.uint8]
    sums: Ints
    edges: npt.NDArray[np.bool_]
    wrong: int
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        events = int(self.pictures.sum())
        return {
            "pictures": len(self.pictures),
            "events": events,
            "neurons_compared": self.sums.size,
            "neurons_wrong": self.wrong,
            "edges_by_direction": self.edges.sum(axis=(0, 1, 2)).tolist(),
            "cycles": self.cycles,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"pictures": self.pictures, "sums": self.sums, "edges": self.edges}


def run(
    machine: NetworkMachine, config: ConvolutionConfig, progress: Progress
) -> ConvolutionResult:
    """Show each picture twice: to read the sums, and to see who fires."""
    started, before = time.monotonic(), machine.cycles
    shape, layer = config.network(), config.plane()
    filters = kernels(layer)
    rng = np.random.Generator(np.random.PCG64(config.seed))
    shown = np.array([picture(rng, layer) for _ in range(config.pictures)])
    silent = LayerParams(theta=shape.highest, lo=shape.lowest, hi=shape.highest - 1)
    firing = LayerParams(theta=config.theta, lo=0, hi=shape.highest, to_zero=True)
    machine.set_weights([filters[None]])
    machine.set_bias([np.zeros(layer.filters, np.int64)])
    sums, edges = [], []
    with progress.task("convolve", total=2 * len(shown), unit="pictures") as advance:
        for params in (silent, firing):
            machine.configure(NetworkParams(layers=(params,)))
            for pixels in shown:
                machine.reset(state=True)
                machine.stream(words(layer, pixels))
                spikes = machine.spikes()["neuron"]
                if params is silent:
                    sums.append(machine.positions()[0])
                else:
                    edges.append(fired(layer, spikes))
                advance(1)
    want = np.array([convolve(pixels, filters) for pixels in shown])
    cycles = machine.cycles_since(before)
    return ConvolutionResult(
        config=config,
        pictures=shown,
        sums=np.array(sums),
        edges=np.array(edges),
        wrong=int(np.count_nonzero(np.array(sums) != want)),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def kernels(layer: Convolution) -> Ints:
    """Edge detectors, [kernel, kernel, filters]: filter f is +1 on the side of direction f of
    eight, counted from the right over the top, and -1 on the other side."""
    radius = layer.kernel // 2
    dy, dx = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    angle = 2 * np.pi * np.arange(layer.filters) / DIRECTIONS
    along = dx[..., None] * np.cos(angle) - dy[..., None] * np.sin(angle)
    return np.where(np.abs(along) < 0.5, 0, np.sign(along)).astype(np.int64)


def picture(rng: np.random.Generator, layer: Convolution) -> npt.NDArray[np.uint8]:
    """A square, a triangle and a disc, filled, somewhere: uint8 [height, width] of 0 and 1."""
    y, x = np.mgrid[: layer.height, : layer.width]
    pixels = np.zeros((layer.height, layer.width), bool)
    reach = min(layer.height, layer.width) // 4
    for figure in range(3):
        size = int(rng.integers(max(2, reach // 2), reach + 1))
        v = y - int(rng.integers(size, layer.height - size))
        u = x - int(rng.integers(size, layer.width - size))
        inside = (np.abs(u) <= size) & (np.abs(v) <= size)
        if figure == 1:
            inside &= 2 * np.abs(u) <= v + size
        elif figure == 2:
            inside = u * u + v * v <= size * size
        pixels |= inside
    return pixels.astype(np.uint8)


def words(layer: Convolution, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Stream words of a picture: an event a bright pixel, and a tick."""
    y, x = np.nonzero(pixels)
    return np.append(y << layer.x_bits | x, WORD_TICK | 1).astype(np.uint16)


def fired(layer: Convolution, numbers: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Which neurons these are, bool [height, width, filters]."""
    flat = np.zeros(layer.height << layer.x_bits + layer.lane_bits, bool)
    flat[numbers] = True
    plane = flat.reshape(layer.height, 1 << layer.x_bits, 1 << layer.lane_bits)
    return plane[:, : layer.width, : layer.filters].copy()


def convolve(pixels: npt.NDArray[np.uint8], filters: Ints) -> Ints:
    """The equation, [height, width, filters]."""
    kernel = len(filters)
    padded = np.pad(pixels.astype(np.int64), kernel // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel))
    return np.einsum("yxab,abf->yxf", windows, filters)  # type: ignore[no-any-return]


def draw(result: ConvolutionResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import convolution_pictures

    return convolution_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Edges found, by direction."""
    rows = [
        {"direction, degrees": 360 * n // DIRECTIONS, "edges": edges}
        for n, edges in enumerate(run["edges_by_direction"])
    ]
    return {f"convolution, {run['machine']}, seed {run['seed']}": rows}

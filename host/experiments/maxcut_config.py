"""What the maxcut experiment is told: the graph, the machine, how it is cooled."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np

from spinloom.emulator.spec.ising import SHAPES, IsingParams, IsingShape
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.pbits import annealed, ising_shape
from spinloom.host.stimuli import graphs
from spinloom.host.stimuli.graphs import Graph

# Inverse temperatures at first and at last, of 1/sqrt(mean over nodes of the sum of w^2 at a node):
# near 1 a network at random freezes (spin glass, mean field). They are 0.15 and 0.7 on G1.
FIRST, LAST = 1.04, 4.85

# Best known cuts: Benlic and Hao, "Breakout local search for the max-cut problem", Engineering
# Applications of Artificial Intelligence 26, 1162, 2013.
BEST_KNOWN = {"G1": 11_624}


@dataclass(frozen=True, kw_only=True)
class MaxcutConfig:
    """One run. ``shape`` is the smallest that holds the graph unless it is given."""

    shape: str = option("", "a machine of p-bits (the smallest that holds the graph)")
    seed: int = 1
    graph: str = option("G1", "G1, or a file: G-set, DIMACS or edge list")
    runs: int = option(12, "runs from spins at random")
    sweeps: int = option(1000, "sweeps of a run, over which it is cooled")
    beta_first: float | None = option(None, "first inverse temperature, 1/J (by the degree)")
    beta_last: float | None = option(None, "last inverse temperature, 1/J (by the degree)")
    target: int | None = option(None, "cut that solves it (the best known, or found)")

    def __post_init__(self) -> None:
        check(self)
        for name, most in (("runs", 100_000), ("sweeps", 10_000_000)):
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(
                    f"{name} = {getattr(self, name)} is out of range; give 1 to {most}"
                )
        graph = self.load()
        if not self.shape:
            # The resolved name goes to config.toml, so that the run can be repeated as it was.
            object.__setattr__(self, "shape", smallest(graph))
        _check_fits(graph, ising_shape(self.shape))
        self.params(graph)

    def load(self) -> Graph:
        """The graph."""
        return graphs.load(self.graph)

    def betas(self, graph: Graph) -> tuple[float, float]:
        """First and last inverse temperature, 1/J."""
        unit = np.sqrt(2 * (graph.weights**2).sum() / len(graph.nodes)) or 1.0
        first = FIRST / unit if self.beta_first is None else self.beta_first
        last = LAST / unit if self.beta_last is None else self.beta_last
        return float(first), float(last)

    def params(self, graph: Graph) -> IsingParams:
        """Registers of a run; the trace holds all of it."""
        shape = ising_shape(self.shape)
        trace_shift = next(k for k in count() if self.sweeps >> k <= shape.trace)
        params = IsingParams(spins=len(graph.nodes), trace_shift=trace_shift)
        return annealed(params, shape, *self.betas(graph), self.sweeps)


CONFIG = MaxcutConfig


def smallest(graph: Graph) -> str:
    """The shape with the fewest spins that holds a graph; if none does, the one that comes
    nearest."""
    if fitting := _fitting(graph):
        return min(fitting, key=lambda s: s.spins).name
    if roomy := [s for s in SHAPES.values() if s.spins >= len(graph.nodes)]:
        return max(roomy, key=lambda s: s.weight_max).name
    return max(SHAPES.values(), key=lambda s: s.spins).name


def _fitting(graph: Graph) -> list[IsingShape]:
    return [s for s in SHAPES.values() if not _misfit(graph, s)]


def _misfit(graph: Graph, shape: IsingShape) -> str:
    """Why a shape does not hold a graph."""
    nodes, heaviest = len(graph.nodes), int(np.abs(graph.weights).max())
    if nodes > shape.spins:
        return f"has {nodes} nodes: shape {shape.name} has {shape.spins} spins"
    if heaviest > shape.weight_max:
        top = shape.weight_max
        return f"has weights to {heaviest}: shape {shape.name} holds {-top} to {top}"
    return ""


def _check_fits(graph: Graph, shape: IsingShape) -> None:
    if why := _misfit(graph, shape):
        fitting = [s.name for s in _fitting(graph)]
        fix = f"choose {' or '.join(fitting)}" if fitting else _remedy(graph)
        raise ValueError(f"graph = {graph.name!r} {why}; {fix}")


def _remedy(graph: Graph) -> str:
    """What to do with a graph that no shape holds."""
    most = max(s.spins for s in SHAPES.values())
    if len(graph.nodes) > most:
        return f"give a graph of {most} nodes or fewer"
    top = max(s.weight_max for s in SHAPES.values() if s.spins >= len(graph.nodes))
    return f"scale and round the weights to {-top} to {top}"

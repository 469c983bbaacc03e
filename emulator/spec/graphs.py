"""Graphs of p-bits: who is coupled to whom, and who may be updated at once.

A graph is named by its rule and its size, H rows of W columns, all of them periodic:

- ``torus-HxW``: the square lattice; spin yW + x is coupled to the four beside it.
- ``king-HxW``: the same and the diagonals, eight.
- ``ice-HxW``: square spin ice (Wang et al., Nature 439, 303, 2006, with the four spins of a vertex
  coupled alike). Spins are on the edges of the square lattice of HxW vertices: spin yW + x points
  along the row from vertex (y, x) to (y, x+1), and spin HW + yW + x along the column from (y, x) to
  (y+1, x). Each is coupled to the six others of its two vertices.

Edges (i, j), i < j, are numbered in rising order. The colouring is greedy: spin 0 first, each gets
the lowest colour that no neighbour has. Spins of a colour are not coupled, so that they may be
updated at once (Gibbs sampling by colours: Gonzalez, Low, Gretton, Guestrin, AISTATS 2011). With H
and W even, torus-HxW has two colours, and king-HxW and ice-HxW four, all of one size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

KINDS = ("torus", "king", "ice")
SIDE_MIN = 3  # below, two spins would be neighbours twice


@dataclass(frozen=True)
class Graph:
    """``spins``, and ``edges`` (i, j), i < j, in rising order."""

    spins: int
    edges: tuple[tuple[int, int], ...]

    @cached_property
    def neighbours(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Of each spin: (neighbour, number of the edge), neighbours in rising order."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.spins)]
        for number, (i, j) in enumerate(self.edges):
            found[i].append((j, number))
            found[j].append((i, number))
        return tuple(tuple(sorted(pairs)) for pairs in found)

    @cached_property
    def colours(self) -> tuple[tuple[int, ...], ...]:
        """The spins of each colour, in rising order."""
        colour: dict[int, int] = {}
        for spin, pairs in enumerate(self.neighbours):
            taken = {colour[j] for j, _ in pairs if j in colour}
            colour[spin] = min(c for c in range(len(pairs) + 1) if c not in taken)
        return tuple(
            tuple(spin for spin in range(self.spins) if colour[spin] == c)
            for c in range(max(colour.values()) + 1)
        )

    @cached_property
    def degrees(self) -> frozenset[int]:
        """How many neighbours a spin may have."""
        return frozenset(len(pairs) for pairs in self.neighbours)


@cache
def graph(name: str) -> Graph:
    """The graph of this name, or ``ValueError``."""
    parts = re.fullmatch(r"(\w+)-(\d+)x(\d+)", name)
    if not parts or parts[1] not in KINDS:
        known = ", ".join(f"{kind}-HxW" for kind in KINDS)
        raise ValueError(f"unknown graph {name!r}; give one of {known}")
    kind, height, width = parts[1], int(parts[2]), int(parts[3])
    if min(height, width) < SIDE_MIN:
        raise ValueError(f"graph {name!r}: give {SIDE_MIN} or more rows and columns")
    vertices = height * width

    def at(y: int, x: int) -> int:
        return y % height * width + x % width

    edges: set[tuple[int, int]] = set()
    for y in range(height):
        for x in range(width):
            if kind == "ice":
                legs = (at(y, x), at(y, x - 1), vertices + at(y, x), vertices + at(y - 1, x))
                pairs = list(combinations(legs, 2))
            else:
                beside = [(0, 1), (1, 0), (1, 1), (1, -1)][: 4 if kind == "king" else 2]
                pairs = [(at(y, x), at(y + dy, x + dx)) for dy, dx in beside]
            edges.update((min(pair), max(pair)) for pair in pairs)
    return Graph(vertices * (2 if kind == "ice" else 1), tuple(sorted(edges)))

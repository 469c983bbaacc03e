"""Graphs whose cut is to be maximised: files, and the one that comes along.

``load`` reads text, a file's or a gzip file's, of three formats:

- **G-set**: first ``nodes edges``, then a line ``i j`` or ``i j weight`` for every edge, nodes
  counted from 1 (as the program rudy of G. Rinaldi writes them);
- **DIMACS**: lines ``c`` of comment, one ``p edge nodes edges``, and ``e i j`` or ``e i j weight``;
- **edge list**: lines ``name name`` or ``name name weight``, of any names; ``#`` starts a comment.

An edge without a weight weighs 1. ``G1`` is the first graph of the G-set (Helmberg and Rendl, "A
spectral bundle method for semidefinite programming", SIAM J. Optim. 10, 673, 2000): 800 nodes and
19,176 edges of weight 1.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

BUILT_IN = ("G1",)
MAX_BYTES = 64 << 20  # of a file, unpacked

Ints = npt.NDArray[np.int64]
_Edges = dict[tuple[int, int], int]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """``nodes`` names, ``ends`` int64 [edges, 2] of their numbers, ``weights`` int64 [edges]."""

    name: str
    nodes: tuple[str, ...]
    ends: Ints
    weights: Ints

    def cut(self, spins: npt.ArrayLike) -> int:
        """The weights of the edges between +1 and -1, added up edge by edge; ``spins`` [nodes]."""
        side = np.asarray(spins)
        if side.shape != (len(self.nodes),):
            raise ValueError(f"spins of shape {side.shape}; give ({len(self.nodes)},)")
        across = side[self.ends[:, 0]] != side[self.ends[:, 1]]
        return int(self.weights[across].sum())

    def couplings(self) -> Ints:
        """J = -weight, int64 [nodes, nodes]: with the energy E = - sum of J s s over all edges, a
        cut is (sum of weights - E) / 2."""
        matrix = np.zeros((len(self.nodes),) * 2, np.int64)
        matrix[self.ends[:, 0], self.ends[:, 1]] = matrix[
            self.ends[:, 1], self.ends[:, 0]
        ] = -self.weights
        return matrix


def load(name: str) -> Graph:
    """The graph that comes along by this name, or that of a file; ``ValueError`` names the line
    that is wrong."""
    path = Path(__file__).with_name(f"{name}.txt.gz") if name in BUILT_IN else Path(name)
    try:
        opener: Callable[..., object] = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as file:  # type: ignore[attr-defined]
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(
            f"graph = {name!r} cannot be read ({error.strerror or error}): give a file, or "
            f"{' or '.join(BUILT_IN)}"
        ) from None
    if len(raw) > MAX_BYTES:
        raise ValueError(f"graph = {name!r} has more than {MAX_BYTES >> 20} MiB")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"graph = {name!r} is no text; give G-set, DIMACS or an edge list"
        ) from None
    return parse(text, Path(name).name)


def parse(text: str, name: str) -> Graph:
    """The graph of a text in one of the three formats, which its first lines tell apart."""
    lines = [
        (number, words)
        for number, line in enumerate(text.splitlines(), 1)
        if (words := line.split("#")[0].split())
    ]
    dimacs = [(number, words) for number, words in lines if words[0] != "c"]
    if dimacs and dimacs[0][1][0] == "p":
        nodes, edges = _dimacs(dimacs, name)
    elif _is_g_set(lines):
        nodes, edges = _numbered(lines[1:], lines[0][1], name)
    else:
        nodes, edges = _named(lines, name)
    if not edges:
        raise ValueError(f"{name}: no edges; give G-set, DIMACS or an edge list")
    return Graph(
        name=name,
        nodes=nodes,
        ends=np.array(list(edges), np.int64),
        weights=np.array(list(edges.values()), np.int64),
    )


_Lines = list[tuple[int, list[str]]]


def _is_g_set(lines: _Lines) -> bool:
    """A header of two numbers, of which the second counts the lines that follow."""
    if not lines or len(lines[0][1]) != 2 or not all(w.isdigit() for w in lines[0][1]):
        return False
    return int(lines[0][1][1]) == len(lines) - 1


def _dimacs(lines: _Lines, name: str) -> tuple[tuple[str, ...], _Edges]:
    (first, problem), rest = lines[0], lines[1:]
    if len(problem) != 4 or not all(w.isdigit() for w in problem[2:]):
        raise ValueError(f"{name}, line {first}: give p edge NODES EDGES")
    for number, words in rest:
        if words[0] != "e":
            raise ValueError(f"{name}, line {number}: {words[0]!r}; give e, or c for a comment")
    if len(rest) != int(problem[3]):
        raise ValueError(f"{name}: {len(rest)} edges, line {first} says {problem[3]}")
    return _numbered([(number, words[1:]) for number, words in rest], problem[2:], name)


def _numbered(lines: _Lines, header: list[str], name: str) -> tuple[tuple[str, ...], _Edges]:
    """Edges of nodes 1 to the header's first number."""
    count = int(header[0])
    edges: _Edges = {}
    for number, words in lines:
        place = f"{name}, line {number}"
        ends = [int(w) if w.isdigit() else 0 for w in words[:2]]
        if len(ends) != 2 or not all(1 <= end <= count for end in ends):
            raise ValueError(f"{place}: {' '.join(words)!r}; give two nodes of 1 to {count}")
        _add(edges, ends[0] - 1, ends[1] - 1, words[2:], place)
    return tuple(str(n + 1) for n in range(count)), edges


def _named(lines: _Lines, name: str) -> tuple[tuple[str, ...], _Edges]:
    """Edges of nodes of any names, in the order in which they come."""
    numbers: dict[str, int] = {}
    edges: _Edges = {}
    for number, words in lines:
        place = f"{name}, line {number}"
        if len(words) < 2:
            raise ValueError(f"{place}: {' '.join(words)!r}; give two nodes, and a weight if any")
        a, b = (numbers.setdefault(word, len(numbers)) for word in words[:2])
        _add(edges, a, b, words[2:], place)
    return tuple(numbers), edges


def _add(edges: _Edges, a: int, b: int, weight: list[str], place: str) -> None:
    if a == b:
        raise ValueError(f"{place}: an edge from a node to itself is never cut; leave it out")
    key = (min(a, b), max(a, b))
    if key in edges:
        raise ValueError(f"{place}: this edge was there before; give the sum of both weights once")
    try:
        edges[key] = int(weight[0]) if weight else 1
        if len(weight) > 1:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{place}: weight {' '.join(weight)!r}; give one whole number, or none for 1 "
            "(scale fractions first)"
        ) from None

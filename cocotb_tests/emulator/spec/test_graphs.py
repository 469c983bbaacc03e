"""Graphs: who is beside whom, and colourings in which nobody is beside one of the same colour."""

import pytest

from spinloom.emulator.spec.graphs import graph


@pytest.mark.parametrize(
    ("name", "spins", "degree", "colours"),
    [
        ("torus-4x6", 24, 4, 2), ("torus-40x40", 1600, 4, 2), ("torus-3x5", 15, 4, 4),
        ("king-4x6", 24, 8, 4), ("ice-4x6", 48, 6, 4), ("ice-16x16", 512, 6, 4),
    ],
)  # fmt: skip
def test_graphs(name, spins, degree, colours):
    network = graph(name)
    assert network.spins == spins
    assert network.degrees == {degree}
    assert len(network.edges) == spins * degree // 2
    assert list(network.edges) == sorted(set(network.edges))
    assert sorted(i for colour in network.colours for i in colour) == list(range(spins))
    for colour in network.colours:
        members = set(colour)
        assert not any(j in members for i in colour for j, _ in network.neighbours[i])
    assert len(network.colours) == colours
    if name not in ("torus-3x5",):
        assert len({len(colour) for colour in network.colours}) == 1
    for i, pairs in enumerate(network.neighbours):
        assert all(network.edges[edge] == (min(i, j), max(i, j)) for j, edge in pairs)


def test_neighbours_on_paper():
    assert [j for j, _ in graph("torus-4x6").neighbours[0]] == [1, 5, 6, 18]
    assert [j for j, _ in graph("king-4x6").neighbours[7]] == [0, 1, 2, 6, 8, 12, 13, 14]
    # Vertices (0, 0) and (0, 1): the row's spins 5 and 1, the columns' from and to both.
    assert [j for j, _ in graph("ice-4x6").neighbours[0]] == [1, 5, 24, 25, 42, 43]


@pytest.mark.parametrize("name", ["ring-4x4", "torus-4", "torus-2x4", "ice-4x-4"])
def test_unknown_graphs(name):
    with pytest.raises(ValueError, match="graph"):
        graph(name)

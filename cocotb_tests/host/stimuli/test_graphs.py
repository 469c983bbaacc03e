"""Graphs are read in three formats, and what is wrong is named."""

import gzip

import numpy as np
import pytest

from spinloom.host.stimuli import graphs

TRIANGLE = {
    "G-set": "3 3\n1 2 1\n1 3 -2\n2 3 5\n",
    "DIMACS": "c a triangle\np edge 3 3\ne 1 2\ne 1 3 -2\ne 2 3 5\n",
    "edge list": "# a triangle\na b\na c -2  # anti\nb c 5\n",
}


@pytest.mark.parametrize("text", TRIANGLE.values(), ids=TRIANGLE)
def test_formats_agree(text):
    graph = graphs.parse(text, "triangle")
    assert graph.ends.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert graph.weights.tolist() == [1, -2, 5]
    assert graph.nodes == (("a", "b", "c") if "#" in text else ("1", "2", "3"))


def test_cut_is_the_energy():
    graph = graphs.parse(TRIANGLE["G-set"], "triangle")
    couplings = graph.couplings()
    for bits in range(8):
        spins = 2 * (bits >> np.arange(3) & 1) - 1
        energy = -(spins @ couplings @ spins) // 2
        assert graph.cut(spins) == (graph.weights.sum() - energy) // 2
    with pytest.raises(ValueError, match=r"give \(3,\)"):
        graph.cut([1, 1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no edges"),
        ("3 1\n1 4 1\n", "line 2: '1 4 1'; give two nodes of 1 to 3"),
        ("3 2\n1 2\n2 1\n", "line 3: this edge was there before"),
        ("a b 0.5\n", "line 1: weight '0.5'; give one whole number"),
        ("a a\n", "line 1: an edge from a node to itself"),
        ("a\n", "line 1: 'a'; give two nodes"),
        ("p edge 3\n", "line 1: give p edge NODES EDGES"),
        ("p edge 3 2\ne 1 2\n", "1 edges, line 1 says 2"),
        ("p edge 3 1\nx 1 2\n", "line 2: 'x'; give e"),
    ],
)
def test_errors_name_the_line(text, message):
    with pytest.raises(ValueError, match="bad.*" + message.replace("(", r"\(")):
        graphs.parse(text, "bad")


def test_g1_comes_along():
    graph = graphs.load("G1")
    assert (len(graph.nodes), len(graph.ends), graph.weights.sum()) == (800, 19176, 19176)


def test_files(tmp_path):
    path = tmp_path / "g.txt.gz"
    path.write_bytes(gzip.compress(TRIANGLE["DIMACS"].encode()))
    assert graphs.load(str(path)).weights.tolist() == [1, -2, 5]
    with pytest.raises(ValueError, match=r"cannot be read.*give a file, or G1"):
        graphs.load(str(tmp_path / "none"))
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is no text"):
        graphs.load(str(tmp_path / "b"))

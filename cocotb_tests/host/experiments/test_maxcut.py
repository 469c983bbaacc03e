"""Graphs cut by p-bits: G1, glasses by brute force, files, and one machine against another."""

import csv

import numpy as np
import pytest

from spinloom.emulator.physics import ising
from spinloom.emulator.spec.ising import SHAPES
from spinloom.host.experiments import ledger, maxcut
from spinloom.host.experiments.maxcut_config import MaxcutConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return maxcut.run(machine, config, progress)


def edge_list(path, nodes, seed, weights=(-1, 1), part=1.0):
    """A graph at random; its couplings."""
    rng = np.random.default_rng(seed)
    matrix = np.zeros((nodes, nodes), int)
    lines = []
    for i in range(nodes):
        for j in range(i):
            if rng.random() < part:
                matrix[i, j] = matrix[j, i] = rng.choice(weights)
                lines.append(f"{i + 1} {j + 1} {matrix[i, j]}\n")
    path.write_text(f"{nodes} {len(lines)}\n" + "".join(lines))
    return -matrix


def test_g1(tmp_path):
    """The mean of 12 runs of 1000 sweeps is between 11,599 and 11,611 for the first ten seeds."""
    result = run("golden:numba", MaxcutConfig())
    figures = result.figures()
    assert result.config.shape == "ising-800"
    assert figures["mean_cut"] >= 11_590 and figures["recounts_wrong"] == 0
    assert figures["best_cut"] <= 11_624 == figures["solved"][0]["cut"]
    assert [figures["beta_first"], figures["beta_last"]] == pytest.approx([0.15, 0.7], abs=0.002)
    assert figures["updates"] == 12 * 1000 * 800 > figures["flips"] > 0
    assert figures["energy"] == ledger.spent(None, reads=12 * 1000 * 800)["energy"]
    assert figures["energy_j"] == pytest.approx(figures["updates"] * 0.05**2 / 6e3 * 5e-9)
    cuts = result.cut_of(result.traces)
    assert cuts.shape == (12, 1000) and (cuts.max(axis=1) <= result.cuts()).all()
    assert cuts[:, -1].mean() > cuts[:, 0].mean() + 500

    assert maxcut.draw(result, tmp_path) == ["maxcut.png", "partition.csv"]
    assert (tmp_path / "maxcut.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "partition.csv").open() as file:
        side = {row["node"]: int(row["side"]) for row in csv.DictReader(file)}
    spins = [side[node] for node in result.graph.nodes]
    assert result.graph.cut(spins) == figures["best_cut"]
    tables = maxcut.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [1, 2, 3]


@pytest.mark.proof
def test_g1_to_the_best_known():
    assert run("golden:numba", MaxcutConfig(sweeps=10_000)).figures()["best_cut"] == 11_624


@pytest.mark.parametrize("nodes", [12, 16, 20])
def test_glasses_to_the_ground_state(nodes, tmp_path):
    """Every run of 500 sweeps of five glasses."""
    for seed in range(5):
        path = tmp_path / f"glass{seed}"
        couplings = edge_list(path, nodes, seed)
        ground = ising.energies(couplings, np.zeros(nodes, int)).min()
        result = run("golden:numba", MaxcutConfig(graph=str(path), sweeps=500, runs=10))
        assert result.config.shape == ("ising-64" if nodes > 16 else "ising-16")
        assert (result.energies == ground).all()
        assert result.figures()["solved"][0]["runs"] == 10


def test_weights_count(tmp_path):
    """Of 16 nodes, against the best of all cuts."""
    path = tmp_path / "weighted"
    couplings = edge_list(path, 16, 3, weights=(-70, 5, 30, 127), part=0.5)
    ground = ising.energies(couplings, np.zeros(16, int)).min()
    result = run("golden:numba", MaxcutConfig(graph=str(path), sweeps=300, runs=5))
    assert result.cuts().max() == result.cut_of(ground) and (result.ticks < 300).all()


def test_paths_and_a_used_machine_cut_the_same(tmp_path):
    config = small(tmp_path)
    hashes = {run(t, config).figures()["states_hash"] for t in ("golden", "golden:numba")}
    with Machine.open("golden", SHAPES["ising-64"]) as machine, Progress(quiet=True) as progress:
        maxcut.run(machine, small(tmp_path, seed=5, sweeps=7), progress)
        hashes.add(maxcut.run(machine, config, progress).figures()["states_hash"])
    assert len(hashes) == 1


@pytest.mark.parametrize("nodes", [14, pytest.param(40, marks=pytest.mark.proof)])
def test_the_virtual_board_cuts_the_same(nodes, tmp_path):
    config = small(tmp_path, nodes)
    golden, sim = run("golden", config).figures(), run("sim", config).figures()
    assert golden["states_hash"] == sim["states_hash"] and golden["flips"] == sim["flips"]
    assert sim["cycles"] > 2 * 2000 * nodes and golden["cycles"] is None
    assert sim["solved"][0]["cycles"] > 0


def small(tmp_path, nodes=40, **fields):
    path = tmp_path / "small"
    edge_list(path, nodes, 8, part=0.3)
    return MaxcutConfig(graph=str(path), **{"runs": 2, "sweeps": 2000, **fields})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of ising-16, "),
        ({"shape": "ising-64"}, "has 800 nodes: shape ising-64 has 64 spins; choose ising-800"),
        ({"graph": "nowhere"}, "graph = 'nowhere' cannot be read"),
        ({"runs": 0}, "runs = 0 is out of range"),
        ({"sweeps": 0}, "sweeps = 0 is out of range"),
        ({"beta_first": 0.5, "beta_last": 0.2}, "beta from 0.5 to 0.2: give rising ones"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        MaxcutConfig(**fields)


@pytest.mark.parametrize(
    ("nodes", "weight", "message"),
    [
        (3, 128, "has weights to 128: shape .* holds -127 to 127; scale and round .* -127 to 127"),
        (600, 5, "shape ising-800 holds -1 to 1; scale and round the weights to -1 to 1"),
        (1025, 1, "has 1025 nodes: shape ising-1024-ternary has 1024 spins; give a graph of 1024"),
    ],
)
def test_graphs_that_no_shape_holds(nodes, weight, message, tmp_path):
    path = tmp_path / "graph"
    path.write_text(f"{nodes} 1\n1 2 {weight}\n")
    with pytest.raises(ValueError, match=message):
        MaxcutConfig(graph=str(path))


def test_a_heavy_graph_wants_another_shape(tmp_path):
    path = tmp_path / "graph"
    path.write_text("20 1\n1 2 5\n")
    with pytest.raises(ValueError, match="holds -1 to 1; choose ising-64 or ising-256"):
        MaxcutConfig(graph=str(path), shape="ising-800")

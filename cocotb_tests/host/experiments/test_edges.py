"""Outlines among clutter: rates, the energy, pictures, a user's file, the same bits."""

import numpy as np
import pytest
from matplotlib.image import imsave

from spinloom.emulator.spec.ising import SHAPES
from spinloom.host.experiments import edges, ledger
from spinloom.host.experiments.edges import EdgesConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.segments import Segments, affinities, on_outline, segments
from spinloom.host.stimuli.scenes import scene

SMALL = {"shape": "ising-64", "scenes": 1, "size": 48, "strokes": 5, "runs": 1, "sweeps": 20}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return edges.run(machine, config, progress)


def test_outlines_are_selected_and_clutter_is_not(tmp_path):
    result = run("golden:numba", EdgesConfig(scenes=6, seed=3))
    figures = result.figures()
    assert figures["recounts_wrong"] == 0
    assert figures["true_positive"] > figures["true_positive_by_contrast"] + 0.05
    assert figures["false_positive"] < figures["false_positive_by_contrast"] - 0.05
    assert figures["updates"] == sum(one["segments"] for one in figures["scenes"]) * 4 * 500
    assert figures["energy"] == ledger.spent(None, reads=figures["updates"])["energy"]
    assert edges.draw(result, tmp_path) == ["edges.png"]
    assert (tmp_path / "edges.png").read_bytes().startswith(b"\x89PNG")
    rows, _ = edges.tables(figures | {"machine": "golden", "seed": 3}).values()
    assert len(rows) == 7 and rows[-1]["true positive"] == figures["true_positive"]


def test_the_energy_is_that_of_the_selection():
    """Four times E of the selection less that of none is the difference of the machine's."""
    config = EdgesConfig(**SMALL)
    (one,) = run("golden", config).groups
    found = affinities(one.segments, config.reach, config.tolerance, config.rivalry)
    couplings = np.rint(127 * found).astype(int)
    cost = round(2 * config.cost * 127)
    x = one.selected.astype(int)
    fourfold = -2 * int(x @ couplings @ x) + 2 * cost * int(x.sum())
    none = -int(couplings.sum()) // 2 + int((couplings.sum(axis=1) - cost).sum())
    assert one.energy - none == fourfold < 0


def test_segments_of_a_straight_edge():
    pixels = np.zeros((32, 32))
    pixels[:, 14:] = 1
    found = segments(pixels, 4, 0.05, 100)
    assert len(found) == 8  # a cell of each row
    assert (abs(found.places[:, 0] - 13.5) == 0.5).all()
    assert found.directions == pytest.approx(np.full(len(found), np.pi / 2))


def test_affinity_of_a_line_of_a_circle_and_of_parallels():
    """Along a line only distance counts, on a circle the bend too; parallels side by side are
    rivals."""
    turns = np.array([0.3, 0.6])
    circle = 20 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    on_circle = np.exp(-(0.3**2) / 4 / (2 * 0.4**2)) * np.cos(0.15) ** 4
    for places, directions, fit in (
        ([[0, 0], [6, 0]], [0, 0], 1),
        (circle, turns + np.pi / 2, on_circle),
        ([[0, 0], [0, 6]], [0, 0], 0),
    ):
        these = Segments(
            places=np.array(places, float), directions=np.array(directions), contrasts=np.ones(2)
        )
        near = np.exp(-(np.diff(these.places, axis=0) ** 2).sum() / (2 * 9**2))
        expected = near * (fit - 0.25) * (1 - np.eye(2))
        assert affinities(these, 9, 0.4, 0.25) == pytest.approx(expected)


def test_outlines_are_where_pixels_change():
    """Without clutter and noise nearly all segments are of the outline."""
    for seed in range(5):
        drawn = scene(96, 3, 0, 0, np.random.default_rng(seed))
        found = segments(drawn.pixels, 4, 0.03, 512)
        true = on_outline(found, drawn.outline, edges.TRUE_PX, edges.TRUE_RAD)
        assert true.mean() > 0.85


def test_paths_and_a_used_machine_select_the_same():
    config = EdgesConfig(**SMALL)
    hashes = {run(t, config).figures()["states_hash"] for t in ("golden", "golden:numba")}
    with Machine.open("golden", SHAPES["ising-64"]) as machine, Progress(quiet=True) as progress:
        edges.run(machine, EdgesConfig(**SMALL | {"seed": 5}), progress)
        hashes.add(edges.run(machine, config, progress).figures()["states_hash"])
    assert len(hashes) == 1


@pytest.mark.proof
def test_the_virtual_board_selects_the_same():
    config = EdgesConfig(**SMALL)
    golden, sim = run("golden", config).figures(), run("sim", config).figures()
    assert golden["states_hash"] == sim["states_hash"] and sim["cycles"] > 0


def test_a_file_of_a_user(tmp_path):
    path = tmp_path / "own.png"
    imsave(path, scene(64, 2, 0, 0, np.random.default_rng(1)).pixels, cmap="gray", vmin=0, vmax=1)
    result = run("golden", EdgesConfig(**SMALL, image=str(path)))
    figures = result.figures()
    assert figures["true_positive"] is None and figures["scenes"][0]["selected"] > 0
    assert edges.draw(result, tmp_path) == ["edges.png"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of ising-16, "),
        ({"shape": "ising-800"}, "has couplings of 2 bits; choose ising-512"),
        ({"image": "nowhere.png"}, "image = 'nowhere.png' is no file"),
        ({"scenes": 0}, "scenes = 0 is out of range; give 1 to 1000"),
        ({"beta_first": 0.5, "beta_last": 0.2}, "beta from 0.5 to 0.2: give rising ones"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        EdgesConfig(**fields)

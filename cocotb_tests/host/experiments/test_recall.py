"""Recall of pictures by phase oscillators: rates, read-out, pictures, the same on every body."""

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import recall
from spinloom.host.experiments.recall import RecallConfig
from spinloom.host.experiments.recall_config import probe_phases, read_out
from spinloom.host.experiments.recall_result import told
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = {"shape": "phase-64", "set": ("signs-3x3", "letters-7x6"), "flips": (10.0, 25.0)}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return recall.run(machine, config, progress)


@pytest.fixture(scope="module")
def result():
    return run("golden", RecallConfig(**SMALL, rule=("projection", "hebb"), seed=11))


def test_projection_recalls_letters_and_hebb_does_not(result):
    """200 probes. The letters overlap by up to 0.67, which Hebb's rule cannot bear."""
    rates = {(c["set"], c["rule"], c["flips"]): c for c in result.figures()["cells"]}
    assert rates["letters-7x6", "projection", 10.0]["oscillators"] >= 0.95
    assert rates["letters-7x6", "projection", 25.0]["oscillators"] >= 0.75
    assert rates["letters-7x6", "hebb", 10.0]["oscillators"] < 0.75
    for cell in rates.values():  # nothing beats the likeliest pattern, but by chance: four sigma
        assert cell["oscillators"] <= cell["nearest"] + 4 * 0.5 / np.sqrt(200)


def test_read_out_is_relative():
    """To the phase of all, whatever that is, and to the side that the probe is on."""
    rng = np.random.default_rng(2)
    shape = SHAPES["phase-64"]
    pixels = rng.choice([-1, 1], (40, 64))
    phases = probe_phases(pixels, shape, rng)
    for turned in (0, 5000, 20000, 32768, 60000):
        assert (read_out(phases + turned & 65535, pixels, shape.turn) == pixels).all()
    assert (read_out(phases, -pixels, shape.turn) == -pixels).all()


def test_pictures_and_tables(result, tmp_path):
    assert recall.draw(result, tmp_path) == [
        "success.png",
        "probes.png",
        "coherence.png",
        "recall.gif",
    ]
    assert (tmp_path / "probes.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "recall.gif").read_bytes().startswith(b"GIF8")
    assert len(list(tmp_path.iterdir())) == 4
    rows, ends = recall.tables(result.figures() | {"machine": "golden", "seed": 11}).values()
    assert len(rows) == 8 and rows[0]["oscillators"] == result.rates("oscillators")[0]
    assert [row["rule"] for row in ends] == ["projection", "hebb"]


def test_spurious_states_are_less_coherent():
    """Of letters by the projection rule. ``told_apart`` of n and m values that are the same in law
    has a standard deviation of sqrt((n + m + 1) / (12 n m)): six of which."""
    config = RecallConfig(**SMALL | {"set": ("letters-7x6",), "flips": (40.0, 50.0)}, probes=400)
    (row,) = run("golden", config).figures()["coherence"]
    n, m = row["stored"], row["spurious"]
    assert n + m == 800 and m >= 10
    assert row["told_apart"] > 0.5 + 6 * np.sqrt((n + m + 1) / (12 * n * m))
    assert row["coherence_spurious"] < 0.9 < row["coherence_stored"]


def test_what_letters_have_in_common_is_coherent_too(result):
    """Hebb's rule makes one state of letters that overlap; coherence does not tell it."""
    for cell in result.cells:
        if (cell.set, cell.rule) == ("letters-7x6", "hebb"):
            spurious = cell.spurious(result.patterns[cell.set])
            assert spurious.mean() > 0.5
            assert cell.coherence(1 << 16)[spurious].mean() > 0.9


def test_coherence_is_that_of_the_doubled_phases(result):
    cell, turn = result.cells[0], 1 << 16
    for probe in (0, 7):
        doubled = 2 * np.pi / turn * (2 * cell.ends[probe] % turn)
        order = np.hypot(np.cos(doubled).mean(), np.sin(doubled).mean())
        assert cell.coherence(turn)[probe] == pytest.approx(order)


def test_told_apart_counts_pairs():
    stored, spurious = np.array([0.5, 0.9, 0.7]), np.array([0.7, 0.2])
    # Pairs above: 1, 2, 1 and a tie.
    assert told(stored, spurious)["told_apart"] == pytest.approx(4.5 / 6)
    assert told(stored, stored[:0])["told_apart"] is None


def test_the_course_is_a_run_of_its_probe(result):
    course = result.course
    assert (course.phases[0] == course.cell.starts[0]).all()
    assert (course.phases[-1] == course.cell.ends[0]).all()


def test_devices_that_vary_cost_recall():
    config = RecallConfig(**SMALL | {"set": ("letters-7x6",)}, probes=100, spread=4.0, noise=0.2)
    assert run("golden", config).rates("oscillators")[0] < 0.6


@pytest.mark.proof
def test_every_body_recalls_the_same():
    config = RecallConfig(**SMALL | {"set": ("letters-7x6",)}, probes=3, ticks=40)
    hashes = {run(t, config).figures()["phases_hash"] for t in ("golden", "sim")}
    assert len(hashes) == 1


@pytest.mark.proof
def test_letters_of_a_font():
    sets = ("letters-10x10", "letters-22x22", "digits-22x22", "alphabet-22x22")
    config = RecallConfig(set=sets, flips=(10.0, 25.0), seed=4)
    assert min(run("golden", config).rates("oscillators")) >= 0.95


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of phase-8, "),
        ({"shape": "phase-64"}, "set = 'letters-10x10' has 100 pixels: shape phase-64 has 64"),
        ({"set": ("none",)}, "set = 'none': choose one of signs-3x3"),
        ({"rule": ("hope",)}, "rule = 'hope': choose some of projection"),
        ({"flips": (60.0,)}, r"flips = \(60.0,\); give 0 to 50 %"),
        ({"flips": ()}, "flips is empty"),
        ({"probes": 0}, "probes = 0 is out of range; give 1 to 100000"),
        ({"spread": -1.0}, "spread = -1.0 is out of range; give 0 to 10"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        RecallConfig(**fields)

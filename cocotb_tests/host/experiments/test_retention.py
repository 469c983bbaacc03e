"""Forgetting against its law, on the golden model and on the virtual board."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import retention
from spinloom.host.experiments.retention_config import RetentionConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = {"codes": (256, 64, 16), "lifetimes": 5.0}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return retention.run(machine, config, progress)


def test_memories_fade_by_their_law(tmp_path):
    """All points within the bound of three sigma for all of them jointly. The law of the first
    memory is eight sigma of chance 0.98/p patterns before it is three, and 0.4 sigma 2/p patterns
    after it: it is lost between these. What is recalled counts independent patterns of the chances
    q to stand out, so its variance is less than the mean; five sigma."""
    result = run("golden", RetentionConfig(**SMALL))
    figures = result.figures()
    assert figures["patterns"] == [5, 20, 80]
    assert figures["points"] == (3 + 5 + 7) + (3 + 6 + 8)
    assert figures["max_sigma"] < figures["joint_bound"] < 4.2
    for p, kept, law in zip(
        figures["p"], figures["remembered"], figures["remembered_law"], strict=True
    ):
        assert law - 1 / p <= kept <= law + 2 / p
    assert all(slow > fast for fast, slow in pairwise(figures["remembered"]))
    for known, law in zip(figures["recalled"], figures["recalled_law"], strict=True):
        assert abs(known - law) < 5 * np.sqrt(law)
    assert figures["newest"][0] == 1
    assert retention.draw(result, tmp_path) == ["retention.png"]
    assert (tmp_path / "retention.png").read_bytes().startswith(b"\x89PNG")
    (rows,) = retention.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert [row["p"] for row in rows] == [1, 1 / 4, 1 / 16]


def test_a_wrong_probability_is_seen(monkeypatch):
    """Writes to AP of a quarter less than the law says."""
    right = RetentionConfig.params

    def wrong(config, code):
        params = right(config, code)
        return replace(params, codes_ap=tuple(c * 3 // 4 for c in params.codes_ap))

    monkeypatch.setattr(RetentionConfig, "params", wrong)
    assert run("golden", RetentionConfig(codes=(64,))).figures()["max_sigma"] > 6


def test_other_bodies_forget_the_same():
    config = RetentionConfig(codes=(64, 16), lifetimes=1.0)
    golden, numba, sim = (run(target, config) for target in ("golden", "golden:numba", "sim"))
    assert golden.junctions_hash == numba.junctions_hash == sim.junctions_hash
    assert golden.figures()["recalled"] == sim.figures()["recalled"]
    # Half the inputs spike for each neuron, and its sweep.
    assert sim.cycles > 20 * 16 * (512 + 128)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "devices"}, "shape = 'devices': choose one of lanes, "),
        ({"codes": ()}, r"codes = \(\); give some from 1 to 256"),
        ({"codes": (0, 3)}, r"codes = \(0, 3\); give some"),
        ({"lifetimes": 0.5}, "lifetimes = 0.5 is out of range; give 1 to 100"),
        ({"seed": -1}, "seed = -1 is out of range"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        RetentionConfig(**fields)

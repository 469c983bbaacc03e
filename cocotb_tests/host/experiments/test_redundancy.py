"""Majorities of noisy junctions, on the golden model and on the virtual board."""

import numpy as np
import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import ledger, redundancy
from spinloom.host.experiments.redundancy import RedundancyConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, **fields):
    config = RedundancyConfig(**fields)
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return redundancy.run(machine, config, progress)


def test_majorities_err_by_the_binomial_law(tmp_path):
    result = run("golden:numba")
    figures = result.figures()
    assert figures["max_sigma"] < figures["joint_bound"]
    assert (np.diff(figures["errors"]) < 0).all()
    assert figures["errors"][-1] < figures["errors"][0] / 10
    reads = (1 + 3 + 7 + 15 + 31 + 63) * 32 * 1024
    assert figures["energy"] == ledger.spent(None, reads=reads)["energy"]
    assert redundancy.draw(result, tmp_path) == ["redundancy.png"]
    rows, _ = redundancy.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 6


def test_another_current_breaks_the_law():
    """The comparison can fail: units that see more err less."""
    result = run("golden:numba", traces=4)
    other = run("golden:numba", traces=4, current=20)
    law = result.law()
    n = result.decisions
    off = np.abs(other.wrong - n * law) / np.sqrt(n * law * (1 - law))
    assert off.max() > 5


def test_the_virtual_board_decides_the_same():
    small = {"shape": "junction-16", "populations": (1, 5), "traces": 2}
    golden, sim = run("golden:numba", **small), run("sim", **small)
    assert golden.run_hash == sim.run_hash
    assert sim.cycles > 4 * 1024 * 16


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"populations": (2,)}, r"populations = \(2,\); give odd numbers"),
        ({"populations": (65,)}, "shape = 'junction-64': 65 tiles are needed"),
        ({"current": 0}, "current = 0 is out of range; give 1 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        RedundancyConfig(**fields)

"""Junctions locked by noise, on the golden model and on the virtual board."""

import numpy as np
import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import ledger, phase_lock
from spinloom.host.experiments.phase_lock import PhaseLockConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, **fields):
    config = PhaseLockConfig(**fields)
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return phase_lock.run(machine, config, progress)


def test_noise_makes_a_plateau(tmp_path):
    """Below 0.2 of the drive's frequency without noise, within 0.5 % of it over neighbouring levels
    of noise, above 1.03 at the highest; the phase diffuses least in between. Pairs follow the sign
    of their coupling; without one, 6,400 snapshots some tens of which are independent agree by
    chance."""
    result = run("golden:numba", periods=200)
    figures = result.figures()
    noises = figures["noises"]
    on = [noises.index(n) for n in figures["plateau"]]
    assert len(on) >= 2
    assert on == list(range(on[0], on[-1] + 1))
    assert on[0] > 0
    assert on[-1] < len(noises) - 1
    assert figures["quiet_ratio"] < 0.2
    assert figures["loud_ratio"] > 1.03
    least = noises.index(figures["least_diffusion_at"])
    assert on[0] <= least <= on[-1]
    assert max(figures["diffusion"][:least]) > 0.01
    assert max(figures["diffusion"][least:]) > 0.01
    assert figures["agreement"][least] > 0.9
    assert figures["pairs"][0] < -0.9
    assert abs(figures["pairs"][2]) < 0.3
    assert figures["pairs"][-1] > 0.9
    assert figures["energy"] == ledger.spent(None, reads=(12 + 2 * 5) * 2048 * (4 + 200))["energy"]
    assert phase_lock.draw(result, tmp_path) == ["phase_lock.png"]
    tables = phase_lock.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [len(noises), 5, 3]


def test_the_virtual_board_locks_at_the_same_ticks():
    small = {"shape": "junction-16", "period": 256, "periods": 8, "attempts": 4.0,
             "noises": (0, 64, 104), "couplings": (-32, 32)}  # fmt: skip
    golden, sim = run("golden", **small), run("sim", **small)
    assert golden.run_hash == sim.run_hash
    assert np.ptp(golden.counts[:, 1]) > 8
    assert sim.cycles > 8 * 256 * 7


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "junction-16"}, "shape = 'junction-16': 22 tiles are needed"),
        ({"period": 100}, "period = 100; give a multiple of 16"),
        ({"noises": ()}, r"noises = \(\); give some"),
        ({"periods": 3}, "periods = 3 is out of range; give 8 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        PhaseLockConfig(**fields)

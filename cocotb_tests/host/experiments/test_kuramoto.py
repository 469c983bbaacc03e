"""The order parameter of many oscillators against Kuramoto's, and one machine against another."""

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import kuramoto
from spinloom.host.experiments.kuramoto import KuramotoConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return kuramoto.run(machine, config, progress)


@pytest.mark.parametrize("seed", [11, 12])
def test_order_follows_the_theory(seed, tmp_path):
    """0.02 from it above the transition: 1/sqrt(N) = 0.031 is the scatter of r at random, and a
    locked half of the oscillators, drawn from equal parts, has less; and 0.08 below, 2.5 times the
    mean of phases at random. A Lorentzian half as wide is seen."""
    config = KuramotoConfig(seed=seed, couplings=(0.5, 1.0, 4.0, 6.0, 8.0))
    result = run("golden", config)
    figures = result.figures()
    assert figures["greatest_error"] <= 0.02 and figures["greatest_error_summed"] <= 0.02
    assert 0 < figures["order_below"] <= 0.08
    wrong = np.sqrt(1 - 1 / np.array(figures["couplings"])[2:])
    assert (np.abs(np.array(figures["order"])[2:] - wrong) > 0.05).all()
    assert np.allclose(figures["couplings"], config.couplings, rtol=0.01)
    assert kuramoto.draw(result, tmp_path) == ["kuramoto.png"]
    assert (tmp_path / "kuramoto.png").read_bytes().startswith(b"\x89PNG")
    (rows,) = kuramoto.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 5 and rows[0]["theory"] == 0


SMALL = KuramotoConfig(shape="phase-64", couplings=(1.0, 8.0), settle=50, ticks=100, every=25)


def test_a_used_machine_measures_the_same():
    fresh = run("golden", SMALL)
    with Machine.open("golden", SHAPES["phase-64"]) as machine, Progress(quiet=True) as progress:
        kuramoto.run(machine, KuramotoConfig(shape="phase-64", ticks=50, settle=7), progress)
        used = kuramoto.run(machine, SMALL, progress)
    assert fresh.phases.shape == (2, 64)
    assert (fresh.phases == used.phases).all() and (fresh.summed == used.summed).all()


@pytest.mark.proof
def test_the_virtual_board_measures_the_same():
    golden, sim = run("golden", SMALL), run("sim", SMALL)
    assert golden.figures()["phases_hash"] == sim.figures()["phases_hash"]
    assert (golden.order == sim.order).all() and (golden.summed == sim.summed).all()
    assert sim.cycles > 2 * 150 * 64


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of phase-8, "),
        ({"gamma": 0.5}, "gamma = 0.5 is out of range"),
        ({"mean": 5000}, "mean = 5000 is out of range"),
        ({"couplings": ()}, r"couplings = \(\); give some above 0"),
        ({"ticks": 0}, "ticks = 0; give 1 to"),
        ({"every": 4000}, r"every = 4000; give 3000 \(ticks\) or less"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        KuramotoConfig(**fields)

"""Wall memristors against their laws, on the golden model and on the virtual board."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.physics.wall import WallTrack
from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import memristor
from spinloom.host.experiments.memristor import MemristorConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = MemristorConfig(
    currents=(50.0, 70.0, 100.0),
    durations=(2.0,),
    periods=(120.0,),
    points=64,
    torques=(90.0,),
    pulses=24,
    noises=(0.01, 0.02),
    reads=100_000,
)


def run(target, config=SMALL):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return memristor.run(machine, config, progress)


@pytest.fixture(scope="module")
def golden():
    return run("golden")


def test_walls_follow_their_laws(golden):
    """Four sigma: of 12 points of motion, and of courses whose pulses hang together."""
    figures = golden.figures()
    assert figures["motion_trials"] == 12 * 7 * 1024 * 16
    for name in ("motion", "loop", "torque"):
        assert 0 < figures[f"{name}_max_sigma"] < 4
    assert golden.motion.moved[0, 0, 0] == pytest.approx(-golden.motion.moved[0, 0, -1], rel=0.01)
    free, pinned = np.abs(golden.motion.law[:, 0])
    assert pinned[-1] == free[-1] and pinned[3] < free[3] / 100
    assert pinned[4] < 0.9 * free[4]


def test_the_loop_is_pinched_and_its_resistance_linear_in_charge(golden):
    """Two branches, one current: the resistance of the second is lower; and from the start to the
    half period, while no wall is near an end, it falls by the charge times a constant."""
    (loop,) = golden.loops
    level, current = loop.mean(), SMALL.sine()
    assert current[8] == pytest.approx(current[23]) and level[24] > level[8] + 4
    assert level[-1] == pytest.approx(level[0], abs=0.5)
    charge = np.cumsum(current)[:16]
    slope = (level[1:17] - level[0]) / charge
    assert slope[4:] == pytest.approx(slope[-1], rel=0.08)  # 0.08: 4 sigma of 1024 walls


def test_sixteen_levels_up_and_down(golden):
    """Deterministic: after n pulses of a level each, all walls are at level n, and none beyond."""
    figures = golden.figures()
    expected = [*range(16), *reversed(range(16)), 0]
    assert golden.stairs.counts.argmax(axis=1).tolist() == expected
    assert figures["levels"] == 16 and figures["monotone"]
    assert (golden.positions == np.arange(16)).all()


def test_misreads_are_as_many_as_predicted(golden):
    figures = golden.figures()
    assert golden.reads.trials * 16 >= 100_000
    assert np.abs(figures["misread_sigma"]).max() < 4
    assert 0.005 < figures["misread"][0] < figures["misread"][1] < 0.2
    assert figures["separation_sigma"] == pytest.approx([4, 2])


def test_sums_of_the_crossbar_are_the_integer_products(golden):
    """16 neurons of 1024 synapses of 16 levels, 32 patterns; the products differ."""
    assert (golden.sums == golden.products).all()
    assert golden.sums.shape == (32, 16) and len(np.unique(golden.sums)) > 200


def test_a_wrong_law_is_seen(monkeypatch, golden):
    """Walls of a track that is 5 % longer than the law's."""
    right = memristor.step_codes
    longer = WallTrack(sites=16, depinning_a=1e-12, length_m=787.5e-9)
    free = SMALL.track("free")
    monkeypatch.setattr(
        memristor, "step_codes",
        lambda device, *rest: right(longer if device == free else device, *rest),
    )  # fmt: skip
    figures = run("golden").figures()
    assert figures["motion_max_sigma"] > 8 and figures["levels"] < 16
    assert figures["walls_hash"] != golden.figures()["walls_hash"]


@pytest.mark.parametrize("target", ["sim", "golden:numba"])
def test_other_machines_do_the_same(golden, target):
    result = run(target)
    assert result.figures()["walls_hash"] == golden.figures()["walls_hash"]
    assert result.trials == golden.trials
    if target == "sim":
        assert result.cycles > result.trials


def test_pictures_and_tables(golden, tmp_path):
    names = memristor.draw(golden, tmp_path)
    assert len(names) == 5
    assert all((tmp_path / n).read_bytes().startswith(b"\x89PNG") for n in names)
    run = golden.figures() | {"machine": "golden", "seed": 1}
    checks, reads = memristor.tables(run).values()
    assert {"measured": "of them wrong", "value": 0} in checks and len(reads) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "devices"}, "shape = 'devices': choose one of digits-wall, memristors"),
        ({"points": 30}, "points = 30; give a multiple of 4"),
        ({"noises": (0.0,)}, r"noises = \(0.0,\); give some numbers above 0"),
        ({"durations": (4.0,)}, "a pulse of 100 uA, 4 ns moves 1.16 levels"),
        ({"periods": (900.0,)}, "moves 4.07 levels; give less than one level a pulse"),
        ({"torques": (95.0,)}, "a pulse of 95 uA, 1 ns moves 3"),
        ({"reads": 0}, "reads = 0; give 1 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **fields)

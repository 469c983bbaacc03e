"""Cold p-bits as a Hopfield network: energies that fall, recall, capacity, the same bits."""

from functools import partial

import numpy as np
import pytest

from spinloom.emulator.spec.ising import SHAPES, IsingParams
from spinloom.host.experiments import hopfield, ledger
from spinloom.host.experiments.hopfield import HopfieldConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return hopfield.run(machine, config, progress)


def test_a_noisy_four_relaxes_and_never_climbs(tmp_path):
    """Theory and network differ by 0.02 at alpha = 0.1, as one of 256 units has few that fail, and
    are alike below; beyond the capacity patterns are lost."""
    config = HopfieldConfig(alphas=(0.05, 0.1, 0.25), sets=6, seed=2)
    result = run("golden:numba", config)
    figures = result.figures()
    assert figures["recalled"] == figures["trials"] == 20
    assert figures["climbs"] == 0 and figures["followed"]
    assert figures["flips"] >= 20 * 121  # every flipped pixel, a quarter of 484, flips back
    for one in result.relaxations:
        assert one.energies[-1] < one.energies[0] and (one.state(0) != result.pixels).sum() == 121
    reads = 20 * (20 * 484 + 3 * 6 * 10 * 256)
    assert figures["energy"] == ledger.spent(None, reads=reads)["energy"]
    found, law = figures["overlap"], figures["law"]
    assert found[0] == pytest.approx(law[0], abs=0.005)
    assert found[1] == pytest.approx(law[1], abs=0.03)
    assert found[2] < 0.7 and law[2] == 0

    assert hopfield.draw(result, tmp_path) == ["relaxation.png", "capacity.png"]
    assert (tmp_path / "relaxation.png").read_bytes().startswith(b"\x89PNG")
    tables = hopfield.tables(figures | {"machine": "golden", "seed": 2})
    assert [len(rows) for rows in tables.values()] == [1, 3, 3]


def test_climbs_would_be_seen(monkeypatch):
    """A right shift is a temperature: the check can fail."""
    monkeypatch.setattr(hopfield, "IsingParams", partial(IsingParams, shift=18))
    figures = run("golden", SMALL).figures()
    assert figures["climbs"] > 0 and figures["followed"]


SMALL = HopfieldConfig(
    shape="ising-64", set="digits-5x4", trials=3, units=32, alphas=(0.1,), sets=2, probes=2
)


def test_paths_and_a_used_machine_recall_the_same():
    hashes = {run(target, SMALL).figures()["states_hash"] for target in ("golden", "golden:numba")}
    with Machine.open("golden", SHAPES["ising-64"]) as machine, Progress(quiet=True) as progress:
        hopfield.run(machine, HopfieldConfig(**vars(SMALL) | {"seed": 5}), progress)
        hashes.add(hopfield.run(machine, SMALL, progress).figures()["states_hash"])
    assert len(hashes) == 1


@pytest.mark.proof
def test_the_virtual_board_recalls_the_same():
    golden, sim = run("golden", SMALL).figures(), run("sim", SMALL).figures()
    assert golden["states_hash"] == sim["states_hash"]
    assert sim["followed"] and sim["climbs"] == 0 and sim["cycles"] > 0


def test_flips_lead_from_state_to_state():
    result = run("golden", SMALL)
    one = result.relaxations[0]
    for k, spin in enumerate(one.order.tolist()):
        changed = np.flatnonzero(one.state(k) != one.state(k + 1))
        assert changed.tolist() == [spin]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of ising-16, "),
        ({"shape": "ising-64"}, "set = 'digits-22x22' has 484 pixels: shape ising-64 has 64"),
        ({"picture": "A"}, "picture = 'A': choose one of 0, 1, "),
        ({"rule": "hope"}, "rule = 'hope': choose one of projection"),
        ({"flips": 60.0}, "flips = 60.0 is out of range"),
        ({"units": 513}, "units = 513 is out of range; give 2 to 512"),
        ({"alphas": (0.1, 0.05)}, r"alphas = \(0.1, 0.05\); give some that rise"),
        ({"alphas": (0.001,)}, "the first is no pattern of 256 units; give 0.00391 or more"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        HopfieldConfig(**fields)

"""Energy against error and copies, on the golden model and on the virtual board."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import energy_error
from spinloom.host.experiments.energy_error import EnergyErrorConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = EnergyErrorConfig(bits=30_000, targets=(1e-2,), copies=(1, 3, 5), barriers=(34.0, 50.0))


def run(target, config=SMALL):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return energy_error.run(machine, config, progress)


@pytest.fixture(scope="module")
def golden():
    return run("golden")


def test_errors_follow_the_law(golden):
    """Four sigma, of 30 points; all are for the same error, of barriers that differ. The bits of a
    round are 16 columns of 1024 rows, by copies."""
    figures = golden.figures()
    assert figures["max_sigma"] < 4 and len(golden.points) >= 15
    assert [p.law for p in golden.points] == pytest.approx([1e-2] * len(golden.points))
    assert {p.delta for p in golden.points} > {34.0, 50.0}
    for point, bits, ledger in zip(golden.points, golden.bits, golden.ledgers, strict=True):
        of_a_round = 16 * (1024 // point.copies)
        assert bits >= 30_000 and bits % of_a_round == 0
        assert ledger.events.write_trials == bits // of_a_round * 16 * 1024
        assert ledger.events.reads == 0 and ledger.passive_j == 0
        # Each with 1 - e_w, and e_w is below 0.2: a bit of 5 may have 1e-2 with 0.11.
        assert ledger.switched > 0.7 * ledger.events.write_trials


def test_the_ledger_is_the_law_and_what_columns_have_over(golden):
    """A row of 1024 over for 3 copies, 4 for 5: less than half a per cent."""
    law = np.array([p.energy_j for p in golden.points])
    assert np.all(golden.energies_j() >= law * (1 - 1e-9))
    assert np.all(golden.energies_j() < law * 1.005)


def test_copies_pay_only_where_junctions_differ():
    """By the law at 1e-3: alike, a single junction; with a spread of 25 %, more of a lower barrier.
    The least lies between the measured barriers, not at an end."""
    config = EnergyErrorConfig()
    for spread, best in ((0.0, 1), (0.25, 5)):
        points = [p for p in config.points() if (p.spread, p.target) == (spread, 1e-3)]
        least = min(points, key=lambda p: p.energy_j)
        assert least.copies == best
        same = sorted((p.delta, p.energy_j) for p in points if p.copies == best)
        assert same[-1][1] > 2 * least.energy_j
        single = [p for p in points if p.copies == 1]
        assert min(p.delta for p in single) > 1.5 * least.delta or best == 1


def test_a_wrong_law_is_seen(monkeypatch):
    """Nothing is lost while bits are kept: with a spread, a large part of the error is missing."""
    monkeypatch.setattr(energy_error, "_keep", lambda machine, point: None)
    figures = run("golden", replace(SMALL, spreads=(0.25,))).figures()
    assert figures["max_sigma"] > 8


@pytest.mark.parametrize("target", ["sim", "golden:numba"])
def test_other_machines_make_the_same_errors(target):
    config = replace(SMALL, bits=8000, copies=(1, 3), spreads=(0.25,), barriers=(50.0,))
    one, other = run("golden", config), run(target, config)
    assert one.wrong == other.wrong and min(one.wrong) > 20
    assert one.ledgers == other.ledgers
    assert one.figures()["wrong_hash"] == other.figures()["wrong_hash"]


def test_pictures_and_tables(golden, tmp_path):
    names = energy_error.draw(golden, tmp_path)
    assert names == ["energy.png", "tradeoff.png", "error.png"]
    assert all((tmp_path / n).read_bytes().startswith(b"\x89PNG") for n in names)
    run = golden.figures() | {"machine": "golden", "seed": 1}
    (least,) = energy_error.tables(run).values()
    assert [row["spread"] for row in least] == [0.0, 0.25]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of digits-stored, devices"),
        ({"copies": (2,)}, r"copies = \(2,\); give some odd numbers, 1 to 31"),
        ({"targets": (0.6,)}, r"targets = \(0.6,\); give some, from 1e-06 to 0.3"),
        ({"spreads": (0.5,)}, r"spreads = \(0.5,\); give some, from 0 to 0.3"),
        ({"hold": 0.0}, "hold = 0.0; give a number of seconds above 0"),
        ({"bits": 0}, "bits = 0 is out of range"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **fields)

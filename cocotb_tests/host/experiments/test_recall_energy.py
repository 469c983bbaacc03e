"""The same recall on both arrays: what is right, what is counted, and what it costs by hand."""

import json

import numpy as np
import pytest

from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.cli import main
from spinloom.host.commands.run import targets
from spinloom.host.experiments import recall_energy
from spinloom.host.experiments.recall_energy_config import RecallEnergyConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = RecallEnergyConfig(
    shape="phase-16", pbits="ising-16", set="signs-3x3", flips=12, probes=6, sweeps=8
)


def result_of(target, config):
    with (
        Machine.open(target, SHAPES[config.shape]) as fast,
        Machine.open(target, SHAPES[config.pbits]) as slow,
    ):
        return recall_energy.run(fast, config, Progress(quiet=True), slow)


def test_both_arrays_recall_and_pay():
    """100 probes of letters, a quarter of the pixels flipped. Of 150 steps each is as long as a
    phase takes to turn by 0.2 rad at 0.5 GHz, 63.7 ps; f = 50 GHz + 10 GHz / 7, 7.5 mA in 10 ohm.
    A p-bit decides in exp(8) / 2 ns = 1490 ns."""
    result = result_of("golden", RecallEnergyConfig())
    run = result.figures()
    fast, slow = run["fast"], run["slow"]
    assert fast["right"] >= 0.95 and slow["right"] >= 0.95
    assert fast["time_s"] == pytest.approx(150 * 63.66e-12, rel=1e-3)
    assert slow["time_s"] == pytest.approx(20 * 1490.5e-9, rel=1e-3)
    by_hand = 100 * fast["time_s"] * 7.5e-3**2 * 10
    assert fast["recall_j"] == pytest.approx(by_hand, rel=1e-4)
    (periods,) = (row for row in fast["energy"] if row["count"])
    assert periods["count"] == round(100 * 100 * fast["time_s"] * (50e9 + 10e9 / 7))
    (decisions,) = (row for row in slow["energy"] if row["count"])
    assert decisions["count"] == 100 * 100 * 20
    # (beta h)^2 of the states that were looked at, in units of 45 uA / 40, through 6 kohm.
    assert decisions["each_j"] == pytest.approx(
        result.square * (45e-6 / 40) ** 2 * 6e3 * 1490.5e-9, rel=1e-3
    )
    assert 4**2 < result.square < 6.5**2  # beta h of a stored pattern rises from 4 to 6
    assert 0 < slow["stop_j"] < slow["recall_j"] and 0 < fast["stop_s"] < fast["time_s"]


def test_devices_change_time_and_energy_alone():
    base = result_of("golden", SMALL)
    other = RecallEnergyConfig(
        **{**SMALL.__dict__, "delta": 9.0, "pull": 1.0, "current": 10.0, "resistance": 20.0}
    )
    changed = result_of("golden", other)
    a, b = base.figures(), changed.figures()
    assert a["states_hash"] == b["states_hash"]
    assert b["slow"]["recall_j"] == pytest.approx(np.e * a["slow"]["recall_j"])
    assert b["fast"]["time_s"] == pytest.approx(a["fast"]["time_s"] / 2)


def test_every_machine_gives_the_same(tmp_path, capsys):
    """From the command line, both machines by one name."""
    hashes = []
    small = [f"--{k}={getattr(SMALL, k)}" for k in ("shape", "pbits", "set", "flips", "sweeps")]
    for target in ("golden", "sim", "sim,golden"):
        argv = ["run", "recall-energy", "--on", target, "--probes", "6", *small, "--json"]
        assert main([*argv, "--out", str(tmp_path)]) == 0
        (run,) = json.loads(capsys.readouterr().out)["runs"]
        hashes.append(run["states_hash"])
        clocked = [run[array]["cycles"] is not None for array in ("fast", "slow")]
        assert clocked == [where == "sim" for where in targets(target, "pbits")]
    assert len(set(hashes)) == 1


def test_a_board_is_one_machine():
    assert targets("sim", None) == ["sim"] and targets("sim", "pbits") == ["sim", "sim"]
    assert targets("serial:A,golden", "pbits") == ["serial:A", "golden"]
    for target in ("serial:A", "serial:A,serial:A"):
        with pytest.raises(ValueError, match="need a board each"):
            targets(target, "pbits")
    with pytest.raises(ValueError, match="one machine, or two"):
        targets("sim,sim,sim", "pbits")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "phase-64"}, "has 100 pixels: shape phase-64 has 64 units"),
        ({"pbits": "ising-64"}, "has 100 pixels: shape ising-64 has 64 units"),
        ({"steps": 151}, "give a multiple of 5"),
        ({"first": 7.0}, "give rising ones"),
        ({"current": 4.0}, "current = 4.0 is out of range; give 5.05 to 100"),
    ],
)
def test_clear_errors(fields, message):
    with pytest.raises(ValueError, match=message):
        RecallEnergyConfig(**fields)

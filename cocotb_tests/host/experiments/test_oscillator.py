"""Free-running oscillators against the physical model, and one machine against another."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import oscillator
from spinloom.host.experiments.oscillator import OscillatorConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

FEW = OscillatorConfig(shape="phase-64", points=9, sweep_ticks=16, noises=(8, 9, 10), samples=256)


def run(target, config=FEW):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return oscillator.run(machine, config, progress)


@pytest.fixture(scope="module")
def golden():
    return run("golden")


def test_frequency_follows_the_bias(golden):
    """Of the registers to the bit; of the physical model by the bound of ``bound_ghz``, which is a
    fortieth of what the bias moves at most."""
    figures = golden.figures()
    found, bounds = np.array(figures["frequency_ghz"]), np.array(figures["bound_ghz"])
    assert figures["points_wrong"] == 0 and figures["greatest_of_bound"] <= 1
    assert found.shape == (3, 9) and found.min() > 50
    moved = np.abs(found[:, -1] - found[:, 0])
    assert (moved > [1.8, 2.7, 0.9]).all() and (bounds.max(axis=1) / moved < 0.025).all()
    # N turns the slope, Q bends it: twice the rise from the first to the middle point is more
    # than all of it.
    bend = 2 * found[:, 4] - found[:, 0] - found[:, -1]
    assert bend[1] > 2 * bend[0] > 0 > bend[2]


@pytest.mark.parametrize("name", ["slope", "curve"])
def test_a_wrong_frequency_is_seen(monkeypatch, name):
    right = oscillator.PhaseParams

    def wrong(**fields):
        return right(**fields | {name: fields[name] * 9 // 10})

    monkeypatch.setattr(oscillator, "PhaseParams", wrong)
    figures = run("golden", replace(FEW, samples=8)).figures()
    assert figures["points_wrong"] >= 16 and figures["greatest_of_bound"] > 1


def test_linewidth_follows_the_noise(golden):
    """All deviations, of linewidths, drifts, variances and power within, are at ``joint_bound``,
    three sigma of all together. A linewidth, of 16384 steps, is known to sqrt(2/16384) = 1.1 %."""
    figures = golden.figures()
    assert figures["max_sigma"] < figures["joint_bound"] < 5
    eight, nine, ten = figures["noise"]
    assert ten["linewidth_mhz"] == pytest.approx(figures["theory_linewidth_mhz"], rel=0.036)
    assert figures["theory_noise"] == 10 and ten["temperature_k"] == pytest.approx(300, rel=0.002)
    assert nine["law_mhz"] == pytest.approx(ten["law_mhz"] / 4, rel=1e-5)
    assert eight["inside_sigma"] is None and abs(ten["inside"] - 0.5) < 0.05


def test_noise_pulls_a_phase_back_by_half_a_unit():
    """Its 16 numbers have a deviation of 4.6; of the mean of 2^16, 0.018, and three of it."""
    (row,) = run("golden", replace(FEW, noises=(3,), samples=16)).figures()["noise"]
    assert row["drift"] == pytest.approx(-0.5, abs=0.054)
    assert row["drift_sigma"] == pytest.approx((row["drift"] + 0.5) / 0.018, rel=0.01)


def test_the_law_of_spectra_is_a_lorentzian(golden):
    """Half of the power within the linewidth: of 8.4 bins, Hann's window (1.5 bins) and the edges
    of bins blur a few per cent. All of it, in all bins."""
    _, law = golden.inside()
    assert law[-1] == pytest.approx(0.5, abs=0.05)
    assert golden.spectra_law().sum(axis=1) == pytest.approx(1)
    assert golden.spectra().sum(axis=2) == pytest.approx(1)


def test_another_noise_is_seen(monkeypatch):
    right = oscillator.PhaseParams
    monkeypatch.setattr(
        oscillator,
        "PhaseParams",
        lambda **fields: right(**fields | {"noise": fields["noise"] and fields["noise"] + 1}),
    )
    result = run("golden", replace(FEW, noises=(8,), samples=16))
    (row,) = result.figures()["noise"]
    assert row["sigma"] > 20 and row["variance_max_sigma"] > 8
    assert result.points_wrong() == 0


def test_the_virtual_board_does_the_same():
    config = replace(FEW, shape="phase-8", points=3, samples=12, every=8)
    one, other = run("golden", config), run("sim", config)
    assert (one.phases == other.phases).all() and (one.advances == other.advances).all()
    assert one.figures()["run_hash"] == other.figures()["run_hash"]
    ticks = 9 * 16 + 3 * 12 * 8
    assert one.cycles is None
    assert other.cycles > ticks * SHAPES["phase-8"].step_cycles(coupled=False)


def test_pictures_and_tables(golden, tmp_path):
    names = oscillator.draw(golden, tmp_path)
    assert names == ["bias.png", "variance.png", "spectrum.png"]
    assert all((tmp_path / n).read_bytes().startswith(b"\x89PNG") for n in names)
    tables = oscillator.tables(golden.figures() | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [9, 9, 9, 3]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of phase-8, "),
        ({"noises": (11,)}, r"noises = \(11,\); give some from 1 to 10 \(with every = 64\)"),
        ({"noises": ()}, r"noises = \(\); give some from 1 to 10"),
        ({"shifts": (1.0,)}, r"shifts = \(1.0,\), dampings = \(2.0, 0.5, 2.0\); give one of each"),
        ({"current": 6.9}, "current = 6.9: less span times unit it is 4.9 mA; give more than 5 mA"),
        ({"unit": 20.0, "span": 100}, "unit = 20.0: SLOPE = 4428 and CURVE = -34549 "),
        ({"carrier": 54.0}, "carrier = 54.0: device 2 turns by -312 to 865 of 65536 a tick"),
        ({"tick": 0.0}, "tick = 0.0; give a number above 0"),
        ({"samples": 4}, "samples = 4 is out of range; give 8 to 65536"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        replace(FEW, **fields)

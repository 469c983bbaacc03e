"""Bands, beats and pairs of oscillators against Adler's theory, and one machine against another."""

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import adler
from spinloom.host.experiments.adler import AdlerConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

FEW = AdlerConfig(amplitudes=(2048, 4096))


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return adler.run(machine, config, progress)


def test_bands_beats_and_pairs(tmp_path):
    """Two per cent of a band; a quarter of 2^-P turns a tick of the beats, whose ticks are exact to
    one of 16384, 0.02 of up to 120: the rest is the table's. A band of 0.9 times is seen."""
    result = run("golden", FEW)
    figures = result.figures()
    assert figures["greatest_width_error"] <= 0.02
    assert figures["beat_rms"] <= 0.25 and np.isfinite(result.beats).all()
    assert figures["half_widths_law"] == [480.0, 960.0]
    assert figures["pairs_locked"] == figures["pairs_inside"] >= 16
    assert figures["pairs_locked_outside"] == 0
    assert 0 < figures["lock_periods"] <= 100
    assert figures["lock_ns"] == pytest.approx(figures["lock_periods"] / 50)
    # 64 oscillators in one pass of 64 lanes; 32 ticks are one word of the stream.
    assert figures["lock_cycles"] == figures["lock_periods"] * (32 * (64 + 3 + 64 + 16) + 1)
    # Unlocked pairs drift as theory says: half a turn of the readings is 5 in 2^-P turns a tick,
    # where a band 10 % too narrow would give 8 at the last pair.
    config = result.config
    law = [adler.beat(d, config.band()) for d in config.pair_detunings().tolist()]
    assert np.abs(result.slips() - law)[[0, -1]].max() < 6
    assert adler.draw(result, tmp_path) == ["injected.png", "pairs.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in tmp_path.iterdir())
    tables = adler.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [2, 1]


def test_a_weaker_signal_than_was_set_is_seen(monkeypatch):
    right = adler.PhaseParams

    def weak(**fields):
        return right(**fields | {"injection": fields.get("injection", 0) * 95 // 100})

    monkeypatch.setattr(adler, "PhaseParams", weak)
    figures = run("golden", FEW).figures()
    assert figures["greatest_width_error"] > 0.03 and figures["beat_rms"] > 0.25


@pytest.mark.proof
def test_the_virtual_board_locks_the_same():
    config = AdlerConfig(amplitudes=(4096,), beats=512, beat_ticks=8192, pair_ticks=1600)
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["run_hash"] == sim.figures()["run_hash"]
    assert (golden.locked == sim.locked).all() and (golden.apart == sim.apart).all()
    assert golden.figures()["lock_cycles"] == sim.figures()["lock_cycles"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "phase-1024"}, "shape = 'phase-1024': choose one of phase-8, "),
        ({"amplitudes": (100,)}, r"amplitudes = \(100,\); give some from 160 to 8192"),
        ({"gain": 0}, "gain = 0 is out of range; give 1 to 500"),
        ({"period": 2}, "period = 2 is out of range; give 4 to 4096"),
        ({"frequency": 0.0}, "frequency = 0.0; give some GHz above 0"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        AdlerConfig(**fields)

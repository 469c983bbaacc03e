"""Stochastic resonance, on the golden model and on the virtual board."""

import numpy as np
import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import ledger, resonance
from spinloom.host.experiments.resonance import ResonanceConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, **fields):
    config = ResonanceConfig(**fields)
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return resonance.run(machine, config, progress)


def test_some_noise_is_best(tmp_path):
    """Nothing without noise, an interior maximum of 0.83 or more, 0.30 or less at the end; noise of
    8 bits gives the same curve within 0.03. Correlations of 1,600 periods are known to 0.01."""
    result = run("golden:numba")
    figures = result.figures()
    curve = np.array(figures["correlations"]["16"])
    best = int(np.argmax(curve))
    assert 0 < best < len(curve) - 1
    assert curve[best] >= 0.83
    assert figures["silent"] == 0
    assert figures["loudest"] <= 0.30
    assert figures["source_difference"] <= 0.03
    assert (np.diff(curve[: best + 1]) >= 0).all()
    assert (np.diff(curve[best:]) <= 0.01).all()
    states = [trace.values >> 15 for trace in result.traces.values()]
    changes = [int(np.abs(np.diff(s)).sum()) for s in states]
    assert changes[0] == 0
    assert 6 <= changes[1] < changes[2]
    reads = 15 * 4 * 1024 * (2 * 400 + 3 * 4)
    assert figures["energy"] == ledger.spent(None, reads=reads)["energy"]
    assert resonance.draw(result, tmp_path) == ["resonance.png"]
    rows, _ = resonance.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == len(curve)


def test_the_virtual_board_hears_the_same():
    small = {"shape": "junction-16", "periods": 3, "copies": 1, "sigmas": (0.0, 48.0, 200.0)}
    golden, sim = run("golden", **small), run("sim", **small)
    assert golden.run_hash == sim.run_hash
    assert sim.cycles > 2 * 3 * 1024 * 16


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"shape": "junction-16"},
            "shape = 'junction-16': 60 tiles are needed; choose of junction",
        ),
        ({"amplitude": 120}, "amplitude = 120: the signal is weak only below"),
        ({"sigmas": (1.0,)}, r"sigmas = \(1.0,\); give three or more"),
        ({"period": 3}, "period = 3 is out of range; give 16 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        ResonanceConfig(**fields)

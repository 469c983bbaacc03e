"""Arrays of junctions that hear a weak chord, on the golden model and on the virtual board."""

import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import dither, ledger
from spinloom.host.experiments.dither import DitherConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, **fields):
    config = DitherConfig(**fields)
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return dither.run(machine, config, progress)


def test_more_junctions_hear_better(tmp_path):
    """The SNR grows as K: its exponent over 1 to 64 junctions is 1 within 0.2 (a ratio of one
    junction is known to a tenth or so); nothing is heard without noise."""
    result = run("golden:numba", shape="junction-64", arrays=(1, 4, 16, 64))
    figures = result.figures()
    assert figures["snr"] == sorted(figures["snr"])
    assert figures["exponent"] == pytest.approx(1, abs=0.2)
    assert figures["snr_without_noise"] == 0
    reads = (1 + 4 + 16 + 64 + 64) * 4096 * (1 + 16)
    assert figures["energy"] == ledger.spent(None, reads=reads)["energy"]
    assert dither.draw(result, tmp_path) == ["dither.png"]
    rows, _ = dither.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 5


def test_the_virtual_board_hears_the_same():
    small = {"shape": "junction-16", "arrays": (1, 5), "repeats": 2}
    golden, sim = run("golden:numba", **small), run("sim", **small)
    assert golden.run_hash == sim.run_hash
    assert sim.cycles > 6 * 4096 * 16


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "junction-64"}, "shape = 'junction-64': 256 tiles are needed"),
        ({"amplitude": 60}, "amplitude = 60: the chord is weak only below half"),
        ({"repeats": 1}, "repeats = 1 is out of range; give 2 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        DitherConfig(**fields)

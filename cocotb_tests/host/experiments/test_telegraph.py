"""Telegraph noise against its laws, on the golden model and on the virtual board."""

import numpy as np
import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import ledger, telegraph
from spinloom.host.experiments.telegraph import TelegraphConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, **fields):
    config = TelegraphConfig(**fields)
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return telegraph.run(machine, config, progress)


def test_dwells_means_and_spectrum(tmp_path):
    """Bars: the CV within 3 % of 1 (31,000 dwells a state: a standard error of 0.6 %), means
    within 0.012 of tanh (4 million ticks, states that last 32 ticks: 0.004), eight bands of the
    spectrum within 4 sigma."""
    result = run("golden:numba")
    figures = result.figures()
    for dwells in figures["dwell_times"]:
        assert 0.97 <= dwells["cv"] <= 1.03
        assert dwells["mean"] == pytest.approx(dwells["mean_law"], rel=0.025)
    assert figures["greatest_error_of_means"] <= 0.012
    assert figures["spectrum_max_sigma"] < 4
    each = 16 * 64 + 4_000_000  # ticks of all tiles, and then of one alone
    assert figures["energy"] == ledger.spent(None, reads=17 * each + 32 * 1024 * 8)["energy"]
    assert telegraph.draw(result, tmp_path) == ["telegraph.png"]
    assert (tmp_path / "telegraph.png").read_bytes().startswith(b"\x89PNG")
    tables = telegraph.tables(figures | {"machine": "golden:numba", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [2, 1, 3]


def test_a_shift_a_draw_fails_the_same_bars():
    figures = run("golden:numba", shape="junction-16-naive", ticks=1_000_000).figures()
    assert figures["cv"] > 1.1
    assert figures["spectrum_max_sigma"] > 10


def test_devices_that_differ_keep_their_own_laws():
    """Of the stored rates within four standard errors of 0.004; of the exact devices within what
    an address adds that is whole: a step of the exponent is 8/128, and a mean moves by as much."""
    result = run("golden:numba", delta_spread=5.0, vc_spread=5.0, traces=4)
    up, down = result.config.rates()
    assert np.abs(result.means() - (up - down) / (up + down)).max() < 0.016
    assert np.abs(result.means() - result.law()).max() < 8 / 128 + 0.016
    assert len({(tile.offset, tile.scale) for tile in result.config.tiles()}) > 10


def test_the_virtual_board_switches_at_the_same_ticks():
    small = {"ticks": 20_000, "traces": 2}
    golden, sim = run("golden", **small), run("sim", **small)
    assert golden.run_hash == sim.run_hash
    assert sim.cycles > 40_000 * 16


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': 4 tiles are needed; choose of junction-16"),
        ({"delta": 50.0}, "delta = 50.0 is out of range; give 1 to 40"),
        ({"seed": -1}, "seed = -1 is out of range"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        TelegraphConfig(**fields)

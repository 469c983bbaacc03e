"""Who is locked by the chip's flags, by the host and by theory; one machine against another."""

from math import ceil, floor

import numpy as np
import pytest

from spinloom.emulator.spec.phase import SHAPES
from spinloom.host.experiments import lock_map
from spinloom.host.experiments.lock_map import LockMapConfig
from spinloom.host.machine import Machine
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return lock_map.run(machine, config, progress)


def test_flags_say_who_is_locked_to_whom(tmp_path):
    """Without couplings everything is known to the bit: a phase advances by its frequency, and a
    flag is up where that moves it by LOCK_WIDTH at most between a window's first and last steps.
    Beyond the theory's level all are locked, by either judgement."""
    config = LockMapConfig(levels=(0, 5, 10))
    result, (omega, _) = run("golden", config), config.draw()
    assert result.flags.shape == (2, 3, 64) and config.grid() == (8, 8)
    ticks = config.measured * config.window
    assert (result.advanced[0, 0] == (omega + config.mean) * ticks).all()
    apart = np.abs(omega - omega[config.reference()])
    assert (result.flags[0, 0] == (apart * (config.window - 1) <= 16384)).all()
    assert (result.equal()[0, 0] == (apart <= config.bound())).all()
    assert result.flags[0, 0].sum() < 8
    assert 5 < config.critical() < 10 and not result.flags[:, 1].all(axis=-1).any()
    assert result.flags[:, 2].all() and result.equal()[:, 2].all() and result.pairs()[:, 2].all()
    figures = result.figures()
    assert figures["locked"]["ideal"][0] == (result.flags[0, 0].sum() - 1) / 63
    assert figures["cluster"]["memristor"][2] == 64
    assert all(sum(counts.values()) == 3 * 63 for counts in figures["confusion"].values())
    # Memristors of level 10 vary; those of level 0 do so to both sides.
    assert (result.couplings[0, 2] == 10).all() and result.couplings[1, 2].std() > 0.5
    assert np.abs(figures["order"]["ideal"][2] - figures["order_summed"]["ideal"][2]) < 0.01
    assert figures["mean_phase_error"] < 0.01
    # Each half has the mean of its frequencies, but for couplings that pull both ways unequally.
    halves = omega[config.left()].mean() - omega[~config.left()].mean()
    assert figures["drift_apart"] * np.sign(halves) > config.bound()
    assert abs(figures["drift_joined"]) < 1
    assert lock_map.draw(result, tmp_path) == ["map.png", "locked.png", "pairs.png", "joined.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in tmp_path.iterdir())
    tables = lock_map.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [3, 2, 1]


@pytest.mark.parametrize("seed", [1, 4])
def test_a_chain_locks_where_theory_says(seed):
    """Of eight in a row, whose critical coupling is known exactly: the most that one side of a link
    has too much. The table's interaction, averaged over a turn, has a maximum of 1.0025 a^2, where
    theory has a^2."""
    omega, _ = LockMapConfig(shape="phase-8", seed=seed).draw()
    most = np.abs(np.cumsum(omega - omega.mean())).max()
    critical = most / LockMapConfig(shape="phase-8").coupling(1)
    levels = (floor(critical / 1.05), ceil(critical * 1.05))
    config = LockMapConfig(shape="phase-8", rows=1, seed=seed, levels=levels, settle=4)
    assert config.critical() == pytest.approx(critical, rel=2e-3)
    below, above = run("golden", config).flags[0]
    assert not below.all() and above.all()


SMALL = LockMapConfig(
    shape="phase-8", levels=(0, 9), window=64, settle=1, measured=2, spread=0.0, noise=0.0
)


def test_perfect_memristors_are_ideal_couplings():
    result = run("golden", SMALL)
    for values in (result.flags, result.advanced, result.phases, result.couplings):
        assert (values[0] == values[1]).all()


def test_devices_err_once_and_reads_every_time(monkeypatch):
    """One device has one error of programming for all windows and levels; a read adds its own."""
    loaded = []
    write = PhaseMachine.set_weights
    monkeypatch.setattr(
        PhaseMachine, "set_weights", lambda self, w: (loaded.append(np.array(w)), write(self, w))
    )
    fields = {"shape": "phase-8", "window": 64, "settle": 1, "measured": 2}
    run("golden", LockMapConfig(levels=(7, 8), spread=0.5, noise=0.0, **fields))
    lower, higher = np.array(loaded[6:9]), np.array(loaded[9:12])
    assert (lower == lower[0]).all() and (higher == higher[0]).all()
    links = lower[0] != 0
    assert (links == LockMapConfig(**fields).links()).all() and (lower[0] != 7 * links).any()
    assert (higher[0] - lower[0] == links).all()
    del loaded[:]
    run("golden", LockMapConfig(levels=(7, 8), spread=0.0, noise=0.1, **fields))
    lower = np.array(loaded[6:9])
    assert all((lower[a] != lower[b]).any() for a, b in ((0, 1), (1, 2), (0, 2)))
    assert (lower[:, ~links] == 0).all()


@pytest.mark.proof
def test_the_virtual_board_locks_the_same():
    config = LockMapConfig(shape="phase-8", levels=(0, 9), window=256)
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["run_hash"] == sim.figures()["run_hash"]
    assert (golden.flags == sim.flags).all() and (golden.summed == sim.summed).all()
    assert sim.cycles > 4 * 4 * 256 * 8


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of phase-8, "),
        ({"rows": 7}, "rows = 7: give a divisor of 64"),
        ({"rows": 64}, "rows = 64: give a divisor of 64, .* up to 32"),
        ({"levels": (16,)}, r"levels = \(16,\); give some from 0 to 15"),
        ({"levels": ()}, r"levels = \(\); give some from 0 to 15"),
        ({"noise": 2.0}, "noise = 2.0 is out of range; give 0 to 1"),
        ({"window": 100}, "window = 100; give a multiple of 16"),
        ({"mean": 2000}, "mean = 2000: a phase that always advances fires once a turn; give "),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        LockMapConfig(**fields)

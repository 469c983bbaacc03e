"""The junction engine through its driver: telegraph noise, resonance, walls and oscillators."""

import numpy as np
import pytest

from spinloom.emulator.physics.telegraph import mean_state, rate_table
from spinloom.emulator.spec.junction import BINS, MODES, SHAPES, WAVE, JunctionParams, Tile
from spinloom.host.junction import wave_step
from spinloom.host.machine import Machine

SMALL = SHAPES["junction-16"]
SINE = np.rint(64 * np.sin(2 * np.pi * np.arange(WAVE) / WAVE)).astype(np.int64)
SQUARE = np.where(np.arange(WAVE) < WAVE // 2, 48, -48)
UP = 1 << 15


def opened(tiles, shape=SMALL, **params):
    """The compiled golden model with these tiles, all in AP."""
    machine = Machine.open("golden:numba", shape)
    machine.configure(JunctionParams(tiles=len(tiles), **params))
    machine.set_tiles(tiles)
    machine.set_states([0] * shape.tiles)
    machine.reset(state=True, random=True, probes=True)
    return machine


def variation(shape):
    """CV of the dwell times of a junction, 64 ticks each, from bins of 4 ticks."""
    with opened([Tile()], shape, dwell_shift=2) as machine:
        # At x = 0: u = 0 in AP and ~0 = -1 in P, half a step to either side.
        machine.set_rates(rate_table(delta=8.0, attempts=np.exp(8.0) / 64))
        machine.run(1_000_000)
        bins = machine.dwells().sum(0)
    ticks = 4 * np.arange(BINS) + 2
    mean = np.average(ticks, weights=bins)
    return np.sqrt(np.average((ticks - mean) ** 2, weights=bins)) / mean


def test_dwell_times_are_exponential():
    """Some 15,000 dwells: their CV is 1 within 1/sqrt(15,000), 0.8 %."""
    assert 0.97 <= variation(SMALL) <= 1.03


def test_one_shift_a_draw_fails():
    assert variation(SHAPES["junction-16-naive"]) > 1.1


def test_mean_state_is_a_hyperbolic_tangent():
    """16 currents; the mean of 4 million ticks with dwells of 64 or less is known to 0.003."""
    drives = np.arange(-30, 31, 4)
    tiles = [Tile(bias=int(x)) for x in drives]
    with opened(tiles) as machine:
        machine.set_rates(rate_table(delta=8.0, attempts=np.exp(8.0) / 64))
        machine.run(4_000_000)
        means = 2 * machine.ups()[: len(tiles)] / 4e6 - 1
    assert np.abs(means - mean_state((drives + 0.5) / 128, 8.0)).max() < 0.012


def test_spread_is_an_address():
    """Half the barrier and twice the critical current are offset and scale of the same table."""
    delta, x = 8.0, 20
    device = Tile(bias=x, scale=round(64 * 0.5 * 0.5), offset=64)
    with opened([device]) as machine:
        machine.set_rates(rate_table(delta, attempts=np.exp(4.0) / 64))
        machine.run(2_000_000)
        mean = 2 * machine.ups()[0] / 2e6 - 1
    stepped = 4 * (x // 4 + 0.5)  # the address is whole, and half a step off
    assert mean == pytest.approx(mean_state(stepped / 256, 4.0), abs=0.01)


def correlation(machine, ticks):
    """Of outputs with the signal, as a part of what is most: Pearson's, both of mean 0."""
    means = machine.correlations() / ticks
    return means / np.sqrt(np.mean(SINE**2))


@pytest.mark.parametrize(("mask", "shift"), [(0xFFFF, 6), (0xFF, 5)])
def test_noise_makes_a_weak_signal_seen(mask, shift):
    """Known from floating point: 0 without noise, 0.86 at sigma 48, 0.25 at 200. Noise of half as
    many bits has half the variance, so it takes sqrt(2) times the gain."""
    unit = (1 << shift) / np.sqrt(mask.bit_count())
    gains = [round(sigma * unit) for sigma in (0, 24, 48, 100, 200)]
    tiles = [Tile(mode="threshold", ic=100, gain=64, noise=g) for g in gains]
    ticks = 1024 * 200
    with opened(tiles, wave_step=wave_step(1024), noise_mask=mask, noise_shift=shift) as machine:
        machine.set_wave(SINE)
        machine.run(ticks)
        found = correlation(machine, ticks)[: len(gains)]
    assert found == pytest.approx([0, 0.52, 0.86, 0.59, 0.25], abs=0.05)


def test_noise_locks_a_junction_to_a_drive():
    """Switches a period of the drive, of two: none without noise, two at the plateau, more."""
    noises = [0, 40, 64, 72, 104]
    tiles = [Tile(gain=64, noise=n) for n in noises]
    periods = 200
    with opened(
        tiles, wave_step=wave_step(2048), noise_mask=1, noise_shift=0, noise_hold=4
    ) as machine:
        machine.set_wave(SQUARE)
        machine.set_rates(rate_table(delta=16.0, attempts=0.5))
        machine.run(2048 * periods)
        ratio = machine.switches()[: len(noises)] / 2 / periods
    assert ratio[0] < 0.2
    assert ratio[1] == pytest.approx(0.67, abs=0.1)
    assert ratio[2:4] == pytest.approx([1, 1], abs=0.005)
    assert ratio[4] > 1.03


def test_walls_and_oscillators():
    """A wall moves by (|x| - IC) and stops at its ends; an oscillator turns above IC alone."""
    tiles = [
        Tile(mode="wall", bias=30, ic=10, scale=64),
        Tile(mode="wall", bias=-30, ic=10, scale=64),
        Tile(mode="wall", bias=-10, ic=10, scale=64),
        Tile(mode="oscillator", bias=20, ic=10, scale=64, offset=100),
        Tile(mode="oscillator", bias=10, ic=10, scale=64, offset=100),
    ]
    with opened(tiles) as machine:
        machine.set_states([1000] * 5)
        machine.run(10)
        assert machine.states()[:5].tolist() == [1200, 800, 1000, 1000 + 10 * 1620, 1000]
        machine.run(100_000 // 20)
        assert machine.states()[:3].tolist() == [UP * 2 - 1, 0, 1000]


def test_samples_drive_and_partners_pull():
    """Threshold junctions that see only what is played, and each other."""
    tiles = [
        Tile(mode="threshold", gain=64, ic=50),
        Tile(mode="threshold", partner=0, coupling=60, ic=50),
        Tile(mode="threshold", partner=1, coupling=-60, ic=50),
    ]
    with opened(tiles, quiet=False) as machine:
        machine.play([60, 0, -60, 49, 0])
        assert machine.spikes().tolist() == [(0, 0), (0, 2), (1, 1), (4, 2)]
        assert (machine.states()[:3] >= UP).tolist() == [False, False, True]
        assert machine.read("POPULATION") == 1


def run(target, shape):
    """All that a run leaves behind on this machine, of tiles of every mode."""
    rng = np.random.default_rng(5)
    modes = list(MODES)
    tiles = [
        Tile(
            mode=modes[n % 4], bias=int(rng.integers(-40, 40)), gain=int(rng.integers(-90, 90)),
            noise=int(rng.integers(600)), ic=int(rng.integers(60)), scale=int(rng.integers(100)),
            offset=int(rng.integers(-20, 20)), partner=int(rng.integers(shape.tiles)),
            coupling=int(rng.integers(-30, 30)),
        )
        for n in range(shape.tiles)
    ]  # fmt: skip
    with Machine.open(target, shape) as machine:
        machine.configure(
            JunctionParams(
                quiet=False, wave_step=wave_step(100), noise_hold=1, dwell_shift=1, seed=11,
                drive=-3,
            )
        )  # fmt: skip
        machine.set_tiles(tiles)
        machine.set_states(rng.integers(0, 1 << 16, shape.tiles))
        machine.set_rates(rate_table(delta=3.0, attempts=0.5))
        machine.set_wave(SINE)
        machine.reset(state=True, random=True, probes=True)
        machine.run(200)
        machine.play([40, -40, 5], ticks=7)
        trace = machine.trace(221)
        names = ("TICK", "SPIKES", "POPULATION")
        return (machine.spikes(), machine.states(), machine.switches(), machine.ups(),
                machine.correlations(), machine.dwells(), trace.values, trace.drives,
                [machine.read(name) for name in names])  # fmt: skip


def test_paths_agree():
    slow, fast = run("golden", SMALL), run("golden:numba", SMALL)
    assert len(slow[0]) > 10
    for one, other in zip(slow, fast, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"mode": "coil"}, "Tile.mode = 'coil'; choose one of junction, threshold"),
        ({"bias": 3000}, "Tile.bias = 3000 is out of range; give -2048 to 2047"),
        ({"scale": -1}, "Tile.scale = -1 is out of range"),
    ],
)
def test_bad_tiles_are_named(bad, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Tile(**bad)


def test_partners_have_to_be_there():
    with pytest.raises(ValueError, match="tile 0: partner = 16: shape junction-16 has 16"):
        opened([Tile(partner=16)])


@pytest.mark.parametrize("name", ["junction-16", "junction-64"])
def test_the_virtual_board_gives_the_bits_of_the_golden_model(name):
    golden, sim = run("golden", SHAPES[name]), run("sim", SHAPES[name])
    for mine, theirs in zip(sim, golden, strict=True):
        np.testing.assert_array_equal(mine, theirs)

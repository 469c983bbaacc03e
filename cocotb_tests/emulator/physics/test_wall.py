"""Memristors: displacement by charge, pinning, grains, code tables, and the pinched loop."""

from dataclasses import replace
from math import exp, expm1, sqrt

import numpy as np
import pytest

from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.physics.wall import SpinOrbitStack, WallTrack, hysteresis, step_codes
from spinloom.emulator.spec.learning import (
    PULSE,
    REGION_CODES,
    REGION_WEIGHTS,
    REGISTERS,
    LearningShape,
)

TRACK = WallTrack()
PINNED = WallTrack(sites=16)
STACK = SpinOrbitStack()


def rng():
    return np.random.default_rng(7)


def test_displacement_is_the_charge():
    """mu_B/e = 5.788e-5 m^2 A/C: 0.6 * 5.788e-5 / (8e5 * 3e-16) = 1.447e5 m/C, so that 100 uA for
    1 ns move the wall by 14.5 nm, and twice the time or the current by twice as much."""
    assert TRACK.displacement_m(100e-6, 1e-9) == pytest.approx(14.47e-9, rel=1e-3)
    for factor in (-1.0, 2.0, 3.5):
        assert TRACK.displacement_m(factor * 100e-6, 1e-9) == pytest.approx(
            factor * TRACK.displacement_m(100e-6, 1e-9)
        )
        if factor > 0:
            assert TRACK.displacement_m(100e-6, factor * 1e-9) == pytest.approx(
                factor * TRACK.displacement_m(100e-6, 1e-9)
            )


def test_ends_stop_the_wall_and_the_sign_sets_the_direction():
    x = np.array([0.0, 100e-9, 745e-9])
    moved = TRACK.displacement_m(100e-6, 1e-9)
    up, down = (TRACK.pulse(x, sign * 100e-6, 1e-9, rng()) for sign in (1, -1))
    assert up == pytest.approx([moved, 100e-9 + moved, 750e-9])
    assert down == pytest.approx([0.0, 100e-9 - moved, 745e-9 - moved])


def test_resistance_is_linear_in_the_charge():
    """Fifty pulses from the start: equal steps of R, from R_P (1+TMR)."""
    x, seen = 0.0, []
    for _ in range(50):
        seen.append(float(TRACK.resistance_ohm(x)))
        x = TRACK.pulse(x, 100e-6, 1e-9, rng())
    assert seen[0] == pytest.approx(15e3)
    steps = np.diff(seen)
    assert steps == pytest.approx(-9e3 * TRACK.displacement_m(100e-6, 1e-9) / 750e-9)
    assert TRACK.resistance_ohm(750e-9) == pytest.approx(6e3)


def test_levels_are_distinguishable_and_programmed_both_ways():
    """Sixteen sites, a pulse strong enough to leave every one and as long as their distance: up
    through 16 resistances and back through the same, monotone."""
    spacing = PINNED.length_m / 15
    duration = spacing / PINNED.displacement_m(120e-6, 1.0)
    x, up, down = np.zeros(100), [], []
    generator = rng()
    for seen, sign in ((up, 1), (down, -1)):
        for _ in range(16):
            seen.append(np.unique(np.round(PINNED.resistance_ohm(x), 6)))
            x = PINNED.pulse(x, sign * 120e-6, duration * (1 + 1e-9), generator)
    assert all(len(s) == 1 for s in up)
    assert len({float(s[0]) for s in up}) == 16
    assert np.all(np.diff([float(s[0]) for s in up]) < 0)
    assert [float(s[0]) for s in down] == [float(s[0]) for s in reversed(up)]


def test_depinning_is_the_arrhenius_law():
    """60 uA of 100 uA for 50 ns, 20 kT: tau = 1 ns * exp(8) = 2981 ns, p = 0.0166. A million walls,
    pushed by several distances each, far from the end: 4 sigma."""
    p = -expm1(-50 / exp(20 * 0.4))
    assert PINNED.depinning(60e-6, 50e-9) == pytest.approx(p)
    assert PINNED.depinning(100e-6, 1e-12) == 1.0 and TRACK.depinning(1e-6, 1e-9) == 1.0
    travel = PINNED.displacement_m(60e-6, 50e-9) / (PINNED.length_m / 15)
    walls = np.full(1_000_000, 2 * PINNED.length_m / 15)
    moved = (PINNED.pulse(walls, 60e-6, 50e-9, rng()) - walls) / (PINNED.length_m / 15)
    left = (moved > 0).mean()
    assert travel > 1  # every wall that left has moved
    assert abs(left - p) < 4 * sqrt(p * (1 - p) / 1e6)
    assert moved.mean() == pytest.approx(p * travel, rel=0.05)


def test_codes_of_a_wall_are_flat_and_zero_at_the_end():
    duration = 1e-9
    up = step_codes(PINNED, 120e-6, duration)
    down = step_codes(PINNED, -120e-6, duration)
    p = PINNED.displacement_m(120e-6, duration) / (PINNED.length_m / 15)
    assert [c.value for c in up] == [round(256 * p)] * 15 + [0]
    assert [c.value for c in down] == [0] + [round(256 * p)] * 15
    assert all(abs(c.error) <= 1 / 512 for c in up)


def test_codes_of_a_stack_saturate():
    up = [c.value for c in step_codes(STACK, 90e-6, 1e-9, 16)]
    down = [c.value for c in step_codes(STACK, -90e-6, 1e-9, 16)]
    p = -expm1(-exp(-3.0))
    assert up == [round(65536 * (15 - n) * p) for n in range(16)]
    assert down == up[::-1] and up[15] == 0 and np.all(np.diff(up) < 0)


@pytest.mark.parametrize(
    ("device", "pulse"),
    [(PINNED, (80e-6, 2e-9)), (PINNED, (-120e-6, 2e-9)), (STACK, (90e-6, 1e-9))],
)
def test_the_codes_move_a_device_as_the_device_itself(device, pulse):
    """Mean level after one pulse on 200 000 devices at each level: within 5 sigma and the error of
    a code."""
    codes = step_codes(device, *pulse)
    levels = np.repeat(np.arange(16), 200_000)
    unit = device.length_m / 15 if isinstance(device, WallTrack) else 1
    after = device.pulse(levels * unit, *pulse, rng()) / unit
    moved = np.abs(after - levels).reshape(16, -1)
    for level, c in enumerate(codes):
        sigma = moved[level].std() / sqrt(200_000)
        assert abs(moved[level].mean() - c.probability) <= 5 * sigma + abs(c.error) + 1e-9


@pytest.mark.parametrize("device", [PINNED, STACK], ids=["wall", "torque"])
@pytest.mark.parametrize("up", [True, False])
def test_the_machine_moves_as_its_codes(device, up):
    """Memristors of the golden engine, 2048 at each of 16 positions, under one pulse of a code
    table: those that moved, one position each, are binomial, 4 sigma; none beyond the ends."""
    shape = LearningShape(name="memristors", inputs=8192, neurons=4, junctions=4, synapse="wall")
    engine = LearningEngine(shape)
    current = 90e-6 if up else -90e-6
    codes = [c.value for c in step_codes(device, current, 1e-9)]
    position = np.random.default_rng(8).permutation(np.repeat(np.arange(16), 2048))
    position = position.reshape(8192, 4)
    words = (position << np.array([0, 4, 8, 12])).sum(axis=1).astype(np.uint32)
    engine.write_memory(REGION_WEIGHTS, 0, words)
    engine.write_memory(REGION_CODES, 16 * up, np.array(codes, np.uint32))
    for neuron in range(4):
        for name, value in (("PULSE_COLUMN", neuron), ("PULSE_CLASS", int(up)), ("COMMAND", PULSE)):
            engine.write_register(REGISTERS[name].addr, value)
    after = engine.read_memory(REGION_WEIGHTS, 0, 8192)[:, None] >> np.array([0, 4, 8, 12]) & 15
    moved = (after.astype(np.int64) - position) * (1 if up else -1)
    assert set(moved.ravel().tolist()) == {0, 1}
    for level, value in enumerate(codes):
        p = value / 256
        rate = moved[position == level].mean()
        assert abs(rate - p) <= 4 * sqrt(p * (1 - p) / 2048)


def test_torque_saturates_where_the_wall_does_not():
    """Stacks of 15 grains, turned by equal pulses: steps shrink as (1-p)^n."""
    turned = np.zeros(20_000, np.int64)
    means, generator = [0.0], rng()
    p = STACK.turning(90e-6, 3e-9)
    for _ in range(20):
        turned = STACK.pulse(turned, 90e-6, 3e-9, generator)
        means.append(turned.mean())
    expected = 15 * (1 - (1 - p) ** np.arange(21))
    assert np.allclose(means, expected, atol=5 * sqrt(15 / 4 / 20_000))
    assert means[20] - means[19] < (means[1] - means[0]) / 10
    assert STACK.resistance_ohm(15) == 6e3 and STACK.resistance_ohm(0) == 15e3
    assert STACK.pulse(turned, -200e-6, 100e-9, generator).max() == 0


def area(loop):
    """Of both lobes: the integral of V dI over each half period."""
    half = len(loop.current_a) // 2
    parts = (slice(0, half + 1), slice(half, None))
    return sum(abs(np.trapezoid(loop.voltage_v[s], loop.current_a[s])) for s in parts)


def test_loop_is_pinched_and_shrinks_with_frequency():
    start, amplitude, period = 100e-9, 100e-6, 40e-9
    loop = hysteresis(TRACK, amplitude, period, start)
    zero = np.abs(loop.current_a) < 1e-18
    assert zero.sum() == 3 and np.all(loop.voltage_v[zero] == pytest.approx(0, abs=1e-12))
    rising, falling = loop.voltage_v[50], loop.voltage_v[150]  # one current, two voltages
    assert loop.current_a[50] == pytest.approx(loop.current_a[150])
    assert rising > 1.1 * falling
    assert loop.x_m[-1] == pytest.approx(start)
    # R follows the charge, ∝ the period: as long as no end is met, so does the area.
    assert loop.x_m.max() < 750e-9
    for factor in (2, 8):
        faster = hysteresis(TRACK, amplitude, period / factor, start)
        assert area(faster) == pytest.approx(area(loop) / factor, rel=1e-3)
    assert hysteresis(TRACK, amplitude, 10 * period, start).x_m.max() == 750e-9


def test_mistakes():
    with pytest.raises(ValueError, match=r"sites = 1; give 0 \(none\) or 2 or more"):
        replace(TRACK, sites=1)
    with pytest.raises(ValueError, match=r"polarisation = 1\.5; give 1 or less"):
        replace(TRACK, polarisation=1.5)
    with pytest.raises(ValueError, match=r"moves 3\.47 levels; give a shorter one"):
        step_codes(PINNED, 120e-6, 10e-9)
    with pytest.raises(ValueError, match="has no levels"):
        step_codes(TRACK, 120e-6, 1e-9)
    with pytest.raises(ValueError, match="give an ideal track"):
        hysteresis(PINNED, 1e-6, 1e-9, 0.0)
    with pytest.raises(ValueError, match="grains = 0"):
        SpinOrbitStack(grains=0)

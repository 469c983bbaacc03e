"""Oscillators: the closed forms against the equations that they are of, integrated."""

from math import pi, sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.oscillator import (
    NanoOscillator,
    beat,
    critical_coupling,
    noise_linewidth,
    noise_variance,
    order_parameter,
)
from spinloom.emulator.spec.phase import PhaseParams

OSCILLATOR = NanoOscillator()
BIAS = 8e-3


def test_power_and_frequency_of_the_steady_state():
    """Gamma+ = Gamma- there, and the amplitude's equation goes there from elsewhere."""
    device, z = OSCILLATOR, BIAS / OSCILLATOR.threshold_a
    p, dt = 0.01, 1e-12
    for _ in range(20_000):
        gain = z * (1 - p) - (1 + device.non_linear_damping * p)
        p += 2 * 2 * pi * device.damping_hz * gain * p * dt
    assert device.power(BIAS) == pytest.approx(p, rel=1e-6)
    assert device.frequency(BIAS) == device.frequency_hz + device.shift_hz * device.power(BIAS)
    assert device.frequency(BIAS) > 50e9 and device.power(4e-3) == 0


def test_phase_diffuses_by_the_linewidth():
    """The noisy equation of the complex amplitude, 2000 oscillators: the phase's variance grows by
    2 pi linewidth t. The noise's share in p (sigma_p/p0, here 0.09) is a correction of second
    order, 1 %; a variance of 2000 has a standard error of sqrt(2/2000) = 3.2 %; three of both."""
    device = NanoOscillator(energy_j=2e-16)
    z, n, dt, steps = BIAS / device.threshold_a, 2000, 2e-12, 3000
    rng = np.random.default_rng(1)
    q, g, shift = device.non_linear_damping, 2 * pi * device.damping_hz, 2 * pi * device.shift_hz
    p0 = device.power(BIAS)
    c = np.full(n, sqrt(p0), complex)
    phase, kept = np.zeros(n), []
    for k in range(steps):
        p = np.abs(c) ** 2
        gamma = g * (1 + q * p)
        kick = np.sqrt(gamma * device.thermal_j / device.energy_j * dt) * (
            rng.standard_normal(n) + 1j * rng.standard_normal(n)
        )
        decay = g * (1 + q * p - z * (1 - p))
        new = c * np.exp((-decay - 1j * shift * (p - p0)) * dt) + kick
        phase += np.angle(new * c.conj())
        c = new
        if k in (steps // 2, steps - 1):
            kept.append(phase.var())
    rate = (kept[1] - kept[0]) / (dt * (steps - 1 - steps // 2))
    # The difference of two variances of one walk, the later twice the earlier: sqrt(3) as uncertain
    # as that of the increment alone, at most.
    assert rate == pytest.approx(2 * pi * device.linewidth(BIAS), rel=3 * sqrt(3) * 0.032 + 0.01)


def test_registers_follow_the_curve():
    """Slope and curvature, by finite differences; what is left is the third order of the curve,
    (dz/(z+Q))^3 of N (1+Q)/(z+Q), and half a unit of each rounding."""
    tick, unit = 5e-12, 2e-6
    made = OSCILLATOR.registers(BIAS, unit, tick, carrier_hz=50e9)
    params = PhaseParams(slope=made.slope, curve=made.curve, noise=made.noise)
    q, z = OSCILLATOR.non_linear_damping, BIAS / OSCILLATOR.threshold_a
    for bias in (-1400, -700, 0, 700, 1400):
        moved = (params.slope * bias >> 8) + (params.curve * bias**2 >> 20)
        want = (OSCILLATOR.frequency(BIAS + bias * unit) - 50e9) * tick * 65536
        third = OSCILLATOR.shift_hz * (1 + q) / (z + q) * tick * 65536
        third *= abs(bias * unit / OSCILLATOR.threshold_a / (z + q)) ** 3
        rounding = 2.5 + abs(bias) / 512 + bias**2 / 2**21
        assert made.omega + moved == pytest.approx(want, abs=1.3 * third + rounding)
    assert made.omega > 500 and made.slope > 50 and made.curve < -10


def test_noise_gives_the_linewidth():
    """To the factor 2 either way that a power of two leaves to a variance, and by its own law."""
    made = OSCILLATOR.registers(BIAS, 1e-6, 1e-12, carrier_hz=50e9)
    assert 0.5 <= made.linewidth_hz / OSCILLATOR.linewidth(BIAS) <= 2
    drawn = np.arange(-(1 << 5), 1 << 5)
    assert noise_variance(5) == pytest.approx(drawn.var()) and noise_variance(0) == 0
    assert noise_linewidth(6, 1e-12) == pytest.approx(4 * noise_linewidth(5, 1e-12), rel=1e-3)


def test_synchronisation():
    assert order_parameter(8.0, 1.0) == pytest.approx(sqrt(0.75))
    assert order_parameter(2.0, 1.0) == order_parameter(1.0, 1.0) == 0
    assert beat(3.0, 5.0) == 0 and beat(-5.0, 3.0) == -4


def test_beat_is_that_of_adlers_equation():
    """Turns of the integrated phase, by whole turns."""
    phase, dt, dw, a = 0.0, 1e-3, 1.5, 1.0
    times = []
    for k in range(40_000):
        phase += (dw - a * np.sin(phase)) * dt
        if phase > 2 * pi * (len(times) + 1):
            times.append(k * dt)
    measured = 2 * pi * (len(times) - 1) / (times[-1] - times[0])
    assert measured == pytest.approx(beat(dw, a), rel=2e-3)  # dt over a period, and Euler's step


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"threshold_a": 0.0}, "threshold_a = 0.0"),
        ({"non_linear_damping": -1.0}, "non_linear_damping = -1.0; give 0 or more"),
        ({"shift_hz": float("nan")}, "shift_hz = nan; give a number"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        NanoOscillator(**fields)


def test_no_linewidth_below_the_threshold():
    with pytest.raises(ValueError, match="at the threshold or below; give more"):
        OSCILLATOR.linewidth(5e-3)


def test_critical_coupling_of_graphs():
    """Of two, half their difference; of a chain, the most that all on one side of a link have too
    much, which that link carries; of a ring with a source and a sink opposite, half of theirs."""
    assert critical_coupling(~np.eye(2, dtype=bool), [3.0, 7.0]) == pytest.approx(2, rel=2e-3)
    omega = np.random.default_rng(1).standard_normal(20)
    apart = np.abs(np.arange(20) - np.arange(20)[:, None])
    chain = np.abs(np.cumsum(omega - omega.mean())).max()
    assert critical_coupling(apart == 1, omega) == pytest.approx(chain, rel=2e-3)
    ring = (apart == 1) | (apart == 19)
    two = np.zeros(20)
    two[[0, 10]] = 1.0, -1.0
    assert critical_coupling(ring, two) == pytest.approx(0.5, rel=2e-3)
    assert critical_coupling(ring, np.ones(20)) == 0


def test_a_grid_locks_above_its_critical_coupling_and_not_below():
    """Integrated: 3 % above, differences of frequency die out; 3 % below, phases slip."""
    at = np.array(np.unravel_index(np.arange(12), (3, 4)))
    links = np.abs(at[:, :, None] - at[:, None, :]).sum(axis=0) == 1
    omega = np.random.default_rng(2).standard_normal(12)
    critical = critical_coupling(links, omega)
    for factor, locks in ((1.03, True), (0.97, False)):
        theta, dt, half = np.zeros(12), 0.02, np.zeros(12)
        for step in range(20_000):
            half = theta.copy() if step == 10_000 else half
            pull = (links * np.sin(theta - theta[:, None])).sum(axis=1)
            theta = theta + dt * (omega + factor * critical * pull)
        assert (np.ptp(theta - half) < 1e-3) == locks

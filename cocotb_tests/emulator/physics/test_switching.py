"""P(switch) against its limits, as codes, and as what the machine's junctions then do."""

from math import log1p, sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.macrospin import fokker_planck
from spinloom.emulator.physics.switching import (
    code,
    precessional_probability,
    pulse_amplitude,
    pulse_codes,
    switch_probability,
    thermal_probability,
)
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec.learning import SEED
from spinloom.emulator.synapse.mtj import Mtj

JUNCTION = Junction()
TRIALS = 1_000_000


@pytest.mark.parametrize(
    ("delta", "i", "tolerance"),
    [(40, 0.0, 0.04), (60, 0.0, 0.03), (40, 0.3, 0.07), (60, 0.3, 0.04)],
)
def test_thermal_limit(delta, i, tolerance):
    """The law's rate against Brown's. His is the first term for a high barrier; the next one is of
    the order 1/barrier = 1/(delta (1-i)^2): 0.025, 0.017, 0.051, 0.034."""
    chain = fokker_planck(delta, i)
    t = 0.01 / thermal_probability(delta, i, 1.0)
    assert chain.switched(t) == pytest.approx(thermal_probability(delta, i, t), rel=tolerance)


@pytest.mark.parametrize(("i", "brown", "langevin"), [(0.5, 0.0064, 0.0051), (0.7, 0.064, 0.056)])
def test_rate_at_a_low_barrier_is_below_brown(i, brown, langevin):
    """delta = 20: Brown's rate to the digits given; the true one is below it, and within 15 % of
    Langevin simulations (a rate of a few hundred first passages, which count a device that comes
    back)."""
    assert -log1p(-thermal_probability(20, i, 1.0)) == pytest.approx(brown, rel=0.01)
    chain, t = fokker_planck(20, i), 10.0
    left = [1 - chain.switched(n * t) for n in (1, 2)]
    rate = -np.log(left[1] / left[0]) / t
    assert rate == pytest.approx(langevin, rel=0.15) and rate < 0.95 * brown


@pytest.mark.parametrize(("i", "tolerance"), [(1.5, 0.13), (2.0, 0.045), (2.5, 0.02)])
def test_precessional_limit(i, tolerance):
    worst = max(
        abs(fokker_planck(d, i).switched(t) - precessional_probability(d, i, t))
        for d in (20, 40, 60)
        for t in np.linspace(0.5, 3.0, 6) / (i - 1)
    )
    assert tolerance / 4 < worst < tolerance


def test_continuous_where_the_closed_form_takes_over():
    """At i = 2.5: within 0.015."""
    current = 2.5 * JUNCTION.ic0_ap_to_p_a
    for t in np.array([0.5, 1.0, 1.5, 2.0, 4.0]) * JUNCTION.damping_time_s:
        below, above = (switch_probability(JUNCTION, 0, current * x, t) for x in (1, 1 + 1e-9))
        assert above == pytest.approx(below, abs=0.015)


@pytest.mark.parametrize("duration_s", [1e-9, 3e-9, 10e-9, 100e-9])
def test_rises_with_amplitude_and_duration(duration_s):
    currents = np.linspace(0, 4, 13) * JUNCTION.ic0_ap_to_p_a
    p = [switch_probability(JUNCTION, 0, current, duration_s) for current in currents]
    assert np.all(np.diff(p) >= -1e-12) and p[0] < 1e-6 and p[-1] > 0.8
    longer = [switch_probability(JUNCTION, 0, current, 1.5 * duration_s) for current in currents]
    assert np.all(np.array(longer) >= np.array(p) - 1e-12)


def test_the_sign_selects_the_direction():
    """With 60 uA for 10 ns: AP switches, P stays; reversed, P switches less, as its critical
    current is higher."""
    to_p, held = (switch_probability(JUNCTION, state, 60e-6, 10e-9) for state in (0, 1))
    stays, to_ap = (switch_probability(JUNCTION, state, -60e-6, 10e-9) for state in (0, 1))
    assert to_p > 0.99 and 0.9 < to_ap < to_p
    assert held < 1e-20 and stays < 1e-20
    same = switch_probability(JUNCTION, 1, -60e-6 * 50 / 40, 10e-9)
    assert same == pytest.approx(to_p, rel=1e-9)


def test_read_disturb_is_the_law_at_the_read_current():
    """A read of 10 ns at an eighth of the critical current, of a junction that keeps ten years:
    rare, and as often as the thermal law of [1] says but for the time that the tail takes to fill
    (below one, above a quarter)."""
    p = switch_probability(JUNCTION, 0, 5e-6, 10e-9)
    law = thermal_probability(40, 0.125, 10e-9 / JUNCTION.damping_time_s)
    assert law / 4 < p < law < 1e-11
    soft = Junction(delta=8)
    assert switch_probability(soft, 0, 5e-6, 10e-9) > 1e8 * p


@pytest.mark.parametrize("state", [0, 1])
@pytest.mark.parametrize("probability", [1e-9, 0.0625, 0.5, 0.999])
def test_amplitude_of_a_probability(state, probability):
    for duration_s in (1e-9, 30e-9):
        current = pulse_amplitude(JUNCTION, state, probability, duration_s)
        assert (current > 0) == (state == 0)
        back = switch_probability(JUNCTION, state, current, duration_s)
        assert back == pytest.approx(probability, rel=1e-4)


def test_amplitudes_out_of_reach():
    with pytest.raises(ValueError, match="more often without current"):
        pulse_amplitude(Junction(delta=5), 0, 1e-6, 100e-9)
    with pytest.raises(ValueError, match=r"out of reach of a pulse of 1e-11 s"):
        pulse_amplitude(JUNCTION, 0, 0.5, 1e-11)
    with pytest.raises(ValueError, match="probability = 1"):
        pulse_amplitude(JUNCTION, 0, 1.0, 1e-9)
    with pytest.raises(ValueError, match="25 critical currents; give 20 or less"):
        switch_probability(JUNCTION, 0, 1e-3, 1e-9)
    with pytest.raises(ValueError, match="duration_s = -1"):
        switch_probability(JUNCTION, 0, 1e-6, -1)


@pytest.mark.parametrize("bits", [8, 16])
def test_codes_are_the_nearest(bits):
    rng = np.random.default_rng(1)
    for p in [0.0, 1.0, 0.5, *rng.random(200)]:
        nearest = code(p, bits)
        assert 0 <= nearest.value <= 1 << bits
        assert abs(nearest.error) <= 0.5 ** (bits + 1)
        assert nearest.probability - p == nearest.error
    assert code(1.0, bits).value == 1 << bits and code(0.5 ** (bits + 2), bits).value == 0


def test_codes_of_a_pulse():
    current = pulse_amplitude(JUNCTION, 0, 0.25, 10e-9)
    up, down = pulse_codes(JUNCTION, current, 10e-9)
    assert (up.value, down.value) == (64, 0)
    assert abs(up.error) < 1e-5
    with pytest.raises(ValueError, match="bits = 12; give 8 or 16"):
        code(0.5, 12)
    with pytest.raises(ValueError, match=r"probability = 1\.5"):
        code(1.5)


@pytest.mark.parametrize("duration_s", [2e-9, 10e-9, 100e-9])
@pytest.mark.parametrize("wanted", [0.02, 0.25, 0.9])
def test_surface_of_the_machine(duration_s, wanted):
    """A million trials of the golden junction a point: mean within 3 sigma of the code, which is
    within 1/512 of the law; a trial after one that switched, of the same junction, is as likely
    to switch: 3 sigma of its p n trials. Junctions are the eight bytes of a word, their trials
    follow at every word or, as in a sweep of 1024 inputs, at every 128th."""
    amplitude = pulse_amplitude(JUNCTION, 0, wanted, duration_s)
    law = switch_probability(JUNCTION, 0, amplitude, duration_s)
    nearest, _ = pulse_codes(JUNCTION, amplitude, duration_s)
    p = nearest.probability
    assert abs(p - law) <= 1 / 512
    mtj = Mtj()
    mtj.codes[1, :] = nearest.value
    words = LinearGenerators("lutopt64", [SEED ^ nearest.value]).block(TRIALS // 8)
    state, level = np.ones(TRIALS, np.bool_), np.zeros(TRIALS, np.uint8)
    switched = mtj.pulse(state, level, words).reshape(-1, 8)
    assert abs(switched.mean() - p) < 3 * sqrt(p * (1 - p) / TRIALS)
    for lag in (1, 128):
        after = switched[lag:][switched[:-lag]]
        assert abs(after.mean() - p) < 3 * sqrt(p * (1 - p) / len(after))

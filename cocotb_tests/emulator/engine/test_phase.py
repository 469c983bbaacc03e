"""The phase engine's golden model against its contract, written out oscillator by oscillator."""

import numpy as np
import pytest

from spinloom.emulator.engine.phase import PhaseEngine, signed
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec import phase as spec
from spinloom.emulator.spec.phase import PhaseParams, PhaseShape
from spinloom.emulator.spec.shape import WORD_TICK

SHAPE = PhaseShape(name="test", oscillators=9, lanes=3, phase_bits=14, wave=16)
TICK = np.array([WORD_TICK | 1], np.uint16)


def engine(seed, **params):
    """Random couplings, frequencies, phases and wave."""
    rng = np.random.default_rng(seed)
    made = PhaseEngine(SHAPE)
    n, turn = SHAPE.oscillators, SHAPE.turn
    for name, value in PhaseParams(**params).registers(SHAPE).items():
        made.write_register(spec.REGISTERS[name].addr, value)
    for region in (spec.REGION_WEIGHTS, spec.REGION_WAVE):
        words = rng.integers(0, 1 << 32, SHAPE.region_words(region), np.uint32)
        made.write_memory(region, 0, words)
    made.write_memory(spec.REGION_OMEGA, 0, rng.integers(0, turn, n).astype(np.uint32))
    made.write_memory(spec.REGION_PHASES, 0, rng.integers(0, turn, n).astype(np.uint32))
    made.write_register(spec.REGISTERS["COMMAND"].addr, spec.RESET_STATE)
    return made


def step_by_step(made, ticks):
    """Phases and spikes after so many steps, as the contract says them."""
    regs, turn, n = made.regs, SHAPE.turn, SHAPE.oscillators
    q = SHAPE.phase_bits - SHAPE.table_bits
    table = SHAPE.table

    def sine(x):
        return table[x % turn >> q]

    theta, weights, omega = made.phases[0].tolist(), made.array.weights, made.array.omega.tolist()
    generator = LinearGenerator(SHAPE.generator, spec.SEED)
    psi, h, control, spikes = regs["INJ_PHASE"], 0, regs["CONTROL"], []
    bias = signed(regs["BIAS"], 12)
    detuning = (signed(regs["SLOPE"], 16) * bias >> 8) + (
        signed(regs["CURVE"], 16) * bias * bias >> 20
    )
    for t in range(ticks):
        s = [sine(x) for x in theta]
        c = [sine(x + turn // 4) for x in theta]
        after = []
        for i in range(n):
            noisy = regs["NOISE"] or control & spec.CONTROL_STOCHASTIC
            word = int(generator.block(1)[0]) if noisy else 0
            d = omega[i] + detuning
            if control & (spec.CONTROL_COUPLED | spec.CONTROL_MEAN_FIELD):
                row = [1] * n if control & spec.CONTROL_MEAN_FIELD else weights[i].tolist()
                a = sum(w * x for w, x in zip(row, s, strict=True))
                b = sum(w * x for w, x in zip(row, c, strict=True))
                gain = signed(regs["GAIN"], 12)
                if control & spec.CONTROL_WAVE:
                    gain = int(made.wave[t % regs["WAVE_LENGTH"]])
                r = 1 << regs["SHIFT"] >> 1
                if control & spec.CONTROL_STOCHASTIC:
                    r = word % (1 << regs["SHIFT"])
                d += (gain * (c[i] * a - s[i] * b) + r) >> regs["SHIFT"]
            d -= ((h >> 8) * sine(2 * theta[i])) >> 6
            d += (regs["INJ"] * sine(psi - theta[i])) >> 6
            if regs["NOISE"]:
                d += (word >> 32) % (2 << regs["NOISE"]) - (1 << regs["NOISE"])
            if theta[i] + d >= turn:
                spikes.append((t, i))
            after.append((theta[i] + d) % turn)
        theta = after
        psi = (psi + regs["INJ_FREQ"]) % turn
        top = 256 * regs["SHIL_MAX"]
        h = min(h + regs["SHIL_RATE"], top) if t + 1 > regs["SHIL_START"] else 0
    return theta, spikes


EVERYTHING = {
    "gain": -37, "shift": 9, "shil": 900, "shil_start": 3, "shil_rate": 4000, "injection": 300,
    "injection_frequency": -77, "injection_phase": 5000, "bias": -300, "slope": 500, "curve": -900,
    "noise": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [
        {"gain": 3, "shift": 4},
        {"gain": 3, "shift": 0, "stochastic": True},
        {"gain": 300, "shift": 8, "mean_field": True},
        {"coupled": False, "noise": 3},
        {"wave_length": 5, "shift": 7},
        EVERYTHING,
        EVERYTHING | {"stochastic": True, "mean_field": True, "wave_length": 16},
    ],
)
def test_step_by_step(params):
    made = engine(1, quiet=False, **params)
    theta, spikes = step_by_step(made, 40)
    got = made.stream(np.array([WORD_TICK | 39, WORD_TICK | 1], np.uint16))
    assert made.phases[0].tolist() == theta
    assert got.tolist() == spikes and made.fired == len(spikes) and spikes


def test_an_ensemble_is_many_engines():
    rng = np.random.default_rng(2)
    params = EVERYTHING | {"stochastic": True}
    starts = rng.integers(0, SHAPE.turn, (6, SHAPE.oscillators))
    seeds = [int(x) for x in rng.integers(1, 1 << 63, 6)]
    ends = engine(1, **params).ensemble(starts, 30, seeds)
    for start, seed, end in zip(starts, seeds, ends, strict=True):
        made = engine(1, **params)
        made.phases[0] = start
        made.random.seed([seed])
        for _ in range(30):
            made.stream(TICK)
        assert (made.phases[0] == end).all()


def test_an_event_is_half_a_turn():
    made = engine(3, coupled=False)
    before = made.phases[0].copy()
    made.stream(np.array([4, 8, 9], np.uint16))
    moved = (made.phases[0] - before) % SHAPE.turn
    assert moved.tolist() == [0, 0, 0, 0, SHAPE.turn // 2, 0, 0, 0, SHAPE.turn // 2]
    assert made.bad_event


def test_detectors_see_who_holds_still():
    made = engine(4, coupled=False, lock_ticks=10, lock_width=20, lock_oscillator=2)
    made.array.omega[:] = 500
    made.array.omega[5] += 3  # 27 in nine ticks: too far
    made.array.omega[7] -= 2
    made.stream(np.array([WORD_TICK | 10], np.uint16))
    assert not made.locked.any()  # the first window has just ended
    made.stream(TICK)
    assert np.flatnonzero(~made.locked).tolist() == [5]
    assert made.read_register(spec.REGISTERS["LOCKED"].addr) == 8


def test_the_table_has_no_zero_and_its_symmetries():
    for q, b in ((3, 1), (4, 3), (6, 4)):
        table = np.array(spec.sine_table(q, b))
        half = len(table) // 2
        assert (table % 2 == 1).all() and table.max() == 2**b - 1 and len(table) == 2**q
        assert (table[half:] == -table[:half]).all()
        assert (table[:half] == table[:half][::-1]).all()
    rounded = np.sin(2 * np.pi * (np.arange(64) + 0.5) / 64) * 16
    # A step of 2 around values 1, 3, ...: off by one at most; the top is clipped by less than one.
    assert np.abs(np.array(spec.sine_table(6, 4)) - rounded).max() <= 1


def test_weights_through_the_window():
    made = engine(5)
    words = made.read_memory(spec.REGION_WEIGHTS, 0, SHAPE.region_words(spec.REGION_WEIGHTS))
    other = engine(6)
    other.write_memory(spec.REGION_WEIGHTS, 0, words)
    assert (other.array.weights == made.array.weights).all()
    assert made.array.weights.min() == -16 and made.array.weights.max() == 15


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lanes": 4}, "lanes = 4 does not divide 9 oscillators"),
        ({"oscillators": 1025, "lanes": 1}, "oscillators = 1025 is out of range"),
        ({"table_bits": 14}, "table_bits = 14 is out of range"),
    ],
)
def test_shapes_that_cannot_be(fields, message):
    with pytest.raises(ValueError, match=message):
        PhaseShape(**{"name": "x", "oscillators": 9, "lanes": 3, "phase_bits": 14} | fields)

"""The vectorised golden engine and the compiled path equal the item-by-item definition."""

from __future__ import annotations

import numpy as np
import pytest

from cocotb_tests.stimulus import random_params, random_words
from spinloom.emulator.engine import stepped
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.spec import learning as spec

SMALL = spec.LearningShape(name="test", inputs=256, neurons=12)


def state(engine: LearningEngine) -> dict[str, object]:
    registers = {
        r.name: engine.read_register(r.addr) for r in spec.REGISTERS.regs if r.access != "wo"
    }
    neurons = engine.neurons
    return registers | {
        "weights": engine.synapses.bits.tolist(),
        "pos": neurons.pos.tolist(),
        "theta": neurons.theta.tolist(),
        "ref": neurons.ref.tolist(),
        "timers": (neurons.inh, neurons.last_winner, engine.bucket_phase, engine.homeo_phase),
        "active": engine.window.active().tolist(),
        "random": [lane.state for lane in engine.random],
    }


def stepped_stream(engine: LearningEngine, words: np.ndarray) -> np.ndarray:
    """``engine.stream`` by the item-by-item definition."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_process", lambda ops: stepped.run(engine, ops, compiled=False))
        spikes = engine.stream(words)
    return spikes[:0] if engine.regs["CONTROL"] & spec.CONTROL_QUIET else spikes


def prepared(seed: int, path: str = "numpy") -> tuple[LearningEngine, np.random.Generator]:
    rng = np.random.default_rng(seed)
    engine = LearningEngine(SMALL, path)
    for name, value in random_params(rng).items():
        if name == "codes":
            engine.write_memory(spec.REGION_CODES, 0, np.array(value, np.uint32))
        else:
            engine.write_register(spec.REGISTERS[name].addr, value)
    engine.write_register(spec.REGISTERS["COMMAND"].addr, 3)
    engine.synapses.bits[:] = rng.random(engine.synapses.bits.shape) < rng.random()
    return engine, rng


@pytest.mark.parametrize("seed", range(16))
def test_vectorised_equals_stepped(seed: int) -> None:
    print(f"seed {seed}")
    a, rng = prepared(seed)
    b, _ = prepared(seed)
    spikes = 0
    for _ in range(4):
        words = random_words(rng, SMALL, 500)
        got = a.stream(words)
        want = stepped_stream(b, words)
        assert got.tolist() == want.tolist()
        assert state(a) == state(b)
        spikes += len(got)
        if rng.random() < 0.3:  # parameters may change between items
            name, value = rng.choice([("BUCKET_TICKS", 3), ("HOMEO_TICKS", 7), ("LEAK", 2)])
            for engine in (a, b):
                engine.write_register(spec.REGISTERS[str(name)].addr, int(value))


def test_stimulus_reaches_the_corners() -> None:
    """The comparison above means something only if neurons fire, learn and saturate in it."""
    spikes = switched = saturated = 0
    for seed in range(16):
        engine, rng = prepared(seed)
        for _ in range(4):
            spikes += len(engine.stream(random_words(rng, SMALL, 500)))
            saturated += int((engine.neurons.theta == SMALL.theta_max).any())
        switched += sum(engine.switched)
    assert spikes > 500 and switched > 20_000 and saturated > 0


@pytest.mark.parametrize("seed", range(3))
def test_compiled_equals_stepped(seed: int) -> None:
    a, rng = prepared(seed, "numba")
    b, _ = prepared(seed)
    for _ in range(4):
        words = random_words(rng, SMALL, 500)
        assert a.stream(words).tolist() == stepped_stream(b, words).tolist()
    assert state(a) == state(b)


def test_out_of_range_event_is_dropped_and_flagged() -> None:
    engine = LearningEngine(SMALL)
    assert engine.read_register(spec.REGISTERS["STATUS"].addr) == 0
    engine.stream(np.array([SMALL.inputs], np.uint16))
    assert engine.read_register(spec.REGISTERS["STATUS"].addr) == 2
    assert (engine.window.last < 0).all()


@pytest.mark.parametrize(
    ("field", "value"), [("step", -1), ("t_ref", 1 << 12), ("bucket_ticks", 0), ("codes_p", (1,))]
)
def test_parameters_out_of_range_are_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"LearningParams\.{field} = "):
        spec.LearningParams(**{field: value})

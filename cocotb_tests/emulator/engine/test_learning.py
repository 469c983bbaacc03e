"""The vectorised golden engine and the compiled path equal the item-by-item definition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest

from cocotb_tests.stimulus import random_items, random_params, random_words, shaped_codes
from spinloom.emulator.engine import hard_reset, learning, stepped, vectorised
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.synapse.array import pack

SMALL = spec.LearningShape(name="test", inputs=256, neurons=12)
SEEDS = range(64)


def state(engine: LearningEngine) -> dict[str, object]:
    registers = {
        r.name: engine.read_register(r.addr) for r in spec.REGISTERS.regs if r.access != "wo"
    }
    neurons = engine.neurons
    return registers | {
        "weights": engine.synapses.bits.tolist(),
        "strengths": engine.synapses.padded.tolist(),
        "pos": neurons.pos.tolist(),
        "theta": neurons.theta.tolist(),
        "ref": neurons.ref.tolist(),
        "group": (engine.open, neurons.counts.tolist()),
        "timers": (neurons.inh, neurons.last_winner, engine.bucket_phase, engine.homeo_phase),
        "active": engine.window.active().tolist(),
        "random": engine.random.states,
    }


class SteppedEngine(LearningEngine):
    """The item-by-item definition, run by Python."""

    def _process(self, ops: npt.NDArray[np.int32]) -> npt.NDArray[np.void]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                learning.vectorised, "run", lambda e, ops: stepped.run(e, ops, compiled=False)
            )
            return super()._process(ops)


def random_shape(rng: np.random.Generator) -> spec.LearningShape:
    group = int(rng.choice([1, 3, 8, 64, 512]))
    junctions = int(rng.choice([1, 1, 2, 4, 8]))
    synapse = "wall" if junctions > 1 and rng.random() < 0.5 else "junctions"
    ages, words = int(rng.choice([2, 2, 2, 3, 6])), int(rng.choice([1, 1, 2]))
    if synapse == "wall":
        group = min(group, 8)
    return spec.LearningShape(
        name="test",
        inputs=int(rng.choice([128, 256])),
        neurons=int(rng.choice([12, 16, 33, 64])),
        threshold_bits=12,
        step_bits={"junctions": {8: 9, 64: 6, 512: 3}, "wall": {8: 4}}[synapse].get(
            group, {"junctions": 12 - (junctions > 1), "wall": 6}[synapse]
        ),
        group=group,
        generators=int(rng.choice([1, 2, 16])),
        levels=int(rng.choice([1, spec.LEVELS])),
        row_groups=int(rng.choice([1, 4, 8])) if junctions == ages - 1 == words == 1 else 1,
        stimulus=32,
        code_bits=words * spec.CODE_BITS,
        window_ages=ages,
        junctions=junctions,
        synapse=synapse,
    )


@dataclass(frozen=True)
class Words:
    """Stream words."""

    words: npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Write:
    """A register write."""

    name: str
    value: int


@dataclass(frozen=True)
class Memory:
    """A memory write."""

    region: int
    words: npt.NDArray[np.uint32]


Action = Words | Write | Memory


def parameters(rng: np.random.Generator, shape: spec.LearningShape) -> list[Action]:
    """Random values within what the shape can hold."""
    values = random_params(rng) | {"CONTROL": int(rng.integers(0, 16)) & ~int(rng.choice([0, 8]))}
    codes = shaped_codes(rng, shape, values.pop("codes"))
    if shape.row_groups == 1:
        values = {"CYCLE_SPREAD": int(rng.choice([0, 0, 1, 3])), **values}
    top = {name: shape.register_max(name) for name in values}
    writes = [Write(name, min(value, top[name])) for name, value in values.items()]
    return [Memory(spec.REGION_CODES, np.array(codes, np.uint32)), *writes]


def script(seed: int) -> tuple[spec.LearningShape, list[Action]]:
    """A machine and what is done with it: pieces of stream that split groups, changes of
    parameters, resets and plays in between."""
    rng = np.random.default_rng(seed)
    shape = random_shape(rng)
    weights = rng.random((shape.inputs, shape.columns)) < rng.random()
    words = pack(weights.astype(np.uint8))
    actions = [Memory(spec.REGION_WEIGHTS, words), *parameters(rng, shape), Write("COMMAND", 3)]
    if seed % 4 == 0:  # walls move by what few events bring: spikes, but not at every event
        actions += [Write("STEP", 3), Write("LEAK", int(rng.integers(2))), Write("THETA0", 60)]
        actions += [Write("THETA_UP", 1), Write("CONTROL", 5), Write("COMMAND", 2)]
    for _ in range(5):
        actions.append(Words(random_words(rng, shape, int(rng.choice([1, 30, 400])))))
        if rng.random() < 0.5:
            items = int(rng.integers(shape.stimulus + 1))
            actions.append(Memory(spec.REGION_STIMULUS, random_items(rng, shape, shape.stimulus)))
            actions.append(Write("PLAY_ITEMS", items))
            actions.append(Write("PLAY_ROUNDS", int(rng.integers(4))))
            actions.append(Write("COMMAND", spec.PLAY))
        if rng.random() < 0.3:  # parameters may change between items, also in an open group
            changes = [a for a in parameters(rng, shape) if isinstance(a, Write)]
            actions.append(changes[int(rng.integers(len(changes) - 3))])
        if rng.random() < 0.25:
            actions.append(Write("COMMAND", int(rng.integers(4))))
        if shape.row_groups == 1 and rng.random() < 0.5:
            actions += [Write("TEACH", int(rng.integers(shape.neurons))) for _ in range(2)]
            actions.append(Write("PULSE_COLUMN", int(rng.integers(shape.neurons))))
            actions.append(Write("PULSE_CLASS", int(rng.integers(3))))
            actions.append(Write("PULSE_COUNT", int(rng.integers(3))))
            actions.append(Write("COMMAND", spec.PULSE | int(rng.integers(4))))
    return shape, actions


def hard_reset_script(seed: int) -> tuple[spec.LearningShape, list[Action]]:
    """Walls that only spikes move back, all of them: many ticks, each one group in most pieces."""
    rng = np.random.default_rng([seed, 1])
    shape = spec.LearningShape(
        name="test", inputs=128, neurons=int(rng.choice([12, 33])), group=64, step_bits=9,
        generators=int(rng.choice([1, 16])), levels=int(rng.choice([1, spec.LEVELS])),
    )  # fmt: skip
    words = pack((rng.random((shape.inputs, shape.neurons)) < 0.6).astype(np.uint8))
    codes = rng.choice([0, 20, 100, 255, 256], 2 * spec.LEVELS, p=[0.1, 0.5, 0.2, 0.1, 0.1])
    if seed % 2:
        codes = np.minimum(codes, 255)
    step = int(rng.integers(1, 9)) if seed else 0
    values = {
        "STEP": step, "LEAK": 0, "THETA0": 30 * max(step, 1), "T_INH": 0, "BUCKET_TICKS": 3,
        "T_REF": int(rng.choice([0, 1, 4, 90])), "CONTROL": 4 + int(rng.random() < 0.8),
    }  # fmt: skip
    actions: list[Action] = [Memory(spec.REGION_WEIGHTS, words)]
    actions.append(Memory(spec.REGION_CODES, codes.astype(np.uint32)))
    actions += [Write(name, value) for name, value in values.items()]
    actions.append(Write("COMMAND", 3))
    for ticks in (2, 100, 1, 60):
        pieces = []
        for _ in range(ticks):
            pieces.append(rng.integers(0, shape.inputs, int(rng.integers(0, 20))))
            pieces.append(np.array([spec.WORD_TICK | int(rng.choice([1, 1, 1, 2, 9]))]))
        if rng.random() < 0.5:
            pieces.append(rng.integers(0, shape.inputs, 5))
        actions.append(Words(np.concatenate(pieces).astype(np.uint16)))
    return shape, actions


def perform(engine: LearningEngine, action: Action) -> list[tuple[int, int]]:
    """Do it; the spikes."""
    if isinstance(action, Words):
        return engine.stream(action.words).tolist()
    if isinstance(action, Memory):
        engine.write_memory(action.region, 0, action.words)
    else:
        engine.write_register(spec.REGISTERS[action.name].addr, action.value)
    return engine.played().tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_both_paths_equal_the_definition(seed: int) -> None:
    compare(seed, *script(seed))


@pytest.mark.parametrize("seed", range(16))
def test_the_hard_reset_loop_equals_the_definition(seed: int) -> None:
    compare(seed, *hard_reset_script(seed))


def compare(seed: int, shape: spec.LearningShape, actions: list[Action]) -> None:
    print(f"seed {seed}: {shape}")
    definition = SteppedEngine(shape)
    paths = [LearningEngine(shape, "numpy"), LearningEngine(shape, "numba")]
    for action in actions:
        want = perform(definition, action)
        for engine in paths:
            assert perform(engine, action) == want, engine.path
    for engine in paths:
        assert state(engine) == state(definition), engine.path


def test_the_scripts_reach_the_corners() -> None:
    """The comparison above means something only if all of this happens in it."""
    census: Counter[str] = Counter()
    for seed in SEEDS:
        shape, actions = script(seed)
        engine = LearningEngine(shape)
        for action in actions:
            switched = sum(engine.switched)
            if isinstance(action, Words):
                count_words(census, engine, action.words)
            else:
                count_write(census, engine, action)
            census["switched"] += max(0, sum(engine.switched) - switched)
    print(census)
    assert census["spikes"] > 2000 and census["switched"] > 20_000
    for corner in (
        "groups ended by ticks",
        "groups ended by their last event",
        "several spikes in a tick",
        "spikes late in a busy tick",
        "hard resets of others",
        "spikes without refractory time",
        "arrived and blocked",
        "saturated thresholds",
        "quiet spikes",
        "spikes of a play",
        "spikes by hand",
        "spikes by hand in an open group",
        "pulses",
        "plays in an open group",
        "changes in an open group",
        "resets of an open group",
    ):
        assert census[corner] > 4, corner


def test_the_hard_reset_scripts_reach_the_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    census: Counter[str] = Counter()
    play = hard_reset.play

    def counted(run: vectorised.Run) -> None:
        waiting, spikes = bool(run.neurons.ref.any()), len(run.out)
        play(run)
        census["loops"] += 1
        census["spikes"] += len(run.out) - spikes
        census["loops in a refractory time"] += waiting
        census["loops of more than a block"] += len(run.times) > hard_reset.MOST_ROWS

    monkeypatch.setattr(hard_reset, "play", counted)
    for seed in range(16):
        shape, actions = hard_reset_script(seed)
        engine = LearningEngine(shape)
        for action in actions:
            perform(engine, action)
    print(census)
    assert census["spikes"] > 400 and census["loops"] > 40
    assert census["loops in a refractory time"] > 4 and census["loops of more than a block"] > 4


def count_words(
    census: Counter[str], engine: LearningEngine, words: npt.NDArray[np.uint16]
) -> None:
    """Stream the words one by one and note what is special about their spikes."""
    neurons, regs = engine.neurons, engine.regs
    events = spikes = 0  # of this tick
    for word in words:
        others = int((neurons.pos > 0).sum())
        waiting = bool((neurons.arrived() & ~neurons.eligible()).any())
        fired, opened = engine.fired, engine.open
        emitted = len(engine.stream(np.array([word], np.uint16)))
        events += 1
        if engine.fired > fired:
            spikes += 1
            winner = neurons.last_winner
            census["spikes"] += 1
            census["groups ended by ticks"] += word > spec.WORD_TICK
            census["groups ended by their last event"] += opened > 0 and word < spec.WORD_TICK
            census["several spikes in a tick"] += spikes > 1
            census["spikes late in a busy tick"] += events > vectorised.ROW_EVENTS
            census["hard resets of others"] += (
                others > 1 and regs["CONTROL"] & spec.CONTROL_HARD_RESET != 0
            )
            census["spikes without refractory time"] += regs["T_REF"] == 0
            census["arrived and blocked"] += waiting
            census["saturated thresholds"] += bool(neurons.theta[winner] == neurons.theta_max)
            census["quiet spikes"] += emitted == 0
        if word > spec.WORD_TICK:
            events = spikes = 0


def count_write(census: Counter[str], engine: LearningEngine, action: Write | Memory) -> None:
    """Write, and note what is special about it."""
    opened = engine.open > 0
    spikes = perform(engine, action)
    command = action.value if isinstance(action, Write) and action.name == "COMMAND" else 0
    teaches = isinstance(action, Write) and action.name == "TEACH"
    census["spikes by hand"] += teaches * len(spikes)
    census["spikes by hand in an open group"] += opened and teaches
    census["pulses"] += command & spec.PULSE and engine.regs["PULSE_COUNT"]
    census["spikes of a play"] += len(spikes) * (not teaches)
    census["plays in an open group"] += opened and command == spec.PLAY
    census["resets of an open group"] += opened and command & spec.RESET_STATE
    census["changes in an open group"] += opened and not command and not teaches


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


@pytest.mark.parametrize(
    ("field", "value"),
    [("junctions", 4), ("synapse", "wall"), ("code_bits", 16), ("window_ages", 3)],
)
def test_wide_shapes_have_plain_synapses(field: str, value: object) -> None:
    fields = {"junctions": 2 if field == "synapse" else 1, field: value}
    spec.LearningShape(name="test", inputs=256, neurons=12, step_bits=4, **fields)
    with pytest.raises(ValueError, match=r"LearningShape\..* with row_groups = 4: give"):
        spec.LearningShape(name="test", inputs=256, neurons=12, row_groups=4, step_bits=4, **fields)


@pytest.mark.parametrize("field", ["TEACH", "PULSE_COUNT", "CYCLE_SPREAD", "COMMAND"])
def test_wide_shapes_have_no_hands_of_the_host(field: str) -> None:
    value = spec.PULSE if field == "COMMAND" else 1
    SMALL.check_register(field, value)
    with pytest.raises(ValueError, match=f"register {field} = {value} is out of range"):
        spec.SHAPES["wide-small"].check_register(field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("junctions", 3),
        ("synapse", "spin"),
        ("code_bits", 9),
        ("window_ages", 7),
        ("neurons", 1025),
    ],
)
def test_shapes_out_of_range_are_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"LearningShape\.{field} = "):
        replace(SMALL, **{field: value})


def test_code_tables_fit_the_shape() -> None:
    shape = replace(SMALL, code_bits=16, window_ages=3)
    row = tuple(range(spec.LEVELS))
    params = spec.LearningParams(code_bits=16, codes_p=row, codes_ap=(1 << 16,) * spec.LEVELS)
    assert shape.code_table(params) == [1 << 16] * spec.LEVELS + 3 * list(row)
    ages = replace(params, codes_p=row + row[::-1] + row)
    assert shape.code_table(ages)[spec.LEVELS :] == [*row, *row[::-1], *row]
    with pytest.raises(ValueError, match=r"codes_p holds 2 rows of 16 codes; shape test needs 3"):
        shape.code_table(replace(params, codes_p=row + row))
    with pytest.raises(ValueError, match=r"code_bits = 8; shape test has 16"):
        shape.code_table(spec.LearningParams())

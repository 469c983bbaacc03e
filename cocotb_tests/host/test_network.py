"""The network engine through the driver: golden model and virtual board, and what a neuron does."""

import numpy as np
import pytest

from cocotb_tests.network import random_memories, random_registers, random_words
from spinloom.emulator.spec.network import (
    CODE_ONE,
    CODES,
    Dense,
    LayerParams,
    NetworkParams,
    NetworkShape,
)
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host.learning import LearningMachine
from spinloom.host.machine import Machine
from spinloom.host.network import NetworkMachine

SMALL = SHAPES["network-small"]
ONE = NetworkShape(name="one", layers=(Dense(inputs=2, neurons=1),))
SILENT = LayerParams(theta=2047, lo=-2000, hi=2000)  # an accumulator to read out


def run(target, seed):
    """Everything that two rounds of random memories, registers and words leave to see."""
    rng = np.random.default_rng(seed)
    seen = []
    with Machine.open(target, SMALL) as machine:
        for _ in range(2):
            for name, region in SMALL.regions.items():
                machine.write_memory(name, random_memories(rng, SMALL)[region])
            machine.write_all(random_registers(rng, SMALL) | {"CONTROL": 0})
            words = random_words(rng, SMALL, 400)
            known = [w >= WORD_TICK or SMALL.layers[0].is_input(int(w)) for w in words]
            machine.stream(words[known & (words != WORD_TICK)])
            seen.append(machine.spikes().tolist())
            seen.append([layer.tolist() for layer in machine.positions()])
            seen.append([layer.tolist() for layer in machine.weights()])
            regs = [r for r in SMALL.registers.regs if r.addr >= SHELL_END and r.access != "wo"]
            seen.append([machine.read(r.name) for r in regs])
            machine.reset(state=True, random=True)
            seen.append([machine.read(name) for name in ("TICK", "SPIKES", "SEED_LO")])
    return seen


def test_the_virtual_board_is_the_golden_model():
    spikes = 0
    for seed in range(4):
        print(f"seed {seed}")
        golden = run("golden", seed)
        assert run("sim", seed) == golden
        spikes += len(golden[0]) + len(golden[5])
    assert spikes > 20


def opened(layer, *, shape=ONE, weights=((1,), (-1,)), bias=(0,), codes=(0,) * CODES):
    machine = Machine.open("golden", shape)
    machine.configure(NetworkParams(layers=(layer,), codes=codes))
    machine.set_weights([weights])
    machine.set_bias([bias])
    machine.reset(state=True, random=True)
    return machine


def ticks(machine, words):
    machine.stream(np.array(words, np.uint16))
    return machine.spikes()["tick"].tolist()


TICK = WORD_TICK | 1


def test_a_wall_integrates_both_ways_and_is_silent_until_it_has_passed():
    machine = opened(LayerParams(step=4, theta=10, lo=-8, hi=100))
    assert ticks(machine, [0, 0, TICK, 1, TICK, 0, TICK]) == []
    assert machine.positions()[0].tolist() == [8]
    assert ticks(machine, [0, TICK]) == [4]
    assert machine.positions()[0].tolist() == [2]  # reset by subtraction
    assert ticks(machine, [1, 1, 1, 1, TICK]) == []
    assert machine.positions()[0].tolist() == [-8]  # the end of the track


def test_a_reset_pulse_has_its_latency():
    machine = opened(LayerParams(step=10, theta=10, reset_ticks=3, to_zero=True))
    # Fires at 1; what comes in the next three ticks is lost; the reset is in tick 4.
    assert ticks(machine, [0, TICK, 0, TICK, 0, TICK, 0, TICK, 0, TICK]) == [1, 5]


@pytest.mark.parametrize("reset_ticks", [0, 1, 2])
def test_the_rate_follows_the_current(reset_ticks):
    """One event a tick of c wall steps: a spike each ceil(theta/c) ticks, and the reset pulse."""
    for current in (1, 3, 5, 10, 30):
        layer = LayerParams(step=current, theta=30, hi=2000, reset_ticks=reset_ticks, to_zero=True)
        machine = opened(layer)
        found = np.diff(ticks(machine, [0, TICK] * 120))
        assert len(found) > 1 and set(found.tolist()) == {-(-30 // current) + reset_ticks}


def test_the_leak_pulls_back_from_both_sides():
    machine = opened(LayerParams(step=10, theta=2000, lo=-100, hi=100, leak=3))
    ticks(machine, [0, TICK, TICK])
    assert machine.positions()[0].tolist() == [4]
    ticks(machine, [TICK, TICK])
    assert machine.positions()[0].tolist() == [0]
    ticks(machine, [1, TICK])
    assert machine.positions()[0].tolist() == [-7]


def test_a_junction_switches_above_its_critical_current_and_waits_for_the_reset():
    """An MTJ of 400 independent neurons: never, with p = 1/4, always; and P until the reset."""
    shape = NetworkShape(name="many", layers=(Dense(inputs=2, neurons=400),))
    codes = [0] * CODES
    codes[2], codes[3] = CODE_ONE // 4, CODE_ONE
    layer = LayerParams(step=8, lo=0, hi=63, junction=True, reset_ticks=2, shift=3)
    machine = opened(
        layer, shape=shape, weights=np.ones((2, 400)), bias=np.zeros(400, int), codes=tuple(codes)
    )
    for events, low, high in ((1, 0, 0), (2, 65, 135), (3, 400, 400)):  # 4 sigma of 100
        machine.reset(state=True)
        machine.stream(np.array([0] * events + [TICK], np.uint16))
        assert low <= len(machine.spikes()) <= high
        assert not machine.positions()[0].any()  # a junction keeps no current
        machine.stream(np.array([0] * 3 + [TICK], np.uint16))
        second = len(machine.spikes())
        assert second == 0 if events == 3 else second > 250  # those that have not switched
    machine.stream(np.array([TICK, 0, 0, 0, TICK], np.uint16))
    assert len(machine.spikes()) == 400


def test_a_hidden_spike_reaches_the_next_layer_in_the_same_time_step():
    machine = Machine.open("golden", SHAPES["network-shapes"])
    machine.configure(NetworkParams(layers=(LayerParams(theta=1), LayerParams(theta=2))))
    hidden, output = np.zeros((64, 16)), np.zeros((16, 2))
    hidden[5] = 1
    output[:, 1] = 1
    machine.set_weights([hidden, output])
    machine.set_bias([np.zeros(16, int), np.zeros(2, int)])
    machine.reset(state=True)
    machine.stream(np.array([TICK, 5, TICK], np.uint16))
    assert machine.spikes().tolist() == [(2, 1)]
    assert machine.positions()[1].tolist() == [0, 14]
    assert machine.layer_positions(1).tolist() == [0, 14]
    with pytest.raises(ValueError, match="layer = 2 is out of range; give 0 to 1"):
        machine.layer_positions(2)
    assert machine.read("HIDDEN") == 16


def test_what_is_set_is_read_back():
    rng = np.random.default_rng(1)
    with Machine.open("golden", SMALL) as machine:
        weights = [
            rng.integers(-1, 2, (3, 3, 3, 3)),
            rng.integers(-1, 2, (192, 20)),
            rng.integers(-1, 2, (20, 3)),
        ]
        bias = [rng.integers(-32, 32, n) for n in (3, 20, 3)]
        machine.set_weights(weights)
        machine.set_bias(bias)
        assert all((a == b).all() for a, b in zip(machine.weights(), weights, strict=True))
        assert all((a == b).all() for a, b in zip(machine.bias(), bias, strict=True))
        shapes = [layer.shape for layer in machine.positions()]
        assert shapes == [(6, 5, 3), (20,), (3,)]
        assert [machine.layer_positions(n).shape for n in range(3)] == shapes


def test_the_class_is_that_of_the_engine():
    assert type(Machine.open("golden", SMALL)) is NetworkMachine
    assert type(Machine.open("golden", SHAPES["lanes-small"])) is LearningMachine


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda m: m.configure(NetworkParams(layers=(SILENT,))),
            "NetworkParams.layers: 1 layers; shape network-small has 3",
        ),
        (
            lambda m: m.configure(NetworkParams(layers=(SILENT,) * 3)),
            "LayerParams.lo = -2000 is out of range for shape network-small; give -512 to 511",
        ),
        (lambda m: m.write("L1_THETA", 512), "register L1_THETA = 512 is out of range for shape"),
        (lambda m: m.write("L3_STEP", 1), "unknown register 'L3_STEP'"),
        (lambda m: m.set_weights([]), "weights of 0 layers; shape network-small has 3"),
        (
            lambda m: m.set_bias([[0, 0, 40], [0] * 20, [0] * 3]),
            "bias of layer 0 is out of range for shape network-small; give -32 to 31",
        ),
        (lambda m: m.read_memory("codes"), "memory codes is write-only"),
        (lambda m: Machine.open("golden:numba", SMALL), "has no golden path 'numba'"),
    ],
)
def test_mistakes_name_the_thing_and_the_range(action, message):
    with pytest.raises(ValueError, match=message):
        action(Machine.open("golden", SMALL))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((), "0 layers; give 1 to 4"),
        ((Dense(inputs=4, neurons=5), Dense(inputs=4, neurons=2)), "layer 1 = .* does not take"),
    ],
)
def test_layers_that_do_not_fit(layers, message):
    with pytest.raises(ValueError, match=message):
        NetworkShape(name="wrong", layers=layers)

"""A whole machine, shell and engine, against the golden model: corners, through the driver."""

import numpy as np
import pytest

from cocotb_tests.stimulus import random_params, random_words
from spinloom.emulator.spec.learning import REGISTERS, SHAPES, WORD_TICK
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.host.machine import Machine

SHAPE = SHAPES["lanes-small"]


def run(target, seed):
    """Everything that two rounds of random parameters and words leave to see."""
    rng = np.random.default_rng(seed)
    seen = []
    with Machine.open(target, SHAPE) as machine:
        weights = rng.random((SHAPE.inputs, SHAPE.neurons)) < 0.6
        machine.set_weights(weights)
        for learn in (0, 3):
            params = random_params(rng) | {"STEP": 40, "LEAK": 8, "THETA0": 300, "CONTROL": learn}
            params |= {"T_INH": 2, "T_REF": 5}
            machine.write_memory("codes", params.pop("codes"))
            for name, value in params.items():
                machine.write(name, value)
            machine.reset(state=True, theta=True)
            words = random_words(rng, SHAPE, 1500)
            # What the driver refuses to send.
            words = words[(words < SHAPE.inputs) | (words > WORD_TICK)]
            machine.stream(words)
            seen.append(machine.spikes().tolist())
            machine.write_memory("neurons", rng.integers(0, 1 << 32, 3), addr=2)
            machine.stream(words[:200])
            seen.append(machine.spikes().tolist())
            seen.append([array.tolist() for array in machine.neurons()])
            seen.append(machine.weights().tolist())
            readable = [r.name for r in REGISTERS.regs if r.addr >= SHELL_END and r.access != "wo"]
            seen.append([machine.read(name) for name in readable])
    return seen, weights.astype(int).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_the_machine_is_the_golden_model(seed):
    print(f"seed {seed}")
    golden, weights = run("golden", seed)
    assert len(golden[0]) > 10 and len(golden[5]) > 10, "too quiet to compare"
    assert golden[3] == weights and golden[8] != weights, "the second round is to learn"
    assert run("sim", seed)[0] == golden

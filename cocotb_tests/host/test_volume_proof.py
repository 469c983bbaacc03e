"""Random words in volume at the real shapes: the circuit in Verilator against the golden model."""

from __future__ import annotations

import subprocess
from typing import Any

import numpy as np
import pytest

from cocotb_tests.stimulus import random_params, random_words
from spinloom.boards import simulators
from spinloom.emulator.spec import learning as spec
from spinloom.host.machine import Machine
from spinloom.rtl.top import Top

WORDS = 20_000


def replay(machine: Machine, seed: int) -> tuple[Any, ...]:
    """Spikes, weights, walls and counters after random parameters and words."""
    rng, shape = np.random.default_rng(seed), machine.shape
    params = random_params(rng)
    machine.write_memory("codes", np.array(params.pop("codes"), np.uint32))
    for name, value in params.items():
        machine.write(name, value)
    machine.set_weights(rng.random((shape.inputs, shape.neurons)) < rng.random())
    machine.reset(state=True, theta=True)
    words = random_words(rng, shape, WORDS)
    machine.stream(words[(words < shape.inputs) | (words > spec.WORD_TICK)])
    spikes = machine.spikes().tolist()
    walls = [values.tolist() for values in machine.neurons()]
    counters = [machine.read(name) for name in ("SPIKES", "TICK", "SWITCHED_P", "SWITCHED_AP")]
    return spikes, machine.weights().tobytes(), walls, counters


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "compact", "seeds"), [("lanes", False, 40), ("lanes-full", True, 15)]
)
def test_random_machines_agree(name: str, compact: bool, seeds: int) -> None:
    """The compact one is what fills the iCE40UP5K."""
    shape, spikes = spec.SHAPES[name], 0
    program = simulators.build(Top(shape, compact=compact), "verilator")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-1]
        with Machine.open(f"tcp:{address}", shape) as board:
            for seed in range(100, 100 + seeds):
                print(f"seed {seed}")
                with Machine.open("golden:numba", shape) as golden:
                    want = replay(golden, seed)
                assert replay(board, seed) == want
                spikes += want[-1][0]
    assert spikes > 200 * seeds

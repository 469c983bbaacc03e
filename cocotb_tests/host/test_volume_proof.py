"""Random words in volume at the real shape: the virtual board against the golden model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cocotb_tests.stimulus import random_params, random_words
from spinloom.emulator.spec import learning as spec
from spinloom.host.machine import Machine

SHAPE = spec.SHAPES["lanes"]
WORDS = 20_000


def replay(machine: Machine, seed: int) -> tuple[Any, ...]:
    """Spikes, weights, walls and counters after random parameters and words."""
    rng = np.random.default_rng(seed)
    params = random_params(rng)
    machine.write_memory("codes", np.array(params.pop("codes"), np.uint32))
    for name, value in params.items():
        machine.write(name, value)
    machine.set_weights(rng.random((SHAPE.inputs, SHAPE.neurons)) < rng.random())
    machine.reset(state=True, theta=True)
    words = random_words(rng, SHAPE, WORDS)
    machine.stream(words[(words < SHAPE.inputs) | (words > spec.WORD_TICK)])
    spikes = machine.spikes().tolist()
    walls = [values.tolist() for values in machine.neurons()]
    counters = [machine.read(name) for name in ("TICK", "SWITCHED_P", "SWITCHED_AP")]
    return spikes, machine.weights().tobytes(), walls, counters


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_forty_random_machines_agree() -> None:
    spikes = 0
    with Machine.open("sim", SHAPE) as board:
        for seed in range(100, 140):
            print(f"seed {seed}")
            with Machine.open("golden:numba", SHAPE) as golden:
                want = replay(golden, seed)
            assert replay(board, seed) == want
            spikes += len(want[0])
    assert spikes > 10_000

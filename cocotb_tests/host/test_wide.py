"""Arrays of several rows a cycle, in Verilator against the golden model, in volume.

Stimuli that press on what works side by side in the engine: bursts, a spike at nearly every tick
with a sweep behind it, spikes that the link takes slower than they come, every event in one row,
all rows at once. They are played from the stimulus memory, faster than any link, and streamed.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from cocotb_tests.stimulus import random_params
from spinloom.boards import simulators
from spinloom.emulator.spec import learning as spec
from spinloom.host.machine import Machine
from spinloom.rtl.top import Top

SHAPES = {
    shape.name: shape
    for shape in (
        spec.LearningShape(
            name="spread", inputs=256, neurons=32, threshold_bits=9, step_bits=6, group=8,
            row_groups=4, stimulus=4096,
        ),
        spec.LearningShape(
            name="alike", inputs=512, neurons=50, threshold_bits=8, step_bits=1, levels=1,
            group=64, row_groups=4, generators=2, stimulus=4096,
        ),
    )
}  # fmt: skip
KINDS = ("bursts", "sweeps", "back-pressure", "one row", "all rows")
DISTINCT = 1_000  # events, played over and over, and at last streamed


def parameters(rng: np.random.Generator, kind: str, shape: spec.LearningShape) -> dict[str, Any]:
    """Random parameters, with what the kind of stimulus asks for."""
    params = random_params(rng)
    params["CONTROL"] = int(rng.integers(16))
    if kind in ("sweeps", "back-pressure"):
        params |= {"STEP": 1, "THETA0": int(rng.integers(1, 4)), "LEAK": 0, "THETA_UP": 0}
        params |= {"T_INH": 0, "T_REF": int(rng.choice([0, 1, 2, 3, 6, 40]))}
        params["CONTROL"] = 4 * int(rng.integers(2)) | (1 if kind == "sweeps" else 0)
        params["CONTROL"] |= 8 * (kind == "sweeps")
        params["codes"] = rng.integers(0, 100, 2 * spec.LEVELS).tolist()
    for name in params:
        if name != "codes":
            params[name] = min(params[name], (1 << shape.register_bits(name)) - 1)
    return params


def stimulus(
    rng: np.random.Generator, kind: str, shape: spec.LearningShape, events: int
) -> np.ndarray:
    """Stream words of so many events, in ticks; the last word is a tick."""
    words: list[np.ndarray] = []
    while events > 0:
        size = int(rng.integers(0, 30))
        if kind == "bursts":
            size = int(rng.choice([0, 0, 0, 1, 200]))
        elif kind == "all rows":
            size = shape.inputs if rng.random() < 0.2 else shape.row_groups
        size = min(size, events)
        which = rng.integers(0, shape.inputs, size)
        if kind == "one row":
            which[:] = 3 if rng.random() < 0.9 else which
        elif kind == "all rows":
            which = (np.arange(size) + shape.row_groups * rng.integers(4)) % shape.inputs
        words += [which, spec.WORD_TICK | rng.choice([1, 1, 1, 1, 2, 40], 1)]
        events -= size
    return np.concatenate(words).astype(np.uint16)


def outcome(machine: Machine, seed: int, events: int) -> tuple[Any, ...]:
    """Spikes, weights, walls and counters after one stimulus, played and streamed."""
    rng, shape = np.random.default_rng(seed), machine.shape
    kind = KINDS[seed % len(KINDS)]
    params = parameters(rng, kind, shape)
    machine.write_memory("codes", np.array(params.pop("codes"), np.uint32))
    for name, value in params.items():
        machine.write(name, value)
    machine.set_weights(rng.random((shape.inputs, shape.neurons)) < rng.random())
    machine.reset(state=True, theta=True)
    words = stimulus(rng, kind, shape, DISTINCT)
    machine.play(words, rounds=events // DISTINCT - 1)
    machine.stream(words)
    spikes = machine.spikes().tolist()
    walls = [values.tolist() for values in machine.neurons()]
    counters = {
        name: machine.read(name) for name in ("SPIKES", "TICK", "SWITCHED_P", "SWITCHED_AP")
    }
    return spikes, machine.weights().tobytes(), walls, counters


@contextmanager
def board(shape: spec.LearningShape) -> Iterator[Machine]:
    """The virtual board of a shape that has no name in the project."""
    program = simulators.build(Top(shape), "verilator")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-1]
        with Machine.open(f"tcp:{address}", shape) as machine:
            yield machine


def compare(shape: spec.LearningShape, seeds: range, events: int) -> None:
    census: Counter[str] = Counter()
    with board(shape) as simulated:
        for seed in seeds:
            print(f"seed {seed}")
            with Machine.open("golden:numba", shape) as golden:
                want = outcome(golden, seed, events)
            got = outcome(simulated, seed, events)
            assert got[3] == want[3]
            assert got == want
            census[KINDS[seed % len(KINDS)]] += want[3]["SPIKES"]
    print(census)
    assert len(census) == len(KINDS) and min(census.values()) > 0


@pytest.mark.parametrize("name", SHAPES)
def test_some_random_stimuli(name: str) -> None:
    compare(SHAPES[name], range(10), 5_000)


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SHAPES)
def test_two_hundred_random_stimuli_of_a_hundred_thousand_events(name: str) -> None:
    compare(SHAPES[name], range(100, 300), 100_000)

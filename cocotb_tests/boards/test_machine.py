"""The real machine on the virtual board: it, its golden model and a second simulator agree."""

import json
import subprocess
import sys

import numpy as np
import pytest

from spinloom.boards.virtual import SIMULATORS
from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.learning import SHAPES, WORD_TICK, LearningParams
from spinloom.emulator.spec.registers import MAGIC
from spinloom.host.machine import Machine

SHAPE = SHAPES["lanes-small"]
DEADLINE_S = 120.0


def busy_stream(rng, events):
    """Bursts on neighbouring inputs, so that neurons fire, with ticks between."""
    words = (rng.integers(0, 64, events) * 16 + rng.integers(0, 16, events)) % SHAPE.inputs
    words[: events // 2] = rng.integers(0, 40, events // 2)
    words[rng.random(events) < 0.05] = WORD_TICK | 1
    return words.astype(np.uint16)


def run(target):
    """All that a run leaves behind on this machine."""
    rng = np.random.default_rng(7)
    params = LearningParams(theta0=100, t_ref=5, t_inh=2, seed=12345, spread_seed=99)
    with Machine.open(target, SHAPE) as machine:
        identity = machine.read("MAGIC"), machine.read("CONTRACT")
        machine.configure(params)
        machine.set_weights(rng.random((SHAPE.inputs, SHAPE.neurons)) < 0.8)
        machine.stream(busy_stream(rng, 4000))
        spikes = machine.spikes()
        position, theta = machine.neurons()
        counts = [machine.read(n) for n in ("TICK", "SWITCHED_P", "SWITCHED_AP")]
        return identity, spikes, machine.weights(), position, theta, counts, machine.cycles


def test_two_simulators_and_the_golden_model_agree_to_the_last_bit():
    golden = run("golden")
    assert len(golden[1]) > 20, "too quiet to compare"
    for simulator in SIMULATORS:
        identity, *state, cycles = run(f"sim:{simulator}")
        assert identity == (MAGIC, contract_hash(SHAPE))
        for mine, theirs in zip(state, golden[1:-1], strict=True):
            np.testing.assert_array_equal(mine, theirs)
        assert cycles > 4000, "two cycles an event"


def test_the_command_reports_cycles_and_names_a_wrong_shape():
    command = [sys.executable, "-m", "spinloom.boards.virtual"]
    done = subprocess.run(
        [*command, "--shape", "nope"], capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert done.returncode == 2 and "'nope'" in done.stderr and "lanes-small" in done.stderr
    assert len(done.stderr.splitlines()) == 1

    options = ["--shape", SHAPE.name, "--simulator", "cxxrtl", "--stats"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command + options, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as board:
        address = board.stdout.readline().split()[1]
        with Machine.open(f"tcp:{address}", SHAPE) as machine:
            machine.stream(np.arange(100, dtype=np.uint16))
            machine.spikes()
        _, messages = board.communicate(timeout=DEADLINE_S)
    stats = json.loads(messages.splitlines()[-1])
    assert stats["simulator"] == "cxxrtl"
    assert 100 < stats["cycles"] < 1_000_000 and stats["cpu_seconds"] < 10


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_a_second_start_builds_nothing(simulator):
    command = [sys.executable, "-X", "importtime", "-m", "spinloom.boards.virtual"]
    command += ["--shape", SHAPE.name, "--simulator", simulator]
    subprocess.run(command[:1] + command[3:], input="", capture_output=True, timeout=DEADLINE_S)
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0 and done.stdout.startswith("listening 127.0.0.1:")
    assert "virtual board:" not in done.stderr
    assert "amaranth" not in done.stderr, "a start from the cache elaborates nothing"

"""What synthesis makes of the machine, cell by cell of an iCE40, against the golden model."""

import subprocess

import numpy as np
import pytest

from cocotb_tests.stimulus import random_words
from spinloom.boards import simulators
from spinloom.emulator.spec import learning as spec
from spinloom.host.machine import Machine
from spinloom.rtl.top import Top

SHAPE = spec.SHAPES["lanes-small"]
PARAMS = spec.LearningParams(
    theta0=60,
    step=8,
    leak=1,
    t_inh=2,
    t_ref=5,
    homeo_ticks=20,
    codes_p=tuple(range(20, 36)),
    codes_ap=tuple(range(3, 19)),
    spread_seed=77,
)


def run(target, seed):
    """Spikes, weights, walls and counters after random words."""
    rng = np.random.default_rng(seed)
    with Machine.open(target, SHAPE) as machine:
        machine.configure(PARAMS)
        machine.reset(state=True, theta=True, random=True)
        machine.set_weights(rng.random((SHAPE.inputs, SHAPE.neurons)) < 0.5)
        words = random_words(rng, SHAPE, 4000)
        machine.stream(words[(words < SHAPE.inputs) | (words > spec.WORD_TICK)])
        spikes = machine.spikes().tolist()
        walls = [values.tolist() for values in machine.neurons()]
        counters = [machine.read(name) for name in ("TICK", "SWITCHED_P", "SWITCHED_AP")]
        return spikes, machine.weights().tolist(), walls, counters


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_the_netlist_is_the_golden_model():
    program = simulators.build(Top(SHAPE, memory="spram", compact=True), "netlist")
    for seed in (1, 2):
        print(f"seed {seed}")
        want = run("golden", seed)
        assert len(want[0]) > 30 and min(want[3]) > 10  # it fired and learned
        with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as board:
            address = board.stdout.readline().decode().split()[-1]
            assert run(f"tcp:{address}", seed) == want

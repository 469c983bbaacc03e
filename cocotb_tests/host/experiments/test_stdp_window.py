"""Windows of stochastic STDP against what was programmed, on the golden model and on the virtual
board, and that it is all the same who makes the neuron spike."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.learning import PULSE, SHAPES, WORD_TICK
from spinloom.host.experiments import stdp_window
from spinloom.host.experiments.stdp_window_config import StdpWindowConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SHAPE = SHAPES["stdp"]
COLUMN = np.arange(SHAPE.inputs, dtype=np.uint8) % 2  # of a neuron: half its junctions are P


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return stdp_window.run(machine, config, progress)


def test_windows_are_as_programmed(tmp_path):
    """All points within the bound of three sigma for all of them jointly. Their mean square is that
    of m standard normal numbers, 1 with a standard deviation of sqrt(2/m): five of those."""
    result = run("golden", StdpWindowConfig(trials=20_000))
    figures = result.figures()
    assert result.trials == 4 * 8 * 1024 and figures["trials"] == 2 * 2 * 37 * result.trials
    assert figures["random_points"] == 2 * (24 + 8 + 5 + 3)
    assert 4 < figures["joint_bound"] < 4.5
    assert figures["max_sigma"] < figures["joint_bound"]
    assert abs(figures["mean_square_sigma"] - 1) < 5 * np.sqrt(2 / figures["random_points"])
    assert figures["codes"]["exponential"][:2] == [1 << 14, round(2**14 * np.exp(-0.5))]
    assert stdp_window.draw(result, tmp_path) == ["window.png"]
    assert (tmp_path / "window.png").read_bytes().startswith(b"\x89PNG")
    tables = stdp_window.tables(figures | {"machine": "golden", "seed": 1})
    assert [len(rows) for rows in tables.values()] == [37, 37]


def test_the_law_of_a_bucket():
    """At whole buckets the staircase, halfway between them its mean, and nothing outside."""
    config = StdpWindowConfig(bucket_ticks=2, tau=4.0)
    up, down = config.chances("exponential").mean(axis=-1)
    codes = np.array([*config.codes("exponential"), 0]) / (1 << 16)
    first = config.times().index(0)
    assert up[first : first + 13 : 2].tolist() == codes.tolist()
    assert up[first + 1 : first + 12 : 2].tolist() == ((codes[1:] + codes[:-1]) / 2).tolist()
    assert not up[:first].any() and not up[first + 12 :].any()
    assert down[: first + 13].tolist() == [1 / 16] * 4 + [0] * 11 + [1 / 32, 1 / 16]


def test_a_wrong_window_is_seen(monkeypatch):
    """A bucket of another length than the law's, by one tick of four."""
    right = StdpWindowConfig.params

    def wrong(config, rule):
        return replace(right(config, rule), bucket_ticks=3)

    monkeypatch.setattr(StdpWindowConfig, "params", wrong)
    assert run("golden", StdpWindowConfig(trials=2000)).figures()["max_sigma"] > 20


def test_other_bodies_switch_the_same_junctions():
    config = StdpWindowConfig(trials=2000, bucket_ticks=1, tau=2.0)
    golden, numba, sim = (run(target, config) for target in ("golden", "golden:numba", "sim"))
    assert golden.junctions_hash == numba.junctions_hash == sim.junctions_hash
    assert (golden.switched == sim.switched).all() and golden.switched.sum() > 2000
    # A sweep of every neuron in each of the rounds.
    assert sim.cycles > 2 * 10 * 16 * 2 * 128


def junctions_after(machine, act, dt):
    """The junctions of neuron 5 after this way to make it spike, dt ticks behind all inputs."""
    machine.stream([*range(SHAPE.inputs), WORD_TICK | dt])
    act(machine)
    return machine.weights()[:, 5]


def teach(machine):
    machine.write("TEACH", 5)


def pulse(machine):
    machine.write_all({"PULSE_COLUMN": 5, "COMMAND": PULSE})


def drive(machine):
    """Input 7 drives the wall over its threshold through a P junction of neuron 5 alone."""
    bits = machine.weights()
    bits[7] = np.arange(SHAPE.neurons) == 5
    machine.set_weights(bits)
    machine.write("STEP", 1000)
    machine.spikes()  # of those before
    machine.stream([7])
    assert machine.spikes()["neuron"].tolist() == [5]


@pytest.mark.parametrize("dt", [9, 40])
def test_who_makes_a_neuron_spike(dt):
    """The host, or an input that drives its wall: the same junctions switch, but for the input's
    own; and so they do under a pulse by the window without a spike."""
    others = np.arange(SHAPE.inputs) != 7
    states = []
    with Machine.open("golden", SHAPE) as machine:
        for act in (teach, pulse, drive):
            machine.configure(StdpWindowConfig().params("exponential"))
            machine.set_weights(np.tile(COLUMN, (SHAPE.neurons, 1)).T)
            machine.reset(state=True, theta=True, random=True)
            states.append(junctions_after(machine, act, dt)[others])
    assert (states[0] == states[1]).all() and (states[0] == states[2]).all()
    changed = states[0] != COLUMN[others]
    # Inside the window AP junctions switch, outside it P junctions.
    assert changed.sum() > 10 and not changed[COLUMN[others] == (dt < 24)].any()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "devices"}, "shape = 'devices': choose one of stdp$"),
        ({"trials": 0}, "trials = 0 is out of range; give 1 to"),
        ({"bucket_ticks": 65}, "bucket_ticks = 65 is out of range; give 1 to 64"),
        ({"tau": 0.0}, "tau = 0.0 is out of range; give more than 0"),
        ({"p_up": 1.5}, "p_up = 1.5 is out of range; give 0 to 1"),
        ({"p_down": -0.1}, "p_down = -0.1 is out of range; give 0 to 1"),
        ({"seed": -1}, "seed = -1 is out of range"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        StdpWindowConfig(**fields)

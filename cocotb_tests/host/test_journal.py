"""Power cycles: a run that is cut at any place and resumed on a fresh machine is, bit by bit, the
run that was not."""

from dataclasses import replace

import numpy as np
import pytest

from cocotb_tests.host.test_machine import through_frames
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec.learning import SHAPES, WORD_TICK, LearningParams, LearningShape
from spinloom.host.image import Image
from spinloom.host.journal import Journal, ahead
from spinloom.host.machine import Machine

SHAPE = LearningShape(name="tiny", inputs=64, neurons=40)
COMPOUND = LearningShape(name="compound", inputs=64, neurons=20, junctions=2)
WALLS = LearningShape(name="walls", inputs=64, neurons=20, junctions=3, synapse="wall")
FINE = LearningShape(name="fine", inputs=64, neurons=20, junctions=2, code_bits=16, window_ages=5)
GROUPED = LearningShape(name="grouped", inputs=64, neurons=24, group=5, row_groups=4)
BASE = LearningParams(
    step=40, leak=3, theta0=300, theta_up=60, t_ref=17, t_inh=3, bucket_ticks=5, homeo_ticks=23,
    seed=0x1234567890,
)  # fmt: skip
CASES = {
    "short": BASE,
    "long": replace(BASE, t_ref=200, t_inh=60, bucket_ticks=9),
    "no-timers": replace(BASE, t_ref=0, t_inh=0),
    "frozen": replace(BASE, learn=False, hard_reset=True),
    "hard": replace(BASE, hard_reset=True, homeostasis=False, bucket_ticks=1),
}


def stimulus(count=3000, seed=2):
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 64, count).astype(np.uint16)
    tick = rng.random(count) < 0.25
    words[tick] = WORD_TICK | rng.choice([1, 1, 2, 7], tick.sum())
    return words


def weights(shape):
    return np.random.default_rng(3).integers(0, 2, (shape.inputs, shape.columns))


def seen(machine):
    pos, theta = machine.neurons()
    return (machine.weights().tobytes(), pos.tolist(), theta.tolist(), machine.read("TICK"))


@pytest.mark.parametrize("shape", [SHAPE, GROUPED, COMPOUND, WALLS, FINE], ids=lambda s: s.name)
@pytest.mark.parametrize("params", CASES.values(), ids=CASES)
def test_cut_anywhere(tmp_path, shape, params):
    """Thirty random cuts, most of them inside a tick, a bucket, a group and refractory times; two
    words at once up to 300."""
    if shape.code_bits == 16:
        params = replace(
            params, code_bits=16, codes_p=(16001,) * 16, codes_ap=(4001,) * 16, cycle_spread=2
        )
    words = stimulus()
    whole = Journal.start(Machine.open("golden", shape), params, weights(shape))
    whole.stream(words)
    expected = whole.spikes()
    assert len(expected) > 30
    path = tmp_path / "run.npz"
    rng = np.random.default_rng(4)
    cuts = np.sort(rng.choice(len(words), 30, replace=False))
    journal = Journal.start(Machine.open("golden", shape), params, weights(shape))
    spikes, fast = [], 0
    for part in np.split(words, cuts):
        middle = int(rng.integers(0, len(part) + 1))
        journal.stream(part[:middle])
        if rng.random() < 0.5:
            spikes.append(journal.spikes())
        journal.stream(part[middle:])
        before = seen(journal.machine)
        spikes.append(journal.save(path))
        with np.load(path) as file:
            fast += len(file["words"])
        journal = Journal.resume(Machine.open("golden", shape), path)
        assert seen(journal.machine) == before
    assert np.concatenate(spikes).tolist() == expected.tolist()
    assert seen(journal.machine) == seen(whole.machine)
    assert fast < 31 * len(words) / 2  # only the recent past is kept


def test_through_frames(tmp_path):
    words = stimulus(1200)
    whole = Journal.start(Machine.open("golden", SHAPE), BASE, weights(SHAPE))
    whole.stream(words)
    expected = whole.spikes()
    journal = Journal.start(through_frames(SHAPE), BASE, weights(SHAPE))
    path = tmp_path / "run.npz"
    spikes = []
    for part in np.split(words, [401, 777]):
        journal.stream(part)
        spikes.append(journal.save(path))
        journal = Journal.resume(through_frames(SHAPE), path)
    assert np.concatenate(spikes).tolist() == expected.tolist()
    assert seen(journal.machine) == seen(whole.machine)


@pytest.mark.parametrize("name", ["lanes-small", "wide-small"])
def test_from_board_to_board(tmp_path, name):
    """Cut three times: the virtual board, another one, the golden model and the board again, of a
    machine that reads a row at a time and of a wide one."""
    shape = SHAPES[name]
    params = replace(BASE, step=min(200, (1 << shape.step_bits) - 1), theta0=200)
    words = np.random.default_rng(5).integers(0, shape.inputs, 4000).astype(np.uint16)
    words[::5] = WORD_TICK | 1
    with Machine.open("golden", shape) as machine:
        whole = Journal.start(machine, params, weights(shape))
        whole.stream(words)
        expected = whole.spikes()
        last = seen(machine)
    assert len(expected) > 100
    path, spikes = tmp_path / "run.npz", []
    targets = ("sim", "sim", "golden", "sim")
    for target, part in zip(targets, np.split(words, [1003, 2000, 3456]), strict=True):
        with Machine.open(target, shape) as machine:
            if spikes:
                journal = Journal.resume(machine, path)
            else:
                journal = Journal.start(machine, params, weights(shape))
            journal.stream(part)
            spikes.append(journal.save(path))
            found = seen(machine)
    assert np.concatenate(spikes).tolist() == expected.tolist()
    assert found == last


def test_without_the_past_the_run_is_another(tmp_path):
    """What the journal keeps is needed: without the words, spikes differ."""
    words = stimulus()
    whole = Journal.start(Machine.open("golden", SHAPE), CASES["long"], weights(SHAPE))
    whole.stream(words[:1500])
    path = tmp_path / "run.npz"
    whole.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    for changed in ({}, {"words": arrays["words"][:0], "spikes": arrays["spikes"][:0]},
                    {"trials": arrays["trials"] + 64}):  # fmt: skip
        np.savez(path, **(arrays | changed))
        other = Journal.resume(Machine.open("golden", SHAPE), path)
        other.stream(words[1500:])
        found = other.spikes().tolist()
        if not changed:
            whole.stream(words[1500:])
            expected = whole.spikes().tolist()
        assert (found == expected) == (not changed)


def test_generator_ahead():
    drawn = LinearGenerators("lutopt64", [BASE.seed])
    drawn.block(12_345)
    assert ahead(SHAPE, BASE.seed, 12_345) == drawn.states[0]
    assert ahead(SHAPE, BASE.seed, 0) == BASE.seed


def test_several_generators_are_refused():
    shape = LearningShape(name="two", inputs=64, neurons=8, row_groups=2, generators=2)
    with pytest.raises(ValueError, match="shape two has 2 random generators, which can't be set"):
        Journal.start(Machine.open("golden", shape), BASE, np.zeros((64, 8)))


def test_a_plain_image_is_no_journal(tmp_path):
    path = tmp_path / "image.npz"
    machine = Machine.open("golden", SHAPE)
    machine.configure(BASE)
    Image.of(machine, BASE).save(path)
    with pytest.raises(ValueError, match=r"is no image of a machine \(it has no since\)"):
        Journal.resume(machine, path)

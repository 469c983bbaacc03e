"""The convolution of the machine is its equation, and its spikes are edges; the virtual board gives
the same."""

import numpy as np
import pytest

from spinloom.emulator.spec.network import SHAPES
from spinloom.host.experiments import convolution
from spinloom.host.experiments.convolution import ConvolutionConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return convolution.run(machine, config, progress)


@pytest.mark.parametrize("shape", ["network-edges", "network-edges5"])
def test_every_neuron_holds_the_sum(shape):
    config = ConvolutionConfig(shape=shape)
    result = run("golden", config)
    assert result.wrong == 0
    assert result.sums.min() <= -3 and result.sums.max() >= 3
    assert (result.edges == (result.sums >= config.theta)).all()
    assert result.edges.any(axis=(0, 1, 2)).all() and not result.edges.all(axis=-1).any()


def test_a_square_has_an_edge_on_each_side():
    """Filter 0 finds what is bright to the right: the left side; 2 what is bright above: the lower
    side; 4 and 6 the other two."""
    layer = SHAPES["network-edges"].layers[0]
    pixels = np.zeros((layer.height, layer.width), np.uint8)
    pixels[8:20, 6:18] = 1
    edges = convolution.convolve(pixels, convolution.kernels(layer)) >= 3
    for direction, where in ((0, np.s_[9:19, 5]), (2, np.s_[20, 7:17])):
        assert edges[..., direction][where].all()
    assert edges[9:19, 18, 4].all() and edges[7, 7:17, 6].all()
    assert not edges[11:17, 9:15].any()


@pytest.mark.parametrize("shape", ["network-edges", "network-edges5"])
def test_the_virtual_board_finds_the_same(shape):
    config = ConvolutionConfig(pictures=2, shape=shape)
    golden, sim = run("golden", config), run("sim", config)
    assert (golden.sums == sim.sums).all()
    assert (golden.edges == sim.edges).all()
    events = 2 * int(golden.pictures.sum())
    steps = 4 * 784 * (8 + 5)
    taps = config.plane().kernel ** 2
    assert sim.cycles >= events * (taps + 1) + steps + golden.edges.sum()


@pytest.mark.parametrize("pictures", [1, 5])
def test_pictures(pictures, tmp_path):
    """One picture fills less than a row, five leave a place empty."""
    names = convolution.draw(run("golden", ConvolutionConfig(pictures=pictures)), tmp_path)
    assert names == ["maps.png", "edges.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in names)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "network-digits"}, "choose one of network-edges, network-edges5"),
        ({"pictures": 0}, "pictures = 0 is out of range; give 1 to 10000"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionConfig(**fields)

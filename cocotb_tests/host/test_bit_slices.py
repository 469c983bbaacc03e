"""Memristors of 16 levels in bit slices: their integer product, and the network engine's."""

import numpy as np
import pytest

from spinloom.emulator.spec.network import SHAPES, LayerParams, NetworkParams
from spinloom.host.bit_slices import sliced_events, sliced_weights
from spinloom.host.machine import Machine


def test_every_level_of_both_signs():
    levels = np.arange(-15, 16)[None]
    weights = sliced_weights(levels)
    assert weights.shape == (4, 31) and np.isin(weights, (-1, 0, 1)).all()
    assert (np.array([1, 2, 4, 8]) @ weights == levels).all()
    assert weights[:, 31 - 6].tolist() == [0, 1, 0, 1]  # +10


def test_events_drive_bit_b_by_two_to_the_b():
    assert sliced_events([1, 0, 2]).tolist() == [0, 1, 1, *[2] * 4, *[3] * 8,
        *[8] * 2, *[9] * 4, *[10] * 8, *[11] * 16]  # fmt: skip
    assert not len(sliced_events([0, 0]))


@pytest.mark.parametrize("junction", [False, True])
@pytest.mark.parametrize("target", ["golden", "sim"])
def test_positions_are_the_integer_product(target, junction):
    """Full range: 16 events of the highest level leave 16 * 15 wall steps of 8."""
    rng = np.random.default_rng(7)
    levels = rng.integers(-15, 16, size=(16, 64))
    levels[:, 0], levels[:, 1] = 15, -15
    with Machine.open(target, SHAPES["network-neurons"]) as machine:
        machine.configure(NetworkParams(layers=(LayerParams(step=8, junction=junction),)))
        machine.set_weights([sliced_weights(levels)])
        for counts in (np.ones(16, int), rng.multinomial(17, np.ones(16) / 16)):
            machine.reset(state=True)
            machine.stream(sliced_events(counts))
            assert (machine.positions()[0] == 8 * (counts @ levels)).all()


@pytest.mark.parametrize(
    ("function", "value", "message"),
    [
        (sliced_weights, [[16]], "levels: values are out of range; give -15 to 15"),
        (sliced_weights, [1, 2], r"levels of shape \(2,\): give integers"),
        (sliced_weights, [[0.5]], "give integers"),
        (sliced_events, [1, -1], r"counts = \[1, -1\]: give integers from 0 up"),
        (sliced_events, [[1]], "give integers from 0 up"),
        (sliced_events, [1] * 20_000, "counts of 20000 inputs; give 8192 or fewer"),
    ],
)
def test_mistakes(function, value, message):
    with pytest.raises(ValueError, match=message):
        function(value)

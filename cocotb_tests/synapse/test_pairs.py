"""The pairs' memory against its golden twin, and weights as words and back."""

import random

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.network import LANES, Convolution, Dense
from spinloom.emulator.synapse.pairs import JunctionPairs as Golden
from spinloom.emulator.synapse.pairs import pack_pairs, unpack_pairs, weights_shape
from spinloom.rtl.synapse.pairs import JunctionPairs

LAYERS = (
    Dense(inputs=5, neurons=35),
    Dense(inputs=3, neurons=16),
    Dense(inputs=4, neurons=2),
    Convolution(height=4, width=4, channels=3, kernel=3, filters=5),
    Convolution(height=4, width=4, kernel=5, filters=16),
)


def test_against_golden():
    print("seed 1")
    rng, words = random.Random(1), 37
    dut, golden = JunctionPairs(words), Golden(words)

    async def bench(ctx):
        for at in range(600):
            addr, write = (at, True) if at < words else (rng.randrange(words), rng.random() < 0.4)
            word = rng.getrandbits(32)
            ctx.set(dut.i_addr, addr)
            ctx.set(dut.i_data, word)
            ctx.set(dut.i_write, write)
            ctx.set(dut.i_read, not write)
            await ctx.tick()
            if write:
                golden.write_words(addr, np.array([word], np.uint32))
                continue
            ctx.set(dut.i_read, 0)
            await ctx.tick().repeat(rng.randrange(3) + 1)  # it stays
            plus, minus = ctx.get(dut.o_plus), ctx.get(dut.o_minus)
            lanes = [(plus >> k & 1) - (minus >> k & 1) for k in range(LANES)]
            assert plus & minus == 0
            assert lanes == golden.signed[addr].tolist()
            assert ctx.get(dut.o_word) == golden.read_words(addr, 1)[0]

    simulate(dut, [bench], cycles=5000)


@pytest.mark.parametrize("layer", LAYERS)
def test_weights_as_words_and_back(layer):
    rng = np.random.default_rng(1)
    weights = rng.integers(-1, 2, weights_shape(layer))
    words = pack_pairs(layer, weights)
    assert len(words) == layer.weight_words
    assert (unpack_pairs(layer, words) == weights).all()


def test_the_first_weights_of_a_neuron_are_where_the_contract_says():
    layer = Dense(inputs=3, neurons=20)
    weights = np.zeros((3, 20))
    weights[2, 17], weights[1, 3] = 1, -1
    words = pack_pairs(layer, weights).tolist()
    assert words == [0, 0, 1 << 16 + 3, 0, 0, 1 << 1]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((3, 4)), r"weights of shape \(3, 4\); give \(4, 2\)"),
        (np.full((4, 2), 2), "weights hold other values than -1, 0 and 1"),
    ],
)
def test_mistakes(weights, message):
    with pytest.raises(ValueError, match=message):
        pack_pairs(Dense(inputs=4, neurons=2), weights)

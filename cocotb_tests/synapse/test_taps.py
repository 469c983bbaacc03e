"""The address generator against its golden twin: every input of every layer, and a convolution
summed over the taps against one written as its equation."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from cocotb_tests.network import SHAPES
from spinloom.emulator.spec.network import Convolution
from spinloom.emulator.synapse.taps import Taps as Golden
from spinloom.rtl.synapse.taps import Taps


@pytest.mark.parametrize("name", SHAPES)
def test_every_event_takes_the_steps_of_the_golden_twin(name):
    print("seed 1")
    rng = np.random.default_rng(1)
    shape = SHAPES[name]
    dut, golden = Taps(shape), Golden(shape)
    outside = 0

    async def bench(ctx):
        nonlocal outside
        events = [
            (n, a) for n, la in enumerate(shape.layers) for a in range(la.inputs) if la.is_input(a)
        ]
        for n, address in rng.permutation(events)[:250].tolist():
            ctx.set(dut.i_layer, n)
            ctx.set(dut.i_address, address)
            ctx.set(dut.i_start, 1)
            await ctx.tick()
            ctx.set(dut.i_start, 0)
            steps = list(golden.steps(n, address))
            for at, (weight, word) in enumerate(steps):
                assert ctx.get(dut.o_busy)
                assert ctx.get(dut.o_last) == (at == len(steps) - 1)
                assert ctx.get(dut.o_weight) == weight
                assert ctx.get(dut.o_inside) == (word >= 0)
                assert word < 0 or ctx.get(dut.o_word) == word
                outside += word < 0
                await ctx.tick()
            assert not ctx.get(dut.o_busy)
            await ctx.tick().repeat(int(rng.integers(1, 3)))
        for address in range(shape.inputs + 40):
            ctx.set(dut.i_address, address)
            known = address < shape.inputs and shape.layers[0].is_input(address)
            assert ctx.get(dut.o_known) == known

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert outside > 0 or not any(isinstance(la, Convolution) for la in shape.layers)


def test_the_taps_of_a_convolution_are_its_equation():
    """out[y, x, f] = sum of K[c, dy, dx, f] · in[y+dy-r, x+dx-r, c], zero outside of the plane."""
    shape, rng = SHAPES["conv-conv"], np.random.default_rng(2)
    layer = shape.layers[0]
    kernel = rng.integers(-1, 2, (layer.channels, layer.kernel, layer.kernel, layer.filters))
    image = rng.integers(0, 3, (layer.height, layer.width, layer.channels))
    radius = layer.kernel // 2
    padded = np.pad(image, ((radius, radius), (radius, radius), (0, 0)))
    want = np.zeros((layer.height, layer.width, layer.filters), int)
    for y in range(layer.height):
        for x in range(layer.width):
            window = padded[y : y + layer.kernel, x : x + layer.kernel]
            want[y, x] = np.einsum("yxc,cyxf->f", window, kernel)
    got = np.zeros((layer.words, layer.filters), int)
    weights, golden = kernel.reshape(-1, layer.filters), Golden(shape)
    for y, x, c in zip(*np.nonzero(image), strict=True):
        address = (y << layer.x_bits | x) << layer.channel_bits | c
        for weight, word in golden.steps(0, address):
            if word >= 0:
                got[word] += image[y, x, c] * weights[weight]
    got = got.reshape(layer.height, -1, layer.filters)[:, : layer.width]
    assert (got == want).all() and want.any()

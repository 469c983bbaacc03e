"""The sweep's circuit against the golden model: what switches, in order, what is counted and how
many words are drawn, however slowly the array takes it."""

import gc
import random

import numpy as np
import pytest
from amaranth.hdl import UnusedElaboratable
from amaranth.lib import data
from amaranth.utils import ceil_log2

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import CODE_ONE, LANES, LEVELS, LearningShape
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.level import CycleLevel
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.emulator.synapse.spread import DeviceSpread
from spinloom.emulator.synapse.stdp import StochasticStdp as Golden
from spinloom.rtl.synapse.spread import LATENCY
from spinloom.rtl.synapse.stdp import StochasticStdp
from spinloom.rtl.synapse.window import WORD

NEURONS = 12


def junction(inputs):
    return data.StructLayout({"row": ceil_log2(inputs), "column": ceil_log2(NEURONS), "state": 1})


async def load_codes(ctx, dut, codes):
    ctx.set(dut.i_code_write, 1)
    for addr, code in enumerate(codes.ravel().tolist()):
        ctx.set(dut.i_code_addr, addr)
        ctx.set(dut.i_code, code)
        await ctx.tick()
    ctx.set(dut.i_code_write, 0)


async def sweep(ctx, dut, rng, column, classes, words, stall):
    """One sweep; the junctions written, the trials counted (to AP, to P), words drawn, cycles."""
    count = len(dut.i_active) // WORD
    planes = [np.packbits(classes == a, bitorder="little").view("<u4") for a in range(1, count + 1)]
    masks = [
        sum(int(plane[n]) << WORD * a for a, plane in enumerate(planes))
        for n in range(len(planes[0]))
    ]
    written, counted, drawn = [], [0, 0], 0
    ctx.set(dut.i_column, column)
    ctx.set(dut.i_word, words[0])
    ctx.set(dut.i_start, 1)
    _, _, draw = await ctx.tick().sample(dut.o_draw)
    ctx.set(dut.i_start, 0)
    if draw:
        drawn += 1
        ctx.set(dut.i_word, words[drawn])
    offered = None
    for cycles in range(40 * len(classes)):
        ready = rng.random() >= stall
        ctx.set(dut.column.ready, ready)
        _, _, busy, read, word, draw, valid, payload, to_ap, to_p = await ctx.tick().sample(
            dut.o_busy,
            dut.o_window_read,
            dut.o_window_word,
            dut.o_draw,
            dut.column.valid,
            dut.column.payload,
            dut.o_to_ap,
            dut.o_to_p,
        )
        item = (payload.row, payload.column, payload.state)
        assert offered is None or (valid and item == offered), "an offer was changed"
        offered = item if valid and not ready else None
        if valid and ready:
            written.append(item)
        counted = [counted[0] + to_ap, counted[1] + to_p]
        if read:  # the window's memory shows the word a cycle later and holds it
            ctx.set(dut.i_active, masks[word])
        if draw:
            drawn += 1
            ctx.set(dut.i_word, words[drawn] if drawn < len(words) else rng.getrandbits(64))
        if not busy:
            return written, counted, drawn, cycles
    raise TimeoutError("the sweep does not end")


def random_codes(rng):
    """Rare, frequent or certain switching, or anything."""
    top = rng.choice([0, 8, 128, CODE_ONE])
    low = CODE_ONE if top == CODE_ONE and rng.random() < 0.5 else 0
    values = [rng.randrange(low, top + 1) for _ in range(2 * LEVELS)]
    return np.array(values, np.uint16).reshape(2, LEVELS)


@pytest.mark.parametrize("inputs", [64, 96, 256])
@pytest.mark.parametrize("stall", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("lanes", [LANES, 4, 2])
def test_against_golden(inputs, stall, lanes):
    print("seed 1")
    rng = random.Random(1)
    shape = LearningShape(name="test", inputs=inputs, neurons=NEURONS)
    dut = StochasticStdp(inputs, junction(inputs), lanes=lanes)
    synapses, mtj = SynapseArray(shape), Mtj()
    golden = Golden(synapses, mtj)
    switched = 0

    async def bench(ctx):
        nonlocal switched
        for n in range(10):
            if n % 2 == 0:
                mtj.codes[:] = random_codes(rng) if n else 64
                await load_codes(ctx, dut, mtj.codes)
            seed, neuron = rng.choice([0, rng.getrandbits(32)]), rng.randrange(NEURONS)
            ctx.set(dut.i_spread_seed, seed)
            share = rng.choice([0, 0.1, 0.5, 1])
            active = np.array([rng.random() < share for _ in range(inputs)])
            words = [rng.getrandbits(64) for _ in range(shape.groups)]

            written, counted, drawn, _ = await sweep(ctx, dut, rng, neuron, active, words, stall)

            after = synapses.bits.copy()
            for row, column, state in written:
                after[row, column] = state
            levels = DeviceSpread(seed).levels(shape.groups, neuron)
            switches = mtj.pulse(active, levels, np.array(words, np.uint64))
            want = golden.sweep(neuron, active, levels, np.array(words, np.uint64))
            assert [row for row, _, _ in written] == np.flatnonzero(switches).tolist()
            assert np.array_equal(after, synapses.bits)
            assert counted == list(want)
            assert drawn == shape.groups
            switched += len(written)

    simulate(dut, [bench], cycles=60_000)
    assert switched > inputs // 2


@pytest.mark.parametrize("lanes", [LANES, 2])
@pytest.mark.parametrize("planes", [1, 3])
def test_codes_of_two_bytes_and_ages_and_a_cycle_spread(lanes, planes):
    print("seed 1")
    rng = random.Random(1)
    inputs = 96
    shape = LearningShape(name="test", inputs=inputs, neurons=NEURONS, code_bits=16)
    dut = StochasticStdp(inputs, junction(inputs), lanes=lanes, planes=planes, code_bits=16)
    synapses, mtj = SynapseArray(shape), Mtj(1 + planes, 16)
    golden = Golden(synapses, mtj)
    switched = 0

    async def bench(ctx):
        nonlocal switched
        for n in range(12):
            codes = [rng.choice([0, 255, 1 << 16, rng.randrange(1 << 16)]) for _ in mtj.codes.flat]
            mtj.codes[:] = np.reshape(codes, mtj.codes.shape)
            await load_codes(ctx, dut, mtj.codes)
            column, spread = rng.randrange(NEURONS), n % 4
            ctx.set(dut.i_cycle_spread, spread)
            classes = np.array([rng.randrange(1 + planes) for _ in range(inputs)], np.uint8)
            words = [rng.getrandbits(64) for _ in range(2 * shape.groups + (spread > 0))]
            levels = DeviceSpread(0).levels(shape.groups, column)
            trials = np.array(words[spread > 0 :], np.uint64)
            if spread:
                levels = CycleLevel.levels(levels, spread, words[0])

            result = await sweep(ctx, dut, rng, column, classes, words, 0.3)

            written, counted, drawn, _ = result
            after = synapses.bits.copy()
            for row, at, state in written:
                after[row, at] = state
            assert counted == list(golden.sweep(column, classes, levels, trials))
            assert np.array_equal(after, synapses.bits) and drawn == len(words)
            switched += len(written)

    simulate(dut, [bench], cycles=20_000)
    assert switched > inputs


@pytest.mark.parametrize("lanes", [LANES, 4, 2])
@pytest.mark.parametrize("switching", [False, True])
def test_throughput(lanes, switching):
    """All lanes a cycle while nothing switches; a junction a cycle of a ready array otherwise."""
    inputs = 256
    code, trials_a_cycle = (CODE_ONE, 1) if switching else (0, lanes)
    dut = StochasticStdp(inputs, junction(inputs), lanes=lanes)

    async def bench(ctx):
        await load_codes(ctx, dut, np.full((2, LEVELS), code, np.uint16))
        active = np.zeros(inputs, np.bool_)
        words = [1] * (inputs // LANES)
        *_, cycles = await sweep(ctx, dut, random.Random(1), 0, active, words, 0.0)
        assert cycles <= inputs // trials_a_cycle + (LATENCY + 1) * LANES // lanes + 3

    simulate(dut, [bench], cycles=2000)


@pytest.mark.parametrize("lanes", [0, 1, 3, 16])
def test_lanes_that_do_not_divide_a_word_are_refused(lanes):
    with pytest.warns(UnusedElaboratable):  # Amaranth's word for what never came to be
        with pytest.raises(ValueError, match=rf"lanes = {lanes}; give"):
            StochasticStdp(64, junction(64), lanes=lanes)
        gc.collect()


@pytest.mark.parametrize("lanes", [LANES, 2])
def test_window_words_are_asked_for_in_order(lanes):
    """Only the words of the window that exist, each for four groups."""
    inputs = 96
    dut = StochasticStdp(inputs, junction(inputs), lanes=lanes)
    asked = []

    async def bench(ctx):
        ctx.set(dut.i_start, 1)
        for _ in range((2 * inputs // LANES + 20) * LANES // lanes):
            _, _, read, word = await ctx.tick().sample(dut.o_window_read, dut.o_window_word)
            ctx.set(dut.i_start, 0)
            if read:
                asked.append(word)

    simulate(dut, [bench], cycles=200)
    assert asked == [word for word in range(inputs // WORD) for _ in range(WORD // LANES)]

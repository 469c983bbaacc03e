"""The sweep of domain-wall memristors against the golden model: which walls move, what is counted
and how many words are drawn, however slowly the array takes it."""

import random

import numpy as np
import pytest
from amaranth.lib import data
from amaranth.utils import ceil_log2

from cocotb_tests.link.streams import simulate
from spinloom.emulator.spec.learning import CODE_ONE, LEVELS, LearningShape
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.level import CycleLevel
from spinloom.emulator.synapse.memristor import DomainWallMemristor as Golden
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.rtl.synapse.memristor import DomainWallMemristor

INPUTS, NEURONS = 64, 5


class Driver:
    """A sweep's circuit, an array and a window that answer it, and the golden twin."""

    def __init__(self, bits, rng, *, planes=1, code_bits=8):
        self.shape = LearningShape(
            name="test", inputs=INPUTS, neurons=NEURONS, junctions=bits, synapse="wall",
            step_bits=4, code_bits=code_bits,
        )  # fmt: skip
        cell = {"row": ceil_log2(INPUTS), "column": ceil_log2(NEURONS), "state": bits}
        self.dut = DomainWallMemristor(
            INPUTS, data.StructLayout(cell), planes=planes, code_bits=code_bits
        )
        self.synapses, self.rng = SynapseArray(self.shape), rng
        self.mtj = Mtj(1 + planes, code_bits)
        self.golden = Golden(self.synapses, self.mtj)

    async def load_codes(self, ctx, codes):
        self.mtj.codes[:] = codes
        ctx.set(self.dut.i_code_write, 1)
        for addr, code in enumerate(codes.ravel().tolist()):
            ctx.set(self.dut.i_code_addr, addr)
            ctx.set(self.dut.i_code, code)
            await ctx.tick()
        ctx.set(self.dut.i_code_write, 0)

    async def sweep(self, ctx, neuron, classes, words, stall, spread=0):
        """One sweep of both; cycles, and the walls that moved."""
        dut, walls = self.dut, self.synapses.strengths[:, neuron].copy()
        levels = walls >> np.uint8(self.shape.position_shift)
        if spread:
            levels = CycleLevel.levels(levels, spread, words[0])
        trials = np.array(words[spread > 0 :], np.uint64)
        want = self.golden.sweep(neuron, classes, levels, trials)
        planes = [
            np.packbits(classes == a, bitorder="little").view("<u4").tolist()
            for a in range(1, len(self.mtj.codes))
        ]
        masks = [
            sum(word << 32 * a for a, word in enumerate(at)) for at in zip(*planes, strict=True)
        ]
        cycles, moved, counted = 0, 0, [0, 0]
        ctx.set(dut.i_cycle_spread, spread)
        ctx.set(dut.i_column, neuron)
        ctx.set(dut.i_word, words[0])
        ctx.set(dut.i_start, 1)
        _, _, drawn = await ctx.tick().sample(dut.o_draw)
        ctx.set(dut.i_start, 0)
        ctx.set(dut.i_word, words[drawn])
        while cycles < 40 * INPUTS:
            ready = self.rng.random() >= stall
            ctx.set(dut.column.ready, ready)
            _, _, busy, read, row, word, draw, valid, wall, to_ap, to_p = await ctx.tick().sample(
                dut.o_busy, dut.o_read, dut.o_row, dut.o_window_word, dut.o_draw,
                dut.column.valid, dut.column.payload, dut.o_to_ap, dut.o_to_p,
            )  # fmt: skip
            if not busy:
                break
            cycles += 1
            if valid and ready:
                assert wall.column == neuron
                walls[wall.row] = wall.state
                moved += 1
            counted = [counted[0] + to_ap, counted[1] + to_p]
            if read:
                ctx.set(dut.i_position, int(walls[row]))
                ctx.set(dut.i_active, masks[word])
            if draw:
                drawn += 1
                ctx.set(dut.i_word, words[drawn] if drawn < len(words) else 0)
        assert np.array_equal(walls, self.synapses.strengths[:, neuron])
        assert counted == list(want) and drawn == len(words)
        return cycles, moved

    def random_words(self):
        return [self.rng.getrandbits(64) for _ in range(self.shape.groups)]


@pytest.mark.parametrize("bits", [2, 4, 5, 8])
@pytest.mark.parametrize("stall", [0.0, 0.7])
def test_against_golden(bits, stall):
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(bits, rng)
    seen = {"moves": 0, "bottom": 0, "top": 0}

    async def bench(ctx):
        walls = driver.synapses.strengths
        for n in range(16):
            if n % 4 == 0:
                top = driver.shape.strength_max
                values = [rng.choice([0, 1, rng.randint(0, top), top - 1, top]) for _ in walls.flat]
                walls[:] = np.reshape(values, walls.shape)
                codes = [rng.choice([0, rng.randint(0, CODE_ONE), CODE_ONE]) for _ in range(32)]
                await driver.load_codes(ctx, np.reshape(codes, (2, LEVELS)).astype(np.uint16))
            neuron, share = rng.randrange(NEURONS), rng.choice([0, 0.5, 1])
            active = np.array([rng.random() < share for _ in range(INPUTS)])
            _, moved = await driver.sweep(ctx, neuron, active, driver.random_words(), stall)
            seen["moves"] += moved
            seen["bottom"] += int((walls == 0).sum())
            seen["top"] += int((walls == driver.shape.strength_max).sum())

    simulate(driver.dut, [bench], cycles=60_000)
    assert min(seen.values()) > 100, seen


@pytest.mark.parametrize("planes", [1, 3])
def test_codes_of_two_bytes_and_ages_and_a_cycle_spread(planes):
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(5, rng, planes=planes, code_bits=16)
    moves = 0

    async def bench(ctx):
        nonlocal moves
        driver.synapses.strengths[:] = 15
        for n in range(12):
            table = driver.mtj.codes.shape
            codes = [
                rng.choice([0, 255, 1 << 16, rng.randrange(1 << 16)]) for _ in range(np.prod(table))
            ]
            await driver.load_codes(ctx, np.reshape(codes, table).astype(np.uint32))
            classes = np.array([rng.randrange(1 + planes) for _ in range(INPUTS)], np.uint8)
            spread = n % 4
            words = (
                driver.random_words() + driver.random_words() + [rng.getrandbits(64)] * (spread > 0)
            )
            _, moved = await driver.sweep(ctx, rng.randrange(NEURONS), classes, words, 0.3, spread)
            moves += moved

    simulate(driver.dut, [bench], cycles=20_000)
    assert moves > INPUTS


@pytest.mark.parametrize("code", [0, CODE_ONE])
def test_throughput(code):
    """Three cycles a trial, and with an array of one cycle four a wall that moves."""
    driver = Driver(4, random.Random(1))
    driver.synapses.strengths.fill(7)

    async def bench(ctx):
        await driver.load_codes(ctx, np.full((2, LEVELS), code, np.uint16))
        cycles, moved = await driver.sweep(
            ctx, 0, np.ones(INPUTS, np.bool_), driver.random_words(), 0.0
        )
        assert moved == (INPUTS if code else 0)
        assert cycles == 3 * INPUTS + moved

    simulate(driver.dut, [bench], cycles=2000)

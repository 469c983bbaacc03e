"""The window against the golden model: many buckets, sparse events, wrapping tags."""

import gc
import random

import pytest
from amaranth.hdl import UnusedElaboratable

from cocotb_tests.link.streams import simulate
from spinloom.emulator.synapse.window import StdpWindow as Golden
from spinloom.rtl.synapse.window import WORD, StdpWindow


class Driver:
    """Drives a window and its golden twin alike, and compares what is read."""

    def __init__(self, inputs, tag_bits=None, ages=2):
        self.inputs = inputs
        self.dut = StdpWindow(inputs, ages=ages, tag_bits=tag_bits)
        self.golden = Golden(inputs, ages)
        self.active = self.rolls = 0  # active inputs seen, buckets begun

    async def idle(self, ctx):
        for _ in range(2 * self.inputs // WORD + 4):
            _, _, busy = await ctx.tick().sample(self.dut.o_busy)
            if not busy:
                return
        raise TimeoutError("the window stays busy")

    async def strobe(self, ctx, port):
        ctx.set(port, 1)
        await ctx.tick()
        ctx.set(port, 0)
        await self.idle(ctx)

    async def clear(self, ctx):
        await self.strobe(ctx, self.dut.i_clear)
        self.golden.clear()

    async def roll(self, ctx):
        await self.strobe(ctx, self.dut.i_roll)
        self.golden.bucket += 1
        self.rolls += 1

    async def read(self, ctx, word, *, bit=None, wait=0):
        """Read a word, hold it for ``wait`` cycles, then maybe mark one of its inputs."""
        dut = self.dut
        ctx.set(dut.i_read, 1)
        ctx.set(dut.i_word, word)
        await ctx.tick()
        ctx.set(dut.i_read, 0)
        ctx.set(dut.i_word, (word + 1) % (self.inputs // WORD))
        want = self.golden.classes()[WORD * word : WORD * (word + 1)].tolist()
        for _ in range(wait):
            _, _, active = await ctx.tick().sample(dut.o_active)
            assert self.classes(active) == want
        if bit is not None:
            ctx.set(dut.i_mark, 1)
            ctx.set(dut.i_bit, bit)
            self.golden.event(WORD * word + bit, self.golden.bucket)
        _, _, active = await ctx.tick().sample(dut.o_active)
        ctx.set(dut.i_mark, 0)
        assert self.classes(active) == want
        self.active += sum(a > 0 for a in want)

    @staticmethod
    def classes(active):
        """The class of each input: 1 + the first plane that has it, 0 if none does."""
        lines = [active >> b for b in range(WORD)]
        places = [[line >> at & 1 for at in range(0, 6 * WORD, WORD)] for line in lines]
        return [1 + bits.index(1) if any(bits) else 0 for bits in places]

    async def read_all(self, ctx):
        for word in range(self.inputs // WORD):
            await self.read(ctx, word)


every_size = pytest.mark.parametrize("inputs", [64, 96, 128, 512])
# The default, and tags so narrow that a bucket refreshes up to a third of the words.
every_tag = pytest.mark.parametrize("tag_bits", [None, 4, 3, 2])


@every_size
@every_tag
@pytest.mark.parametrize("busy", [0.02, 0.3, 0.9])
def test_random_events_and_buckets(inputs, tag_bits, busy):
    """``busy`` is the share of events among events and new buckets; the rarest leave words alone
    for several times the range of the tags."""
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(inputs, tag_bits)
    words = inputs // WORD

    async def bench(ctx):
        await driver.clear(ctx)
        word = 0
        for n in range(600):
            if rng.random() < busy:
                word, bit = rng.randrange(words), rng.randrange(WORD)
                await driver.read(ctx, word, bit=bit, wait=rng.choice([0, 0, 3]))
            else:
                await driver.roll(ctx)
            if rng.random() < 0.3:
                other = rng.choice([word, rng.randrange(words)])
                await driver.read(ctx, other, wait=rng.choice([0, 2]))
            if rng.random() < 0.02:
                await driver.read_all(ctx)
            if n % 199 == 150:
                await driver.clear(ctx)
                await driver.read_all(ctx)

    simulate(driver.dut, [bench], cycles=20_000)
    assert driver.rolls > 4 * words or busy == 0.9
    assert driver.active > 0


@pytest.mark.parametrize("ages", [3, 6])
@pytest.mark.parametrize("tag_bits", [None, 2])
def test_a_window_that_tells_ages_apart(ages, tag_bits):
    print("seed 1")
    rng = random.Random(1)
    driver = Driver(96, tag_bits, ages)
    seen = set()

    async def bench(ctx):
        await driver.clear(ctx)
        for n in range(400):
            if rng.random() < 0.5:
                await driver.read(ctx, rng.randrange(3), bit=rng.randrange(WORD))
            else:
                await driver.roll(ctx)
            if n % 4 == 0:
                await driver.read_all(ctx)
                seen.update(driver.golden.classes().tolist())

    simulate(driver.dut, [bench], cycles=10_000)
    assert seen == set(range(ages + 1))


@every_size
@every_tag
def test_an_event_is_forgotten_for_good(inputs, tag_bits):
    """One event in a word, at every phase of the refresh, then nothing but buckets until tags have
    wrapped twice: the word is never read meanwhile but by its refresh and the check."""
    driver = Driver(inputs, tag_bits)
    words = inputs // WORD

    async def bench(ctx):
        await driver.clear(ctx)
        for phase in range(words):
            await driver.read(ctx, phase, bit=phase % WORD)
            await driver.read(ctx, phase)
            for _ in range(4 * words + 1):
                await driver.roll(ctx)
                await driver.read(ctx, phase)

    simulate(driver.dut, [bench], cycles=20_000)
    assert driver.active == 2 * words


@every_tag
@pytest.mark.parametrize("silent", range(1, 18))
def test_a_word_left_alone_for_any_time(tag_bits, silent):
    """No read at all between the event and the check, ``silent`` buckets later."""
    driver = Driver(128, tag_bits)

    async def bench(ctx):
        await driver.clear(ctx)
        for word in range(4):
            await driver.read(ctx, word, bit=3)
            for _ in range(silent):
                await driver.roll(ctx)
            await driver.read_all(ctx)

    simulate(driver.dut, [bench], cycles=2000)
    assert driver.active == (4 if silent == 1 else 0)


def test_clear_forgets_both_buckets():
    driver = Driver(64)

    async def bench(ctx):
        await driver.clear(ctx)
        await driver.read(ctx, 0, bit=1)
        await driver.roll(ctx)
        await driver.read(ctx, 0, bit=2)
        await driver.read(ctx, 0)
        assert driver.active == 3
        await driver.clear(ctx)
        await driver.read_all(ctx)
        await driver.roll(ctx)
        await driver.read_all(ctx)
        assert driver.active == 3

    simulate(driver.dut, [bench], cycles=500)


@pytest.mark.parametrize(("tag_bits", "refreshes"), [(None, 1), (4, 2), (3, 3), (2, 6)])
def test_a_bucket_costs_two_cycles_a_word_refreshed(tag_bits, refreshes):
    dut = StdpWindow(16 * WORD, tag_bits=tag_bits)
    busy = []

    async def bench(ctx):
        ctx.set(dut.i_roll, 1)
        await ctx.tick()
        ctx.set(dut.i_roll, 0)
        for _ in range(20):
            *_, now = await ctx.tick().sample(dut.o_busy)
            busy.append(now)

    simulate(dut, [bench], cycles=50)
    assert busy == [1] * 2 * refreshes + [0] * (20 - 2 * refreshes)


def test_tags_too_narrow_to_tell_two_buckets_from_older_ones_are_refused():
    with pytest.warns(UnusedElaboratable):  # Amaranth's word for what never came to be
        with pytest.raises(ValueError, match="tag_bits = 1; give"):
            StdpWindow(64, tag_bits=1)
        gc.collect()


def test_reads_follow_one_another():
    """A sweep reads a word a cycle."""
    driver = Driver(128)
    dut = driver.dut

    async def bench(ctx):
        await driver.clear(ctx)
        for word in range(4):
            await driver.read(ctx, word, bit=7 * word)
        ctx.set(dut.i_read, 1)
        for word in range(5):
            ctx.set(dut.i_word, word % 4)
            _, _, active = await ctx.tick().sample(dut.o_active)
            if word:
                assert active == 1 << 7 * (word - 1)

    simulate(dut, [bench], cycles=500)

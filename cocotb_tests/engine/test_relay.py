"""The relay against its golden twin, alone and between two engines."""

import random

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from cocotb_tests.engine.session import Burst, Replay, Request, setup
from cocotb_tests.link.streams import receiver, sender, simulate
from spinloom.emulator.engine.base import SPIKE_DTYPE
from spinloom.emulator.engine.relay import Relay as Golden
from spinloom.emulator.spec import learning as spec
from spinloom.rtl.bus import BusRequest, SpikeLayout
from spinloom.rtl.engine.relay import Relay
from spinloom.rtl.engine.wide import WideEngine

GAPS = [0, 0, 0, 1, 2, 100, spec.MAX_TICKS - 1, spec.MAX_TICKS, spec.MAX_TICKS + 1, 200_000]


@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_words(stall):
    print("seed 1")
    rng = random.Random(1)
    spikes = np.zeros(200, SPIKE_DTYPE)
    spikes["tick"] = np.cumsum([rng.choice(GAPS) for _ in spikes])
    spikes["neuron"] = [rng.randrange(1024) for _ in spikes]
    want = Golden().words(spikes).tolist()
    dut, received = Relay(), []
    payloads = [{"tick": t, "neuron": n} for t, n in spikes.tolist()]
    benches = [
        sender(dut.i, payloads, rng, stall),
        receiver(dut.o, received, len(want), rng, stall),
    ]
    simulate(dut, benches, cycles=10_000)
    assert received == want


def test_time_wraps():
    """From the last tick before 2^32 to the first behind it is one tick."""
    spikes = np.array([((1 << 32) - 1, 3), (0, 4)], SPIKE_DTYPE)
    want = Golden().words(spikes).tolist()
    assert want[-3:] == [3, spec.WORD_TICK | 1, 4]
    dut = Relay()

    async def bench(ctx):
        ctx.set(dut.o.ready, 1)
        ctx.set(dut.i.valid, 1)
        ctx.set(dut.i.payload, {"tick": (1 << 32) - 1, "neuron": 3})
        await ctx.tick().repeat(len(want) - 4)  # all of them MAX_TICKS
        for word in want[-4:-2]:
            assert ctx.get(dut.o.payload) == word
            await ctx.tick()
        ctx.set(dut.i.payload, {"tick": 0, "neuron": 4})
        for word in want[-2:]:
            assert ctx.get(dut.o.payload) == word
            await ctx.tick()

    simulate(dut, [bench], cycles=len(want) + 10)


LAYERS = (
    spec.LearningShape(
        name="first", inputs=128, neurons=12, threshold_bits=9, step_bits=6, group=4, row_groups=8,
    ),
    spec.LearningShape(
        name="second", inputs=64, neurons=20, threshold_bits=8, step_bits=5, levels=1, group=2,
        row_groups=4,
    ),
)  # fmt: skip
PARAMS = (
    {"STEP": 9, "LEAK": 1, "THETA0": 60, "THETA_UP": 5, "T_INH": 1, "T_REF": 3,
     "BUCKET_TICKS": 2, "HOMEO_TICKS": 5, "HOMEO_SHIFT": 2, "CONTROL": 3,
     "SEED_LO": 77, "SEED_HI": 1, "SPREAD_SEED": 5},
    {"STEP": 13, "LEAK": 1, "THETA0": 30, "THETA_UP": 3, "T_INH": 0, "T_REF": 2,
     "BUCKET_TICKS": 1, "HOMEO_TICKS": 3, "HOMEO_SHIFT": 1, "CONTROL": 7,
     "SEED_LO": 99, "SEED_HI": 2, "SPREAD_SEED": 0},
)  # fmt: skip


class Chain(wiring.Component):
    """Two layers; ``middle`` shows the spikes that pass from one to the other."""

    i: In(stream.Signature(16))
    o: Out(stream.Signature(SpikeLayout))
    middle: Out(stream.Signature(SpikeLayout, always_ready=True))
    buses: In(stream.Signature(BusRequest)).array(2)
    responses: Out(stream.Signature(32)).array(2)
    o_busy: Out(1)

    def elaborate(self, platform):
        m = Module()
        engines = [WideEngine(shape) for shape in LAYERS]
        m.submodules.first, m.submodules.second = first, second = engines
        m.submodules.relay = relay = Relay()
        wiring.connect(m, wiring.flipped(self.i), first.i)
        wiring.connect(m, first.o, relay.i)
        wiring.connect(m, relay.o, second.i)
        wiring.connect(m, second.o, wiring.flipped(self.o))
        for n, engine in enumerate(engines):
            wiring.connect(m, wiring.flipped(self.buses[n]), engine.bus)
            wiring.connect(m, engine.response, wiring.flipped(self.responses[n]))
        m.d.comb += [
            self.middle.payload.eq(first.o.payload),
            self.middle.valid.eq(first.o.valid & first.o.ready),
            self.o_busy.eq(first.o_busy | first.o.valid | second.o_busy),
        ]
        return m


def reads(shape):
    """Of all that a chain has moved: walls, thresholds, junctions, time and counts."""
    names = ("TICK", "SWITCHED_P", "SWITCHED_AP", "SPIKES")
    requests = [Request(region=0, addr=spec.REGISTERS[name].addr) for name in names]
    for region in (spec.REGION_NEURONS, spec.REGION_WEIGHTS):
        requests += [
            Request(region=region, addr=a) for a in range(spec.region_words(shape, region))
        ]
    return requests


def payload(request):
    return {
        "write": request.data is not None,
        "region": request.region,
        "addr": request.addr,
        "data": request.data or 0,
    }


@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_two_layers(stall):
    """Both configured over their buses; spikes of each, then all that they hold, are those of
    golden engines with the golden relay between them."""
    print("seed 1")
    rng, numbers = random.Random(1), np.random.default_rng(1)
    words = numbers.integers(0, LAYERS[0].inputs, 400)
    ticks = numbers.random(400) < 0.15
    words[ticks] = spec.WORD_TICK | numbers.integers(1, 4, int(ticks.sum()))
    setups: list[Burst] = []
    for shape, params in zip(LAYERS, PARAMS, strict=True):
        weights = (numbers.random((shape.inputs, shape.neurons)) < 0.5).astype(np.uint8)
        codes = numbers.integers(0, 65, 2 * spec.LEVELS).tolist()
        setups.append(setup(shape, params | {"codes": codes}, weights))
    first = Replay(LAYERS[0], [*setups[0].requests, *words.tolist(), *reads(LAYERS[0])])
    relayed = Golden().words(np.array(first.spikes, SPIKE_DTYPE)).tolist()
    second = Replay(LAYERS[1], [*setups[1].requests, *relayed, *reads(LAYERS[1])])
    assert len(first.spikes) > 30 and len(second.spikes) > 10
    assert all(spikes[-1][0] > 50 for spikes in (first.spikes, second.spikes))

    dut = Chain()
    middle, last = [], []
    responses = ([], [])
    configured = [False, False]
    rested = False

    def controller(n):
        async def bench(ctx):
            ctx.set(dut.responses[n].ready, 0)
            await sender(dut.buses[n], map(payload, setups[n].requests), rng, 0)(ctx)
            configured[n] = True
            while not rested:
                await ctx.tick()
            await sender(dut.buses[n], map(payload, reads(LAYERS[n])), rng, 0)(ctx)

        return bench

    async def feed(ctx):
        nonlocal rested
        while not all(configured):
            await ctx.tick()
        await sender(dut.i, words.tolist(), rng, stall)(ctx)
        while ctx.get(dut.o_busy):
            await ctx.tick()
        rested = True

    async def watch(ctx):
        while True:
            _, _, valid, spike = await ctx.tick().sample(dut.middle.valid, dut.middle.payload)
            if valid:
                middle.append((spike.tick, spike.neuron))

    async def take(ctx):
        while True:
            ctx.set(dut.o.ready, rng.random() >= stall)
            _, _, valid, ready, spike = await ctx.tick().sample(
                dut.o.valid, dut.o.ready, dut.o.payload
            )
            if valid and ready:
                last.append((spike.tick, spike.neuron))

    benches = [controller(0), controller(1), feed]
    benches += [
        receiver(dut.responses[n], responses[n], len(replay.responses), rng, stall)
        for n, replay in enumerate((first, second))
    ]
    simulate(dut, benches, background=[watch, take], cycles=60_000)
    assert middle == first.spikes
    assert last == second.spikes
    assert responses[0] == first.responses
    assert responses[1] == second.responses

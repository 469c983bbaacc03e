"""The crossing between a shell and an engine on unrelated clocks: all arrives once and in order,
and the shell never believes the engine idle too early."""

import random
from collections import deque

import pytest
from amaranth.sim import Simulator

from spinloom.rtl.link.crossing import Crossing

# Periods in ns of the shell's clock and the engine's, which is not slower.
clocks = pytest.mark.parametrize(
    ("slow", "fast", "phase"), [(1000, 1000, 500), (1000, 997, 1), (1000, 613, 77), (1000, 171, 13)]
)
MAX_CYCLES = 60_000


class Bench:
    """A shell and an engine, as ``rtl.bus`` has them, on the sides of a crossing.

    The engine takes an event or a request and works on it for a while; an event may be bad or
    give a spike, a read gives a response.
    """

    def __init__(self, seed, stall, durations):
        self.rng, self.stall, self.durations = random.Random(seed), stall, durations
        self.dut = Crossing()
        self.events, self.requests = deque(), deque()  # to be sent
        self.taken, self.asked, self.spikes, self.responses = [], [], [], []
        self.spikes_sent, self.responses_sent = [], []
        self.sent = self.done = self.resets = self.fast_resets = 0
        self.bad = self.bad_before = 0  # now, and when the engine was idle last
        self.reported = self.idle = 0

    def outstanding(self):
        """What has been sent and is not done, and what is on its way back."""
        waiting = self.sent - self.done + len(self.spikes_sent) - len(self.spikes)
        return waiting + self.resets - self.fast_resets

    def kind(self, event):
        return ("nothing", "spike", "spike", "bad")[event % 4]

    async def shell(self, ctx):
        """Until all is sent and done."""
        dut, rng = self.dut, self.rng
        offers = ((dut.i, self.events), (dut.bus, self.requests))
        for _ in range(MAX_CYCLES):
            for port, items in offers:
                if items and not ctx.get(port.valid) and rng.random() >= self.stall:
                    ctx.set(port.payload, items[0])
                    ctx.set(port.valid, 1)
            ctx.set(dut.o.ready, rng.random() >= self.stall)
            ctx.set(dut.response.ready, rng.random() >= self.stall)
            before = self.sent
            _, _, busy, bad, *ends = await ctx.tick().sample(
                dut.o_busy, dut.o_bad_event,
                dut.i.valid & dut.i.ready, dut.bus.valid & dut.bus.ready,
                dut.o.valid & dut.o.ready, dut.o.payload,
                dut.response.valid & dut.response.ready, dut.response.payload,
            )  # fmt: skip
            event, request, spike, spike_payload, response, response_payload = ends
            self.reported += bad
            if not busy:
                self.idle += 1
                assert before == self.done and not self.outstanding(), "idle too early"
                news = self.bad - self.bad_before
                assert (self.reported > 0) == (news > 0) and self.reported <= news
                self.bad_before, self.reported = self.bad, 0
            for (port, items), taken in zip(offers, (event, request), strict=True):
                if taken:
                    items.popleft()
                    self.sent += port is dut.i
                    ctx.set(port.valid, 0)
            if spike:
                self.spikes.append((spike_payload.tick, spike_payload.neuron))
            if response:
                self.responses.append(response_payload)
            waits = len(self.responses) < len(self.responses_sent)
            news = self.sent > before  # what shows as busy from the next cycle on
            if not (busy or news or self.events or self.requests or waits):
                return
        raise TimeoutError("the engine stays busy")

    async def engine(self, ctx):
        dut, rng = self.dut, self.rng
        job, left = None, 0  # in work, and for how many cycles
        while True:
            offer = None
            taking = job is None and rng.random() >= self.stall
            ctx.set(dut.fast_i.ready, taking)
            ctx.set(dut.fast_bus.ready, taking and not ctx.get(dut.fast_i.valid))
            ctx.set(dut.fast_busy, job is not None)
            if job is not None and left == 0:
                offer = job
            is_event = isinstance(offer, int)
            ctx.set(dut.fast_bad_event, is_event and self.kind(offer) == "bad")
            ctx.set(dut.fast_o.valid, is_event and self.kind(offer) == "spike")
            ctx.set(dut.fast_response.valid, offer is not None and not is_event)
            if is_event:
                ctx.set(dut.fast_o.payload, {"tick": offer << 8 | 3, "neuron": offer})
            elif offer is not None:
                ctx.set(dut.fast_response.payload, offer[0] + 1)
            _, _, event, event_payload, request, payload, spike, response, reset = await ctx.tick(
                "fast"
            ).sample(
                dut.fast_i.valid & dut.fast_i.ready, dut.fast_i.payload,
                dut.fast_bus.valid & dut.fast_bus.ready, dut.fast_bus.payload,
                dut.fast_o.valid & dut.fast_o.ready,
                dut.fast_response.valid & dut.fast_response.ready, dut.fast_reset,
            )  # fmt: skip
            self.fast_resets += reset
            if offer is not None:
                kind = self.kind(offer) if is_event else "response"
                if spike:
                    self.spikes_sent.append((offer << 8 | 3, offer))
                if response:
                    self.responses_sent.append(offer[0] + 1)
                if kind in ("nothing", "bad") or spike or response:
                    self.bad += kind == "bad"
                    self.done += is_event
                    job = None
            elif job is not None:
                left -= 1
            if event:
                assert job is None
                self.taken.append(event_payload)
                job, left = event_payload, rng.choice(self.durations)
            if request:
                asked = {name: payload[name] for name in ("write", "region", "addr", "data")}
                self.asked.append(asked)
                if not asked["write"]:
                    job, left = (asked["addr"],), rng.choice(self.durations)

    def run(self, slow, fast, phase, *benches):
        simulator = Simulator(self.dut)
        simulator.add_clock(slow * 1e-9)
        simulator.add_clock(fast * 1e-9, phase=phase * 1e-9, domain="fast")
        simulator.add_testbench(self.engine, background=True)
        for bench in benches or (self.shell,):
            simulator.add_testbench(bench)
        simulator.run()


def random_requests(rng, count):
    for _ in range(count):
        yield {
            "write": rng.randrange(2),
            "region": rng.randrange(16),
            "addr": rng.getrandbits(24),
            "data": rng.getrandbits(32),
        }


@clocks
@pytest.mark.parametrize("stall", [0.0, 0.9])
@pytest.mark.parametrize("durations", [(0,), (0, 1, 100)])
def test_all_arrives_once_and_in_order(slow, fast, phase, stall, durations):
    """Events, spikes, requests and responses at the same time; the engine falls idle in between."""
    print("seed 1")
    bench = Bench(1, stall, durations)
    rng = random.Random(2)
    events, requests = [], []

    async def shell(ctx):
        for count in (40, 1, 0, 1, 1, 8):
            batch = [rng.getrandbits(16) for _ in range(count)]
            asked = list(random_requests(rng, rng.randrange(1, 8) if count != 1 else 0))
            events.extend(batch)
            requests.extend(asked)
            bench.events.extend(batch)
            bench.requests.extend(asked)
            await bench.shell(ctx)

    bench.run(slow, fast, phase, shell)
    assert bench.taken == events and bench.asked == requests
    assert bench.spikes == bench.spikes_sent
    assert [neuron for _, neuron in bench.spikes] == [e for e in events if bench.kind(e) == "spike"]
    reads = [request["addr"] + 1 for request in requests if not request["write"]]
    assert bench.responses == bench.responses_sent == reads
    assert bench.spikes and bench.responses and bench.bad and bench.idle >= 6


@clocks
def test_a_bad_event_is_seen_once(slow, fast, phase):
    """One strobe of the shell's for one of the engine's."""
    bench = Bench(1, 0.0, (0,))
    seen = []

    async def shell(ctx):
        for n in range(5):
            bench.events.append(4 * n + 3)
            reported = []
            ctx.set(bench.dut.i.payload, 4 * n + 3)
            ctx.set(bench.dut.i.valid, 1)
            for _ in range(40):
                *_, bad = await ctx.tick().sample(bench.dut.o_bad_event)
                ctx.set(bench.dut.i.valid, 0)
                reported.append(bad)
            seen.append(sum(reported))

    bench.run(slow, fast, phase, shell)
    assert bench.bad == 5 and seen == [1] * 5


@clocks
def test_a_reset_is_one_strobe_and_keeps_the_shell_busy(slow, fast, phase):
    bench = Bench(1, 0.0, (0,))

    async def shell(ctx):
        for _ in range(5):
            await bench.shell(ctx)
            ctx.set(bench.dut.i_reset, 1)
            await ctx.tick()
            ctx.set(bench.dut.i_reset, 0)
            bench.resets += 1
            await bench.shell(ctx)

    bench.run(slow, fast, phase, shell)
    assert bench.fast_resets == bench.resets == 5

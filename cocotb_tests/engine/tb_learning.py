"""Drives the engine through sessions and records what it does; ``test_learning`` judges.

Inputs change at the falling edge, and what is there once they have settled is what the rising edge
takes.
"""

import json
import random
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

from cocotb_tests.engine.session import SHAPES, WIDE, Recording, random_session, steady_session
from spinloom.rtl.bus import BusRequest, SpikeLayout

MAX_CYCLES = 1_500_000  # a session takes some tens of thousands, or a decay a tick


class Offer:
    """Source of a stream: offers its payloads in order, after random pauses."""

    def __init__(self, dut, name):
        self._valid, self._payload = (getattr(dut, f"{name}__{s}") for s in ("valid", "payload"))
        self._ready = getattr(dut, f"{name}__ready")
        self._valid.value = 0
        self._shown = False  # VALID is high: a write that changes nothing takes as long as any
        self._items, self._stall = [], 0.0
        self.offering = False

    def load(self, items, stall):
        self._items, self._stall = list(reversed(items)), stall

    def __bool__(self):
        return bool(self._items)

    def drive(self, rng):
        if not self.offering and self._items and rng.random() >= self._stall:
            self.offering = True
            self._payload.value = self.encode(self._items[-1])
            if not self._shown:
                self._valid.value = self._shown = True

    def sample(self):
        """The item taken in this cycle, or None."""
        if not self.offering or not int(self._ready.value):
            return None
        self.offering = False
        return self._items.pop()

    def rest(self):
        if self._shown and not self.offering:
            self._valid.value = self._shown = False

    @staticmethod
    def encode(word):
        return word


class Requests(Offer):
    @staticmethod
    def encode(request):
        fields = {
            "write": request.data is not None,
            "region": request.region,
            "addr": request.addr,
            "data": request.data or 0,
        }
        return BusRequest.const(fields).as_value().value


class Take:
    """Sink of a stream: ready at random; an offer has to stay until it is taken."""

    def __init__(self, dut, name):
        self._valid, self._payload = (getattr(dut, f"{name}__{s}") for s in ("valid", "payload"))
        self._ready = getattr(dut, f"{name}__ready")
        self._offered = None
        self._was_ready = None
        self.stall = 0.0

    def drive(self, rng):
        ready = rng.random() >= self.stall
        if ready != self._was_ready:
            self._ready.value = self._was_ready = ready

    def sample(self):
        """The payload taken in this cycle, or None."""
        payload = int(self._payload.value) if int(self._valid.value) else None
        assert self._offered is None or payload == self._offered, "an offer was changed"
        self._offered = None if self._was_ready else payload
        return payload if self._was_ready else None


class Bench:
    def __init__(self, dut, seed):
        self.dut, self.rng = dut, random.Random(seed)
        self._falls, self._settled = FallingEdge(dut.clk), ReadOnly()
        self._busy, self._bad_event = dut.o_busy, dut.o_bad_event
        self.events, self.requests = Offer(dut, "i"), Requests(dut, "bus")
        self.spikes, self.responses = Take(dut, "o"), Take(dut, "response")
        self.record = Recording()
        self.cycle = self.reads = 0

    async def reset(self):
        """Registers and memories keep what they held: a session writes them all."""
        self.dut.rst.value = 1
        for stream in (self.spikes, self.responses):
            stream.drive(self.rng)
        Clock(self.dut.clk, 10, unit="ns").start()
        for _ in range(2):
            await self._falls
        self.dut.rst.value = 0

    async def step(self):
        """One cycle; True if the engine has work."""
        await self._falls
        self.cycle += 1
        for stream in (self.events, self.requests):
            stream.rest()
        for stream in (self.events, self.requests, self.spikes, self.responses):
            stream.drive(self.rng)
        await self._settled
        record, offered = self.record, self.events.offering or self.requests.offering
        for stream in (self.events, self.requests):
            if (item := stream.sample()) is not None:
                record.log.append(item)
                record.cycles.append(self.cycle)
                self.reads += stream is self.requests and item.data is None
        if (spike := self.spikes.sample()) is not None:
            fields = SpikeLayout.from_bits(spike)
            record.spikes.append((fields.tick, fields.neuron))
        if (response := self.responses.sample()) is not None:
            record.responses.append(response)
        record.bad_events += int(self._bad_event.value)
        busy = int(self._busy.value)
        assert busy or not offered, "idle, with work offered"
        return busy or self.reads > len(record.responses)

    async def drain(self):
        """Until all is taken and done."""
        while await self.step() or self.events or self.requests:
            if self.cycle > MAX_CYCLES:
                raise TimeoutError(f"session not over after {MAX_CYCLES} cycles")

    async def run(self, session):
        await self.reset()
        for burst in session:
            words, requests, self.spikes.stall, self.responses.stall = burst.stalls
            self.events.load(burst.words, words)
            self.requests.load(burst.requests, requests)
            await self.drain()
            self.requests.load(burst.after, requests)
            await self.drain()
        return self.record


async def run(dut, name, session, seed):
    record = await Bench(dut, seed).run(session)
    path = Path(f"{name}.json")
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record.to_json()))
    part.replace(path)


def shape():
    return (SHAPES | WIDE)[cocotb.plusargs["shape"]]


@cocotb.test()
@cocotb.parametrize(seed=range(int(cocotb.plusargs["sessions"])))
async def random_sessions(dut, seed):
    await run(dut, f"random-{seed}", random_session(seed, shape()), seed)


@cocotb.test()
async def steady(dut):
    await run(dut, "steady", steady_session(shape()), 0)

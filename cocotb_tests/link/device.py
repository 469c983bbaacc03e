"""A machine small enough to simulate byte by byte: the shell around a dummy engine, as a transport
that the host's session can talk to."""

from collections import deque

from amaranth.hdl import Cat, Module, ResetInserter, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out, connect
from amaranth.sim import Simulator

from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.link.shell import Shell

CONTRACT = 0x00C0FFEE
BAD_EVENT = 0x7FFF


class DummyEngine(wiring.Component):
    """Answers every event word with a spike (running number, word) some cycles later, and keeps a
    small memory that all regions share."""

    def __init__(self, work=3):
        self.work = work
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        m.submodules.storage = storage = memory.Memory(shape=32, depth=64, init=[])
        write, read = storage.write_port(), storage.read_port()
        word = Signal(16)
        number = Signal(32)
        left = Signal(range(self.work + 2))
        request = self.bus.payload
        m.d.comb += [
            write.addr.eq(Cat(request.addr[:4], request.region[:2])),
            write.data.eq(request.data),
            read.addr.eq(Cat(request.addr[:4], request.region[:2])),
            self.response.payload.eq(read.data),
            self.o.payload.tick.eq(number),
            self.o.payload.neuron.eq(word),
        ]
        with m.FSM() as fsm:
            m.d.comb += self.o_busy.eq(~fsm.ongoing("Rest"))
            with m.State("Rest"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(self.i.valid):
                    m.d.sync += [word.eq(self.i.payload), left.eq(self.work)]
                    m.next = "Work"
                    with m.If(self.i.payload == BAD_EVENT):
                        m.d.comb += self.o_bad_event.eq(1)
                        m.next = "Rest"
                with m.Elif(self.bus.valid):
                    m.d.comb += [self.bus.ready.eq(1), write.en.eq(request.write)]
                    with m.If(~request.write):
                        m.next = "Read"
            with m.State("Work"):
                m.d.sync += left.eq(left - 1)
                with m.If(left == 0):
                    m.next = "Spike"
            with m.State("Spike"):
                m.d.comb += self.o.valid.eq(1)
                with m.If(self.o.ready):
                    m.d.sync += number.eq(number + 1)
                    m.next = "Rest"
            with m.State("Read"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Rest"
        return m


class Device(wiring.Component):
    """The shell and the dummy engine, wired as every machine is."""

    rx: In(stream.Signature(8))
    tx: Out(stream.Signature(8))
    o_idle: Out(1)

    def __init__(self, work=3, depth=2048):
        self.work = work
        self.depth = depth
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.shell = shell = Shell(CONTRACT, depth=self.depth)
        engine = DummyEngine(self.work)
        m.submodules.engine = ResetInserter(shell.o_reset)(engine)
        connect(m, a=wiring.flipped(self.rx), b=shell.rx)
        connect(m, a=shell.tx, b=wiring.flipped(self.tx))
        connect(m, a=shell.events, b=engine.i)
        connect(m, a=engine.o, b=shell.spikes)
        connect(m, a=shell.bus, b=engine.bus)
        connect(m, a=engine.response, b=shell.response)
        m.d.comb += [
            shell.i_busy.eq(engine.o_busy),
            shell.i_bad_event.eq(engine.o_bad_event),
            self.o_idle.eq(shell.o_idle),
        ]
        return m


class SimulatedLine:
    """A transport whose ``read`` runs the simulation until bytes come or the time is over.

    ``stall`` is the probability that a byte is held back, or not taken, in a cycle; ``noise`` that
    a byte written gets one of its bits flipped.
    """

    period = 1e-6
    name = "simulated device"

    def __init__(self, device, rng, stall=0.3, noise=0.0, max_cycles=200_000):
        self.rng = rng
        self.stall = stall
        self.noise = noise
        self.max_cycles = max_cycles
        self.cycles = 0
        self.inbox = deque()
        self.outbox = bytearray()
        self.rest = 0  # cycles at rest by now
        self.skipped_s = 0.0
        self.simulator = Simulator(device)
        self.simulator.add_clock(self.period)

        async def send(ctx):
            while True:
                if self.inbox and rng.random() >= stall:
                    ctx.set(device.rx.payload, self.inbox.popleft())
                    ctx.set(device.rx.valid, 1)
                    ready = False
                    while not ready:
                        _, _, ready = await ctx.tick().sample(device.rx.ready)
                    ctx.set(device.rx.valid, 0)
                else:
                    await ctx.tick()

        async def take(ctx):
            while True:
                ready = rng.random() >= stall
                ctx.set(device.tx.ready, ready)
                _, _, valid, byte, idle = await ctx.tick().sample(
                    device.tx.valid, device.tx.payload, device.o_idle
                )
                self.rest = self.rest + 1 if idle else 0
                if valid and ready:
                    self.outbox.append(byte)

        self.simulator.add_testbench(send, background=True)
        self.simulator.add_testbench(take, background=True)

    def run(self, cycles):
        self.cycles += cycles
        if self.cycles > self.max_cycles:
            raise TimeoutError(f"no end after {self.max_cycles} cycles")
        self.simulator.run_until(self.cycles * self.period)

    @property
    def at_rest(self):
        """No byte is under way and the device has nothing to do."""
        return not self.inbox and self.rest > 4

    def now(self):
        """A clock for the session: a cycle is a microsecond."""
        return self.cycles * self.period + self.skipped_s

    def write(self, data):
        for byte in data:
            flip = 1 << self.rng.randrange(8) if self.rng.random() < self.noise else 0
            self.inbox.append(byte ^ flip)

    def read(self, timeout_s):
        end = self.now() + timeout_s
        while not self.outbox and self.now() < end:
            self.run(20)
            if self.at_rest and not self.outbox:
                # Only time passes: no need to simulate it.
                self.skipped_s += max(0.0, end - self.now())
        return self.taken()

    def settle(self):
        """Run until the device is at rest; everything it sent."""
        self.run(10)
        while not self.at_rest:
            self.run(20)
        return self.taken()

    def taken(self):
        data = bytes(self.outbox)
        self.outbox.clear()
        return data

    def close(self):
        pass

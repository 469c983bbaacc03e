"""Streams in Amaranth's simulator: senders and receivers that stall at random."""

from amaranth.hdl import Value
from amaranth.sim import Simulator


def simulate(dut, benches, *, background=(), cycles=50_000):
    """Run testbenches to their end; one still running after ``cycles`` raises TimeoutError. Those
    in the ``background`` need not end."""
    simulator = Simulator(dut)
    simulator.add_clock(1e-6)

    async def watchdog(ctx):
        for _ in range(cycles):
            await ctx.tick()
        raise TimeoutError(f"no end after {cycles} cycles")

    for bench in benches:
        simulator.add_testbench(bench)
    for bench in (*background, watchdog):
        simulator.add_testbench(bench, background=True)
    simulator.run()


def sender(stream, payloads, rng, stall):
    """Testbench that sends all payloads."""

    async def bench(ctx):
        for payload in payloads:
            while rng.random() < stall:
                await ctx.tick()
            ctx.set(stream.payload, payload)
            ctx.set(stream.valid, 1)
            ready = False
            while not ready:
                _, _, ready = await ctx.tick().sample(stream.ready)
            ctx.set(stream.valid, 0)

    return bench


def receiver(stream, received, count, rng, stall):
    """Testbench that appends ``count`` payloads to ``received``, as integers, and checks that an
    offered payload stays until it is taken."""

    async def bench(ctx):
        offered = None
        while len(received) < count:
            ready = rng.random() >= stall
            ctx.set(stream.ready, ready)
            _, _, valid, payload = await ctx.tick().sample(stream.valid, Value.cast(stream.payload))
            assert offered is None or (valid and payload == offered), "an offer was changed"
            offered = payload if valid and not ready else None
            if valid and ready:
                received.append(payload)
        ctx.set(stream.ready, 0)

    return bench

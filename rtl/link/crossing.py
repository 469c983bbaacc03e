"""Between a shell on the board's clock and an engine on a faster one.

Events and spikes go through asynchronous queues. A bus request stays where it is until the engine
has taken it: its payload is stable meanwhile, so only two toggles cross, there and back.

The shell's fence asks ``o_busy``. What has just been sent takes a few cycles to show as the
engine's own ``i_busy``, and that takes two to come back, so ``o_busy`` stays for ``HOLD`` cycles
behind everything sent. That suffices while the engine's clock is not slower than the shell's.

Members, in the shell's domain ``sync``: the ports of an engine, as in ``rtl.bus``, and
``i_reset``. In the engine's domain ``fast``: the same with the prefix ``fast_``, and
``fast_reset``, ``fast_busy``, ``fast_bad_event``.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import cdc, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from spinloom.rtl.bus import BusRequest, SpikeLayout

HOLD = 12
QUEUE = 8


class Crossing(wiring.Component):
    """The engine's ports, from domain ``sync`` to domain ``fast``."""

    i: In(stream.Signature(16))
    bus: In(stream.Signature(BusRequest))
    o: Out(stream.Signature(SpikeLayout))
    response: Out(stream.Signature(32))
    i_reset: In(1)
    o_busy: Out(1)
    o_bad_event: Out(1)
    fast_i: Out(stream.Signature(16))
    fast_bus: Out(stream.Signature(BusRequest))
    fast_o: In(stream.Signature(SpikeLayout))
    fast_response: In(stream.Signature(32))
    fast_reset: Out(1)
    fast_busy: In(1)
    fast_bad_event: In(1)

    def elaborate(self, platform):
        m = Module()
        queues = (
            ("events", self.i, self.fast_i, "sync", "fast"),
            ("spikes", self.fast_o, self.o, "fast", "sync"),
            ("response", self.fast_response, self.response, "fast", "sync"),
        )
        for name, source, sink, writes, reads in queues:
            m.submodules[name] = queue = fifo.AsyncFIFO(
                width=len(source.payload.as_value() if name == "spikes" else source.payload),
                depth=QUEUE,
                w_domain=writes,
                r_domain=reads,
            )
            m.d.comb += [
                queue.w_data.eq(source.payload),
                queue.w_en.eq(source.valid),
                source.ready.eq(queue.w_rdy),
                sink.payload.eq(queue.r_data),
                sink.valid.eq(queue.r_rdy),
                queue.r_en.eq(sink.ready),
            ]

        # A request: asked toggles when it is there, answered when it has been taken.
        asked, answered = Signal(), Signal()
        asked_fast, answered_slow = Signal(), Signal()
        m.submodules.asked = cdc.FFSynchronizer(asked, asked_fast, o_domain="fast")
        m.submodules.answered = cdc.FFSynchronizer(answered, answered_slow)
        pending = Signal()
        m.d.comb += [
            self.fast_bus.payload.eq(self.bus.payload),
            self.fast_bus.valid.eq(asked_fast != answered),
            self.bus.ready.eq(pending & (asked == answered_slow)),
        ]
        with m.If(self.fast_bus.valid & self.fast_bus.ready):
            m.d.fast += answered.eq(asked_fast)
        with m.If(self.bus.valid & ~pending):
            m.d.sync += [pending.eq(1), asked.eq(~asked)]
        with m.Elif(self.bus.ready):
            m.d.sync += pending.eq(0)

        m.submodules.reset = reset = cdc.PulseSynchronizer("sync", "fast")
        m.d.comb += [reset.i.eq(self.i_reset), self.fast_reset.eq(reset.o)]

        # A bad event is remembered until the shell has seen it.
        bad, bad_slow, seen, seen_fast = Signal(), Signal(), Signal(), Signal()
        m.submodules.bad = cdc.FFSynchronizer(bad, bad_slow)
        m.submodules.seen = cdc.FFSynchronizer(seen, seen_fast, o_domain="fast")
        with m.If(self.fast_bad_event):
            m.d.fast += bad.eq(1)
        with m.Elif(seen_fast):
            m.d.fast += bad.eq(0)
        m.d.sync += seen.eq(bad_slow)
        m.d.comb += self.o_bad_event.eq(bad_slow & ~seen)

        busy, busy_slow = Signal(), Signal()
        m.d.fast += busy.eq(self.fast_busy | self.fast_i.valid | self.fast_bus.valid | bad)
        m.submodules.busy = cdc.FFSynchronizer(busy, busy_slow, init=1)
        hold = Signal(range(HOLD + 1), init=HOLD)
        sent = (self.i.valid & self.i.ready) | pending | self.bus.valid | self.i_reset
        with m.If(sent | busy_slow | self.o.valid):
            m.d.sync += hold.eq(HOLD)
        with m.Elif(hold != 0):
            m.d.sync += hold.eq(hold - 1)
        m.d.comb += self.o_busy.eq(hold != 0)
        return m

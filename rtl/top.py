"""A whole machine: the shell and its engine, between two byte streams.

Members: ``rx``, ``tx`` the line's bytes, ``i_framing_error`` the line's strobe, ``o_idle``: only a
new byte can change anything.
"""

from amaranth.hdl import Module, ResetInserter
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from spinloom.emulator.spec.identity import contract_hash
from spinloom.rtl.engine.learning import LearningEngine
from spinloom.rtl.link.shell import Shell


class Top(wiring.Component):
    """Machine of a ``LearningShape``; ``memory`` and ``compact`` as of its engine."""

    rx: In(stream.Signature(8))
    tx: Out(stream.Signature(8))
    i_framing_error: In(1)
    o_idle: Out(1)

    def __init__(self, shape, *, memory="generic", compact=False):
        self._shape, self._memory, self._compact = shape, memory, compact
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.shell = shell = Shell(contract_hash(self._shape))
        engine = LearningEngine(self._shape, memory=self._memory, compact=self._compact)
        m.submodules.engine = ResetInserter(shell.o_reset)(engine)
        connect(m, a=flipped(self.rx), b=shell.rx)
        connect(m, a=shell.tx, b=flipped(self.tx))
        connect(m, shell=shell.events, engine=engine.i)
        connect(m, shell=shell.spikes, engine=engine.o)
        connect(m, shell=shell.bus, engine=engine.bus)
        connect(m, shell=shell.response, engine=engine.response)
        m.d.comb += [
            shell.i_busy.eq(engine.o_busy),
            shell.i_bad_event.eq(engine.o_bad_event),
            shell.i_framing_error.eq(self.i_framing_error),
            self.o_idle.eq(shell.o_idle),
        ]
        return m

"""A whole machine: the shell and its engine, between two byte streams.

With ``fast`` the engine runs in a clock domain of that name, faster than the shell's ``sync``.

Members: ``rx``, ``tx`` the line's bytes, ``i_framing_error`` the line's strobe, ``o_idle``: only a
new byte can change anything.
"""

from amaranth.hdl import DomainRenamer, Module, ResetInserter
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.ising import IsingShape
from spinloom.emulator.spec.junction import JunctionShape
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.spec.network import NetworkShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.emulator.spec.sparse import SparseShape
from spinloom.emulator.spec.square import SquareShape
from spinloom.rtl.engine.ising import IsingEngine
from spinloom.rtl.engine.junction import JunctionEngine
from spinloom.rtl.engine.learning import LearningEngine
from spinloom.rtl.engine.network import NetworkEngine
from spinloom.rtl.engine.phase import PhaseEngine
from spinloom.rtl.engine.sparse import SparseEngine
from spinloom.rtl.engine.square import SquareEngine
from spinloom.rtl.engine.wide import WideEngine
from spinloom.rtl.link.crossing import Crossing
from spinloom.rtl.link.shell import Shell


class Top(wiring.Component):
    """Machine of a shape. A learning engine of one row group has its synapses in a
    ``SinglePortMemory`` of technology ``memory``, and may be ``compact``; of several, in
    ``BitWriteMemory`` of technology ``banks``."""

    rx: In(stream.Signature(8))
    tx: Out(stream.Signature(8))
    i_framing_error: In(1)
    o_idle: Out(1)

    def __init__(self, shape, *, memory="generic", compact=False, banks="generic", fast=False):
        self._shape, self._memory, self._compact = shape, memory, compact
        self._banks, self._fast = banks, fast
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.shell = shell = Shell(contract_hash(self._shape))
        engine = self._engine()
        connect(m, a=flipped(self.rx), b=shell.rx)
        connect(m, a=shell.tx, b=flipped(self.tx))
        if self._fast:
            m.submodules.crossing = beside = Crossing()
            inner = ResetInserter(beside.fast_reset)(engine)
            m.submodules.engine = DomainRenamer("fast")(inner)
            connect(m, crossing=beside.fast_i, engine=engine.i)
            connect(m, crossing=beside.fast_o, engine=engine.o)
            connect(m, crossing=beside.fast_bus, engine=engine.bus)
            connect(m, crossing=beside.fast_response, engine=engine.response)
            m.d.comb += [
                beside.i_reset.eq(shell.o_reset),
                beside.fast_busy.eq(engine.o_busy),
                beside.fast_bad_event.eq(engine.o_bad_event),
            ]
        else:
            beside = engine
            m.submodules.engine = ResetInserter(shell.o_reset)(engine)
        connect(m, shell=shell.events, engine=beside.i)
        connect(m, shell=shell.spikes, engine=beside.o)
        connect(m, shell=shell.bus, engine=beside.bus)
        connect(m, shell=shell.response, engine=beside.response)
        m.d.comb += [
            shell.i_busy.eq(beside.o_busy),
            shell.i_bad_event.eq(beside.o_bad_event),
            shell.i_framing_error.eq(self.i_framing_error),
            self.o_idle.eq(shell.o_idle),
        ]
        return m

    def _engine(self):
        """The engine of the shape; a new one is one line here."""
        shape = self._shape
        if isinstance(shape, NetworkShape):
            return NetworkEngine(shape, memory=self._memory)
        if isinstance(shape, IsingShape):
            return IsingEngine(shape, memory=self._memory)
        if isinstance(shape, JunctionShape):
            return JunctionEngine(shape)
        if isinstance(shape, SparseShape):
            return SparseEngine(shape)
        if isinstance(shape, SquareShape):
            return SquareEngine(shape)
        if isinstance(shape, PhaseShape):
            return PhaseEngine(shape)
        if not isinstance(shape, LearningShape):
            raise ValueError(f"shape {shape.name}: there is no engine {shape.engine!r}")
        if shape.row_groups > 1:
            return WideEngine(shape, memory=self._banks)
        return LearningEngine(shape, memory=self._memory, compact=self._compact)

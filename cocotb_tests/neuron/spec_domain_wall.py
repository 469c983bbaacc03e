"""Formal properties of the domain-wall neurons, for every stimulus that an engine may give.

With pos = margin + theta, for every neuron at all times::

    0 <= pos < 2^position_bits                        (the margin's register never wraps)
    margin unchanged, unless an event's row holds the neuron and margin < 0: then it grows by STEP,
        or the leak runs: then it shrinks, or the neuron is set: then pos is what it is set to

The bounds rest on what the contract limits: steps, leaks and thresholds fit ``threshold_bits``.
"""

from amaranth.hdl import Assert, Assume, Module, Signal, signed
from amaranth.lib import wiring

from spinloom.rtl.neuron.domain_wall import LEAK_LANES, DomainWallNeuron


class WallRules(wiring.Component):
    """Harness around a bank; ``front``, if given, stands between it and its engine. Walls are to
    stay within threshold_bits + ``extra_bits``."""

    def __init__(self, neurons, threshold_bits, front=None, extra_bits=1):
        self._neurons, self._bits, self._extra_bits = neurons, threshold_bits, extra_bits
        self._dut = DomainWallNeuron(neurons, threshold_bits)
        self._outer = self._dut if front is None else front(self._dut)
        super().__init__(self._dut.signature)

    def elaborate(self, platform):
        m = Module()
        dut = self._dut
        thetas = []
        for j in range(self._neurons):
            # A port of the proof's own shows a threshold at all times.
            port = dut._thetas[j % LEAK_LANES].read_port(domain="comb")
            m.d.comb += port.addr.eq(j // LEAK_LANES)
            thetas.append(port.data)
        m.submodules.dut = self._outer
        wiring.connect(m, wiring.flipped(self), self._outer)

        self._assume(m)
        for j, (margin, theta) in enumerate(zip(dut._margins, thetas, strict=True)):
            position = Signal(signed(self._bits + 4), name=f"position{j}")
            m.d.comb += position.eq(margin + theta)
            m.d.sync += Assert((position >= 0) & (position < 1 << self._bits + self._extra_bits))
            self._moves(m, j, margin, position)
        return m

    def _assume(self, m):
        """How an engine uses the bank: one thing at a time, and it looks before it sets."""
        quiet = Signal()  # last cycle nothing moved that a neuron was read for
        busy = self.i_event | self.i_tick | self.i_set | self.o_leaking
        m.d.sync += [
            quiet.eq(~busy),
            Assume(~self.i_set | quiet),
            Assume(~self.o_leaking | ~(self.i_event | self.i_set | self.i_tick)),
            Assume((self.i_event + self.i_set + self.i_tick) <= 1),
            Assume(self.i_select < self._neurons),
        ]

    def _moves(self, m, j, margin, position):
        """Every change of one margin has one of the causes, in the cycle before."""
        before = Signal(signed(self._bits + 2), name=f"before{j}")
        integrates, leaks, sets = (Signal(name=f"{n}{j}") for n in ("integrates", "leaks", "sets"))
        step, target = (
            Signal(self._bits, name=f"step{j}"),
            Signal(self._bits + 1, name=f"target{j}"),
        )
        selected = Signal(name=f"selected{j}")
        m.d.sync += [
            before.eq(margin),
            selected.eq(self.i_select == j),
            integrates.eq(self.i_event & self.i_row[j] & (margin < 0)),
            leaks.eq(self.o_leaking),
            sets.eq(self.i_set & selected),
            step.eq(self.i_step),
            target.eq(self.i_position),
        ]
        with m.If(sets):
            m.d.sync += Assert(position == target)
        with m.Elif(leaks):
            m.d.sync += Assert(margin <= before)
        with m.Elif(integrates):
            m.d.sync += Assert((margin == before) | (margin == before + step))
        with m.Else():
            m.d.sync += Assert(margin == before)


class Hasty(wiring.Component):
    """Broken: says that the leak is over while its last group still moves."""

    def __init__(self, dut):
        self._dut = dut
        super().__init__(dut.signature)

    def elaborate(self, platform):
        m = Module()
        m.submodules.bank = dut = self._dut
        for name, _, own in self.signature.flatten(self):
            inner = getattr(dut, name[0])
            m.d.comb += inner.eq(own) if name[0].startswith("i_") else own.eq(inner)
        last = Signal()
        groups = -(-dut._neurons // LEAK_LANES)
        count = Signal(range(groups + 2))
        m.d.sync += count.eq(0)
        with m.If(dut.o_leaking):
            m.d.sync += count.eq(count + 1)
        m.d.comb += [last.eq(count == groups), self.o_leaking.eq(dut.o_leaking & ~last)]
        return m


PROVED = {"3 neurons": lambda: WallRules(3, 4), "4 neurons": lambda: WallRules(4, 5)}
REFUTED = {
    "Hasty": lambda: WallRules(3, 4, Hasty),
    "no bit more than the threshold": lambda: WallRules(3, 4, extra_bits=0),
}

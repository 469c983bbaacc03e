"""Winner-take-all in one pass: a pipelined tree over all margins, lowest index on a tie.

Members: ``i_go`` takes ``i_margin`` and ``i_valid`` of every neuron, margins not negative where
valid; ``latency(neurons)`` cycles later ``o_winner`` is their argmax, until the next one is there.
Throughput: one judgement a cycle. Cost: about 34 LUT4 a neuron.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

LEVELS_A_CYCLE = 2


def latency(neurons):
    """Cycles from margins to their winner."""
    return max(1, -(-ceil_log2(neurons) // LEVELS_A_CYCLE))


class WinnerTree(wiring.Component):
    """Arg-max over ``neurons`` margins of ``bits`` bits."""

    def __init__(self, neurons, bits):
        self._neurons, self._bits = neurons, bits
        super().__init__(
            {
                "i_go": In(1),
                "i_margin": In(data.ArrayLayout(bits, neurons)),
                "i_valid": In(neurons),
                "o_winner": Out(ceil_log2(neurons)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # A key is the margin below the bit that says that there is one.
        entries = [(Cat(self.i_margin[j], self.i_valid[j]), None) for j in range(self._neurons)]
        go = self.i_go
        for cycle in range(latency(self._neurons)):
            for _ in range(LEVELS_A_CYCLE):
                pairs = [entries[n : n + 2] for n in range(0, len(entries), 2)]
                if len(entries) > 1:
                    entries = [better(*p) if len(p) == 2 else passed(*p) for p in pairs]
            held = []
            for n, (key, index) in enumerate(entries):
                kept = Signal(len(key), name=f"key{cycle}_{n}")
                where = None
                with m.If(go):
                    m.d.sync += kept.eq(key)
                    if index is not None:
                        where = Signal(len(index), name=f"index{cycle}_{n}")
                        m.d.sync += where.eq(index)
                held.append((kept, where))
            entries = held
            gone = Signal(name=f"gone{cycle}")
            m.d.sync += gone.eq(go)
            go = gone
        m.d.comb += self.o_winner.eq(entries[0][1])
        return m


def better(low_entry, high_entry):
    """The better of two neighbours: the upper one only if its key is larger."""
    (low, low_index), (high, high_index) = low_entry, high_entry
    upper = high > low
    index = upper if low_index is None else Cat(Mux(upper, high_index, low_index), upper)
    return Mux(upper, high, low), index


def passed(entry):
    """One without a neighbour: the lower of a pair whose upper half is empty."""
    key, index = entry
    return key, Cat(*([] if index is None else [index]), 0)

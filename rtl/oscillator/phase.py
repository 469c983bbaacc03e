"""Couplings of phase oscillators: their memory, and the sums that they make of sines and cosines.

``lanes`` oscillators accumulate at once: in pass p, lane l is oscillator i = p lanes + l, and::

    a[i] += J[i][j] s[j],  b[i] += J[i][j] c[j]                  (``spec.phase``)

An entry of the table is odd, so that it is a sum of ±1, ±2, ±4, ...: two such digits together are
±1 or ±3 times a power of four. A product of J is thus ±J or ±3J for every two bits of the table,
added up, with neither multiplier nor zero.

Members: in a cycle with ``i_valid``, the couplings of pass ``i_pass`` from oscillator ``i_source``
take its ``i_sine`` and ``i_cosine``; the sums have them ``LATENCY`` cycles later. ``o_a`` and
``o_b`` are the sums of lane 0; ``i_shift`` takes each lane's sums to the one before it and zero to
the last: who has taken all sums finds none. ``i_write`` and ``i_read`` write ``i_weight`` to, or
read, the coupling to oscillator ``i_target`` from ``i_source``; what was read is ``o_weight`` three
cycles later. Not while sums are made.

Throughput: ``lanes`` couplings a cycle. Cost: the memory, a byte of block RAM for each coupling of
up to 9 bits, and for the default widths about 155 LUT4 (adders too) and 78 FF a lane on ECP5.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.pipeline import plus
from spinloom.rtl.select import select

LATENCY = 4  # cycles from a source to its sums


class PhaseArray(wiring.Component):
    """Couplings of a ``PhaseShape``."""

    def __init__(self, shape):
        self._shape = shape
        self._passes = shape.oscillators // shape.lanes
        index, entry = range(shape.oscillators), signed(shape.amplitude_bits + 1)
        super().__init__(
            {
                "i_valid": In(1),
                "i_pass": In(range(self._passes)),
                "i_source": In(index),
                "i_sine": In(entry),
                "i_cosine": In(entry),
                "i_shift": In(1),
                "o_a": Out(signed(shape.sum_bits)),
                "o_b": Out(signed(shape.sum_bits)),
                "i_write": In(1),
                "i_read": In(1),
                "i_target": In(index),
                "i_weight": In(signed(shape.weight_bits)),
                "o_weight": Out(signed(shape.weight_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, lanes = self._shape, self._shape.lanes
        bits = shape.weight_bits

        # Pass and lane of a target, a cycle after its name.
        place = data.StructLayout({"lane": ceil_log2(lanes), "turn": ceil_log2(self._passes)})
        m.submodules.places = places = memory.Memory(
            shape=place,
            depth=shape.oscillators,
            init=[{"lane": i % lanes, "turn": i // lanes} for i in range(shape.oscillators)],
        )
        where = places.read_port()
        writes, reads = Signal(), Signal()
        source, weight = Signal.like(self.i_source), Signal.like(self.i_weight)
        m.d.comb += where.addr.eq(self.i_target)
        m.d.sync += [
            writes.eq(self.i_write),
            reads.eq(self.i_read),
            source.eq(self.i_source),
            weight.eq(self.i_weight),
        ]

        # A row: the couplings of all lanes of a pass from one source.
        m.submodules.couplings = couplings = memory.Memory(
            shape=data.ArrayLayout(bits, lanes),
            depth=(self._passes - 1 << len(source)) + shape.oscillators,
            init=[],
        )
        row, write = couplings.read_port(), couplings.write_port(granularity=1)
        named = Cat(source, where.data.turn)
        m.d.comb += [
            row.addr.eq(Mux(reads, named, Cat(self.i_source, self.i_pass))),
            row.en.eq(~writes),
            write.addr.eq(named),
            write.en.eq(Mux(writes, 1 << where.data.lane, 0)),
            write.data.eq(Cat(weight for _ in range(lanes))),
        ]

        # The digits of sine and cosine wait for their row (1), its triples (2) and products (3).
        at_1, at_2, at_3 = Signal(), Signal(), Signal()
        m.d.sync += [at_1.eq(self.i_valid), at_2.eq(at_1), at_3.eq(at_2)]
        sine, cosine = (
            self._digits(m, v, n) for v, n in ((self.i_sine, "s"), (self.i_cosine, "c"))
        )

        sums = [
            [Signal(signed(shape.sum_bits), name=f"{name}_{lane}") for lane in range(lanes)]
            for name in "ab"
        ]
        once = []
        for lane in range(lanes):
            one = Signal(signed(bits), name=f"one_{lane}")
            three = Signal(signed(bits + 2), name=f"three_{lane}")
            read = row.data[lane].as_signed()
            m.d.sync += [one.eq(read), three.eq(read + (read << 1))]
            once.append(one)
            for own, (digits, last) in zip(sums, (sine, cosine), strict=True):
                product = Signal(
                    signed(bits + shape.amplitude_bits), name=f"{own[lane].name}_product"
                )
                m.d.sync += product.eq(self._product(one, three, digits))
                after = own[lane + 1] if lane + 1 < lanes else 0
                with m.If(self.i_shift):
                    m.d.sync += own[lane].eq(after)
                with m.Elif(at_3):
                    m.d.sync += own[lane].eq(plus(own[lane], product, last))

        lane_2, lane_3 = Signal.like(where.data.lane), Signal.like(where.data.lane)
        m.d.sync += [lane_2.eq(where.data.lane), lane_3.eq(lane_2)]
        m.d.comb += [
            self.o_a.eq(sums[0][0]),
            self.o_b.eq(sums[1][0]),
            self.o_weight.eq(select(once, lane_3)),
        ]
        return m

    def _digits(self, m, value, name):
        """An entry of the table, two cycles later, as (negative, three) for every two of its bits;
        and whether the lowest of these is negative, a cycle later still."""
        bits = self._shape.amplitude_bits
        positive = Cat(value[1:bits], ~value[bits])  # the sign of each power of two
        digits = []
        for low in range(0, bits, 2):
            high = min(low + 1, bits - 1)
            here = Signal(2, name=f"{name}_{low}")
            held = Signal.like(here)
            three = (positive[low] == positive[high]) & (high > low)
            m.d.sync += [here.eq(Cat(~positive[high], three)), held.eq(here)]
            digits.append((held[0], held[1]))
        last = Signal(name=f"{name}_last")
        m.d.sync += last.eq(digits[0][0])
        return digits, last

    def _product(self, one, three, digits):
        """The coupling times an entry; less 1, if the lowest digits are negative."""
        total = None
        for n, (negative, is_three) in enumerate(digits):
            size = Mux(is_three, three, one).as_unsigned()
            flips = negative.replicate(2 * n + len(size))
            term = (Cat(Const(0, 2 * n), size) ^ flips).as_signed()
            total = term if total is None else plus(total, term, negative)
        return total

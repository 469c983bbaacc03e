"""The STDP window: which inputs have spiked in this bucket or those before it (Sec. II.B).

A word holds 32 inputs: one bit each for every bucket of the window, the newest first, and the
number of the newest, its tag, modulo 2^T. A word is brought up to date when it is read, so a new
bucket costs no sweep over the memory: a word whose tag is behind shifts, by as many buckets, and
one that is too old comes out empty. Since tags
wrap, each new bucket also refreshes some words, in turn: as many as it takes to reach every word
before its tag comes round, once in 2^T - 1 buckets. Wide tags need one; narrow ones save memory.

Members: ``i_read``, ``i_word`` read a word: a cycle later ``o_active`` is the window of its 32
inputs, in planes of 32 bits: one for a window of two buckets, else one for each, the newest first,
and ``i_mark`` with ``i_bit`` may then write the word back with one more event. ``i_roll``
starts a new bucket, ``i_clear`` forgets every event; while ``o_busy`` nothing may be asked.

Latency: read 1, roll 2 a word refreshed, clear ``inputs / 32``. Cost: one memory of 32 bits a
bucket and T more for every 32 inputs.
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.memory.single_port import SinglePortMemory

WORD = 32


def planes(ages):
    """Planes of a window's output: a window of two buckets does not tell them apart."""
    return 1 if ages == 2 else ages


class StdpWindow(wiring.Component):
    """Window of ``inputs`` inputs, a multiple of 32, over ``ages`` buckets, 2 or more; ``tag_bits``
    is T, 2 or more (default: so wide that a new bucket refreshes one word)."""

    def __init__(self, inputs, *, ages=2, tag_bits=None):
        self._words, self._ages = inputs // WORD, ages
        self._tag_bits = ceil_log2(self._words) + 1 if tag_bits is None else tag_bits
        if self._tag_bits < 2:
            raise ValueError(f"StdpWindow tag_bits = {self._tag_bits}; give 2 or more")
        super().__init__(
            {
                "i_read": In(1),
                "i_word": In(ceil_log2(self._words)),
                "o_active": Out(WORD * planes(ages)),
                "i_mark": In(1),
                "i_bit": In(ceil_log2(WORD)),
                "i_roll": In(1),
                "i_clear": In(1),
                "o_busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        tag_bits, ages = self._tag_bits, self._ages
        refreshes = -(-self._words // (2**tag_bits - 1))  # of every new bucket
        m.submodules.ram = ram = SinglePortMemory(width=ages * WORD + tag_bits, depth=self._words)
        bucket = Signal(tag_bits)
        addr = Signal.like(self.i_word)
        scrub = Signal.like(self.i_word)
        left = Signal(range(refreshes))  # words to refresh after this one

        age = Signal(tag_bits)
        clearing = Signal()
        m.d.comb += age.eq(bucket - ram.o_data[ages * WORD :])
        behind = Signal(ages)  # by so many buckets
        for n in range(min(ages, 1 << tag_bits)):
            m.d.comb += behind[n].eq((age == n) & ~clearing)
        history = []  # of the word as it is now
        for n in range(ages):
            shifted = [
                behind[n - k].replicate(WORD) & ram.o_data.word_select(k, WORD)
                for k in range(n + 1)
            ]
            history.append(reduce(or_, shifted))
        m.d.comb += [
            self.o_active.eq(reduce(or_, history) if planes(ages) == 1 else Cat(history)),
            ram.i_data.eq(Cat(history, bucket)),
            ram.i_data[:WORD].eq(history[0] | (self.i_mark << self.i_bit)),
        ]

        with m.FSM():
            with m.State("Serve"):
                m.d.comb += ram.i_addr.eq(Mux(self.i_mark, addr, self.i_word))
                with m.If(self.i_read):
                    m.d.sync += addr.eq(self.i_word)
                    m.d.comb += ram.i_enable.eq(1)
                with m.If(self.i_mark):
                    m.d.comb += [ram.i_enable.eq(1), ram.i_write.eq(1)]
                with m.If(self.i_roll):
                    m.d.sync += [bucket.eq(bucket + 1), left.eq(refreshes - 1)]
                    m.next = "Refresh-Read"
                with m.If(self.i_clear):
                    m.d.sync += scrub.eq(0)
                    m.next = "Clear"
            with m.State("Refresh-Read"):
                m.d.comb += [self.o_busy.eq(1), ram.i_enable.eq(1), ram.i_addr.eq(scrub)]
                m.next = "Refresh-Write"
            with m.State("Refresh-Write"):
                m.d.comb += [
                    self.o_busy.eq(1),
                    ram.i_enable.eq(1),
                    ram.i_write.eq(1),
                    ram.i_addr.eq(scrub),
                ]
                m.d.sync += [
                    scrub.eq(Mux(scrub == self._words - 1, 0, scrub + 1)),
                    left.eq(left - 1),
                ]
                m.next = "Refresh-Read"
                with m.If(left == 0):
                    m.next = "Serve"
            with m.State("Clear"):
                m.d.comb += [
                    self.o_busy.eq(1),
                    ram.i_enable.eq(1),
                    ram.i_write.eq(1),
                    ram.i_addr.eq(scrub),
                    clearing.eq(1),
                ]
                m.d.sync += scrub.eq(scrub + 1)
                with m.If(scrub == self._words - 1):
                    m.d.sync += scrub.eq(0)
                    m.next = "Serve"
        return m

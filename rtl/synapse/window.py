"""The two-bucket STDP window: which inputs have spiked in this bucket or the last (Sec. II.B).

A word holds 32 inputs: one bit each for the newer and the older bucket, and the number of the newer
one, its tag, modulo 2^T. A word is brought up to date when it is read, so a new bucket costs no
sweep over the memory: a word whose tag is one behind shifts, an older one is empty. Since tags
wrap, each new bucket also refreshes some words, in turn: as many as it takes to reach every word
before its tag comes round, once in 2^T - 1 buckets. Wide tags need one; narrow ones save memory.

Members: ``i_read``, ``i_word`` read a word: a cycle later ``o_active`` is the window of its 32
inputs, and ``i_mark`` with ``i_bit`` may then write the word back with one more event. ``i_roll``
starts a new bucket, ``i_clear`` forgets every event; while ``o_busy`` nothing may be asked.

Latency: read 1, roll 2 a word refreshed, clear ``inputs / 32``. Cost: one memory of 64 + T bits a
32 inputs.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.memory.single_port import SinglePortMemory

WORD = 32


class StdpWindow(wiring.Component):
    """Window of ``inputs`` inputs, a multiple of 32; ``tag_bits`` is T, 2 or more (default: so wide
    that a new bucket refreshes one word)."""

    def __init__(self, inputs, *, tag_bits=None):
        self._words = inputs // WORD
        self._tag_bits = ceil_log2(self._words) + 1 if tag_bits is None else tag_bits
        if self._tag_bits < 2:
            raise ValueError(f"StdpWindow tag_bits = {self._tag_bits}; give 2 or more")
        super().__init__(
            {
                "i_read": In(1),
                "i_word": In(ceil_log2(self._words)),
                "o_active": Out(WORD),
                "i_mark": In(1),
                "i_bit": In(ceil_log2(WORD)),
                "i_roll": In(1),
                "i_clear": In(1),
                "o_busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        tag_bits = self._tag_bits
        refreshes = -(-self._words // (2**tag_bits - 1))  # of every new bucket
        m.submodules.ram = ram = SinglePortMemory(width=2 * WORD + tag_bits, depth=self._words)
        bucket = Signal(tag_bits)
        addr = Signal.like(self.i_word)
        scrub = Signal.like(self.i_word)
        left = Signal(range(refreshes))  # words to refresh after this one

        age = Signal(tag_bits)
        clearing = Signal()
        fresh, stale = Signal(), Signal()  # the word is of this bucket, of the last
        m.d.comb += [
            age.eq(bucket - ram.o_data[2 * WORD :]),
            fresh.eq((age == 0) & ~clearing),
            stale.eq((age == 1) & ~clearing),
        ]
        newer, older = ram.o_data[:WORD], ram.o_data[WORD : 2 * WORD]
        is_fresh, is_stale = fresh.replicate(WORD), stale.replicate(WORD)
        m.d.comb += [
            self.o_active.eq((is_fresh & (newer | older)) | (is_stale & newer)),
            ram.i_data[:WORD].eq((is_fresh & newer) | (self.i_mark << self.i_bit)),
            ram.i_data[WORD : 2 * WORD].eq((is_fresh & older) | (is_stale & newer)),
            ram.i_data[2 * WORD :].eq(bucket),
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

"""Cycle-to-cycle spread: the level of a device in one cycle, off its own by what all of its column
share (``spec.learning``, the sweep).

``v = min(max(v0 + x - y, 0), 15)``, x and y the low ``i_spread`` bits of the first two bytes of a
random word. Where a level of 0 stands for a stuck device (``zero_stays``), it stays.

Members: ``i_start`` takes ``i_word``; ``i_levels`` and ``o_levels``, combinational, from the next
cycle on. Cost: about 10 LUT4 a lane.
"""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS

MAX_SPREAD = 3


class CycleLevel(wiring.Component):
    """Levels of ``lanes`` devices of one column."""

    def __init__(self, lanes=LANES, *, zero_stays=False):
        self._lanes, self._zero_stays = lanes, zero_stays
        levels = data.ArrayLayout(ceil_log2(LEVELS), lanes)
        super().__init__(
            {
                "i_start": In(1),
                "i_spread": In(ceil_log2(MAX_SPREAD + 1)),
                "i_word": In(LANES * CODE_BITS),
                "i_levels": In(levels),
                "o_levels": Out(levels),
            }
        )

    def elaborate(self, platform):
        m = Module()
        mask, shift = Signal(MAX_SPREAD), Signal(signed(MAX_SPREAD + 1))
        m.d.comb += mask.eq((1 << self.i_spread) - 1)
        with m.If(self.i_start):
            m.d.sync += shift.eq((self.i_word & mask) - (self.i_word[CODE_BITS:] & mask))
        for lane in range(self._lanes):
            level = self.o_levels[lane]
            total = self.i_levels[lane] + shift
            # Below 0 the sign says so; above 15, which fits one bit more, bit 4.
            zero = total[-1]
            if self._zero_stays:
                zero |= self.i_levels[lane] == 0
            m.d.comb += level.eq(Mux(zero, 0, Mux(total[len(level)], LEVELS - 1, total)))
        return m

"""The STDP sweep of domain-wall memristors: one trial for every wall of a column.

``P(move) = codes[a, position >> max(0, C - 4)] / 2^k`` for a wall of C bits under a pulse of class
*a*, which moves it by one position, up for a > 0, else down, and not beyond the track's ends. What
a trial does depends on the wall's position, so each wall is read first, one after the other.

Members: ``i_start`` begins; ``o_read`` with ``o_row`` reads a row of the array and the window's
word ``o_window_word``: ``i_position`` of its wall and ``i_active`` follow a cycle later and stay;
``o_draw`` takes the random ``i_word``; ``column`` carries the walls that moved, of ``i_column``.
``o_to_p``/``o_to_ap`` count the trials that switched, up and down. ``i_cycle_spread`` as in
``rtl.synapse.level``: unless it is 0, the start takes a word too.

Throughput: a trial in three cycles, and in two more where the wall moves; codes of 16 bits take one
more, and one a group. Cost: a code table and about 80 LUT4.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.select import select
from spinloom.rtl.synapse.level import CycleLevel
from spinloom.rtl.synapse.mtj import Mtj
from spinloom.rtl.synapse.window import WORD


class DomainWallMemristor(wiring.Component):
    """Sweeps columns of ``inputs`` walls; ``cell`` is the layout of the array's column, ``planes``
    the number of those of the window, ``code_bits`` the width of a code, 8 or 16."""

    def __init__(self, inputs, cell, *, planes=1, code_bits=CODE_BITS):
        self._inputs, self._planes, self._code_bits = inputs, planes, code_bits
        super().__init__(
            {
                "i_start": In(1),
                "i_column": In(cell["column"].shape),
                "o_busy": Out(1),
                "o_read": Out(1),
                "o_row": Out(ceil_log2(inputs)),
                "i_position": In(cell["state"].shape),
                "o_window_word": Out(ceil_log2(inputs // WORD)),
                "i_active": In(planes * WORD),
                "i_cycle_spread": In(2),
                "i_word": In(LANES * CODE_BITS),
                "o_draw": Out(1),
                "column": Out(stream.Signature(cell)),
                "o_to_p": Out(1),
                "o_to_ap": Out(1),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2((1 + planes) * LEVELS)),
                "i_code": In(code_bits + 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.mtj = mtj = Mtj(1, classes=1 + self._planes, code_bits=self._code_bits)
        m.submodules.cycle = cycle = CycleLevel(1)
        two_bytes = self._code_bits > CODE_BITS
        row, up = Signal.like(self.o_row), Signal()
        active, stuck, ends = Signal(range(1 + self._planes)), Signal(), Signal()
        low = Signal(len(self.i_word))  # the word of a group's low bytes
        high, carry = Signal(), Signal()
        word = Signal.like(self.i_word)
        m.d.comb += word.eq(self.i_word)
        if two_bytes:
            with m.If(~high):
                m.d.comb += word.eq(low)
        for age in reversed(range(self._planes)):
            plane = self.i_active.word_select(age, WORD)
            with m.If(plane.bit_select(row[: ceil_log2(WORD)], 1)):
                m.d.comb += active.eq(1 + age)
        shift = max(0, len(self.i_position) - ceil_log2(LEVELS))
        bytes_ = [word.word_select(lane, CODE_BITS) for lane in range(LANES)]
        lane = row[: ceil_log2(LANES)]
        m.d.comb += [
            self.o_row.eq(row),
            self.o_window_word.eq(row >> ceil_log2(WORD)),
            cycle.i_start.eq(self.i_start),
            cycle.i_spread.eq(self.i_cycle_spread),
            cycle.i_word.eq(self.i_word),
            cycle.i_levels[0].eq(self.i_position >> shift),
            mtj.i_classes[0].eq(active),
            mtj.i_levels.eq(cycle.o_levels),
            mtj.i_word.eq(select(bytes_, lane)),
            mtj.i_high.eq(high),
            mtj.i_carry.eq(carry),
            mtj.i_code_write.eq(self.i_code_write),
            mtj.i_code_addr.eq(self.i_code_addr),
            mtj.i_code.eq(self.i_code),
            stuck.eq(Mux(up, self.i_position.all(), self.i_position == 0)),
            self.column.p.row.eq(row),
            self.column.p.column.eq(self.i_column),
            ends.eq(row == self._inputs - 1),
        ]
        # The array reads the row again before it writes: what is written has to stay.
        state = Signal.like(self.i_position)
        m.d.comb += self.column.p.state.eq(state)

        first = "Draw" if two_bytes else "Read"  # of a group

        def following():
            m.d.sync += row.eq(row + 1)
            m.next = "Read"
            with m.If(ends):
                m.next = "Idle"
            with m.Elif(lane == LANES - 1):
                m.next = first

        with m.FSM() as fsm:
            m.d.comb += self.o_busy.eq(~fsm.ongoing("Idle"))
            with m.State("Idle"):
                m.d.sync += row.eq(0)
                with m.If(self.i_start):
                    m.d.comb += self.o_draw.eq(self.i_cycle_spread != 0)
                    m.next = first
            if two_bytes:
                with m.State("Draw"):
                    m.d.comb += self.o_draw.eq(1)
                    m.d.sync += low.eq(self.i_word)
                    m.next = "Read"
                with m.State("Carry"):
                    m.d.sync += carry.eq(mtj.o_switched)
                    m.next = "Decide"
            with m.State("Read"):
                m.d.comb += self.o_read.eq(1)
                m.next = "Look"
            with m.State("Look"):
                m.d.comb += mtj.i_enable.eq(1)
                m.d.sync += up.eq(active != 0)
                m.next = "Carry" if two_bytes else "Decide"
            with m.State("Decide"):
                m.d.comb += [
                    high.eq(1),
                    self.o_draw.eq(lane == LANES - 1),
                    self.o_to_p.eq(mtj.o_switched & up),
                    self.o_to_ap.eq(mtj.o_switched & ~up),
                ]
                m.d.sync += state.eq(Mux(up, self.i_position + 1, self.i_position - 1))
                with m.If(mtj.o_switched & ~stuck):
                    m.next = "Write"
                with m.Else():
                    following()
            with m.State("Write"):
                m.d.comb += self.column.valid.eq(1)
                with m.If(self.column.ready):
                    following()
        return m

"""The STDP sweep of domain-wall memristors: one trial for every wall of a column.

``P(move) = codes[a, position >> max(0, C - 4)] / 256`` for a wall of C bits under a pulse of class
*a*, which moves it by one position, up for 1 and down for 0, and not beyond the track's ends. What
a trial does depends on the wall's position, so each wall is read first, one after the other.

Members: ``i_start`` begins; ``o_read`` with ``o_row`` reads a row of the array and the window's
word ``o_window_word``: ``i_position`` of its wall and ``i_active`` follow a cycle later and stay;
``o_draw`` takes the random ``i_word``; ``column`` carries the walls that moved, of ``i_column``.
``o_to_p``/``o_to_ap`` count the trials that switched, up and down.

Throughput: a trial in three cycles, and in two more where the wall moves. Cost: a code table and
about 60 LUT4.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.select import select
from spinloom.rtl.synapse.mtj import Mtj
from spinloom.rtl.synapse.window import WORD


class DomainWallMemristor(wiring.Component):
    """Sweeps columns of ``inputs`` walls; ``cell`` is the layout of the array's column."""

    def __init__(self, inputs, cell):
        self._inputs = inputs
        super().__init__(
            {
                "i_start": In(1),
                "i_column": In(cell["column"].shape),
                "o_busy": Out(1),
                "o_read": Out(1),
                "o_row": Out(ceil_log2(inputs)),
                "i_position": In(cell["state"].shape),
                "o_window_word": Out(ceil_log2(inputs // WORD)),
                "i_active": In(WORD),
                "i_word": In(LANES * CODE_BITS),
                "o_draw": Out(1),
                "column": Out(stream.Signature(cell)),
                "o_to_p": Out(1),
                "o_to_ap": Out(1),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2(2 * LEVELS)),
                "i_code": In(CODE_BITS + 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.mtj = mtj = Mtj(1)
        row, up = Signal.like(self.o_row), Signal()
        active, stuck, ends = Signal(), Signal(), Signal()
        shift = max(0, len(self.i_position) - ceil_log2(LEVELS))
        bytes_ = [self.i_word.word_select(lane, CODE_BITS) for lane in range(LANES)]
        m.d.comb += [
            self.o_row.eq(row),
            self.o_window_word.eq(row >> ceil_log2(WORD)),
            active.eq(self.i_active.bit_select(row[: ceil_log2(WORD)], 1)),
            mtj.i_states.eq(active),
            mtj.i_levels[0].eq(self.i_position >> shift),
            mtj.i_word.eq(select(bytes_, row[: ceil_log2(LANES)])),
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

        with m.FSM() as fsm:
            m.d.comb += self.o_busy.eq(~fsm.ongoing("Idle"))
            with m.State("Idle"):
                m.d.sync += row.eq(0)
                with m.If(self.i_start):
                    m.next = "Read"
            with m.State("Read"):
                m.d.comb += self.o_read.eq(1)
                m.next = "Look"
            with m.State("Look"):
                m.d.comb += mtj.i_enable.eq(1)
                m.d.sync += up.eq(active)
                m.next = "Decide"
            with m.State("Decide"):
                m.d.comb += [
                    self.o_draw.eq(row[: ceil_log2(LANES)] == LANES - 1),
                    self.o_to_p.eq(mtj.o_switched & up),
                    self.o_to_ap.eq(mtj.o_switched & ~up),
                ]
                m.d.sync += state.eq(Mux(up, self.i_position + 1, self.i_position - 1))
                with m.If(mtj.o_switched & ~stuck):
                    m.next = "Write"
                with m.Else():
                    m.d.sync += row.eq(row + 1)
                    m.next = "Read"
                    with m.If(ends):
                        m.next = "Idle"
            with m.State("Write"):
                m.d.comb += self.column.valid.eq(1)
                with m.If(self.column.ready):
                    m.d.sync += row.eq(row + 1)
                    m.next = "Read"
                    with m.If(ends):
                        m.next = "Idle"
        return m

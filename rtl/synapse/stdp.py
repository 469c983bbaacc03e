"""The STDP sweep: one write trial for every junction of a column (Sec. II.B, Fig. 4).

A stochastic write needs no read: whether a junction switches depends on its class, its device level
and a random byte, not on its state. So ``lanes`` junctions are decided a cycle, and only those that
switch go to the array. With fewer lanes than a random word has bytes, its junctions take turns;
with codes of 16 bits, all of a group do so twice, for the low and for the high byte.

Members: ``i_start`` with ``i_column`` begins; ``o_window_read``/``o_window_word`` ask for the
activity of 32 inputs, ``i_active`` a cycle later, in the planes of ``rtl.synapse.window``;
``o_draw`` takes the random ``i_word``; ``column`` carries the junctions that switched.
``o_to_p``/``o_to_ap`` count them, ``lanes`` trials at a time. ``i_cycle_spread`` as in
``rtl.synapse.level``: unless it is 0, the start takes a word too.

Throughput: ``lanes`` trials a cycle (half of them with codes of 16 bits), or the array's two cycles
a switched junction, whichever is more. Cost: a code table, which takes a block of memory, and about
50 LUT4 a lane.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS
from spinloom.rtl.select import select
from spinloom.rtl.synapse import spread, stored
from spinloom.rtl.synapse.level import CycleLevel
from spinloom.rtl.synapse.mtj import Mtj
from spinloom.rtl.synapse.window import WORD


class StochasticStdp(wiring.Component):
    """Sweeps columns of ``inputs`` junctions; ``junction`` is the layout of the array's column,
    ``lanes`` (8, 4 or 2) the number of junctions decided at once, ``planes`` that of the window,
    ``code_bits`` the width of a code, 8 or 16. Device levels are hashed, or ``stored_columns`` has
    them in a memory: then ``levels`` is the memory, for its window."""

    def __init__(
        self, inputs, junction, *, lanes=LANES, planes=1, code_bits=CODE_BITS, stored_columns=0
    ):
        if lanes not in (2, 4, LANES):
            raise ValueError(f"StochasticStdp lanes = {lanes}; give 2, 4 or {LANES}")
        self._inputs, self._lanes, self._planes, self._code_bits = inputs, lanes, planes, code_bits
        self.levels = None
        if stored_columns:
            self.levels = stored.StoredLevels(inputs // LANES, stored_columns)
        super().__init__(
            {
                "i_start": In(1),
                "i_column": In(junction["column"].shape),
                "i_spread_seed": In(32),
                "o_busy": Out(1),
                "o_window_read": Out(1),
                "o_window_word": Out(ceil_log2(inputs // WORD)),
                "i_active": In(planes * WORD),
                "i_word": In(LANES * CODE_BITS),
                "i_cycle_spread": In(2),
                "o_draw": Out(1),
                "column": Out(stream.Signature(junction)),
                "o_to_p": Out(range(lanes + 1)),
                "o_to_ap": Out(range(lanes + 1)),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2((1 + planes) * LEVELS)),
                "i_code": In(code_bits + 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lanes = self._lanes
        m.submodules.mtj = mtj = Mtj(lanes, classes=1 + self._planes, code_bits=self._code_bits)
        m.submodules.cycle = cycle = CycleLevel(lanes, zero_stays=self.levels is not None)
        if self.levels is not None:
            m.submodules.levels = device = self.levels
            latency = stored.LATENCY
        else:
            m.submodules.spread = device = spread.DeviceSpread()
            latency = spread.LATENCY
            m.d.comb += device.i_seed.eq(self.i_spread_seed)
        groups = self._inputs // LANES
        group_bits = ceil_log2(groups)
        advance = Signal()
        # The junctions of a group whose turn it is; behind the last ones come their high bytes,
        # then the next group.
        parts = LANES // lanes
        passes = self._code_bits // CODE_BITS
        part, high = Signal(range(parts)), Signal(range(passes))
        last_part = part == parts - 1
        turn = Signal()
        m.d.comb += turn.eq(advance & last_part & (high == passes - 1))

        # The levels of a group take a few cycles; its window word is asked for a cycle before.
        hashing = Signal(latency)
        hash_group = Signal(group_bits)
        asking = hashing[-1]
        ask_group = Signal(group_bits)
        m.d.comb += [
            device.i_enable.eq(turn),
            device.i_group.eq(hash_group),
            device.i_column.eq(self.i_column),
            self.o_window_read.eq(asking & turn),
            self.o_window_word.eq(ask_group >> ceil_log2(WORD // LANES)),
        ]
        # Class and level are known, ask for the codes.
        coding = Signal()
        code_part = Signal(ceil_log2(WORD // LANES))  # of the window word
        planes = [
            select(pieces(plane, lanes), Cat(part, code_part))
            for plane in pieces(self.i_active, WORD)
        ]
        classes = data.ArrayLayout(ceil_log2(1 + self._planes), lanes)
        active = Signal(classes)
        for lane in range(lanes):
            for age in reversed(range(self._planes)):
                with m.If(planes[age][lane]):
                    m.d.comb += active[lane].eq(1 + age)
        levels = pieces(device.o.as_value(), len(mtj.i_levels.as_value()))
        m.d.comb += [
            cycle.i_start.eq(self.i_start),
            cycle.i_spread.eq(self.i_cycle_spread),
            cycle.i_word.eq(self.i_word),
            cycle.i_levels.as_value().eq(select(levels, part)),
            mtj.i_enable.eq(coding & advance),
            mtj.i_classes.eq(active),
            mtj.i_levels.eq(cycle.o_levels),
            mtj.i_code_write.eq(self.i_code_write),
            mtj.i_code_addr.eq(self.i_code_addr),
            mtj.i_code.eq(self.i_code),
        ]
        # Decide.
        deciding = Signal()
        decide_part, decide_high = Signal.like(part), Signal.like(high)
        decide_active = Signal(lanes)
        carries = Signal(LANES)  # out of the low bytes of a group
        final = decide_high == passes - 1
        switched = Signal(lanes)
        decides = Signal()
        m.d.comb += [
            mtj.i_word.eq(select(pieces(self.i_word, lanes * CODE_BITS), decide_part)),
            decides.eq(deciding & advance),
            mtj.i_high.eq(decide_high),
            mtj.i_carry.eq(select(pieces(carries, lanes), decide_part)),
            self.o_draw.eq(
                (decides & (decide_part == parts - 1)) | (self.i_start & (self.i_cycle_spread != 0))
            ),
            switched.eq(Mux(decides & final, mtj.o_switched, 0)),
            self.o_to_p.eq(sum_bits(switched & decide_active)),
            self.o_to_ap.eq(sum_bits(switched & ~decide_active)),
        ]
        for n, carry in enumerate(pieces(carries, lanes)):
            with m.If(decides & ~final & (decide_part == n)):
                m.d.sync += carry.eq(mtj.o_switched)
        # Write what switched, one junction after the other.
        pending = Signal(lanes)
        pending_place = Signal(ceil_log2(self._inputs // lanes))
        pending_active = Signal(lanes)
        lowest = Signal(lanes)
        left = Signal(lanes)
        lane = Signal(range(lanes))
        for n in reversed(range(lanes)):
            with m.If(pending[n]):
                m.d.comb += lane.eq(n)
        m.d.comb += [
            lowest.eq(1 << lane),
            self.column.valid.eq(pending.any()),
            self.column.p.row.eq(Cat(lane, pending_place)),
            self.column.p.column.eq(self.i_column),
            self.column.p.state.eq((pending_active & lowest).any()),
            left.eq(pending & ~Mux(self.column.ready, lowest, 0)),
            advance.eq(left == 0),
            self.o_busy.eq(hashing.any() | coding | deciding | pending.any()),
        ]

        m.d.sync += pending.eq(left)
        with m.If(advance):
            m.d.sync += [
                pending.eq(switched),
                pending_place.eq(pending_place + (deciding & final)),
                pending_active.eq(decide_active),
                deciding.eq(coding),
                decide_part.eq(part),
                decide_high.eq(high),
                decide_active.eq(Cat(active[lane] != 0 for lane in range(lanes))),
                part.eq(part + 1),
                high.eq(high + last_part),
            ]
        with m.If(turn):
            m.d.sync += [
                coding.eq(asking),
                code_part.eq(ask_group),
                hashing[1:].eq(hashing),
                hash_group.eq(hash_group + hashing[0]),
                ask_group.eq(ask_group + asking),
            ]
            with m.If(hash_group == groups - 1):
                m.d.sync += hashing[0].eq(0)
        with m.If(self.i_start):
            m.d.sync += [
                hashing[0].eq(1),
                hash_group.eq(0),
                ask_group.eq(0),
                part.eq(0),
                high.eq(0),
                pending_place.eq(-1),
            ]
        return m


def pieces(value, width):
    """The value cut into pieces of this width."""
    return [value[n : n + width] for n in range(0, len(value), width)]


def sum_bits(value):
    """Number of ones, as a balanced tree."""
    bits = [value[n] for n in range(len(value))]
    while len(bits) > 1:
        bits = [a + b for a, b in zip(bits[::2], bits[1::2], strict=True)]
    return bits[0]

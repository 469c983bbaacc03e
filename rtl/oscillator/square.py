"""A group of square-wave oscillators, one link of a chain (``spec.square``).

Nothing here is touched by a reset: phases stay, and orders on their way are done.

Orders pass from group to group, a cycle each, and are done in order: so no wire is longer than from
one group to the next. The couplings from one oscillator to this group are a row of its memory, read
when the order comes and added in all lanes two cycles later. Sums as in the golden twin.

Members: ``i_order`` and ``o_order`` the chain, ``i_reply`` and ``o_reply`` what comes back of PEEK,
READ and ADVANCE, along the same way, ``LATENCY`` cycles behind; ``o_toggles`` which outputs differ
from what the sums are of, ``o_levels`` which are high.

Throughput: an order a cycle. Cost: about 40 LUT4 and 25 FF an oscillator, and the memory of
``weight_bits`` an oscillator and column.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, enum, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.square import WORD_BITS
from spinloom.rtl.select import select

LATENCY = 4  # from an order to its reply, both at the same group


class Order(enum.Enum, shape=4):
    """What the oscillators are told."""

    NONE = 0
    ADD = 1  # output ``column`` has turned: data bit 0 up; bit 1 whole: both halves of the turn
    CLEAR = 2  # sums are 0, outputs count as low
    EVALUATE = 3  # rising edges of the sums' signs reset phases
    ADVANCE = 4  # data ticks pass
    RESTART = 5  # the same, and all signs were high, outputs low
    POKE = 6  # ticks since the phase of oscillator ``column``: data
    KICK = 7  # oscillator ``column`` moves by half a period
    PEEK = 8  # ticks since the phase of oscillator ``column``
    LOAD = 9  # word ``word`` of the couplings from ``column``: data
    READ = 10  # the same, back


def order_layout(shape):
    """An order: ``group`` is that of oscillator ``column``, or whose word is meant."""
    return data.StructLayout(
        {
            "order": Order,
            "column": ceil_log2(shape.oscillators),
            "group": max(1, ceil_log2(shape.groups)),
            "word": shape.word_bits,
            "data": WORD_BITS,
        }
    )


REPLY = data.StructLayout({"valid": 1, "moved": 1, "data": WORD_BITS})


class SquareGroup(wiring.Component):
    """Group number ``index`` of a ``SquareShape``."""

    def __init__(self, shape, index):
        self._shape, self._index = shape, index
        super().__init__(
            {
                "i_order": In(order_layout(shape)),
                "o_order": Out(order_layout(shape)),
                "i_reply": In(REPLY),
                "o_reply": Out(REPLY),
                "o_toggles": Out(shape.group),
                "o_levels": Out(shape.group),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, group = self._shape, self._shape.group
        layout = order_layout(shape)
        first, second, third = (
            Signal(layout, name=name, reset_less=True) for name in ("first", "second", "third")
        )
        mine = [
            Signal(name=f"mine{n}", reset_less=True) for n in range(3)
        ]  # the order names this group
        m.d.comb += [self.o_order.eq(first), mine[0].eq(first.group == self._index)]
        m.d.sync += [
            first.eq(self.i_order),
            second.eq(first),
            third.eq(second),
            mine[1].eq(mine[0]),
            mine[2].eq(mine[1]),
        ]

        # The couplings: read by the first stage, registered behind the second.
        words = []
        for k in range(shape.group_words):
            width = min(WORD_BITS, group * shape.weight_bits - WORD_BITS * k)
            # LUTs would do for few oscillators, and be most of what these cost.
            ram = memory.Memory(
                shape=width, depth=shape.oscillators, init=[], attrs={"ram_style": "block"}
            )
            m.submodules[f"ram{k}"] = ram
            read, write = ram.read_port(), ram.write_port()
            loads = (first.order == Order.LOAD) & mine[0] & (first.word == k)
            m.d.comb += [
                read.addr.eq(first.column),
                write.addr.eq(first.column),
                write.data.eq(first.data),
                write.en.eq(loads),
            ]
            word = Signal(width, name=f"word{k}", reset_less=True)
            m.d.sync += word.eq(read.data)
            words.append(word)
        row = Cat(words)

        lane_at = first.column[: ceil_log2(group)]
        names = Signal(group, reset_less=True)  # the lane that a third-stage order names
        named = Signal(group, reset_less=True)
        m.d.sync += [named.eq(Mux(mine[0], 1 << lane_at, 0)), names.eq(named)]
        adds, inverts, whole = (
            Signal(name=n, reset_less=True) for n in ("adds", "inverts", "whole")
        )
        m.d.sync += [
            adds.eq(second.order == Order.ADD),
            inverts.eq(~second.data[0]),
            whole.eq(second.data[1]),
        ]
        order = third.order
        restarts = order == Order.RESTART
        passes = (order == Order.ADVANCE) | restarts
        bits = shape.phase_bits
        counts = []
        moves = Signal(group)
        most = shape.oscillators * (2 << shape.weight_bits - 1) + 1
        for lane in range(group):
            weight = row.word_select(lane, shape.weight_bits).as_signed()
            acc = Signal(most.bit_length() + 1, name=f"acc{lane}", reset_less=True)
            count = Signal(bits, name=f"count{lane}", reset_less=True)
            held = Signal(name=f"held{lane}", reset_less=True)
            was = Signal(name=f"was{lane}", reset_less=True)
            # Both of a value and its negative by one adder: the inverse, and a carry into it.
            value = Cat(names[lane], weight).as_signed()
            value = Mux(whole, value << 1, value)
            value = Mux(inverts, ~value, value)
            wide = Signal(len(acc), name=f"value{lane}")
            m.d.comb += wide.eq(value)
            with m.If(adds):
                m.d.sync += acc.eq((Cat(inverts, acc) + Cat(inverts, wide))[1:])
                with m.If(whole & names[lane]):
                    m.d.sync += held.eq(~held)
            rise = ~acc[-1] & ~was
            with m.Switch(order):
                with m.Case(Order.CLEAR):
                    m.d.sync += [acc.eq(0), held.eq(0)]
                with m.Case(Order.EVALUATE):
                    m.d.sync += was.eq(~acc[-1])
                    with m.If(rise):
                        m.d.sync += count.eq(0)
                        m.d.comb += moves[lane].eq(count != 0)
                with m.Case(Order.POKE):
                    with m.If(names[lane]):
                        m.d.sync += count.eq(third.data)
                with m.Case(Order.KICK):
                    with m.If(names[lane]):
                        m.d.sync += count[-1].eq(~count[-1])
            with m.If(passes):
                m.d.sync += count.eq(count + third.data[:bits])
            with m.If(restarts):
                m.d.sync += [was.eq(1), held.eq(0)]
            counts.append(count)
            m.d.comb += self.o_levels[lane].eq(~count[-1])
            m.d.comb += self.o_toggles[lane].eq(~count[-1] ^ held)

        # What comes back, a cycle behind the third stage.
        moved, answer = Signal(), Signal(WORD_BITS)
        replying, passed = Signal(), Signal()
        m.d.sync += [
            answer.eq(0),
            replying.eq(passes | (order == Order.PEEK) | (order == Order.READ)),
            passed.eq(passes),
        ]
        with m.If(order == Order.EVALUATE):
            m.d.sync += moved.eq(moved | moves.any())
        with m.If(passed):
            m.d.sync += moved.eq(0)
        with m.If(mine[2] & (order == Order.PEEK)):
            m.d.sync += answer.eq(select(counts, third.column[: ceil_log2(group)]))
        with m.If(mine[2] & (order == Order.READ) & (third.word < len(words))):
            m.d.sync += answer.eq(select(words, third.word))
        m.d.sync += [
            self.o_reply.valid.eq(replying),
            self.o_reply.moved.eq(self.i_reply.moved | (moved & passed)),
            self.o_reply.data.eq(self.i_reply.data | answer),
        ]
        return m

"""P-bits on a graph, updated a colour at a time (``spec.sparse``).

A lane serves one spin of each colour. What does not depend on spins is done a cycle ahead and
registered: whether the lane's number is below the threshold of each level, and which of its
neighbours' spins would be along its sign b. Then those are counted, and b is taken or not::

    start      the last generator draws: T = (Q + d) >> D
    1 later    all others draw: u < T[k]; b, or to measure the spin itself; b J of each neighbour
    2 later    F = b f + degree; the spins are set, or to measure F goes to the tree of adders

Spins and couplings are rings of 32-bit words, which turn by a word a cycle: so they are written and
read with a multiplexer a spin and none a coupling.

All is written in bit planes: a signal holds one bit of every lane, or of every generator. So the
description is short and fast to simulate, and what it costs in LUTs is seen bit by bit.

Members: ``i_start`` an update, or with ``i_measure`` a measurement, of colour ``i_colour`` at the
chances ``i_row``, one a cycle; ``o_busy`` while one is under way; ``o_sum``, when ``o_sum_valid``,
sum of F over the lanes, halved where all F are even (``halved``). ``i_turn_spins`` and
``i_turn_couplings`` put ``i_word`` behind the ring's last word and drop the first one, ``o_spins``
or ``o_couplings``. ``i_restart`` puts generators to their start, and ``i_seed`` bit ``i_seed_bit``
into number ``i_seed_generator``.

Throughput: a colour a cycle, which the next cycle's may depend on. Nothing here is touched by a
reset. Cost: about 66 LUT4 and 36 FF a lane of a torus without zeros, generators and tree among
them.
"""

from functools import reduce
from operator import and_, or_, xor

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.random import STATE_BITS, generator
from spinloom.emulator.spec.sparse import CHANCE_BITS, WORD, starts
from spinloom.rtl.select import select


class SparseArray(wiring.Component):
    """Spins, couplings, generators and lanes of a ``SparseShape``."""

    def __init__(self, shape):
        self._shape = shape
        network = shape.network
        self._degree = max(network.degrees)
        # Whether there are lanes that have some neighbours not, or not always.
        self._partial = (
            shape.zeros
            or len(network.degrees) > 1
            or any(len(spins) < shape.lanes for spins in network.colours)
        )
        self.halved = not self._partial
        most = shape.lanes * self._degree * (1 if self.halved else 2)
        super().__init__(
            {
                "i_start": In(1),
                "i_measure": In(1),
                "i_colour": In(max(1, ceil_log2(len(network.colours)))),
                "i_row": In(data.ArrayLayout(CHANCE_BITS, len(shape.levels))),
                "o_busy": Out(1),
                "o_sum": Out(most.bit_length()),
                "o_sum_valid": Out(1),
                "i_turn_spins": In(1),
                "i_turn_couplings": In(1),
                "i_word": In(WORD),
                "o_spins": Out(WORD),
                "o_couplings": Out(WORD),
                "i_restart": In(1),
                "i_seed": In(1),
                "i_seed_bit": In(1),
                "i_seed_generator": In(max(1, ceil_log2(shape.generators))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, network, degree = self._shape, self._shape.network, self._degree
        started, measure = Signal(2), Signal(2)  # a cycle ago, and two
        colour = [Signal.like(self.i_colour, name=f"colour{n}") for n in (1, 2)]
        update = Signal()
        m.d.sync += [
            started.eq(Cat(self.i_start, started[0])),
            measure.eq(Cat(self.i_measure, measure[0])),
            colour[0].eq(self.i_colour),
            colour[1].eq(colour[0]),
        ]
        m.d.comb += [
            self.o_busy.eq(started.any()),
            update.eq(started[1] & ~measure[1]),
        ]
        spins = [
            Signal(len(c), reset_less=True, name=f"spins{n}") for n, c in enumerate(network.colours)
        ]
        idle = Signal(shape.spin_words * WORD - shape.spins, reset_less=True)
        place = {i: (n, lane) for n, c in enumerate(network.colours) for lane, i in enumerate(c)}
        spin = [spins[place[i][0]][place[i][1]] for i in range(shape.spins)]
        couplings = Signal(shape.coupling_words * WORD, reset_less=True)

        def lanes(bit):
            """A bit of each lane: ``bit`` of its spin and colour ``bit(i)``; 0 without a spin."""
            return [
                Cat(Const(0) if lane >= len(c) else bit(c[lane]) for lane in range(shape.lanes))
                for c in network.colours
            ]

        def of_neighbour(slot, bit):
            """The same for the neighbour in a slot: ``bit(neighbour, edge)``."""
            pairs = network.neighbours
            return lanes(lambda i: bit(*pairs[i][slot]) if slot < len(pairs[i]) else Const(0))

        planes, dither = self._generators(m, started[0] & ~measure[0])
        bits = shape.probability_bits - 1
        sign, proposed = Signal(shape.lanes), Signal(shape.lanes)  # b, and a cycle before
        own = select(lanes(lambda i: spin[i]), colour[0])
        m.d.comb += proposed.eq(Mux(measure[0], own, planes[bits]))
        m.d.sync += sign.eq(proposed)
        below = []  # u < T of each level
        for k, chance in enumerate(self.i_row):
            threshold = Signal(bits, name=f"threshold{k}")
            m.d.sync += threshold.eq(chance + dither >> shape.dither_bits)
            less = Const(0, shape.lanes)  # a LUT for each bit, where a carry chain takes more
            for u, t in zip(planes, threshold, strict=False):
                t = t.replicate(shape.lanes)
                less = ~u & t | (~u | t) & less
            below.append(Signal(shape.lanes, name=f"below{k}"))
            m.d.sync += below[-1].eq(less)

        columns = [[], []]  # of F: bits of weight 1 and 2, of all lanes
        step = shape.coupling_bits
        for slot in range(degree):
            wants = Signal(shape.lanes, name=f"wants{slot}")  # the spin that is along b
            negative = select(of_neighbour(slot, lambda _, edge: couplings[step * edge]), colour[0])
            m.d.sync += wants.eq(negative ^ proposed)
            up = select(of_neighbour(slot, lambda j, _: spin[j]), colour[1])
            along = ~(up ^ wants)
            if self._partial:
                there = Signal(shape.lanes, name=f"there{slot}")
                exists = of_neighbour(
                    slot, lambda _, edge: couplings[step * edge + 1] if shape.zeros else Const(1)
                )
                m.d.sync += there.eq(select(exists, colour[0]))
                columns[0].append(~there)
                along &= there
            columns[1].append(along)
        total = add(m, columns, shape.lanes, "f")

        def is_(value):
            """Whether F of each lane is this."""
            return reduce(and_, [b if value >> n & 1 else ~b for n, b in enumerate(total)])

        free = [is_(degree + level) & ~below[k] for k, level in enumerate(shape.levels)]
        new = Signal(shape.lanes)
        m.d.comb += new.eq(~(reduce(or_, [is_(degree), *free]) ^ sign))
        for n, mine in enumerate(spins):
            with m.If(update & (colour[1] == n)):
                m.d.sync += mine.eq(new)

        ring = [*spin, *idle]
        ahead = [*ring[WORD:], *self.i_word]
        m.d.comb += [self.o_spins.eq(Cat(ring[:WORD])), self.o_couplings.eq(couplings)]
        with m.If(self.i_turn_spins):
            for mine, c in zip(spins, network.colours, strict=True):
                m.d.sync += mine.eq(Cat(ahead[i] for i in c))
            m.d.sync += idle.eq(Cat(ahead[shape.spins :]))
        with m.If(self.i_turn_couplings):
            m.d.sync += couplings.eq(Cat(couplings[WORD:], self.i_word))
        self._tree(m, total[self.halved :], started[1] & measure[1])
        return m

    def _generators(self, m, step):
        """Planes of the lanes' numbers, and the last generator's d; that one draws at the start, a
        cycle before the others."""
        shape = self._shape
        count = shape.generators
        states = [
            Signal(STATE_BITS, init=start, reset_less=True, name=f"generator{g}")
            for g, start in enumerate(starts(shape))
        ]
        state = [Signal(count, name=f"state{b}") for b in range(STATE_BITS)]
        drawn = [Signal(count, name=f"drawn{b}") for b in range(STATE_BITS)]
        for b, row in enumerate(generator(shape.generator).rows):
            taps = [state[t] for t in range(STATE_BITS) if row >> t & 1]
            if b == 0:
                taps.append(self.i_seed_bit.replicate(count))
            m.d.comb += [
                state[b].eq(Cat(mine[b] for mine in states)),
                drawn[b].eq(reduce(xor, taps)),
            ]
        for g, mine in enumerate(states):
            draws = self.i_start & ~self.i_measure if g == count - 1 else step
            with m.If(self.i_restart):
                m.d.sync += mine.eq(mine.init)
            with m.Elif(draws | self.i_seed & (self.i_seed_generator == g)):
                m.d.sync += mine.eq(Cat(plane[g] for plane in drawn))
        planes = []
        for k in range(shape.probability_bits):
            planes.append(Signal(shape.lanes, name=f"plane{k}"))
            m.d.comb += planes[-1].eq(
                Cat(
                    state[lane % shape.word_lanes * shape.probability_bits + k][
                        lane // shape.word_lanes
                    ]
                    for lane in range(shape.lanes)
                )
            )
        return planes, Cat(plane[-1] for plane in state[STATE_BITS - shape.dither_bits :])

    def _tree(self, m, leaves, start):
        """Sum of a number of each lane, whose bits are ``leaves``: halves of the lanes are added,
        and registered, until there is one."""
        level, width, valid = 0, self._shape.lanes, start
        while True:
            kept = [Signal(width, name=f"tree{level}_{n}") for n in range(len(leaves))]
            m.d.sync += [k.eq(leaf) for k, leaf in zip(kept, leaves, strict=True)]
            before, valid = valid, Signal(name=f"valid{level}")
            m.d.sync += valid.eq(before)
            if width == 1:
                break
            level, width = level + 1, -(-width // 2)
            leaves = add(m, [[k[:width], k[width:]] for k in kept], width, f"add{level}")
        m.d.comb += [self.o_sum.eq(Cat(kept)), self.o_sum_valid.eq(valid)]


def add(m, columns, width, name):
    """Planes of the sum of those in ``columns``, of weight 2^n in columns[n]; full adders behind
    one another, of which tools make tables of all their inputs. ``columns`` are used up."""
    total = []
    for weight, column in enumerate(columns):
        while len(column) > 1:
            bits = [column.pop(0) for _ in range(min(3, len(column)))]
            a, b, c = [*bits, Const(0, width)][:3]
            if len(columns) == weight + 1:
                columns.append([])
            odd, carry = Signal(width, name=f"{name}_odd"), Signal(width, name=f"{name}_carry")
            m.d.comb += [odd.eq(a ^ b ^ c), carry.eq(a & b | c & (a | b))]
            column.append(odd)
            columns[weight + 1].append(carry)
        total.append(column[0] if column else Const(0, width))
    return total

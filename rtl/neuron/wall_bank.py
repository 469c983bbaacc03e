"""Domain-wall neurons that integrate several rows a cycle (Sec. II.C, Fig. 8).

::

    rows of a group:   n = n + number of P junctions met by the events of this cycle
    its commit:        pos = pos + STEP*n   for neurons that are free, if pos < theta
    judgement:         margin = pos - theta; fire if some free neuron's is not negative

The rows of the next groups are counted while a group waits for its commit: a sum that is complete
moves through two stages, where it waits. A commit adds the sum once for each bit of STEP, shifted.

Members: ``i_valid``, ``i_rows`` rows to count (those absent are zero), ``i_last`` ends the group;
``o_full`` says that a sum waits, ``i_commit`` takes it, ``o_taken`` strobes when it has;
``o_judged`` strobes when ``o_fire`` is
valid, ``o_won`` when ``o_winner`` is. Actions: ``i_spike`` on
the neuron ``o_winner`` (``i_hard`` resets every wall, ``i_block`` makes it refractory),
``i_release`` of the neuron ``i_released``, ``i_set_position`` and ``i_set_theta`` of the neuron
``i_index``; its ``o_position`` and ``o_theta`` are there
``SELECT_LATENCY`` cycles later. ``i_tick`` moves the timer and, if there is a leak, starts it,
``o_leaking`` while it runs. ``i_clear`` and ``i_release_all`` act on all.

Capacity: three groups from ``i_last`` to ``i_commit``. Cost: about 100 LUT4 and 70 FF a neuron.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import TIMER_BITS
from spinloom.rtl.neuron.winner_tree import WinnerTree, latency
from spinloom.rtl.select import select

SELECT_LATENCY = 3
LEAK_LANES = 8  # neurons that leak in one cycle
FIRE_FAN = 16  # neurons whose vote is one register


class WallBank(wiring.Component):
    """Neurons of a ``LearningShape``."""

    def __init__(self, shape):
        self._shape = shape
        neurons, position, theta = shape.neurons, shape.position_bits, shape.threshold_bits
        super().__init__(
            {
                "i_valid": In(1),
                "i_last": In(1),
                "i_rows": In(data.ArrayLayout(neurons, shape.row_groups)),
                "o_full": Out(1),
                "i_commit": In(1),
                "o_taken": Out(1),
                "i_step": In(shape.step_bits),
                "o_judged": Out(1),
                "o_fire": Out(1),
                "o_won": Out(1),
                "o_winner": Out(ceil_log2(neurons)),
                "i_index": In(ceil_log2(neurons)),
                "i_spike": In(1),
                "i_hard": In(1),
                "i_block": In(1),
                "i_t_inh": In(TIMER_BITS),
                "i_release": In(1),
                "i_released": In(ceil_log2(neurons)),
                "i_set_position": In(1),
                "i_position": In(position),
                "i_set_theta": In(1),
                "i_theta": In(theta),
                "o_position": Out(position),
                "o_theta": Out(theta),
                "i_tick": In(1),
                "i_leak": In(theta),
                "o_leaking": Out(1),
                "i_clear": In(1),
                "i_release_all": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        neurons, bits = shape.neurons, shape.position_bits
        most = shape.group.bit_length()  # bits of a sum

        # Rows to counts.
        valid, last = Signal(), Signal()
        m.d.sync += [valid.eq(self.i_valid), last.eq(self.i_valid & self.i_last)]
        counted = [
            Signal(n, name=f"counted{j}")
            for j, n in enumerate([shape.row_groups.bit_length()] * neurons)
        ]
        planes = count_bits(m, [self.i_rows[r] for r in range(shape.row_groups)])
        for j, count in enumerate(counted):
            m.d.sync += count.eq(Cat(plane[j] for plane in planes))

        # Counts to sums, and sums through the two stages in which they wait.
        done = Signal()  # the sum in counting is complete
        stage_full, full = Signal(), Signal()
        taken = Signal()  # the waiting sum is used up
        to_stage, to_front = Signal(), Signal()
        m.d.comb += [
            to_front.eq(stage_full & (~full | taken)),
            to_stage.eq((done | last) & (~stage_full | to_front)),
            self.o_full.eq(full),
            self.o_taken.eq(taken),
        ]
        m.d.sync += done.eq((done | last) & ~to_stage)
        with m.If(to_stage):
            m.d.sync += stage_full.eq(1)
        with m.Elif(to_front):
            m.d.sync += stage_full.eq(0)
        with m.If(to_front):
            m.d.sync += full.eq(1)
        with m.Elif(taken):
            m.d.sync += full.eq(0)

        # Commit: one cycle a bit of STEP.
        committing = Signal()
        step = Signal(shape.step_bits)
        m.d.comb += taken.eq(committing & (step[1:] == 0))
        with m.If(self.i_commit):
            m.d.sync += [committing.eq(1), step.eq(self.i_step)]
        with m.Elif(committing):
            m.d.sync += step.eq(step >> 1)
            with m.If(taken):
                m.d.sync += committing.eq(0)
        # Of a commit: margins are there, votes are counted, and the winner is found.
        after = Signal(2 + latency(neurons))
        m.d.sync += after.eq(Cat(taken, after))
        m.d.comb += [self.o_judged.eq(after[2]), self.o_won.eq(after[-1])]

        # Actions on one neuron, a cycle later.
        hot, hot_winner, hot_released = (
            Signal(neurons, name=n) for n in ("hot", "hot_winner", "hot_released")
        )
        index = Signal.like(self.i_index)
        spike, hard, block, release = (
            Signal(name=n) for n in ("spike", "hard", "block", "release")
        )
        set_position, set_theta, clear = (Signal(name=n) for n in ("set_p", "set_t", "clear"))
        new_position, new_theta = Signal.like(self.i_position), Signal.like(self.i_theta)
        m.d.sync += [
            hot.eq(1 << self.i_index),
            hot_winner.eq(1 << self.o_winner),
            hot_released.eq(1 << self.i_released),
            index.eq(self.i_index),
            spike.eq(self.i_spike),
            hard.eq(self.i_clear | (self.i_spike & self.i_hard)),
            block.eq(self.i_block),
            release.eq(self.i_release),
            set_position.eq(self.i_set_position),
            set_theta.eq(self.i_set_theta),
            new_position.eq(self.i_position),
            new_theta.eq(self.i_theta),
            clear.eq(self.i_clear | self.i_release_all),
        ]

        inhibition = Signal(TIMER_BITS)
        inhibited = Signal()
        with m.If(self.i_clear):
            m.d.sync += inhibition.eq(0)
        with m.Elif(self.i_spike):
            m.d.sync += inhibition.eq(self.i_t_inh)
        with m.Elif(self.i_tick & (inhibition != 0)):
            m.d.sync += inhibition.eq(inhibition - 1)
        m.d.comb += inhibited.eq(inhibition != 0)

        # The leak: a group of lanes is read, then written.
        groups = -(-neurons // LEAK_LANES)
        leaking, leaks = Signal(), Signal()
        leak_group = Signal(range(max(2, groups)))
        reading, read_group = Signal.like(leak_group), Signal.like(leak_group)
        m.d.comb += [
            reading.eq(Mux(leaking, leak_group, index[ceil_log2(LEAK_LANES) :])),
            self.o_leaking.eq(leaking | leaks),
        ]
        m.d.sync += [leaks.eq(leaking), read_group.eq(reading)]
        with m.If(self.i_tick & (self.i_leak != 0)):
            m.d.sync += [leaking.eq(1), leak_group.eq(0)]
        with m.If(leaking):
            m.d.sync += leak_group.eq(leak_group + 1)
            with m.If(leak_group == groups - 1):
                m.d.sync += leaking.eq(0)
        leak_hot = Signal(groups)
        m.d.comb += leak_hot.eq(leaks << read_group)

        moved = Signal()  # a wall or a threshold may have, in the cycle before
        m.d.sync += moved.eq(taken | hard | spike | set_position | set_theta | leaks)

        m.submodules.tree = tree = WinnerTree(neurons, bits)
        m.d.comb += [tree.i_go.eq(after[1]), self.o_winner.eq(tree.o_winner)]
        votes = Signal(neurons)
        positions, thetas = [], []
        written = [Signal(bits, name=f"written{n}") for n in range(LEAK_LANES)]
        for j in range(neurons):
            pos, theta = (
                Signal(bits, name=f"pos{j}"),
                Signal(shape.threshold_bits, name=f"theta{j}"),
            )
            margin = Signal(signed(bits + 1), name=f"margin{j}")
            refractory, is_last, free = (Signal(name=f"{n}{j}") for n in ("ref", "last", "free"))
            counting = Signal(most, name=f"counting{j}")
            stage = Signal(most, name=f"stage{j}")
            waiting = Signal(most + shape.step_bits - 1, name=f"waiting{j}")
            total = counting + counted[j]
            with m.If(to_stage):
                m.d.sync += [stage.eq(total), counting.eq(0)]
            with m.Elif(valid):
                m.d.sync += counting.eq(total)
            with m.If(hard & clear):  # a reset drops the open group
                m.d.sync += counting.eq(0)
            with m.If(to_front):
                m.d.sync += waiting.eq(stage)
            if shape.step_bits > 1:
                with m.Elif(committing):
                    m.d.sync += waiting.eq(waiting << 1)

            with m.If(hard | (spike & hot_winner[j])):
                m.d.sync += pos.eq(0)
            with m.Elif((set_position & hot[j]) | leak_hot[j // LEAK_LANES]):
                m.d.sync += pos.eq(written[j % LEAK_LANES])
            with m.Elif(committing & step[0] & free & margin[-1]):
                m.d.sync += pos.eq(pos + waiting)
            with m.If(set_theta & hot[j]):
                m.d.sync += theta.eq(new_theta)
            with m.If(moved & ~committing):
                m.d.sync += margin.eq(pos - theta)

            with m.If(clear):
                m.d.sync += refractory.eq(0)
            with m.Elif(spike & hot_winner[j]):
                m.d.sync += refractory.eq(block)
            with m.Elif(release & hot_released[j]):
                m.d.sync += refractory.eq(0)
            with m.If(spike):
                m.d.sync += is_last.eq(hot_winner[j])
            m.d.sync += free.eq(~refractory & (~inhibited | is_last))
            m.d.comb += [
                votes[j].eq(free & ~margin[-1]),
                tree.i_margin[j].eq(margin),
                tree.i_valid[j].eq(votes[j]),
            ]
            positions.append(pos)
            thetas.append(theta)

        ballots = Signal(-(-neurons // FIRE_FAN))
        with m.If(after[1]):
            m.d.sync += ballots.eq(
                Cat(votes[n : n + FIRE_FAN].any() for n in range(0, neurons, FIRE_FAN))
            )
        m.d.comb += self.o_fire.eq(ballots.any())

        lane = Signal(ceil_log2(LEAK_LANES))
        read_positions, read_thetas = [], []
        for n in range(min(LEAK_LANES, neurons)):
            read_pos = Signal(bits, name=f"read_pos{n}")
            read_theta = Signal(shape.threshold_bits, name=f"read_theta{n}")
            m.d.sync += [
                read_pos.eq(select(positions[n::LEAK_LANES], reading)),
                read_theta.eq(select(thetas[n::LEAK_LANES], reading)),
            ]
            fallen = Mux(read_pos < self.i_leak, 0, read_pos - self.i_leak)
            m.d.comb += written[n].eq(Mux(leaks, fallen, new_position))
            read_positions.append(read_pos)
            read_thetas.append(read_theta)
        m.d.sync += [
            lane.eq(index),
            self.o_position.eq(select(read_positions, lane)),
            self.o_theta.eq(select(read_thetas, lane)),
        ]
        return m


def count_bits(m, rows):
    """The number of ones in each column of ``rows``, as bit planes: a tree of carry-save adders.

    Words of bits, not numbers: the same logic, and a simulator adds all columns at once.
    """

    def held(value):
        word = Signal(len(rows[0]))
        m.d.comb += word.eq(value)
        return word

    terms = list(rows)
    planes = []
    for _ in range(len(rows).bit_length()):
        carries = []
        while len(terms) > 1:
            a, b, *rest = terms
            if rest:
                c, *rest = rest
                carries.append(held((a & b) | (a & c) | (b & c)))
                terms = [*rest, held(a ^ b ^ c)]
            else:
                carries.append(held(a & b))
                terms = [held(a ^ b)]
        planes.append(terms[0] if terms else Const(0, len(rows[0])))
        terms = carries
    return planes

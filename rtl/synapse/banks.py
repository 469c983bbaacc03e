"""Crossbar of one-bit junctions as wide as its memory: rows and columns, both at full width.

Input *i* is row i // G of row group i mod G. A row group is K banks of 16-bit words, one word a row
each, and the words of row *i* are rotated by *i*: columns 16q to 16q+15 are in bank (q + i) mod K.
So an event reads a whole row, and a column lies in another bank in each of K rows that follow one
another: a sweep writes K rows of every row group in a cycle. Both may happen at once.

Members: ``i_read`` and ``i_rows``: a row of each row group, shown by ``o_rows`` ``LATENCY`` cycles
later; a row group that is not read shows zeros. ``i_write`` gives the junctions of inputs
``K*G*i_block`` ... of column ``i_neuron`` the state ``i_states`` where ``i_switched``, which is
done ``WRITE_LATENCY`` cycles later. ``i_word_write`` writes a word of the memory window while
``o_word_busy``; it needs the array for itself. A word is read as its row, and ``o_word`` is word
``i_word_addr`` of what ``o_rows`` shows.

Cost: the banks, two multiplexers of four a bit read, about 30 LUT4 a bank for writing.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.rtl.memory.bit_write import WIDTH, BitWriteMemory
from spinloom.rtl.select import select

WRITE_LATENCY = 3
MAX_NEURONS = 256  # what two steps of rotation turn


def banks(neurons):
    """Banks of a row group: words that hold a row, rounded up to a power of two."""
    return 1 << ceil_log2(-(-neurons // WIDTH))


def latency(neurons):
    """Cycles from a read to its row: the memory's two, and one for two bits of the rotation."""
    return 2 + max(1, -(-ceil_log2(banks(neurons)) // 2))


class SynapseBanks(wiring.Component):
    """Junctions of a ``LearningShape``; ``memory`` is a technology of ``BitWriteMemory``."""

    def __init__(self, shape, *, memory="generic"):
        self._shape, self._memory = shape, memory
        self._banks = banks(shape.neurons)
        if shape.neurons > MAX_NEURONS:
            raise ValueError(
                f"LearningShape.neurons = {shape.neurons}: an array of banks has at most "
                f"{MAX_NEURONS}"
            )
        self.lanes = self._banks * shape.row_groups
        if self.lanes != 8 * shape.generators:
            raise ValueError(
                f"LearningShape.generators = {shape.generators}: {shape.row_groups} row groups of "
                f"{shape.neurons} neurons write {self.lanes} junctions at once; "
                f"give {self.lanes / 8:g} generators"
            )
        words = ceil_log2(shape.inputs * shape.row_words)
        super().__init__(
            {
                "i_read": In(shape.row_groups),
                "i_rows": In(data.ArrayLayout(shape.row_bits, shape.row_groups)),
                "o_rows": Out(data.ArrayLayout(shape.neurons, shape.row_groups)),
                "i_write": In(1),
                "i_block": In(ceil_log2(shape.inputs // self.lanes)),
                "i_neuron": In(ceil_log2(shape.neurons)),
                "i_switched": In(self.lanes),
                "i_states": In(self.lanes),
                "i_word_addr": In(words),
                "i_word_write": In(1),
                "i_word_data": In(32),
                "o_word_busy": Out(1),
                "o_word": Out(32),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, count, groups = self._shape, self._banks, self._shape.row_groups
        bank_bits = ceil_log2(count)

        # Writing: lanes in the order of inputs are turned to the order of banks, in two steps.
        quarter = self.i_neuron[4:] if count > 1 else Signal(0)
        turned = {"switched": [], "states": []}
        for name, lanes in (("switched", self.i_switched), ("states", self.i_states)):
            for r in range(groups):
                value = Cat(lanes[n * groups + r] for n in range(count))
                if name == "switched":
                    value = Mux(self.i_write, value, 0)
                value = turn(m, value, quarter, bank_bits, f"{name}{r}")
                turned[name].append(value)
        neuron1, neuron2 = Signal.like(self.i_neuron), Signal.like(self.i_neuron)
        block1, block2 = Signal.like(self.i_block), Signal.like(self.i_block)
        m.d.sync += [
            neuron1.eq(self.i_neuron),
            neuron2.eq(neuron1),
            block1.eq(self.i_block),
            block2.eq(block1),
        ]

        # The memory window: one bit of the word's two banks a cycle.
        part_bits = ceil_log2(shape.row_words)
        row = self.i_word_addr[part_bits:]
        word_bit = Signal(4)
        writing = Signal()
        m.d.comb += self.o_word_busy.eq(writing)
        with m.If(self.i_word_write):
            m.d.sync += [writing.eq(1), word_bit.eq(0)]
        with m.If(writing):
            m.d.sync += word_bit.eq(word_bit + 1)
            with m.If(word_bit == 15):
                m.d.sync += writing.eq(0)
        group_bits = ceil_log2(groups)
        word_row = row[group_bits:]
        halves = []  # bank, value of each half of the word
        for half in range(min(2, count)):
            bank = Signal(max(1, bank_bits), name=f"bank{half}")
            column = Cat(half, self.i_word_addr[:part_bits]) if count > 1 else 0
            m.d.comb += bank.eq(column + word_row)
            value = self.i_word_data.word_select(half, 16).bit_select(word_bit, 1)
            halves.append((bank, value))

        banked = [[] for _ in range(groups)]
        for b in range(count):
            low = Signal(bank_bits, name=f"low{b}")
            bit, addr = Signal(4, name=f"bit{b}"), Signal(shape.row_bits, name=f"addr{b}")
            m.d.comb += low.eq(b - neuron2[4:] if count > 1 else 0)
            here = [(bank == b) if count > 1 else 1 for bank, _ in halves]
            value = Mux(here[0], halves[0][1], halves[-1][1])
            with m.If(writing):
                m.d.sync += [bit.eq(word_bit), addr.eq(word_row)]
            with m.Else():
                m.d.sync += [bit.eq(neuron2[:4]), addr.eq(Cat(low, block2))]
            for r in range(groups):
                ram = BitWriteMemory(shape.rows, technology=self._memory)
                m.submodules[f"bank{r}_{b}"] = ram
                enable, state = Signal(name=f"enable{r}_{b}"), Signal(name=f"state{r}_{b}")
                mine = (row[:group_bits] == r) if group_bits else 1
                is_here = here[0] | here[-1]
                with m.If(writing):
                    m.d.sync += [enable.eq(mine & is_here), state.eq(value)]
                with m.Else():
                    m.d.sync += [
                        enable.eq(turned["switched"][r][b]),
                        state.eq(turned["states"][r][b]),
                    ]
                m.d.comb += [
                    ram.i_read.eq(self.i_read[r]),
                    ram.i_read_addr.eq(self.i_rows[r]),
                    ram.i_write.eq(enable),
                    ram.i_write_addr.eq(addr),
                    ram.i_bit.eq(bit),
                    ram.i_value.eq(state),
                ]
                banked[r].append(ram.o_data)

        # Reading: words in the order of banks are turned to the order of columns.
        for r in range(groups):
            valid, turns = self.i_read[r], self.i_rows[r][:bank_bits]
            for n in range(2):
                later, later_turns = Signal(name=f"valid{n}_{r}"), Signal.like(turns)
                m.d.sync += [later.eq(valid), later_turns.eq(turns)]
                valid, turns = later, later_turns
            value = Cat(banked[r])
            for step in range(max(1, -(-bank_bits // 2))):
                bits = turns[2 * step : 2 * step + 2]
                stage = Signal(WIDTH * count, name=f"turned{step}_{r}")
                value = rotated(value, bits, WIDTH << 2 * step)
                if step == 0:  # what was not read is zero
                    with m.If(valid):
                        m.d.sync += stage.eq(value)
                    with m.Else():
                        m.d.sync += stage.eq(0)
                else:
                    m.d.sync += stage.eq(value)
                later_turns = Signal.like(turns)
                m.d.sync += later_turns.eq(turns)
                value, turns = stage, later_turns
            m.d.comb += self.o_rows[r].eq(value)
        shown = Signal(shape.neurons)
        m.d.comb += shown.eq(select(list(self.o_rows), row[:group_bits]))
        m.d.comb += self.o_word.eq(
            select([shown[32 * n : 32 * n + 32] for n in range(shape.row_words)],
                   self.i_word_addr[:part_bits])
        )  # fmt: skip
        return m


def rotated(value, turns, unit):
    """``value`` rotated right by ``turns`` units of bits, as one multiplexer."""
    choices = [value.rotate_right(unit * n % len(value)) for n in range(1 << len(turns))]
    return select(choices, turns)


def turn(m, value, turns, bits, name):
    """``value`` rotated left by ``turns`` (``bits`` wide), two bits a cycle, in two cycles."""
    for step in range(2):
        stage = Signal(len(value), name=f"{name}_{step}")
        mine = turns[2 * step : 2 * step + 2] if 2 * step < bits else Signal(0)
        choices = [value.rotate_left((n << 2 * step) % len(value)) for n in range(1 << len(mine))]
        m.d.sync += stage.eq(select(choices, mine))
        later = Signal.like(turns) if bits else turns
        if bits:
            m.d.sync += later.eq(turns)
        value, turns = stage, later
    return value

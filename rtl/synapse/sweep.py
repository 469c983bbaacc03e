"""The STDP sweep of an array of banks: many write trials a cycle, none of which reads (Sec. II.B).

A block is ``8 * generators`` inputs that follow one another, each with a byte of a generator's
word. Whether a junction switches depends on its class, its device level and that byte, not on its
state; so a block is decided and written in every cycle, beside inference.

Members: ``i_start``, while ``o_ready``, with ``i_neuron`` and the window ``i_active`` of every
input; ``o_write`` with ``o_block``, ``o_neuron``, ``o_switched``, ``o_states`` go to the array.
``o_done`` strobes with the last write of a sweep to memory, so that a read in the next cycle shows
it. ``o_to_p``, ``o_to_ap`` count what switched; ``o_counting`` while they may.

Latency: ``inputs / (8 * generators)`` cycles, and a dozen more until ``o_done``. Cost: for one
level, about 14 LUT4 and 14 FF a junction at once; with 16 levels a hash and eight code tables a
generator on top.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import CODE_BITS, LANES, LEVELS, SEED, lane_seed
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.synapse.banks import WRITE_LATENCY
from spinloom.rtl.synapse.mtj import Mtj
from spinloom.rtl.synapse.spread import LATENCY, DeviceSpread
from spinloom.rtl.synapse.stdp import sum_bits

HALF = STATE_BITS // 2
COUNT_FAN = 16  # junctions that are counted in one step


class ColumnSweep(wiring.Component):
    """Sweeps columns of a ``LearningShape``."""

    def __init__(self, shape):
        self._shape = shape
        lanes = LANES * shape.generators
        self._lanes, self._blocks = lanes, shape.inputs // lanes
        count = range(lanes + 1)
        super().__init__(
            {
                "i_start": In(1),
                "i_neuron": In(ceil_log2(shape.neurons)),
                "i_active": In(shape.inputs),
                "i_spread_seed": In(32),
                "o_ready": Out(1),
                "o_done": Out(1),
                "o_counting": Out(1),
                "o_write": Out(1),
                "o_block": Out(ceil_log2(self._blocks)),
                "o_neuron": Out(ceil_log2(shape.neurons)),
                "o_switched": Out(lanes),
                "o_states": Out(lanes),
                "o_to_p": Out(count),
                "o_to_ap": Out(count),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2(2 * LEVELS)),
                "i_code": In(CODE_BITS + 1),
                "i_load": In(2),
                "i_seed": In(HALF),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, lanes = self._shape, self._lanes
        hashed = shape.levels > 1
        step = data.StructLayout(
            {"valid": 1, "last": 1, "block": len(self.o_block), "neuron": len(self.o_neuron)}
        )

        # A block a cycle; the hash of its device levels comes before all else.
        running, block = Signal(), Signal.like(self.o_block)
        neuron = Signal.like(self.i_neuron)
        last_block = Signal()
        m.d.comb += last_block.eq(block == self._blocks - 1)
        with m.If(running):
            m.d.sync += block.eq(block + 1)
            with m.If(last_block):
                m.d.sync += running.eq(0)
        with m.If(self.i_start):
            m.d.sync += [running.eq(1), block.eq(0), neuron.eq(self.i_neuron)]
        first = Signal(step)
        m.d.comb += [
            first.valid.eq(running),
            first.last.eq(last_block),
            first.block.eq(block),
            first.neuron.eq(neuron),
        ]

        def later(now, name, cycles=1):
            for n in range(cycles):
                after = Signal(step, name=f"{name}{n}")
                m.d.sync += after.eq(now)
                now = after
            return now

        coding = later(first, "hashing", LATENCY) if hashed else first
        deciding = later(coding, "deciding")
        written = later(deciding, "written")
        stored = later(written, "stored", WRITE_LATENCY)
        m.d.comb += [
            self.o_done.eq(stored.valid & stored.last),
            self.o_write.eq(written.valid),
            self.o_block.eq(written.block),
            self.o_neuron.eq(written.neuron),
        ]

        # The window of the column, a block at the bottom. It is consumed where codes are chosen;
        # a second sweep may begin while the last blocks of the first are still being hashed.
        window = Signal(shape.inputs)
        if hashed:
            held, fresh = Signal(shape.inputs), Signal()
            m.d.comb += self.o_ready.eq(~running & ~fresh)
            with m.If(self.i_start):
                m.d.sync += [held.eq(self.i_active), fresh.eq(1)]
            with m.If(coding.valid):
                m.d.sync += window.eq(window >> lanes)
            begins = later(first, "begins", LATENCY - 1)
            with m.If(begins.valid & (begins.block == 0)):
                m.d.sync += [window.eq(held), fresh.eq(0)]
        else:
            m.d.comb += self.o_ready.eq(~running)
            with m.If(running):
                m.d.sync += window.eq(window >> lanes)
            with m.If(self.i_start):
                m.d.sync += window.eq(self.i_active)
        active = window[:lanes]
        states = Signal(lanes)
        m.d.sync += [states.eq(active), self.o_states.eq(states)]

        switched = []
        for g in range(shape.generators):
            random = LinearGenerator(shape.generator, SEED ^ lane_seed(g))
            m.submodules[f"random{g}"] = random
            m.d.comb += [
                random.i_load.eq(self.i_load),
                random.i_seed.eq(
                    self.i_seed
                    ^ Mux(self.i_load[0], lane_seed(g) & (1 << HALF) - 1, lane_seed(g) >> HALF)
                ),
                random.i_step.eq(deciding.valid),
            ]
            mine = slice(LANES * g, LANES * (g + 1))
            if hashed:
                switched.append(self._spread(m, g, first, active[mine], coding, random.o))
            else:
                switched.append(self._alike(m, g, states[mine], random.o))
        m.d.sync += self.o_switched.eq(Mux(deciding.valid, Cat(switched), 0))

        # Counts, in two steps.
        for count, chosen in (
            (self.o_to_p, self.o_switched & self.o_states),
            (self.o_to_ap, self.o_switched & ~self.o_states),
        ):
            part = min(COUNT_FAN, lanes)
            parts = []
            for n in range(0, lanes, part):
                partial = Signal(range(part + 1))
                m.d.sync += partial.eq(sum_bits(chosen[n : n + part]))
                parts.append(partial)
            while len(parts) > 1:
                parts = [a + b for a, b in zip(parts[::2], parts[1::2], strict=True)]
            m.d.sync += count.eq(parts[0])
        pipeline = [first.valid, coding.valid, deciding.valid, written.valid, stored.valid]
        if hashed:
            waits = Signal(LATENCY)
            m.d.sync += waits.eq(Cat(first.valid, waits))
            pipeline.append(waits.any())
        tail = Signal(WRITE_LATENCY)
        m.d.sync += tail.eq(Cat(written.valid, tail))
        m.d.comb += self.o_counting.eq(Cat(*pipeline, tail).any())
        return m

    def _alike(self, m, g, states, word):
        """Decisions of devices that are all alike: one code a class."""
        # Codes describe the device, so a reset leaves them.
        codes = [Signal(CODE_BITS + 1, name=f"code{g}_{a}", reset_less=True) for a in range(2)]
        with m.If(self.i_code_write):
            for a, code in enumerate(codes):
                with m.If(self.i_code_addr == a * LEVELS):
                    m.d.sync += code.eq(self.i_code)
        decisions = []
        for lane in range(LANES):
            byte = word.word_select(lane, CODE_BITS)
            total = byte + Mux(states[lane], codes[1], codes[0])
            decisions.append(total[CODE_BITS])
        return Cat(decisions)

    def _spread(self, m, g, first, active, coding, word):
        """Decisions of devices that differ: their levels are hashed, their codes looked up."""
        m.submodules[f"spread{g}"] = spread = DeviceSpread()
        m.submodules[f"mtj{g}"] = mtj = Mtj()
        m.d.comb += [
            spread.i_enable.eq(1),
            spread.i_group.eq(first.block * self._shape.generators + g),
            spread.i_column.eq(first.neuron),
            spread.i_seed.eq(self.i_spread_seed),
            mtj.i_enable.eq(coding.valid),
            mtj.i_classes.as_value().eq(active),
            mtj.i_levels.eq(spread.o),
            mtj.i_word.eq(word),
            mtj.i_code_write.eq(self.i_code_write),
            mtj.i_code_addr.eq(self.i_code_addr),
            mtj.i_code.eq(self.i_code),
        ]
        return mtj.o_switched

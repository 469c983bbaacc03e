"""The sparse engine: p-bits on a graph. Contract: ``spec.sparse``.

Ports as in ``rtl.bus``. A sweep starts a colour of the array (``rtl.pbit.sparse``) in every cycle.
The array is still when it is measured, and when spins or couplings are read or written: then their
ring turns once, past the word that is meant.

A sweep takes ``colours`` cycles and a word of ticks 8 more; a measurement ``colours + log2 lanes +
12``, and the best state ``spin_words`` more.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import sparse as spec
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.pbit.sparse import SparseArray
from spinloom.rtl.registers import RegisterFile


class SparseEngine(wiring.Component):
    """Engine of one ``SparseShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        colours = len(shape.network.colours)
        m.submodules.registers = reg = RegisterFile(spec.REGISTERS)
        m.submodules.array = array = SparseArray(shape)
        m.submodules.best = best = memory.Memory(shape=32, depth=shape.spin_words, init=[])
        m.submodules.trace = trace = memory.Memory(shape=32, depth=shape.trace, init=[])
        best_write, best_read = best.write_port(), best.read_port()
        trace_write, trace_read = trace.write_port(), trace.read_port()
        request = self.bus.payload

        ticks_left = Signal(15)
        tick, following = Signal(32), Signal(32, init=1)
        colour, counted = Signal(range(colours)), Signal(range(colours + 1))
        energy, best_energy = Signal(32), Signal(32, init=spec.ENERGY_MAX)
        best_tick = Signal(32)
        total = Signal(len(array.o_sum) + ceil_log2(colours))  # of F over all spins
        swept = Signal()  # what is measured is the end of a sweep
        m.d.comb += [
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_energy.eq(energy),
            reg.i_best_energy.eq(best_energy),
            reg.i_best_tick.eq(best_tick),
        ]

        # The row of a sweep: its address and its chances are each registered.
        row = Signal(range(shape.rows))
        shifted = Signal(32)
        m.d.comb += shifted.eq(tick >> reg.o_row_shift)
        m.d.sync += row.eq(Mux(shifted < reg.o_rows, shifted, reg.o_rows - 1))
        for k in range(len(shape.levels)):
            m.submodules[f"chances{k}"] = chances = memory.Memory(
                shape=spec.CHANCE_BITS, depth=shape.rows, init=[]
            )
            write, read = chances.write_port(), chances.read_port()
            mine = request.addr[: shape.level_bits] == k
            m.d.comb += [
                read.addr.eq(row),
                array.i_row[k].eq(read.data),
                write.addr.eq(request.addr >> shape.level_bits),
                write.data.eq(request.data),
                write.en.eq(
                    self.bus.valid
                    & self.bus.ready
                    & request.write
                    & (request.region == spec.REGION_SCHEDULE)
                    & mine
                ),
            ]
        issue, measuring = Signal(), Signal()
        issued = Signal(2)  # what waits for its row
        late = [Signal.like(colour, name=f"late{n}") for n in (1, 2)]
        m.d.sync += [
            issued.eq(Cat(issue, issued[0])),
            late[0].eq(colour),
            late[1].eq(late[0]),
        ]
        m.d.comb += [
            array.i_start.eq(issued[1] | measuring),
            array.i_measure.eq(measuring),
            array.i_colour.eq(Mux(measuring, colour, late[1])),
        ]
        mask = Signal(32)
        due = Signal()
        m.d.sync += mask.eq((1 << reg.o_measure_shift) - 1)
        m.d.comb += due.eq((following & mask) == 0)

        # A ring's turn: past word ``addr``, of which bits ``flip`` flip, or all are written.
        rings = max(shape.spin_words, shape.coupling_words)
        place, addr = Signal(range(rings)), Signal(range(rings))
        flip = Signal(5)
        is_spins, is_flip, is_latch = Signal(), Signal(), Signal()
        head = Mux(is_spins, array.o_spins, array.o_couplings)
        last = place == Mux(is_spins, shape.spin_words - 1, shape.coupling_words - 1)
        flips = Signal(32)
        m.d.comb += [
            flips.eq(Mux(is_flip, 1 << flip, 0)),
            array.i_word.eq(head),
            best_write.addr.eq(place),
            best_write.data.eq(head),
            best_read.addr.eq(request.addr),
            trace_read.addr.eq(request.addr),
            trace_write.data.eq(energy),
        ]
        # Bits of the last words that no spin or coupling has stay 0.
        spins_end = (1 << (shape.spins - 1) % 32 + 1) - 1
        couplings_end = (1 << (shape.synapses * shape.coupling_bits - 1) % 32 + 1) - 1
        exist = Mux(last, Mux(is_spins, spins_end, couplings_end), 0xFFFFFFFF)
        bit, half_seed = Signal(5), Signal(32)

        accepting = Signal()
        m.d.comb += self.o_busy.eq(~accepting | self.i.valid | self.bus.valid)

        with m.FSM(init="Restart"):
            with m.State("Restart"):
                m.d.comb += array.i_restart.eq(1)
                m.next = "Accept"
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [
                    ticks_left.eq(self.i.payload),
                    addr.eq(self.i.payload >> 5),
                    flip.eq(self.i.payload),
                    place.eq(0),
                    is_spins.eq(1),
                    is_flip.eq(1),
                    is_latch.eq(0),
                    colour.eq(0),
                    swept.eq(1),
                ]
                with m.If(self.i.valid):
                    m.d.comb += self.i.ready.eq(1)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Sweep"
                    with m.Elif(self.i.payload < shape.spins):
                        m.next = "Turn"
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"

            with m.State("Sweep"):
                m.d.comb += issue.eq(1)
                m.d.sync += colour.eq(colour + 1)
                with m.If(colour == colours - 1):
                    m.d.sync += [
                        colour.eq(0),
                        tick.eq(following),
                        following.eq(following + 1),
                        ticks_left.eq(ticks_left - 1),
                    ]
                    with m.If(due):
                        m.next = "Drain"
                    with m.Elif(ticks_left == 1):
                        m.next = "Finish"
            with m.State("Finish"):
                with m.If(~issued.any() & ~array.o_busy):
                    m.next = "Accept"
            with m.State("Drain"):
                m.d.sync += [total.eq(0), counted.eq(0)]
                with m.If(~issued.any() & ~array.o_busy):
                    m.next = "Measure"
            with m.State("Measure"):
                m.d.comb += measuring.eq(1)
                m.d.sync += colour.eq(colour + 1)
                with m.If(colour == colours - 1):
                    m.d.sync += colour.eq(0)
                    m.next = "Sum"
            with m.State("Sum"):
                with m.If(counted == colours):
                    m.next = "Energy"
            with m.State("Energy"):
                # Each edge counts at both ends, and F is at least 0.
                most = max(shape.network.degrees) * shape.lanes * colours
                if array.halved:
                    m.d.sync += energy.eq(most // 2 - total)
                else:
                    m.d.sync += energy.eq((most - total) >> 1)
                m.next = "Judge"
            with m.State("Judge"):
                m.d.comb += [
                    trace_write.addr.eq((tick >> reg.o_measure_shift) - 1),
                    trace_write.en.eq(swept),
                ]
                m.d.sync += [place.eq(0), is_spins.eq(1), is_flip.eq(0), is_latch.eq(1)]
                m.next = "Measured"
                with m.If(energy.as_signed() < best_energy.as_signed()):
                    m.d.sync += [best_energy.eq(energy), best_tick.eq(tick)]
                    m.next = "Turn"
            with m.State("Measured"):
                m.next = "Accept"
                with m.If(swept & (ticks_left != 0)):
                    m.next = "Sweep"

            with m.State("Turn"):
                m.d.comb += [
                    array.i_turn_spins.eq(is_spins),
                    array.i_turn_couplings.eq(~is_spins),
                    best_write.en.eq(is_latch),
                ]
                m.d.sync += place.eq(place + 1)
                with m.If((place == addr) & ~is_latch):
                    m.d.sync += self.response.payload.eq(head)
                    m.d.comb += array.i_word.eq(head ^ flips)
                    with m.If(~is_flip & request.write):
                        m.d.comb += array.i_word.eq(request.data & exist)
                with m.If(last):
                    with m.If(is_latch):
                        m.next = "Measured"
                    with m.Elif(is_flip):
                        m.next = "Accept"
                    with m.Else():
                        m.d.comb += self.bus.ready.eq(1)
                        m.next = "Respond"
                        with m.If(request.write):
                            m.next = "Accept"

            with m.State("Bus"):
                m.d.sync += [
                    addr.eq(request.addr),
                    is_flip.eq(0),
                    is_spins.eq(request.region == spec.REGION_SPINS),
                    swept.eq(0),
                    bit.eq(0),
                    half_seed.eq(request.data),
                ]
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Accept"
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.comb += reg.i_write.eq(request.write)
                        with m.If(request.write & reg.o_command_write):
                            m.d.comb += array.i_restart.eq(reg.o_command[1])
                            with m.If(reg.o_command[0]):
                                m.d.sync += [
                                    tick.eq(0),
                                    following.eq(1),
                                    energy.eq(0),
                                    best_energy.eq(spec.ENERGY_MAX),
                                    best_tick.eq(0),
                                ]
                            with m.If(reg.o_command[2]):
                                m.next = "Drain"
                    with m.Case(spec.REGION_SPINS, spec.REGION_COUPLINGS):
                        m.d.comb += self.bus.ready.eq(0)
                        m.next = "Turn"
                    with m.Case(spec.REGION_SEEDS):
                        with m.If(request.write):
                            m.d.comb += self.bus.ready.eq(0)
                            m.next = "Seed"
            with m.State("Seed"):
                m.d.comb += [
                    array.i_seed.eq(1),
                    array.i_seed_bit.eq(half_seed[0]),
                    array.i_seed_generator.eq(request.addr >> 1),
                ]
                m.d.sync += [half_seed.eq(half_seed >> 1), bit.eq(bit + 1)]
                with m.If(bit == 31):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Accept"
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.sync += self.response.payload.eq(reg.o_data)
                    with m.Case(spec.REGION_BEST):
                        m.d.sync += self.response.payload.eq(best_read.data)
                    with m.Case(spec.REGION_TRACE):
                        m.d.sync += self.response.payload.eq(trace_read.data)
                    with m.Default():
                        m.d.sync += self.response.payload.eq(0)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

        with m.If(array.o_sum_valid):
            m.d.sync += [total.eq(total + array.o_sum), counted.eq(counted + 1)]
        return m

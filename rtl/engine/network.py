"""The network engine: events in, layer after layer of spin neurons, spikes out. Contract:
``spec.network``.

Ports as in ``rtl.bus``. An event takes its steps and one cycle, 16 weights a step: neuron words of
a dense layer, or taps of a convolution. A time step takes, for each neuron word, its neurons and
five cycles, and for each spike a cycle to send it, or what it takes as an event of the next layer.
The spikes of a word wait in a register until they are done, so nothing is queued and nothing lost.

Cost of a whole machine of shape ``network-digits`` on iCE40: 3885 LUT4, 1672 FF, 26 block RAMs of
512 bytes and, for the weights, two of 32 KiB.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import network as spec
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.neuron.accumulator import Accumulators
from spinloom.rtl.neuron.spin import SpinNeuron
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.registers import RegisterFile
from spinloom.rtl.select import select
from spinloom.rtl.synapse.pairs import JunctionPairs
from spinloom.rtl.synapse.taps import Taps

LANE_BITS = ceil_log2(spec.LANES)
DRAWN_LANES = STATE_BITS // spec.CODE_BITS  # neurons that share a random word


class NetworkEngine(wiring.Component):
    """Engine of one ``NetworkShape``; ``memory`` is the technology of its weights."""

    def __init__(self, shape, *, memory="generic"):
        self._shape, self._memory = shape, memory
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        last_layer = len(shape.layers) - 1
        m.submodules.registers = reg = RegisterFile(shape.registers)
        m.submodules.pairs = pairs = JunctionPairs(shape.weight_words, memory=self._memory)
        m.submodules.taps = taps = Taps(shape)
        m.submodules.neurons = neurons = Accumulators(shape)
        m.submodules.spin = spin = SpinNeuron(shape)
        m.submodules.random = random = LinearGenerator(shape.generator, spec.SEED)
        m.submodules.bias = bias = memory.Memory(
            shape=shape.bias_bits, depth=spec.LANES * shape.bias_words, init=[]
        )
        bias_read, bias_write = bias.read_port(), bias.write_port()

        quiet = reg.o_control[0]
        request = self.bus.payload
        ticks_left = Signal(15)
        tick, spikes, hidden = Signal(32), Signal(32), Signal(32)
        layer, event_layer = Signal(2), Signal(2)  # whose neurons are stepped, whose event this is
        position = Signal(ceil_log2(shape.words))  # neuron word of the layer
        column = Signal.like(position)  # in its row
        scanning = Signal()  # events come from the neurons, not from the stream
        fired = Signal(spec.LANES)  # neurons of the word whose spikes are to be done
        clear = Signal(range(shape.words + 1))  # word that is cleared next
        lane, lane_b, lane_c, lane_d = (Signal(LANE_BITS, name=f"lane_{s}") for s in "abcd")
        issues, valid_b, last_b = Signal(), Signal(), Signal()
        adds = Signal()

        # What the layer in work is: constants by its number.
        def of_layer(values):
            return select(values, layer)

        def register(name):
            return of_layer([getattr(reg, f"o_l{n}_{name}") for n in range(last_layer + 1)])

        first_word, first_bias = Signal.like(position), Signal(len(bias_read.addr))
        last_lane, last_column, ends, row_step, number = (
            Signal(LANE_BITS), Signal.like(position), Signal(), Signal.like(position), Signal(16),
        )  # fmt: skip
        spike_lane = Signal(LANE_BITS)
        word, words_of_bias = 0, 0
        with m.Switch(layer):
            for n, la in enumerate(shape.layers):
                with m.Case(n):
                    full, pitch = la.lanes(0) - 1, la.words // la.rows
                    of_last = la.lanes(la.columns - 1) - 1
                    own = position if isinstance(la, spec.Dense) else 0
                    m.d.comb += [
                        first_word.eq(word),
                        first_bias.eq((words_of_bias + own) << LANE_BITS),
                        last_lane.eq(Mux(column == la.columns - 1, of_last, full)),
                        last_column.eq(la.columns - 1),
                        ends.eq(position == (la.rows - 1) * pitch + la.columns - 1),
                        row_step.eq(pitch - la.columns + 1),
                        number.eq(position << la.lane_bits | spike_lane),
                    ]
                word, words_of_bias = word + la.words, words_of_bias + la.bias_words
        for k in reversed(range(spec.LANES)):
            with m.If(fired[k]):
                m.d.comb += spike_lane.eq(k)

        # The array: a weight word is added to a neuron word in the cycle behind their reading.
        accepting = Signal()
        m.d.comb += [
            taps.i_layer.eq(Mux(accepting, 0, layer + 1)),
            taps.i_address.eq(Mux(accepting, self.i.payload, number)),
            neurons.i_add.eq(adds),
            neurons.i_step.eq(
                select([getattr(reg, f"o_l{n}_step") for n in range(last_layer + 1)], event_layer)
            ),
            neurons.i_plus.eq(pairs.o_plus),
            neurons.i_minus.eq(pairs.o_minus),
            pairs.i_data.eq(request.data),
            pairs.i_addr.eq(request.addr),
            neurons.i_addr.eq(request.addr >> LANE_BITS),
            neurons.i_lanes.eq(1 << request.addr[:LANE_BITS]),
            neurons.i_pos.eq(request.data),
            neurons.i_timer.eq(request.data >> 16),
        ]
        m.d.sync += adds.eq(taps.o_busy & taps.o_inside)
        with m.If(taps.o_busy):
            m.d.comb += [
                pairs.i_read.eq(1),
                pairs.i_addr.eq(taps.o_weight),
                neurons.i_read.eq(1),
                neurons.i_addr.eq(taps.o_word),
            ]

        # The neurons of a word, one a cycle: its bias is read (a), it starts its step (b), is on
        # the way (c), and is written back (d).
        m.d.comb += [
            bias_read.addr.eq(first_bias + lane),
            bias_write.addr.eq(request.addr),
            bias_write.data.eq(request.data),
            spin.i_valid.eq(valid_b),
            spin.i_pos.eq(select(list(neurons.o_pos), lane_b)),
            spin.i_timer.eq(select(list(neurons.o_timer), lane_b)),
            spin.i_bias.eq(bias_read.data),
            spin.i_random.eq(random.o.word_select(lane_b[:2], spec.CODE_BITS)),
            spin.i_theta.eq(register("theta")),
            spin.i_lo.eq(register("lo")),
            spin.i_hi.eq(register("hi")),
            spin.i_leak.eq(register("leak")),
            spin.i_reset_ticks.eq(register("reset_ticks")),
            spin.i_to_zero.eq(register("mode")[0]),
            spin.i_junction.eq(register("mode")[1]),
            spin.i_shift.eq(register("shift")),
            spin.i_code_addr.eq(request.addr),
            spin.i_code.eq(request.data),
            random.i_seed.eq(request.data),
            random.i_step.eq(
                valid_b & spin.i_junction & (last_b | (lane_b[:2] == DRAWN_LANES - 1))
            ),
        ]
        m.d.sync += [
            valid_b.eq(issues),
            last_b.eq(lane == last_lane),
            lane_b.eq(lane),
            lane_c.eq(lane_b),
            lane_d.eq(lane_c),
        ]
        with m.If(spin.o_valid):
            m.d.comb += [
                neurons.i_write.eq(1),
                neurons.i_lanes.eq(1 << lane_d),
                neurons.i_pos.eq(spin.o_pos),
                neurons.i_timer.eq(spin.o_timer),
            ]
            m.d.sync += fired.bit_select(lane_d, 1).eq(spin.o_fires)

        m.d.comb += [
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_spikes.eq(spikes),
            reg.i_hidden.eq(hidden),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(number),
            self.o_busy.eq(~accepting | adds | self.i.valid | self.bus.valid),
        ]
        with m.FSM(init="Reset"):
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [event_layer.eq(0), scanning.eq(0), ticks_left.eq(self.i.payload)]
                with m.If(self.i.valid):
                    m.d.comb += self.i.ready.eq(1)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(taps.o_known):
                        m.d.comb += taps.i_start.eq(1)
                        m.next = "Event"
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"
            with m.State("Event"):
                with m.If(taps.o_last):
                    m.next = "Accept"
                    with m.If(scanning):
                        m.next = "Spikes"

            with m.State("Tick"):
                m.d.sync += [
                    tick.eq(tick + 1),
                    ticks_left.eq(ticks_left - 1),
                    scanning.eq(1),
                    layer.eq(0),
                    position.eq(0),
                    column.eq(0),
                ]
                m.next = "Load"
            with m.State("Load"):
                m.d.comb += [neurons.i_read.eq(1), neurons.i_addr.eq(first_word + position)]
                m.d.sync += [lane.eq(0), fired.eq(0)]
                m.next = "Step"
            with m.State("Step"):
                m.d.comb += issues.eq(1)
                m.d.sync += lane.eq(lane + 1)
                with m.If(lane == last_lane):
                    m.next = "Drain"
            with m.State("Drain"):
                with m.If(spin.o_valid & (lane_d == last_lane)):
                    m.next = "Spikes"
            with m.State("Spikes"):
                done = Signal()
                with m.If(fired == 0):
                    self._advance(m, layer, position, column, last_column, ends, row_step,
                                  ticks_left)  # fmt: skip
                with m.Elif(layer == last_layer):
                    m.d.comb += [self.o.valid.eq(~quiet), done.eq(self.o.ready | quiet)]
                    m.d.sync += spikes.eq(spikes + done)
                with m.Else():
                    m.d.comb += [taps.i_start.eq(1), done.eq(1)]
                    m.d.sync += [hidden.eq(hidden + 1), event_layer.eq(layer + 1)]
                    m.next = "Event"
                with m.If(done):
                    m.d.sync += fired.eq(fired & (fired - 1))

            with m.State("Bus"):
                self._bus(m, reg, pairs, neurons, spin, bias_read, bias_write)
                with m.If((request.region == spec.REGION_REGISTERS) & request.write):
                    with m.Switch(request.addr):
                        with m.Case(shape.registers["SEED_LO"].addr):
                            m.d.comb += random.i_load.eq(0b01)
                        with m.Case(shape.registers["SEED_HI"].addr):
                            m.d.comb += random.i_load.eq(0b10)
                    with m.If(reg.o_command_write & reg.o_command[0]):
                        m.next = "Reset"
            with m.State("Poke"):
                m.d.comb += [neurons.i_write.eq(1), self.bus.ready.eq(1)]
                m.next = "Accept"
            with m.State("Fetch"):
                at = request.addr[:LANE_BITS]
                pos, timer = select(list(neurons.o_pos), at), select(list(neurons.o_timer), at)
                m.d.comb += self.bus.ready.eq(1)
                m.d.sync += self.response.payload.eq(0)
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.sync += self.response.payload.eq(reg.o_data)
                    with m.Case(spec.REGION_WEIGHTS):
                        m.d.sync += self.response.payload.eq(pairs.o_word)
                    with m.Case(spec.REGION_NEURONS):
                        m.d.sync += self.response.payload.eq(pos | timer << 16)
                    with m.Case(spec.REGION_BIAS):
                        m.d.sync += self.response.payload.eq(bias_read.data)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

            with m.State("Reset"):
                m.d.sync += [counter.eq(0) for counter in (tick, spikes, hidden, clear)]
                m.next = "Clear"
            with m.State("Clear"):
                # A word is read to name it, and written in the next cycle.
                m.d.comb += [
                    neurons.i_read.eq(1),
                    neurons.i_addr.eq(clear),
                    neurons.i_write.eq(clear != 0),
                    neurons.i_lanes.eq((1 << spec.LANES) - 1),
                    neurons.i_pos.eq(0),
                    neurons.i_timer.eq(0),
                ]
                m.d.sync += clear.eq(clear + 1)
                with m.If(clear == shape.words):
                    m.next = "Accept"
        return m

    def _advance(self, m, layer, position, column, last_column, ends, row_step, ticks_left):
        """On to the next neuron word, layer, time step or stream word."""
        m.d.sync += [position.eq(position + 1), column.eq(column + 1)]
        m.next = "Load"
        with m.If(column == last_column):
            m.d.sync += [position.eq(position + row_step), column.eq(0)]
        with m.If(ends):
            m.d.sync += [position.eq(0), column.eq(0), layer.eq(layer + 1)]
            with m.If(layer == len(self._shape.layers) - 1):
                m.next = "Accept"
                with m.If(ticks_left != 0):
                    m.next = "Tick"

    def _bus(self, m, reg, pairs, neurons, spin, bias_read, bias_write):
        """One bus request, which stays on the bus until it is done."""
        request = self.bus.payload
        m.next = "Fetch"
        with m.If(request.write):
            m.d.comb += self.bus.ready.eq(request.region != spec.REGION_NEURONS)
            m.next = "Accept"
        with m.Switch(request.region):
            with m.Case(spec.REGION_REGISTERS):
                m.d.comb += reg.i_write.eq(request.write)
            with m.Case(spec.REGION_WEIGHTS):
                m.d.comb += [pairs.i_write.eq(request.write), pairs.i_read.eq(~request.write)]
            with m.Case(spec.REGION_CODES):
                m.d.comb += spin.i_code_write.eq(request.write)
            with m.Case(spec.REGION_BIAS):
                m.d.comb += [bias_write.en.eq(request.write), bias_read.addr.eq(request.addr)]
            with m.Case(spec.REGION_NEURONS):
                m.d.comb += neurons.i_read.eq(1)
                with m.If(request.write):
                    m.next = "Poke"

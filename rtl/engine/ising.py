"""The ising engine: dense p-bits, a sweep at a time. Contract: ``spec.ising``.

Ports as in ``rtl.bus``. A pipeline decides about a spin a cycle: its field, its bias, beta, the
sigmoid, a random word. When a spin flips, the decisions behind it are thrown away, its row of
couplings is added to all words of fields, and the pipeline starts again with the next spin; a
random word is drawn by the decision that counts. So a sweep of n spins takes
n + flips · (words + 13) + 14 cycles, and n + 9 more if all spins are to decide at once.

The best state is saved late: as long as the spins are the best state, nothing is copied, and
whatever would take them away from it copies them first, 32 a cycle.
"""

from types import SimpleNamespace

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, enum, memory, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import ising as spec
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.memory.single_port import SinglePortMemory
from spinloom.rtl.pipeline import later, plus, ram
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.registers import RegisterFile
from spinloom.rtl.select import select

LATENCY = 9  # cycles from the name of a spin to its decision
PLACE_BITS = 5  # of a spin in its window word
NEAR_BITS = 4  # of a lane, by which a first cycle selects


class Job(enum.Enum, shape=2):
    """What a spin is looked up for."""

    SWEEP = 0
    BUILD = 1
    EVENT = 2
    READ = 3


class IsingEngine(wiring.Component):
    """Engine of one ``IsingShape``; couplings in ``SinglePortMemory`` of technology ``memory``."""

    def __init__(self, shape, *, memory="generic"):
        self._shape, self._memory = shape, memory
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        bits = ceil_log2(shape.spins)
        m.submodules.registers = reg = RegisterFile(shape.registers)
        m.submodules.random = random = LinearGenerator(shape.generator, spec.SEED)
        spin_read, spin_write = ram(m, "spins", spec.WORD, shape.spin_words)
        best_read, best_write = ram(m, "best", spec.WORD, shape.spin_words)
        trace_read, trace_write = ram(m, "trace", 32, shape.trace)
        choice_read, choice_write = ram(m, "choices", 1, shape.spins)
        count_read, count_write = None, None
        if shape.histogram_bits:
            count_read, count_write = ram(m, "counts", 32, 1 << shape.histogram_bits)
            m.d.comb += count_read.addr.eq(self.bus.p.addr)

        quiet, counting, parallel = reg.o_control
        request = self.bus.payload
        ticks_left = Signal(15)
        step = Signal(range(max(shape.words + 2, shape.spin_words)))
        tick, flips, ramp, best_tick = Signal(32), Signal(32), Signal(32), Signal(32)
        energy, best_energy = Signal(signed(32)), Signal(signed(32), init=spec.ENERGY_MAX)
        traced = Signal(ceil_log2(shape.trace))
        stale = Signal(init=1)
        pending = Signal(reset_less=True)  # the spins are the best state
        command = Signal(2)
        job = Signal(Job)
        choosing = Signal()  # of a sweep of all at once, the first pass
        last, beta = Signal(bits), Signal(spec.BETA_BITS)  # spin n - 1; beta of this sweep
        wanted, now = Signal(18), Signal(spec.BETA_BITS)
        m.d.sync += [
            wanted.eq(reg.o_beta + (ramp >> spec.RAMP_SHIFT)),
            now.eq(Mux(wanted < reg.o_beta_end, wanted, reg.o_beta_end)),
            last.eq(Mux(reg.o_spins == 0, shape.spins, reg.o_spins) - 1),
        ]

        # The next spin to look up, and the one that is decided about or flips.
        index, target = Signal(bits + 1), Signal(bits)
        issue, squash = Signal(), Signal()
        named = Signal(bits)
        m.d.comb += named.eq(index)
        valid = issue
        for n in range(1, LATENCY + 1):
            held = Signal(name=f"valid_{n}")
            m.d.sync += held.eq(valid & ~squash)
            valid = held

        fields = self._fields(m, named, target, request)
        pipeline = self._pipeline(m, reg, named, fields.sum, beta, request)
        field = pipeline.field
        place, place_1 = named[:PLACE_BITS], Signal(PLACE_BITS)
        m.d.sync += place_1.eq(place)
        is_up = later(m, spin_read.data.bit_select(place_1, 1), LATENCY - 1, "is_up")
        choice = later(m, choice_read.data, LATENCY - 1, "choice")
        word = random.o[STATE_BITS - shape.probability_bits :]
        chance = (word < pipeline.threshold) | pipeline.threshold.all()
        decides = valid & (job == Job.SWEEP)
        flip = Signal()
        change = Signal.like(field)  # s h: half of what a flip adds to the energy
        m.d.comb += [
            flip.eq(decides & ~choosing & (Mux(parallel, choice, chance) != is_up)),
            change.eq(Mux(is_up, field, -field)),
            squash.eq(flip),
            random.i_step.eq(decides & (choosing | ~parallel)),
            random.i_seed.eq(request.data),
        ]

        accepting = Signal()
        spin_word, saved = (Signal(range(shape.spin_words), name=n) for n in ("at", "saved"))
        saves = Signal()
        m.d.sync += [saves.eq(0), saved.eq(spin_word)]
        m.d.comb += [
            spin_word.eq(named >> PLACE_BITS),
            spin_read.addr.eq(spin_word),
            spin_write.addr.eq(target >> PLACE_BITS),
            spin_write.data.eq(spin_read.data ^ (1 << target[:PLACE_BITS])),
            best_read.addr.eq(request.addr),
            best_write.addr.eq(saved),
            best_write.data.eq(spin_read.data),
            best_write.en.eq(saves),
            trace_read.addr.eq(request.addr),
            trace_write.addr.eq(traced),
            trace_write.data.eq(energy),
            choice_read.addr.eq(named),
            choice_write.addr.eq(target),
            choice_write.data.eq(chance),
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_flips.eq(flips),
            reg.i_energy.eq(energy),
            reg.i_best_energy.eq(best_energy),
            reg.i_best_tick.eq(best_tick),
            reg.i_beta_now.eq(now),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(target),
            self.o_busy.eq(~accepting | self.i.valid | self.bus.valid),
        ]

        def turn():
            """Flip the target: its energy now; the best state is left behind if it climbs."""
            m.d.sync += [energy.eq(energy + (change << 1)), fields.negative.eq(is_up)]
            m.next = "Send"
            with m.If(pending & (change >= 0)):
                m.next = "Save"

        with m.FSM(init="Accept"):
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [
                    ticks_left.eq(self.i.payload),
                    index.eq(self.i.payload),
                    target.eq(self.i.payload),
                    step.eq(0),
                ]
                with m.If(self.i.valid & stale):
                    m.next = "Prepare"
                with m.Elif(self.i.valid):
                    m.d.comb += self.i.ready.eq(1)
                    m.d.sync += job.eq(Job.EVENT)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(self.i.payload <= last):
                        m.next = "One"
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"

            # Fields and energy anew: all words to zero, then one spin after the other.
            with m.State("Prepare"):
                m.d.sync += [job.eq(Job.BUILD), energy.eq(0), index.eq(0), target.eq(0)]
                m.next = "Clear"
                with m.If(pending):
                    m.next = "Save"
            with m.State("Clear"):
                m.d.comb += [fields.word.eq(step), fields.clear.eq(1)]
                m.d.sync += step.eq(step + 1)
                with m.If(step == shape.words - 1):
                    m.next = "One"
            with m.State("One"):
                m.d.comb += issue.eq(1)
                m.next = "Await"
            with m.State("Await"):
                m.d.sync += step.eq(0)
                with m.If(valid):
                    with m.Switch(job):
                        with m.Case(Job.BUILD):
                            m.d.sync += [energy.eq(energy - change), fields.negative.eq(~is_up)]
                            m.next = "Add"
                        with m.Case(Job.EVENT):
                            turn()
                        with m.Default():
                            m.d.comb += self.bus.ready.eq(1)
                            m.d.sync += self.response.payload.eq(field)
                            m.next = "Respond"

            with m.State("Tick"):
                m.d.sync += [
                    job.eq(Job.SWEEP),
                    beta.eq(now),
                    choosing.eq(parallel),
                    Cat(index, target).eq(0),
                ]
                m.next = "Sweep"
            with m.State("Sweep"):
                m.d.comb += issue.eq((index <= last) & ~flip)
                m.d.sync += [index.eq(index + issue), step.eq(0)]
                with m.If(flip):
                    turn()
                with m.Elif(decides):
                    m.d.comb += choice_write.en.eq(choosing)
                    m.d.sync += target.eq(target + 1)
                    with m.If(target == last):
                        m.d.sync += Cat(index, target, choosing).eq(0)
                        with m.If(~choosing):
                            m.next = "End"

            # A flip: the copy of the best state if it is left, the spike, the spin, the fields.
            with m.State("Save"):
                m.d.comb += spin_word.eq(step)
                m.d.sync += [step.eq(step + 1), saves.eq(1)]
                with m.If(step == shape.spin_words - 1):
                    m.d.sync += [pending.eq(0), step.eq(0)]
                    m.next = "Saved"
            with m.State("Saved"):
                m.next = "Send"
                with m.If(job == Job.BUILD):
                    m.next = "Clear"
                with m.If(job == Job.READ):
                    m.next = "Bus"
            with m.State("Send"):
                m.d.comb += [self.o.valid.eq(~quiet), spin_word.eq(target >> PLACE_BITS)]
                with m.If(quiet | self.o.ready):
                    m.next = "Turn"
            with m.State("Turn"):
                m.d.comb += spin_write.en.eq(1)
                m.d.sync += flips.eq(flips + 1)
                m.next = "Add"
            with m.State("Add"):
                m.d.comb += [
                    fields.word.eq(step),
                    fields.add.eq(step < shape.words),
                    fields.double.eq(job != Job.BUILD),
                ]
                m.d.sync += step.eq(step + 1)
                with m.If(step == shape.words + 1):
                    at_end = target == last
                    m.d.sync += [index.eq(target + 1), target.eq(target + 1), step.eq(0)]
                    with m.If((energy < best_energy) & ((job != Job.BUILD) | at_end)):
                        m.d.sync += [best_energy.eq(energy), best_tick.eq(tick), pending.eq(1)]
                    m.next = "Accept"
                    with m.If(job == Job.SWEEP):
                        m.next = "Sweep"
                        with m.If(at_end):
                            m.next = "End"
                    with m.Elif(job == Job.BUILD):
                        m.next = "One"
                        with m.If(at_end):
                            m.d.sync += stale.eq(0)
                            m.next = "Accept"

            with m.State("End"):
                risen = ramp + reg.o_beta_step
                m.d.sync += [
                    tick.eq(tick + 1),
                    ticks_left.eq(ticks_left - 1),
                    ramp.eq(Mux(risen[32], spec.RAMP_MAX, risen)),
                ]
                m.next = "Keep"
            with m.State("Keep"):
                mask = Signal(32)
                m.d.comb += [mask.eq((1 << reg.o_trace_shift) - 1), spin_word.eq(0)]
                with m.If((tick & mask) == 0):
                    m.d.comb += trace_write.en.eq(1)
                    m.d.sync += traced.eq(traced + 1)
                m.next = "Count"
            with m.State("Count"):
                m.d.comb += spin_word.eq(0)
                if count_read:
                    m.d.comb += count_read.addr.eq(spin_read.data)
                m.next = "Counted"
            with m.State("Counted"):
                if count_write:
                    m.d.comb += [
                        count_write.addr.eq(spin_read.data),
                        count_write.data.eq(count_read.data + 1),
                        count_write.en.eq(counting),
                    ]
                m.next = "Accept"
                with m.If(ticks_left != 0):
                    m.next = "Tick"

            with m.State("Bus"):
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Accept"
                m.d.comb += named.eq(request.addr)
                m.d.sync += [job.eq(Job.READ), index.eq(request.addr)]
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.comb += reg.i_write.eq(request.write)
                        with m.If(request.write):
                            for half, name in enumerate(("SEED_LO", "SEED_HI")):
                                with m.If(request.addr == shape.registers[name].addr):
                                    m.d.comb += random.i_load.eq(1 << half)
                            m.d.sync += command.eq(Mux(reg.o_command_write, reg.o_command, 0))
                            m.next = "Command"
                    with m.Case(spec.REGION_WEIGHTS):
                        m.d.comb += fields.window.eq(1)
                        with m.If(request.write):
                            m.d.sync += stale.eq(1)
                    with m.Case(spec.REGION_BIASES):
                        m.d.comb += pipeline.bias_write.en.eq(request.write)
                        with m.If(request.write):
                            m.d.sync += stale.eq(1)
                    with m.Case(spec.REGION_SPINS):
                        m.d.comb += spin_word.eq(request.addr)
                        with m.If(request.write & pending):
                            m.d.comb += self.bus.ready.eq(0)
                            m.next = "Save"
                        with m.Elif(request.write):
                            used = Signal(spec.WORD)
                            m.d.comb += [
                                used.eq(~0),
                                spin_write.addr.eq(request.addr),
                                spin_write.data.eq(request.data & used),
                                spin_write.en.eq(1),
                            ]
                            m.d.sync += stale.eq(1)
                            with m.If(request.addr == shape.spin_words - 1):
                                rest = (shape.spins - 1) % spec.WORD + 1
                                m.d.comb += used.eq((1 << rest) - 1)
                    with m.Case(spec.REGION_BEST):
                        m.d.comb += spin_word.eq(request.addr)
                    with m.Case(spec.REGION_TABLE):
                        m.d.comb += pipeline.table_write.en.eq(request.write)
                    with m.Case(spec.REGION_TRACE):
                        m.d.comb += [
                            trace_write.addr.eq(request.addr),
                            trace_write.data.eq(request.data),
                            trace_write.en.eq(request.write),
                        ]
                    if count_write:
                        with m.Case(spec.REGION_HISTOGRAM):
                            m.d.comb += [
                                count_write.addr.eq(request.addr),
                                count_write.data.eq(request.data),
                                count_write.en.eq(request.write),
                            ]
                    with m.Case(spec.REGION_FIELDS):
                        with m.If(~request.write):
                            m.next = "One"
                            with m.If(stale):
                                m.next = "Prepare"
            with m.State("Command"):
                # What follows the registers is there two cycles after them.
                with m.If(command[0]):
                    m.d.sync += [
                        Cat(tick, flips, ramp, energy, best_tick, traced).eq(0),
                        best_energy.eq(spec.ENERGY_MAX),
                        stale.eq(1),
                    ]
                m.next = "Settle"
            with m.State("Settle"):
                m.d.sync += command.eq(0)
                m.next = "Accept"
                with m.If(command[1] & stale):
                    m.next = "Prepare"
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                m.d.sync += self.response.payload.eq(0)
                answers = {
                    spec.REGION_REGISTERS: reg.o_data,
                    spec.REGION_WEIGHTS: fields.read,
                    spec.REGION_BIASES: pipeline.bias,
                    spec.REGION_SPINS: spin_read.data,
                    spec.REGION_BEST: Mux(pending, spin_read.data, best_read.data),
                    spec.REGION_TRACE: trace_read.data,
                }
                if count_read:
                    answers[spec.REGION_HISTOGRAM] = count_read.data
                with m.Switch(request.region):
                    for region, answer in answers.items():
                        with m.Case(region):
                            m.d.sync += self.response.payload.eq(answer)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

        return m

    def _fields(self, m, named, target, request):
        """Sums of couplings, ``sum`` that of the spin ``named`` three cycles ago. With ``add`` the
        couplings from ``target`` to a ``word`` of spins are added to theirs (``negative``,
        ``double``), which takes three cycles; ``clear`` puts that word to zero. ``window`` writes
        or reads the word of couplings that the request names; ``read`` is there a cycle later."""
        shape = self._shape
        width, lanes = shape.bias_bits, shape.lanes
        word_bits, lane_bits = ceil_log2(shape.words), ceil_log2(lanes)
        per_memory = shape.word_weights
        count = lanes // per_memory  # memories of a window word each, side by side
        io = SimpleNamespace(
            add=Signal(), clear=Signal(), word=Signal(word_bits), negative=Signal(),
            double=Signal(), window=Signal(), read=Signal(spec.WORD),
        )  # fmt: skip
        m.submodules.sums = sums = memory.Memory(
            shape=data.ArrayLayout(signed(width), lanes), depth=shape.words, init=[]
        )
        read, write = sums.read_port(), sums.write_port()

        part, row = request.addr[: shape.row_bits], request.addr[shape.row_bits :]
        held = Signal()  # the request's word is one of couplings that there are
        m.d.comb += held.eq(part < shape.spins // per_memory)
        number = part[: ceil_log2(count)]
        number_1, held_1 = Signal.like(number), Signal()
        m.d.sync += [number_1.eq(number), held_1.eq(held)]
        outs = []
        for n in range(count):
            m.submodules[f"couplings{n}"] = block = SinglePortMemory(
                width=spec.WORD, depth=shape.spins << word_bits, technology=self._memory
            )
            mine = io.window & held & (number == n)
            m.d.comb += [
                block.i_enable.eq(io.add | mine),
                block.i_write.eq(mine & request.write),
                block.i_data.eq(request.data),
                block.i_addr.eq(Cat(io.word, target)),
            ]
            with m.If(io.window):
                m.d.comb += block.i_addr.eq(Cat(part[ceil_log2(count) :][:word_bits], row))
            outs.append(block.o_data)
        m.d.comb += io.read.eq(Mux(held_1, select(outs, number_1), 0))

        # The row is there (1), and held (2) when the sums come.
        adds_1, adds_2, word_1, word_2 = (Signal(), Signal(),
                                          Signal(word_bits), Signal(word_bits))  # fmt: skip
        weights = Signal(data.ArrayLayout(signed(shape.weight_bits), lanes))
        double_1, double_2 = Signal(), Signal()
        m.d.sync += [
            Cat(adds_1, adds_2).eq(Cat(io.add, adds_1)),
            Cat(word_1, word_2).eq(Cat(io.word, word_1)),
            Cat(double_1, double_2).eq(Cat(io.double, double_1)),
            weights.as_value().eq(Cat(outs)),
        ]
        m.d.comb += [
            read.addr.eq(Mux(adds_1, word_1, named >> lane_bits)),
            write.addr.eq(Mux(io.clear, io.word, word_2)),
            write.en.eq(adds_2 | io.clear),
        ]
        for lane in range(lanes):
            size = Signal(shape.weight_bits + 1, name=f"size_{lane}")
            weight = weights[lane]
            m.d.comb += size.eq(Mux(double_2, weight << 1, weight))
            flipped = (size ^ io.negative.replicate(len(size))).as_signed()
            with m.If(~io.clear):
                m.d.comb += write.data[lane].eq(plus(read.data[lane], flipped, io.negative))

        # The lane of the spin, in two cycles.
        lane_1, lane_2 = Signal(lane_bits), Signal(lane_bits)
        m.d.sync += [lane_1.eq(named), lane_2.eq(lane_1)]
        near, io.sum = [], Signal(signed(width))
        for n in range(0, lanes, 1 << NEAR_BITS):
            own = Signal(signed(width), name=f"near_{n}")
            group = [read.data[lane] for lane in range(n, min(lanes, n + (1 << NEAR_BITS)))]
            m.d.sync += own.eq(select(group, lane_1[:NEAR_BITS]))
            near.append(own)
        m.d.sync += io.sum.eq(select(near, lane_2[NEAR_BITS:]))
        return io

    def _pipeline(self, m, reg, named, total, beta, request):
        """From the sum of a spin's couplings, three cycles after its name, to its ``field`` and
        the ``threshold`` of its chance; with the memories of biases and of the sigmoid."""
        shape = self._shape
        half = 1 << shape.index_bits - 1
        bias_read, bias_write = ram(m, "biases", signed(shape.bias_bits), shape.spins)
        table_read, table_write = ram(m, "table", shape.probability_bits, 2 * half)
        m.d.comb += [
            bias_read.addr.eq(named),
            bias_write.addr.eq(request.addr),
            bias_write.data.eq(request.data),
            table_write.addr.eq(request.addr),
            table_write.data.eq(request.data),
        ]
        rounding = Signal(spec.SHIFT_MAX + 1)
        m.d.sync += rounding.eq((1 << reg.o_shift) >> 1)
        field = later(m, total + later(m, bias_read.data, 2, "bias"), 1, "field")
        product = later(m, beta * field, 1, "product")
        rounded = later(m, product + rounding, 1, "rounded")
        x = later(m, rounded >> reg.o_shift, 1, "x")
        index = Signal(signed(shape.index_bits))
        m.d.sync += index.eq(Mux(x < -half, -half, Mux(x >= half, half - 1, x)))
        m.d.comb += table_read.addr.eq(index + half)
        return SimpleNamespace(
            field=later(m, field, LATENCY - 4, "held"),
            threshold=table_read.data,
            bias=bias_read.data,
            bias_write=bias_write,
            table_write=table_write,
        )

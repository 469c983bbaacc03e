"""The learning engine: events in, spikes out, stochastic STDP between. Contract: ``spec.learning``,
for shapes that judge every event, write by one generator and have nothing to replay.

Ports as in ``rtl.bus``. An event takes a cycle and one for every bit of a synapse's strength: its
row and its window word are read while the event before it is judged, then the walls move, bit by
bit, and the word is written back. A tick takes as long as the leak, a spike ``neurons + 5`` cycles,
a hard reset two a neuron and, with learning on, the sweep of a column what ``rtl.synapse.stdp`` or
``rtl.synapse.memristor`` says.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import enum, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import learning as spec
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.counter import count_long
from spinloom.rtl.neuron.domain_wall import DomainWallNeuron
from spinloom.rtl.neuron.refractory import RefractoryQueue
from spinloom.rtl.neuron.winner import WinnerTakeAll
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.registers import RegisterFile
from spinloom.rtl.select import select
from spinloom.rtl.synapse.array import SynapseArray
from spinloom.rtl.synapse.memristor import DomainWallMemristor
from spinloom.rtl.synapse.stdp import StochasticStdp
from spinloom.rtl.synapse.window import WORD, StdpWindow, planes


class Job(enum.Enum, shape=2):
    """Why a neuron's position or threshold is set."""

    SPIKE = 0
    DECAY = 1
    RESET = 2
    WRITE = 3


# What this engine does of a shape: one row at a time, of devices with spread.
SERIAL = {"group": 1, "generators": 1, "row_groups": 1, "levels": spec.LEVELS, "stimulus": 0}


# What a compact engine saves: code tables, of which every junction decided at once has one, and
# bits of the window's words, which then fill memories of four bits.
COMPACT_LANES = 2
COMPACT_TAG_BITS = 4


class LearningEngine(wiring.Component):
    """Engine of one ``LearningShape``; ``memory`` is the technology of its synapses. A ``compact``
    one does the same with less block memory, in more cycles a sweep and a bucket.

    Raises ``ValueError`` for a shape that reads or writes more at once than this engine can.
    """

    def __init__(self, shape, *, memory="generic", compact=False):
        for field, value in SERIAL.items():
            if getattr(shape, field) != value:
                raise ValueError(
                    f"LearningShape.{field} = {getattr(shape, field)}: "
                    f"the serial learning engine needs {value}"
                )
        self._shape, self._memory, self._compact = shape, memory, compact
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.registers = reg = RegisterFile(spec.REGISTERS)
        m.submodules.neurons = neurons = DomainWallNeuron(
            shape.neurons,
            shape.threshold_bits,
            position_bits=shape.position_bits,
            parts=shape.junctions > 1,
        )
        m.submodules.refractory = refractory = RefractoryQueue(shape.neurons)
        m.submodules.winner = winner = WinnerTakeAll(shape.neurons, shape.position_bits)
        m.submodules.synapses = synapses = SynapseArray(shape, memory=self._memory)
        tag_bits = COMPACT_TAG_BITS if self._compact else None
        m.submodules.window = window = StdpWindow(
            shape.inputs, ages=shape.window_ages, tag_bits=tag_bits
        )
        m.submodules.random = random = LinearGenerator(shape.generator, spec.SEED)
        layout = synapses.column.payload.shape()
        lanes = COMPACT_LANES if self._compact else spec.LANES
        codes = {"planes": planes(shape.window_ages), "code_bits": shape.code_bits}
        if shape.is_wall:
            stdp = DomainWallMemristor(shape.inputs, layout, **codes)
        else:
            columns = shape.columns if shape.has_stored_levels else 0
            stdp = StochasticStdp(
                shape.inputs, layout, lanes=lanes, stored_columns=columns, **codes
            )
        m.submodules.stdp = stdp
        wiring.connect(m, sweep=stdp.column, array=synapses.column)

        learning, homeostasis, hard_reset, quiet = reg.o_control
        request = self.bus.payload
        word = Signal(16)  # the item in work
        part = Signal(ceil_log2(shape.junctions))  # the bit of a synapse in work
        cell = Signal(ceil_log2(shape.cells))  # the junction of a synapse that is swept
        swept = Signal(ceil_log2(shape.neurons))
        pulses = Signal(16)  # still to do
        judge = Signal()  # the last event may have made a neuron fire
        index = Signal(ceil_log2(shape.neurons))  # the neuron in work
        job = Signal(Job)  # why a neuron is set
        ticks_left = Signal(15)
        commands = Signal(4, init=spec.RESET_STATE | spec.RESET_THETA)
        pulsing = Signal()  # sweeps are those of a command
        bucket_phase, homeo_phase = Signal(16), Signal(16)
        tick, spikes = Signal(32), Signal(32)
        clear = Signal()  # what counts
        switched_p = count_long(m, "switched_p", stdp.o_to_p, clear=clear)
        switched_ap = count_long(m, "switched_ap", stdp.o_to_ap, clear=clear)
        trials = count_long(m, "trials", Mux(stdp.i_start, shape.inputs, 0), clear=clear)
        m.d.comb += [
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            Cat(reg.i_switched_p, reg.i_switched_p_hi).eq(Cat(switched_p)),
            Cat(reg.i_switched_ap, reg.i_switched_ap_hi).eq(Cat(switched_ap)),
            Cat(reg.i_trials_lo, reg.i_trials_hi).eq(Cat(trials)),
            reg.i_spikes.eq(spikes),
            neurons.i_select.eq(index),
            neurons.i_row.eq(
                select([synapses.o_row[n :: shape.junctions] for n in range(shape.junctions)], part)
            ),
            neurons.i_later.eq(part != 0),
            neurons.i_step.eq(reg.o_step[: shape.step_bits] << (part if shape.is_wall else 0)),
            neurons.i_leak.eq(reg.o_leak),
            neurons.i_block.eq(reg.o_t_ref != 0),
            refractory.i_neuron.eq(index),
            refractory.i_until.eq(tick + reg.o_t_ref),
            refractory.i_now.eq(tick),
            neurons.i_t_inh.eq(reg.o_t_inh),
            winner.i_margin.eq(neurons.o_margin),
            winner.i_eligible.eq(neurons.o_eligible),
            synapses.i_word_addr.eq(request.addr),
            synapses.word.p.addr.eq(request.addr),
            synapses.word.p.data.eq(request.data),
            window.i_bit.eq(word),
            random.i_seed.eq(request.data),
            random.i_step.eq(stdp.o_draw),
            stdp.i_column.eq(Cat(cell, swept)),
            pulsing.eq((commands & spec.PULSE) != 0),
            stdp.i_active.eq(
                Mux(
                    pulsing & ~reg.o_pulse_class[1],
                    reg.o_pulse_class[0].replicate(WORD),  # as if of the newest bucket
                    window.o_active,
                )
            ),
            stdp.i_cycle_spread.eq(reg.o_cycle_spread),
            stdp.i_word.eq(random.o),
            stdp.i_code_addr.eq(request.addr),
            stdp.i_code.eq(request.data),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(index),
        ]
        if shape.is_wall:
            walls = [synapses.o_row.word_select(j, shape.cell_bits) for j in range(shape.neurons)]
            m.d.comb += [
                synapses.i_row.eq(Mux(stdp.o_read, stdp.o_row, self.i.payload)),
                stdp.i_position.eq(select(walls, swept)),
            ]
            sweep_reads = stdp.o_read
        else:
            m.d.comb += [
                synapses.i_row.eq(self.i.payload),
                stdp.i_spread_seed.eq(reg.o_spread_seed),
            ]
            sweep_reads = stdp.o_window_read
        if shape.has_stored_levels:
            m.d.comb += [
                stdp.levels.i_addr.eq(request.addr),
                stdp.levels.i_data.eq(request.data),
            ]
        # Before the next item or tick begins, neurons whose refractory time is over are released,
        # and the leak is over.
        settled = Signal()
        between = Signal()
        m.d.comb += settled.eq(~refractory.o_unsettled & ~refractory.o_due & ~neurons.o_leaking)
        with m.If(between & refractory.o_due):
            m.d.comb += [
                neurons.i_select.eq(refractory.o_neuron),
                neurons.i_release.eq(1),
                refractory.i_pop.eq(1),
            ]

        fire = Signal()
        accepting = Signal()
        idle = Signal()
        m.d.comb += [
            fire.eq(judge & neurons.o_fire),
            self.o_busy.eq(~idle | self.i.valid | self.bus.valid),
            idle.eq(accepting & settled & ~fire & ~window.o_busy),
        ]
        theta, theta0 = neurons.o_theta, reg.o_theta0[: shape.threshold_bits]
        m.d.comb += [
            neurons.i_position.eq(neurons.o_position),
            neurons.i_theta.eq(neurons.o_theta),
        ]
        last_neuron = index == shape.neurons - 1
        last_part, last_cell = part == shape.junctions - 1, cell == shape.cells - 1
        with m.FSM(init="Reset"):
            with m.State("Accept"):
                m.d.comb += [accepting.eq(1), between.eq(1)]
                with m.If(settled):
                    m.d.sync += judge.eq(0)
                with m.If(fire & settled):
                    m.d.comb += winner.i_start.eq(1)
                    m.next = "Scan"
                with m.Elif(self.i.valid & settled & ~window.o_busy):
                    m.d.comb += self.i.ready.eq(1)
                    m.d.sync += [word.eq(self.i.payload), ticks_left.eq(self.i.payload)]
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(self.i.payload >= shape.inputs):
                        m.d.comb += self.o_bad_event.eq(1)
                    with m.Else():
                        m.d.comb += [
                            synapses.i_read.eq(1),
                            window.i_read.eq(1),
                            window.i_word.eq(self.i.payload >> ceil_log2(WORD)),
                        ]
                        m.next = "Integrate"
                with m.Elif(self.bus.valid & ~self.i.valid & settled & ~window.o_busy):
                    m.d.sync += [index.eq(request.addr), job.eq(Job.WRITE)]
                    m.next = "Bus"

            with m.State("Integrate"):
                m.d.comb += [neurons.i_event.eq(1), window.i_mark.eq(part == 0)]
                m.d.sync += [judge.eq(1), part.eq(Mux(last_part, 0, part + 1))]
                with m.If(last_part):
                    m.next = "Accept"

            with m.State("Tick"):
                m.d.comb += between.eq(1)
                with m.If(settled & ~window.o_busy):
                    m.d.comb += neurons.i_tick.eq(1)
                    m.d.sync += [
                        tick.eq(tick + 1),
                        ticks_left.eq(ticks_left - 1),
                        bucket_phase.eq(bucket_phase + 1),
                        homeo_phase.eq(homeo_phase + 1),
                        index.eq(0),
                    ]
                    with m.If(ticks_left == 1):
                        m.next = "Accept"
                    with m.If(bucket_phase + 1 == reg.o_bucket_ticks):
                        m.d.sync += bucket_phase.eq(0)
                        m.d.comb += window.i_roll.eq(1)
                    with m.If(homeo_phase + 1 == reg.o_homeo_ticks):
                        m.d.sync += homeo_phase.eq(0)
                        with m.If(homeostasis):
                            m.d.sync += job.eq(Job.DECAY)
                            m.next = "Wall-Read"
            with m.State("Scan"):
                m.d.comb += neurons.i_select.eq(winner.o_select)
                m.d.sync += index.eq(winner.o_winner)
                with m.If(winner.o_done):
                    m.next = "Fire"
            with m.State("Fire"):
                m.d.comb += self.o.valid.eq(~quiet)
                m.d.sync += swept.eq(index)
                with m.If(self.o.ready | quiet):
                    m.d.sync += spikes.eq(spikes + 1)
                    m.d.comb += [neurons.i_spike.eq(1), refractory.i_push.eq(reg.o_t_ref != 0)]
                    m.d.sync += job.eq(Job.SPIKE)
                    m.next = "Wall-Write"

            # A neuron is read, then set: for one neuron, or in turn for all.
            with m.State("Wall-Read"):
                with m.If(~neurons.o_leaking):
                    m.next = "Wall-Write"
            with m.State("Wall-Write"):
                m.d.comb += neurons.i_set.eq(1)
                m.d.sync += index.eq(index + 1)
                m.next = "Accept"
                with m.Switch(job):
                    with m.Case(Job.SPIKE):
                        raised = theta + reg.o_theta_up[: shape.threshold_bits]
                        m.d.comb += neurons.i_position.eq(0)
                        with m.If(homeostasis):
                            raised = Mux(raised[-1], shape.theta_max, raised)
                            m.d.comb += neurons.i_theta.eq(raised)
                        # A hard reset of the others is a reset of all, behind the sweep.
                        m.d.sync += [
                            index.eq(0),
                            job.eq(Job.RESET),
                            commands.eq(spec.RESET_STATE),
                        ]
                        with m.If(learning):
                            m.d.comb += stdp.i_start.eq(1)
                            m.next = "Sweep"
                        with m.Elif(hard_reset):
                            m.next = "Wall-Read"
                    with m.Case(Job.DECAY):
                        above = theta - theta0  # signed: the shift floors
                        m.d.comb += neurons.i_theta.eq(theta - (above >> reg.o_homeo_shift))
                        with m.If(~last_neuron):
                            m.next = "Wall-Read"
                        with m.Elif(ticks_left != 0):
                            m.next = "Tick"
                    with m.Case(Job.RESET):
                        with m.If((commands & spec.RESET_STATE) != 0):
                            m.d.comb += neurons.i_position.eq(0)
                        with m.If((commands & spec.RESET_THETA) != 0):
                            m.d.comb += neurons.i_theta.eq(theta0)
                        with m.If(~last_neuron):
                            m.next = "Wall-Read"
                        with m.Elif(pulsing):
                            m.next = "Pulse"
                    with m.Case(Job.WRITE):
                        m.d.comb += [
                            neurons.i_position.eq(request.data),
                            neurons.i_theta.eq(request.data[16:]),
                            self.bus.ready.eq(1),
                        ]

            # What a teacher makes fire may be refractory.
            with m.State("Teach"):
                m.d.comb += refractory.i_drop.eq(1)
                m.next = "Forget"
            with m.State("Forget"):
                with m.If(~refractory.o_unsettled):
                    m.next = "Fire"
            with m.State("Pulse"):
                m.d.sync += swept.eq(reg.o_pulse_column)
                with m.If(pulses == 0):
                    m.next = "Accept"
                with m.Elif(~window.o_busy):
                    m.d.sync += pulses.eq(pulses - 1)
                    m.next = "Sweep-Start"
            with m.State("Sweep-Start"):
                m.d.comb += stdp.i_start.eq(1)
                m.next = "Sweep"
            with m.State("Sweep"):
                m.d.comb += [
                    window.i_read.eq(sweep_reads),
                    window.i_word.eq(stdp.o_window_word),
                    synapses.i_read.eq(sweep_reads if shape.is_wall else 0),
                ]
                with m.If(~stdp.o_busy):
                    m.d.sync += cell.eq(cell + 1)
                    with m.If(~last_cell):
                        m.next = "Sweep-Start"
                    with m.Elif(pulsing):
                        m.next = "Pulse"
                    with m.Elif(hard_reset):
                        m.next = "Wall-Read"
                    with m.Else():
                        m.next = "Accept"

            with m.State("Bus"):
                self._bus(m, reg, synapses, neurons, stdp)
                with m.If((request.region == spec.REGION_REGISTERS) & request.write):
                    with m.Switch(request.addr):
                        with m.Case(spec.REGISTERS["T_REF"].addr):
                            m.d.comb += [neurons.i_release_all.eq(1), refractory.i_clear.eq(1)]
                        with m.Case(spec.REGISTERS["SEED_LO"].addr):
                            m.d.comb += random.i_load.eq(0b01)
                        with m.Case(spec.REGISTERS["SEED_HI"].addr):
                            m.d.comb += random.i_load.eq(0b10)
                        with m.Case(spec.REGISTERS["BUCKET_TICKS"].addr):
                            m.d.sync += bucket_phase.eq(0)
                        with m.Case(spec.REGISTERS["HOMEO_TICKS"].addr):
                            m.d.sync += homeo_phase.eq(0)
                    with m.If(reg.o_command_write):
                        m.d.sync += commands.eq(reg.o_command)
                        m.next = "Reset"
                    with m.Elif(reg.o_teach_write):
                        m.d.sync += index.eq(reg.o_teach)
                        m.next = "Teach"
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                with m.If(request.region == spec.REGION_NEURONS):
                    m.d.sync += self.response.payload.eq(neurons.o_position | theta << 16)
                with m.Elif(request.region == spec.REGION_REGISTERS):
                    m.d.sync += self.response.payload.eq(reg.o_data)
                if shape.has_stored_levels:
                    with m.Elif(request.region == spec.REGION_LEVELS):
                        m.d.sync += self.response.payload.eq(stdp.levels.o.as_value())
                with m.Else():
                    m.d.sync += self.response.payload.eq(synapses.o_word)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

            with m.State("Reset"):
                m.d.sync += [index.eq(0), job.eq(Job.RESET), pulses.eq(reg.o_pulse_count)]
                with m.If((commands & spec.RESET_STATE) != 0):
                    m.d.comb += [
                        clear.eq(1),
                        neurons.i_clear.eq(1),
                        refractory.i_clear.eq(1),
                        window.i_clear.eq(1),
                    ]
                    m.d.sync += [s.eq(0) for s in (tick, bucket_phase, homeo_phase, spikes)]
                m.next = "Wall-Read"
        return m

    def _bus(self, m, reg, synapses, neurons, stdp):
        """One bus request, which stays on the bus until it is done."""
        request = self.bus.payload
        with m.Switch(request.region):
            with m.Case(spec.REGION_REGISTERS):
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += [reg.i_write.eq(1), self.bus.ready.eq(1)]
                    m.next = "Accept"
            with m.Case(spec.REGION_WEIGHTS):
                with m.If(request.write):
                    m.d.comb += synapses.word.valid.eq(1)
                    m.d.comb += self.bus.ready.eq(synapses.word.ready)
                    with m.If(synapses.word.ready):
                        m.next = "Accept"
                with m.Else():
                    m.d.comb += synapses.i_word_read.eq(1)
                    m.next = "Fetch"
            with m.Case(spec.REGION_NEURONS):
                m.next = "Fetch"
                with m.If(request.write):
                    m.next = "Wall-Write"
            if self._shape.has_stored_levels:
                with m.Case(spec.REGION_LEVELS):
                    m.d.comb += stdp.levels.i_read.eq(~request.write)
                    m.next = "Fetch"
                    with m.If(request.write):
                        m.d.comb += [stdp.levels.i_write.eq(1), self.bus.ready.eq(1)]
                        m.next = "Accept"
            with m.Default():
                # The code tables can't be read back, and other regions do not exist: zero.
                m.d.comb += self.bus.ready.eq(1)
                m.d.comb += stdp.i_code_write.eq(
                    request.write & (request.region == spec.REGION_CODES)
                )
                m.d.sync += self.response.payload.eq(0)
                m.next = "Respond"
                with m.If(request.write):
                    m.next = "Accept"

"""The phase engine: coupled phase oscillators, a time step at a time. Contract: ``spec.phase``.

Ports as in ``rtl.bus``. A time step reads the oscillators one by one, which gives the sums of
``PhaseArray`` what they need, and again one by one to move them: N and lanes cycles for each of the
N/lanes passes, and three between them; with the mean field, or without couplings, one reading does.
``PhaseShape.step_cycles`` counts these and the few that go by besides. Old phases stay in one half
of their memory while the new ones go to the other. Spikes wait in a queue, and when that is full no
oscillator moves. An event takes two cycles.

Cost of a whole machine of shape ``phase-64`` on ECP5: 13,519 LUT4, 6,292 FF, 21 DP16KD and 10
multipliers.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import fifo, memory, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import phase as spec
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.oscillator import phase, step
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.registers import RegisterFile

READ = 3  # cycles from the name of an oscillator to its sine
QUEUE = 32  # spikes
ON_THE_WAY = 16  # oscillators whose spikes are not in it yet, at most
SETTLE = phase.LATENCY - 1  # cycles from the last reading to the first move


class PhaseEngine(wiring.Component):
    """Engine of one ``PhaseShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        n, bits = shape.oscillators, shape.phase_bits
        index_bits, drop = ceil_log2(n), bits - shape.table_bits
        m.submodules.registers = reg = RegisterFile(shape.registers)
        m.submodules.array = array = phase.PhaseArray(shape)
        m.submodules.step = mover = step.PhaseStep(shape)
        m.submodules.random = random = LinearGenerator(shape.generator, spec.SEED)
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(width=index_bits, depth=QUEUE)
        m.submodules.phases = phases = memory.Memory(
            shape=bits, depth=(1 << index_bits) + n, init=[]
        )
        m.submodules.omegas = omegas = memory.Memory(shape=signed(bits), depth=n, init=[])
        m.submodules.locks = locks = memory.Memory(shape=bits + 2, depth=n, init=[])
        m.submodules.table = table = memory.Memory(
            shape=signed(shape.amplitude_bits + 1), depth=1 << shape.table_bits, init=shape.table
        )
        phase_read, phase_write = phases.read_port(), phases.write_port()
        omega_read, omega_write = omegas.read_port(), omegas.write_port()
        lock_read, lock_write = locks.read_port(), locks.write_port()
        sine, cosine, harmonic, injected = (table.read_port() for _ in range(4))

        coupled, mean_field, waves, stochastic, quiet, by_oscillator = reg.o_control
        request = self.bus.payload
        ticks_left = Signal(15)
        tick, spikes, ramp = Signal(32), Signal(32), Signal(16 + spec.RAMP_SHIFT)
        psi = Signal(bits)
        locked = Signal(range(n + 1))
        sin_sum, cos_sum = Signal(signed(shape.sum_bits)), Signal(signed(shape.sum_bits))
        lock_tick, wave_tick = Signal(17), Signal(14)  # the tick modulo a register
        bank = Signal(reset_less=True)  # half of the memory with the phases that are valid
        index = Signal(index_bits)  # oscillator that is read
        source, target = Signal(index_bits), Signal(index_bits)
        lane, turn = Signal(range(shape.lanes)), Signal.like(array.i_pass)
        last_turn = n // shape.lanes - 1
        scans, moves = Signal(), Signal()  # what is done with the oscillator that is read
        gain, reference = Signal(signed(spec.GAIN_BITS)), Signal(bits)
        count = Signal(5)

        # Phases: read (1), held (2), and their sines (3).
        scan_1, scan_2, scan_3, move_1, move_2, move_3 = (
            Signal(name=f"{kind}_{at}") for kind in ("scan", "move") for at in (1, 2, 3)
        )
        theta_2, theta_3 = Signal(bits), Signal(bits)
        omega_2, omega_3 = Signal(signed(bits)), Signal(signed(bits))
        source_1, source_2, source_3 = (Signal(index_bits, name=f"source_{s}") for s in (1, 2, 3))
        m.d.sync += [
            Cat(scan_1, scan_2, scan_3).eq(Cat(scans, scan_1, scan_2)),
            Cat(move_1, move_2, move_3).eq(Cat(moves, move_1, move_2)),
            source_1.eq(source),
            source_2.eq(source_1),
            source_3.eq(source_2),
            theta_2.eq(phase_read.data),
            theta_3.eq(theta_2),
            omega_2.eq(omega_read.data),
            omega_3.eq(omega_2),
        ]
        at_injected = Signal(bits)
        m.d.comb += [
            index.eq(request.addr),
            phase_read.addr.eq(Cat(index, bank)),
            omega_read.addr.eq(index),
            lock_read.addr.eq(index),
            at_injected.eq(psi - theta_2),
            sine.addr.eq(theta_2[drop:]),
            cosine.addr.eq(theta_2[drop:] + (1 << shape.table_bits - 2)),
            harmonic.addr.eq(theta_2[drop - 1 :]),
            injected.addr.eq(at_injected[drop:]),
        ]

        # The sums, and what they make of a phase.
        m.d.comb += [
            array.i_valid.eq(scan_3),
            array.i_pass.eq(turn),
            array.i_source.eq(source_3),
            array.i_sine.eq(sine.data),
            array.i_cosine.eq(cosine.data),
            array.i_shift.eq(move_3),
            array.i_weight.eq(request.data.word_select(count[:2], 8)),
            mover.i_valid.eq(move_3),
            mover.i_theta.eq(theta_3),
            mover.i_omega.eq(omega_3),
            mover.i_sine.eq(sine.data),
            mover.i_cosine.eq(cosine.data),
            mover.i_harmonic.eq(harmonic.data),
            mover.i_injected.eq(injected.data),
            mover.i_random.eq(random.o),
            mover.i_gain.eq(gain),
            mover.i_shift.eq(reg.o_shift),
            mover.i_stochastic.eq(stochastic),
            mover.i_noise.eq(reg.o_noise),
            mover.i_shil.eq(ramp >> spec.RAMP_SHIFT),
            mover.i_injection.eq(reg.o_inj),
            mover.i_bias.eq(reg.o_bias),
            mover.i_slope.eq(reg.o_slope),
            mover.i_curve.eq(reg.o_curve),
            random.i_step.eq(mover.o_draw),
            random.i_seed.eq(request.data),
        ]
        with m.If(mean_field):
            m.d.comb += [mover.i_a.eq(sin_sum), mover.i_b.eq(cos_sum)]
        with m.Elif(coupled):
            m.d.comb += [mover.i_a.eq(array.o_a), mover.i_b.eq(array.o_b)]
        with m.If(scan_3 & (turn == 0)):
            m.d.sync += [sin_sum.eq(sin_sum + sine.data), cos_sum.eq(cos_sum + cosine.data)]

        # New phases and spikes.
        done = Signal(range(n + 1))
        room = Signal()
        m.d.comb += [
            phase_write.addr.eq(Cat(done[:index_bits], ~bank)),
            phase_write.data.eq(mover.o_theta),
            phase_write.en.eq(mover.o_valid),
            queue.w_data.eq(done),
            queue.w_en.eq(mover.o_valid & mover.o_fires & ~quiet),
            queue.r_en.eq(self.o.ready),
            self.o.valid.eq(queue.r_rdy),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(queue.r_data),
        ]
        m.d.sync += [
            done.eq(done + mover.o_valid),
            spikes.eq(spikes + (mover.o_valid & mover.o_fires)),
            room.eq(queue.level < QUEUE - ON_THE_WAY),
        ]

        self._detect(m, lock_read, lock_write, move_2, theta_2, reference, lock_tick, locked, reg)
        wave = None
        if shape.wave:
            m.submodules.wave = waves_memory = memory.Memory(
                shape=signed(spec.GAIN_BITS), depth=shape.wave, init=[]
            )
            wave, wave_write = waves_memory.read_port(), waves_memory.write_port()
            m.d.comb += [
                wave.addr.eq(wave_tick),
                wave_write.addr.eq(request.addr),
                wave_write.data.eq(request.data),
            ]

        accepting = Signal()
        m.d.comb += [
            omega_write.addr.eq(request.addr),
            omega_write.data.eq(request.data),
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_spikes.eq(spikes),
            reg.i_sin_sum.eq(sin_sum),
            reg.i_cos_sum.eq(cos_sum),
            reg.i_locked.eq(locked),
            reg.i_shil.eq(ramp >> spec.RAMP_SHIFT),
            reg.i_psi.eq(psi),
            self.o_busy.eq(~accepting | self.i.valid | self.bus.valid),
        ]
        with m.FSM(init="Reset"):
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [ticks_left.eq(self.i.payload), count.eq(0)]
                with m.If(self.i.valid):
                    m.d.comb += [index.eq(self.i.payload), self.i.ready.eq(1)]
                    m.d.sync += target.eq(self.i.payload)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(self.i.payload < n):
                        m.next = "Flip"
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"
            with m.State("Flip"):
                m.d.comb += [
                    phase_write.addr.eq(Cat(target, bank)),
                    phase_write.data.eq(phase_read.data ^ shape.turn // 2),
                    phase_write.en.eq(1),
                ]
                m.next = "Accept"

            with m.State("Tick"):
                m.d.comb += index.eq(reg.o_lock_ref)
                m.d.sync += [
                    ticks_left.eq(ticks_left - 1),
                    Cat(source, target, lane, turn, done, sin_sum, cos_sum, count).eq(0),
                ]
                with m.If(lock_tick == 0):
                    m.d.sync += locked.eq(0)
                m.next = "Begin"
            with m.State("Begin"):
                m.d.sync += [
                    reference.eq(Mux(by_oscillator, phase_read.data, psi)),
                    gain.eq(reg.o_gain),
                ]
                if wave is not None:
                    with m.If(waves):
                        m.d.sync += gain.eq(wave.data)
                m.next = "Scan"
            with m.State("Scan"):
                m.d.comb += [index.eq(source), scans.eq(1)]
                m.d.sync += source.eq(source + 1)
                with m.If(source == n - 1):
                    m.d.sync += source.eq(0)
                    m.next = "Settle"
            with m.State("Settle"):
                m.d.sync += count.eq(count + 1)
                with m.If(count == SETTLE - 1):
                    m.d.sync += count.eq(0)
                    m.next = "Move"
            with m.State("Move"):
                m.d.comb += [index.eq(target), moves.eq(room)]
                with m.If(room):
                    m.d.sync += [target.eq(target + 1), lane.eq(lane + 1)]
                    with m.If(lane == shape.lanes - 1):
                        m.d.sync += [lane.eq(0), turn.eq(turn + 1)]
                        m.next = "Move"
                        with m.If(coupled & ~mean_field):
                            m.next = "Scan"
                        with m.If(turn == last_turn):
                            m.next = "Drain"
            with m.State("Drain"):
                with m.If((done == n) & (queue.level == 0)):
                    m.next = "Finish"
            with m.State("Finish"):
                m.d.sync += [
                    bank.eq(~bank),
                    tick.eq(tick + 1),
                    psi.eq(psi + reg.o_inj_freq),
                ]
                for own, length in ((lock_tick, reg.o_lock_ticks), (wave_tick, reg.o_wave_length)):
                    m.d.sync += own.eq(own + 1)
                    with m.If((own + 1 == length) | tick.all()):
                        m.d.sync += own.eq(0)
                m.next = "Ramp"
            with m.State("Ramp"):
                top = reg.o_shil_max << spec.RAMP_SHIFT
                raised = ramp + reg.o_shil_rate
                m.d.sync += ramp.eq(Mux(raised < top, raised, top))
                with m.If(tick <= reg.o_shil_start):
                    m.d.sync += ramp.eq(0)
                m.next = "Accept"
                with m.If(ticks_left != 0):
                    m.next = "Tick"

            with m.State("Bus"):
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += self.bus.ready.eq(request.region != spec.REGION_WEIGHTS)
                    m.next = "Accept"
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.comb += reg.i_write.eq(request.write)
                        with m.If(request.write):
                            self._commands(m, reg, random, request)
                    with m.Case(spec.REGION_WEIGHTS):
                        m.d.sync += self.response.payload.eq(0)
                        m.next = "Couplings"
                    with m.Case(spec.REGION_PHASES):
                        m.d.comb += [
                            phase_write.addr.eq(Cat(index, bank)),
                            phase_write.data.eq(request.data),
                            phase_write.en.eq(request.write),
                        ]
                    with m.Case(spec.REGION_OMEGA):
                        m.d.comb += omega_write.en.eq(request.write)
                    if wave is not None:
                        with m.Case(spec.REGION_WAVE):
                            m.d.comb += wave_write.en.eq(request.write)
            with m.State("Couplings"):
                self._couplings(m, array, request, count)
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                m.d.sync += self.response.payload.eq(0)
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.sync += self.response.payload.eq(reg.o_data)
                    with m.Case(spec.REGION_PHASES):
                        m.d.sync += self.response.payload.eq(phase_read.data)
                    with m.Case(spec.REGION_OMEGA):
                        m.d.sync += self.response.payload.eq(omega_read.data[:bits])
                    with m.Case(spec.REGION_LOCKS):
                        base, flags = lock_read.data[:bits], lock_read.data[bits:]
                        m.d.sync += self.response.payload.eq(base | flags << 16)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

            with m.State("Modulo"):
                # Of the tick, a bit a cycle from the highest.
                m.d.sync += count.eq(count + 1)
                bit = tick.bit_select(~count, 1)
                for own, length in ((lock_tick, reg.o_lock_ticks), (wave_tick, reg.o_wave_length)):
                    twice = Signal(len(own), name=f"{own.name}_twice")
                    m.d.comb += twice.eq(Cat(bit, Mux(count == 0, 0, own)))
                    m.d.sync += own.eq(Mux(twice >= length, twice - length, twice))
                with m.If(count.all()):
                    m.next = "Accept"
            with m.State("Reset"):
                m.d.sync += [
                    Cat(tick, spikes, ramp, locked, sin_sum, cos_sum, lock_tick, wave_tick).eq(0),
                    Cat(target, count).eq(0),
                    psi.eq(reg.o_inj_phase),
                ]
                m.next = "Clear"
            with m.State("Clear"):
                m.d.comb += [lock_write.addr.eq(target), lock_write.data.eq(0), lock_write.en.eq(1)]
                m.d.sync += target.eq(target + 1)
                with m.If(target == n - 1):
                    m.next = "Accept"
        return m

    def _detect(self, m, read, write, valid, theta, reference, lock_tick, locked, reg):
        """The phase detectors: the word of an oscillator is read (1), and held with its phase (2);
        how far it is from the reference (3), and from its base (4)."""
        bits = self._shape.phase_bits
        word_2, word_3 = Signal(bits + 2), Signal(bits + 2)
        delta_3, delta_4, ok_4, locked_4 = Signal(bits), Signal(bits), Signal(), Signal()
        moved_4 = Signal(signed(bits))
        valid_3, valid_4 = Signal(), Signal()
        judged = Signal(range(self._shape.oscillators))
        m.d.sync += [
            word_2.eq(read.data),
            word_3.eq(word_2),
            delta_3.eq(theta - reference),
            delta_4.eq(delta_3),
            moved_4.eq(delta_3 - word_3[:bits]),
            Cat(ok_4, locked_4).eq(word_3[bits:]),
            valid_3.eq(valid),
            valid_4.eq(valid_3),
        ]
        base_4 = Signal(bits)
        m.d.sync += base_4.eq(word_3[:bits])
        near, starts = Signal(), Signal()
        m.d.comb += [
            near.eq(abs(moved_4) <= reg.o_lock_width),
            starts.eq(lock_tick == 0),
            write.addr.eq(judged),
            write.en.eq(valid_4),
            write.data.eq(Mux(starts, Cat(delta_4, 1, ok_4), Cat(base_4, ok_4 & near, locked_4))),
        ]
        with m.If(valid_4):
            m.d.sync += [judged.eq(judged + 1), locked.eq(locked + (starts & ok_4))]
            with m.If(judged == self._shape.oscillators - 1):
                m.d.sync += judged.eq(0)

    def _commands(self, m, reg, random, request):
        """Writes of registers that do more than to be held."""
        registers = self._shape.registers
        with m.Switch(request.addr):
            with m.Case(registers["SEED_LO"].addr):
                m.d.comb += random.i_load.eq(0b01)
            with m.Case(registers["SEED_HI"].addr):
                m.d.comb += random.i_load.eq(0b10)
            with m.Case(registers["LOCK_TICKS"].addr, registers["WAVE_LENGTH"].addr):
                m.next = "Modulo"
        with m.If(reg.o_command_write & reg.o_command[0]):
            m.next = "Reset"

    def _couplings(self, m, array, request, count):
        """One word of couplings: a target a cycle, and what was read three cycles later."""
        shape, per = self._shape, spec.WEIGHTS_PER_WORD
        group_bits = (shape.row_words - 1).bit_length()
        group, source = request.addr[:group_bits], request.addr[group_bits:]

        def target(number):
            return Cat(number[: ceil_log2(per)], group)

        named, known = target(count), Signal()
        taken = Signal(ceil_log2(per))
        m.d.comb += [
            known.eq((count < per) & (named < shape.oscillators)),
            array.i_target.eq(named),
            array.i_source.eq(source),
            array.i_write.eq(known & request.write),
            array.i_read.eq(known & ~request.write),
            taken.eq(count - READ),
        ]
        m.d.sync += count.eq(count + 1)
        with m.If((count >= READ) & (target(taken) < shape.oscillators)):
            m.d.sync += self.response.payload.word_select(taken, 8).eq(array.o_weight)
        # A write too has to be done before the next item.
        with m.If(count == per + READ - 1):
            m.d.comb += self.bus.ready.eq(1)
            m.next = "Respond"
            with m.If(request.write):
                m.next = "Accept"

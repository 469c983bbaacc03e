"""The junction engine: tiles of one stack, one a cycle. Contract: ``spec.junction``.

Ports as in ``rtl.bus``. Tiles go through one pipeline: parameters and state (1), the partner's old
output (2), noise (4), x (5), what the mode does with it (9), and back (10). Old outputs stay in one
half of their memory while new ones go to the other. Spikes wait in a queue, and when that is full
no tile goes in. A step of n tiles takes n + 15 cycles, and one more to count a dwell.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import fifo, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import junction as spec
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.pipeline import later, ram
from spinloom.rtl.random.linear import LinearGenerator
from spinloom.rtl.registers import RegisterFile

LATENCY = 10  # cycles from a tile's name to its new state
QUEUE = 32  # spikes
ON_THE_WAY = LATENCY + 4  # tiles whose spikes are not in it yet, at most


class JunctionEngine(wiring.Component):
    """Engine of one ``JunctionShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        bits = max(1, ceil_log2(shape.tiles))
        m.submodules.registers = reg = RegisterFile(shape.registers)
        m.submodules.random = random = LinearGenerator(shape.generator, spec.SEED)
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(width=bits, depth=QUEUE)

        words = [ram(m, f"tiles{k}", 32, shape.tiles) for k in range(spec.TILE_WORDS)]
        state_read, state_write = ram(m, "states", spec.VALUE_BITS + spec.X_BITS, shape.tiles)
        out_read, out_write = ram(m, "outputs", 1, 2 << bits)
        wave_read, wave_write = ram(m, "wave", signed(spec.WAVE_BITS), spec.WAVE)
        rate_read, rate_write = ram(m, "rates", spec.RATE_BITS, spec.RATES)
        dwell_read, dwell_write = ram(m, "dwells", 32, 2 * spec.BINS)
        trace_read, trace_write = ram(m, "trace", 32, spec.TRACE)
        probes = {
            region: ram(m, name, 32, shape.tiles)
            for name, region in spec.REGIONS.items()
            if name in ("switches", "ups", "correlations")
        }

        quiet, whole, smooth = reg.o_control
        request = self.bus.payload
        ticks_left = Signal(15)
        tick, phase, spikes, dwell = Signal(32), Signal(32), Signal(32), Signal(32)
        population, seen, traced = Signal(range(shape.tiles + 1)), Signal(), Signal(10)
        drive, signal = Signal(signed(spec.X_BITS)), Signal(signed(spec.WAVE_BITS))
        total = Signal(signed(spec.X_BITS + 1))
        bank = Signal(reset_less=True)  # half of the memory with the old outputs
        last, fresh = Signal(bits), Signal()  # tile n - 1; noise is new in this step
        hold, kept = Signal(32), Signal(32)  # masks of the tick
        ones = Signal(5)
        m.d.sync += [
            last.eq(Mux(reg.o_tiles == 0, shape.tiles, reg.o_tiles) - 1),
            hold.eq((1 << reg.o_noise_hold) - 1),
            kept.eq((1 << reg.o_trace_shift) - 1),
            ones.eq(sum(reg.o_noise_mask)),
        ]

        # Names of tiles: to go in, and on their way.
        index, done, room, enters = Signal(bits), Signal(bits + 1), Signal(), Signal()
        named, on_bus = Signal(bits), Signal()
        copies, alone = Signal(), Signal()
        m.d.comb += named.eq(index)
        valid = [enters]
        for n in range(1, LATENCY + 1):
            valid.append(later(m, valid[-1], 1, f"valid_{n}"))
        at_9 = later(m, named, LATENCY - 1, "at")
        at_10 = later(m, at_9, 1, "at_last")

        # 1: parameters and state; the word of the tile.
        first, second, third, fourth = (read.data for read, _ in words)
        bias_1, gain_1, mode_1 = first[:12].as_signed(), first[12:24].as_signed(), first[24:26]
        scale_1, offset_1 = second[:12], second[12:24].as_signed()
        ic_1, factor_1 = third[:12], third[12:24]
        coupling_1, partner_1 = fourth[:12].as_signed(), fourth[12:22]
        value_1, noise_1 = state_read.data[:16], state_read.data[16:].as_signed()
        bits_1 = random.o[32:48] & reg.o_noise_mask
        count_1, fill_1 = Signal(signed(14)), Signal(signed(9))
        with m.If(smooth):
            m.d.comb += fill_1.eq(Cat(1, random.o[24:32]) - 256)
        m.d.comb += [
            random.i_step.eq(valid[1]),
            random.i_seed.eq(request.data),
            out_read.addr.eq(Cat(partner_1[:bits], bank)),
            count_1.eq(((sum(bits_1) << 1) - ones << spec.NOISE_FRACTION) + fill_1),
        ]

        # 2 to 5: x.
        count_2 = later(m, count_1, 1, "count")
        driven_2 = later(m, gain_1 * total, 1, "driven")
        coupling_2 = later(m, coupling_1, 1, "coupling")
        coupled_2 = later(m, partner_1 <= last, 1, "coupled")
        pull_3 = Signal(signed(spec.X_BITS + 1))
        with m.If(coupled_2):
            m.d.sync += pull_3.eq(Mux(out_read.data, coupling_2, -coupling_2))
        with m.Else():
            m.d.sync += pull_3.eq(0)
        sum_3 = later(m, (driven_2 >> 6) + later(m, bias_1, 1, "bias"), 1, "sum")
        loud_3 = later(m, count_2 * later(m, factor_1, 1, "factor"), 1, "loud")
        louder_3 = loud_3 >> spec.NOISE_FRACTION
        noise_3 = later(m, noise_1, 2, "noise")
        noise_4 = later(
            m, Mux(fresh, _clip(louder_3 >> reg.o_noise_shift, spec.X_BITS), noise_3), 1, "noisy"
        )
        sum_4 = later(m, sum_3 + pull_3, 1, "pulled")
        x_5 = later(m, _clip(sum_4 + noise_4, spec.X_BITS), 1, "x")

        # 6 to 9: what the mode does with it.
        mode_5, ic_5 = later(m, mode_1, 4, "mode"), later(m, ic_1, 4, "ic")
        mode_9 = later(m, mode_5, 4, "mode_on")
        below_5 = -ic_5
        over_5 = Mux(x_5 > ic_5, x_5 - ic_5, Mux(x_5 < below_5, x_5 + ic_5, 0))
        y_6 = later(m, Mux(mode_5 == spec.MODE_WALL, over_5, x_5), 1, "y")
        rises_9 = later(m, x_5 >= ic_5, 4, "rises")
        falls_9 = later(m, x_5 <= below_5, 4, "falls")
        turns_9 = later(m, x_5 > ic_5, 4, "turns")
        scaled_7 = later(m, later(m, scale_1, 5, "scale") * y_6, 1, "scaled")
        w_7 = scaled_7 >> 6
        offset_7, value_7 = later(m, offset_1, 6, "offset"), later(m, value_1, 6, "value")
        rate_8 = later(
            m, _clip(offset_7 + Mux(value_7[15], ~w_7, w_7), ceil_log2(spec.RATES)), 1, "rate"
        )
        moved_8 = later(m, value_7 + w_7, 1, "moved")
        turned_9 = later(m, value_7 + (offset_7 << 4) + w_7, 2, "turned")
        clipped_9 = later(
            m, Mux(moved_8 < 0, 0, Mux(moved_8 > 0xFFFF, 0xFFFF, moved_8))[:16], 1, "clipped"
        )
        value_9 = later(m, value_7, 2, "value_on")
        chance_9 = later(m, random.o[: spec.RATE_BITS], 8, "chance")
        next_9 = Signal(16)
        m.d.comb += [rate_read.addr.eq(rate_8 + spec.RATES // 2), next_9.eq(value_9)]
        with m.Switch(mode_9):
            with m.Case(spec.MODE_JUNCTION):
                m.d.comb += next_9[15].eq(value_9[15] ^ (chance_9 < rate_read.data))
            with m.Case(spec.MODE_THRESHOLD):
                with m.If(rises_9):
                    m.d.comb += next_9[15].eq(1)
                with m.Elif(falls_9):
                    m.d.comb += next_9[15].eq(0)
            with m.Case(spec.MODE_WALL):
                m.d.comb += next_9.eq(clipped_9)
            with m.Case(spec.MODE_OSCILLATOR):
                with m.If(turns_9):
                    m.d.comb += next_9.eq(turned_9)

        # 10: back to the memories, to probes and to the queue.
        value_10, was_10 = later(m, next_9, 1, "next"), later(m, value_9[15], 1, "was")
        noise_10, x_10 = later(m, noise_4, 6, "noise_on"), later(m, x_5, 5, "x_on")
        now_10 = value_10[15]
        changes_10 = now_10 != was_10
        rose = Signal()
        m.d.comb += [
            rose.eq(valid[LATENCY] & now_10 & ~was_10),
            state_read.addr.eq(named),
            state_write.addr.eq(at_10),
            state_write.data.eq(Cat(value_10, noise_10)),
            state_write.en.eq(valid[LATENCY]),
            out_write.addr.eq(Cat(at_10, ~bank)),
            out_write.data.eq(now_10),
            out_write.en.eq(valid[LATENCY]),
            queue.w_data.eq(at_10),
            queue.w_en.eq(rose & ~quiet),
            queue.r_en.eq(self.o.ready),
            self.o.valid.eq(queue.r_rdy),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(queue.r_data),
        ]
        for read, _ in words:
            m.d.comb += read.addr.eq(named)
        added = {
            spec.REGION_SWITCHES: changes_10,
            spec.REGION_UPS: now_10,
            spec.REGION_CORRELATIONS: Mux(now_10, signal, -signal),
        }
        for region, (read, write) in probes.items():
            m.d.comb += [
                read.addr.eq(Mux(on_bus, request.addr, at_9)),
                write.addr.eq(at_10),
                write.data.eq(read.data + added[region]),
                write.en.eq(valid[LATENCY]),
            ]
        probe_hit, probe_changed, probe_was = Signal(), Signal(), Signal()
        probe_word = Signal(32)
        m.d.sync += [
            done.eq(done + valid[LATENCY]),
            spikes.eq(spikes + rose),
            population.eq(population + (valid[LATENCY] & now_10)),
            room.eq(queue.level < QUEUE - ON_THE_WAY),
        ]
        with m.If(valid[LATENCY] & (at_10 == reg.o_probe)):
            m.d.sync += [
                probe_hit.eq(1),
                probe_changed.eq(changes_10),
                probe_was.eq(was_10),
                probe_word.eq(Cat(value_10, x_10, x_10[-1].replicate(4))),
            ]

        # A dwell and its bin; the trace.
        bin_wide = Signal(32)
        m.d.comb += bin_wide.eq(dwell >> reg.o_dwell_shift)
        bin_bits = ceil_log2(spec.BINS)
        in_bin = Signal(bin_bits)
        m.d.sync += in_bin.eq(Mux(bin_wide[bin_bits:].any(), spec.BINS - 1, bin_wide))
        accepting = Signal()
        m.d.comb += [
            wave_read.addr.eq(phase >> spec.PHASE_SHIFT),
            wave_write.addr.eq(request.addr),
            wave_write.data.eq(request.data),
            rate_write.addr.eq(request.addr),
            rate_write.data.eq(request.data),
            dwell_read.addr.eq(Mux(on_bus, request.addr, Cat(in_bin, probe_was))),
            dwell_write.addr.eq(dwell_read.addr),
            dwell_write.data.eq(dwell_read.data + 1),
            trace_read.addr.eq(request.addr),
            trace_write.addr.eq(traced),
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_spikes.eq(spikes),
            reg.i_population.eq(population),
            self.o_busy.eq(~accepting | self.i.valid | self.bus.valid),
        ]
        everybody = Signal(32)
        m.d.comb += [
            everybody[:16].eq(population),
            everybody[16:].eq(total),
            trace_write.data.eq(Mux(whole, everybody, probe_word)),
        ]

        with m.FSM(init="Start"):
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [ticks_left.eq(self.i.payload), index.eq(0), alone.eq(0)]
                with m.If(self.i.valid):
                    m.d.comb += self.i.ready.eq(1)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(self.i.payload < spec.SAMPLES):
                        m.d.sync += drive.eq(self.i.payload)
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"

            with m.State("Start"):
                m.d.sync += drive.eq(reg.o_drive)
                m.next = "Refresh"
            with m.State("Tick"):
                m.d.sync += [
                    ticks_left.eq(ticks_left - 1),
                    fresh.eq((tick & hold) == 0),
                    Cat(index, done, population, probe_hit, probe_changed, probe_word).eq(0),
                ]
                m.next = "Signal"
            with m.State("Signal"):
                m.d.sync += [signal.eq(wave_read.data), total.eq(wave_read.data + drive)]
                m.next = "Run"
            with m.State("Run"):
                m.d.comb += enters.eq(room)
                with m.If(room):
                    m.d.sync += index.eq(index + 1)
                    with m.If(index == last):
                        m.next = "Drain"
            with m.State("Drain"):
                with m.If((done == last + 1) & (queue.level == 0)):
                    m.next = "Finish"
            with m.State("Finish"):
                m.d.sync += [tick.eq(tick + 1), phase.eq(phase + reg.o_wave_step), bank.eq(~bank)]
                with m.If(probe_hit):
                    m.d.sync += dwell.eq(dwell + 1)
                m.next = "Keep"
                with m.If(probe_changed):
                    m.d.sync += [dwell.eq(1), seen.eq(1)]
                    with m.If(seen):
                        m.next = "Count"
            with m.State("Count"):
                m.d.comb += dwell_write.en.eq(1)
                m.next = "Keep"
            with m.State("Keep"):
                with m.If((tick & kept) == 0):
                    m.d.comb += trace_write.en.eq(1)
                    m.d.sync += traced.eq(traced + 1)
                m.next = "Accept"
                with m.If(ticks_left != 0):
                    m.next = "Tick"

            with m.State("Bus"):
                m.d.comb += [on_bus.eq(1), named.eq(request.addr)]
                m.d.sync += index.eq(0)
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Accept"
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.comb += reg.i_write.eq(request.write)
                        with m.If(request.write):
                            with m.Switch(request.addr):
                                for half, name in enumerate(("SEED_LO", "SEED_HI")):
                                    with m.Case(shape.registers[name].addr):
                                        m.d.comb += random.i_load.eq(1 << half)
                                with m.Case(shape.registers["DRIVE"].addr):
                                    m.d.sync += drive.eq(request.data)
                                with m.Case(shape.registers["TILES"].addr):
                                    m.next = "Refresh"
                            with m.If(reg.o_command_write & reg.o_command[0]):
                                m.next = "Reset"
                    with m.Case(spec.REGION_TILES):
                        for k, (_, write) in enumerate(words):
                            m.d.comb += write.en.eq(request.write & (request.addr[:2] == k))
                    with m.Case(spec.REGION_STATES):
                        with m.If(request.write):
                            m.d.comb += [
                                state_write.addr.eq(request.addr),
                                state_write.data.eq(request.data),
                                state_write.en.eq(1),
                            ]
                            m.d.sync += [index.eq(request.addr), alone.eq(1)]
                            m.next = "Refresh"
                    with m.Case(spec.REGION_RATES):
                        m.d.comb += rate_write.en.eq(request.write)
                    with m.Case(spec.REGION_WAVE):
                        m.d.comb += wave_write.en.eq(request.write)
                    for region, (_, write) in probes.items():
                        with m.Case(region):
                            m.d.comb += [
                                write.addr.eq(request.addr),
                                write.data.eq(request.data),
                                write.en.eq(request.write),
                            ]
                    with m.Case(spec.REGION_DWELLS):
                        m.d.comb += [
                            dwell_write.data.eq(request.data),
                            dwell_write.en.eq(request.write),
                        ]
                    with m.Case(spec.REGION_TRACE):
                        m.d.comb += [
                            trace_write.addr.eq(request.addr),
                            trace_write.data.eq(request.data),
                            trace_write.en.eq(request.write),
                        ]
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                m.d.sync += self.response.payload.eq(0)
                answers = {
                    spec.REGION_REGISTERS: reg.o_data,
                    spec.REGION_STATES: state_read.data,
                    spec.REGION_DWELLS: dwell_read.data,
                    spec.REGION_TRACE: trace_read.data,
                    **{region: read.data for region, (read, _) in probes.items()},
                }
                with m.Switch(request.region):
                    for region, answer in answers.items():
                        with m.Case(region):
                            m.d.sync += self.response.payload.eq(answer)
                m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"

            # Both halves of the old outputs are those of the states: of all, or of a tile alone.
            with m.State("Refresh"):
                m.next = "Copy"
            with m.State("Copy"):
                m.d.comb += [
                    out_write.addr.eq(Cat(index, copies)),
                    out_write.data.eq(state_read.data[15]),
                    out_write.en.eq(1),
                ]
                m.d.sync += copies.eq(~copies)
                m.next = "Copy"
                with m.If(copies):
                    m.d.sync += index.eq(index + 1)
                    m.next = "Refresh"
                    with m.If(alone | (index == shape.tiles - 1)):
                        m.next = "Accept"
            with m.State("Reset"):
                m.d.sync += [
                    Cat(tick, phase, spikes, population, dwell, seen, traced).eq(0),
                    drive.eq(reg.o_drive),
                ]
                m.next = "Accept"
        for _, write in words:
            m.d.comb += [write.addr.eq(request.addr >> 2), write.data.eq(request.data)]
        return m


def _clip(value, bits):
    """sat_b of the contract."""
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    return Mux(value < low, low, Mux(value > high, high, value))[:bits].as_signed()

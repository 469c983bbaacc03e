"""The learning engine at the width of its memory: several rows a cycle, sweeps beside inference.

The contract is ``spec.learning``, the ports are those of ``rtl.bus``. Items (``rtl.engine.items``)
come from the stream or from the player. Three parts work on them at once:

- *Reading* issues the rows of an item to the array, ahead of what is judged.
- *Judging* takes the groups in order: commit, vote, winner, spike; then ticks.
- *Sweeping* writes the column of a neuron that has fired.

Why the result is that of one item after the other: sums of a group wait for their commit
(``rtl.neuron.wall_bank``); the window is marked group by group, as they are judged; and a row may
be read before an earlier spike's column is written only while that neuron is refractory, when it
does not look at its column. So reading runs at most T_REF ticks ahead of what is judged and swept,
and with T_REF = 0 or 1 it waits.

Throughput: an item a cycle, a group of events every five cycles, a spike every ten.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, enum, fifo, wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import learning as spec
from spinloom.rtl.bus import EnginePorts, SpikeLayout
from spinloom.rtl.counter import count_long
from spinloom.rtl.engine.items import Packer, item_layout
from spinloom.rtl.engine.player import Player
from spinloom.rtl.neuron.release_queue import ReleaseQueue
from spinloom.rtl.neuron.wall_bank import SELECT_LATENCY, WallBank
from spinloom.rtl.registers import RegisterFile
from spinloom.rtl.synapse.activity import ActivityWindow
from spinloom.rtl.synapse.banks import SynapseBanks, latency
from spinloom.rtl.synapse.sweep import ColumnSweep

AHEAD = 2  # groups that may wait for their commit while another one is read
TOKENS = 8  # ends of groups and ticks that wait
MARKS = 16  # items whose events have not been marked yet


class Job(enum.Enum, shape=2):
    """Why a neuron's threshold is read or set."""

    RAISE = 0
    DECAY = 1
    RESET = 2


class WideEngine(wiring.Component):
    """Engine of one ``LearningShape``; ``memory`` is the technology of its synapses."""

    def __init__(self, shape, *, memory="generic"):
        self._shape, self._memory = shape, memory
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.registers = reg = RegisterFile(spec.REGISTERS)
        m.submodules.packer = packer = Packer(shape)
        m.submodules.synapses = synapses = SynapseBanks(shape, memory=self._memory)
        m.submodules.window = window = ActivityWindow(shape)
        m.submodules.walls = walls = WallBank(shape)
        m.submodules.sweep = sweep = ColumnSweep(shape)
        m.submodules.refractory = refractory = ReleaseQueue(shape.neurons)
        request = self.bus.payload
        control = reg.o_control
        learning, homeostasis, hard, quiet = (control[n] for n in range(4))

        # Items: packed words wait in a short queue, and the player goes first.
        item_shape = item_layout(shape)
        item, next_item = Signal(item_shape), Signal(item_shape)
        item_valid, item_taken = Signal(), Signal()
        next_valid, next_taken = Signal(), Signal()
        m.submodules.packed = packed = fifo.SyncFIFO(width=item_shape.size, depth=2)
        m.d.comb += [
            packed.w_data.eq(packer.o.payload),
            packed.w_en.eq(packer.o.valid),
            packer.o.ready.eq(packed.w_rdy),
        ]
        player_busy = Signal()
        if shape.stimulus:
            m.submodules.player = player = Player(shape)
            m.d.comb += [
                player_busy.eq(player.o_busy),
                player.i_addr.eq(request.addr),
                player.i_data.eq(request.data),
                player.i_items.eq(reg.o_play_items),
                player.i_rounds.eq(reg.o_play_rounds),
                player.o.ready.eq(next_taken),
                packed.r_en.eq(next_taken & ~player_busy),
                next_item.eq(Mux(player_busy, player.o.payload.as_value(), packed.r_data)),
                next_valid.eq(Mux(player_busy, player.o.valid, packed.r_rdy)),
            ]
        else:
            m.d.comb += [
                packed.r_en.eq(next_taken),
                next_item.eq(packed.r_data),
                next_valid.eq(packed.r_rdy),
            ]
        has_events = Signal()
        m.d.comb += next_taken.eq(item_taken | ~item_valid)
        with m.If(next_taken):
            m.d.sync += [
                item_valid.eq(next_valid),
                item.eq(next_item),
                has_events.eq(Cat(slot.present for slot in next_item.slots).any()),
            ]

        # Reading.
        is_open = Signal()  # events of the group have been read
        ends = Signal()  # this item ends a group
        counts = Signal()  # this item is counted: it has events, or ends a group
        m.d.comb += [
            ends.eq(item.judge & (is_open | has_events)),
            counts.eq(has_events | ends),
        ]
        waiting = Signal(range(AHEAD + 2))  # groups that have ended and are not committed
        # Ticks read, and not yet judged and swept; a long wait ends all reading ahead.
        ahead = Signal(range(TOKENS + 1))
        long = Signal()
        limit = Signal(range(TOKENS + 1))
        tokens_out = Signal(range(TOKENS + 1))
        sweeps_out = Signal(range(3))
        at_rest = Signal()
        may_read = Signal()
        m.d.comb += [
            at_rest.eq((tokens_out == 0) & (sweeps_out == 0)),
            may_read.eq(~learning | at_rest | ((ahead < limit) & ~long)),
        ]
        m.d.sync += limit.eq(Mux(reg.o_t_ref > TOKENS, TOKENS, reg.o_t_ref))
        with m.If(item_taken & (item.ticks > 1)):
            m.d.sync += long.eq(1)
        with m.Elif(at_rest):
            m.d.sync += long.eq(0)
        token = data.StructLayout({"judge": 1, "ticks": 15})
        mark = data.StructLayout({"slots": item_shape["slots"].shape, "last": 1})
        m.submodules.tokens = tokens = fifo.SyncFIFO(width=token.size, depth=TOKENS)
        m.submodules.marks = marks = fifo.SyncFIFO(width=mark.size, depth=MARKS)
        reading = Signal()  # the stream may go on: the bus is not in work
        m.d.comb += [
            item_taken.eq(
                reading
                & item_valid
                & tokens.w_rdy
                & marks.w_rdy
                & (~counts | ((waiting <= AHEAD) & may_read))
                & ((item.ticks == 0) | (ahead != TOKENS))
            ),
            tokens.w_en.eq(item_taken & (ends | (item.ticks != 0))),
            tokens.w_data.eq(Cat(ends, item.ticks)),
            marks.w_en.eq(item_taken & counts),
            marks.w_data.eq(Cat(item.slots.as_value(), ends)),
        ]
        rows = Signal(item_shape["slots"].shape)
        fetch = Signal(shape.row_groups)  # a row for the memory window
        stages = latency(shape.neurons) + 1
        valid, last = Signal(stages), Signal(stages)
        m.d.sync += [
            rows.eq(item.slots),
            valid.eq(Cat(item_taken & counts, valid)),
            last.eq(Cat(item_taken & ends, last)),
        ]
        with m.If(item_taken & counts):
            m.d.sync += is_open.eq(~ends)
        word_row = request.addr >> ceil_log2(shape.row_words)
        for r in range(shape.row_groups):
            m.d.comb += [
                synapses.i_read[r].eq((valid[0] & rows[r].present) | fetch[r]),
                synapses.i_rows[r].eq(
                    Mux(fetch[r], word_row >> ceil_log2(shape.row_groups), rows[r].row)
                ),
            ]
        m.d.comb += [
            walls.i_valid.eq(valid[-1]),
            walls.i_last.eq(last[-1]),
            walls.i_rows.eq(synapses.o_rows),
        ]

        # What judging needs.
        head = Signal(token)
        mark_head = Signal(mark)
        m.d.comb += [head.eq(tokens.r_data), mark_head.eq(marks.r_data)]
        tick = Signal(32)
        ticks_left = Signal(15)
        judged, fires, won = Signal(), Signal(), Signal()  # of the group in judgement
        judged_before, fired_before = Signal(), Signal()
        may_mark, marked = Signal(), Signal()  # of the group to be judged
        index = Signal(ceil_log2(shape.neurons))
        job = Signal(Job)
        pause = Signal(range(16))
        commands = Signal(3, init=spec.RESET_STATE | spec.RESET_THETA)
        bucket_phase, homeo_phase = Signal(16), Signal(16)
        fired = Signal(32)
        clear = Signal()  # what counts
        switched_p = count_long(m, "switched_p", sweep.o_to_p, clear=clear)
        switched_ap = count_long(m, "switched_ap", sweep.o_to_ap, clear=clear)
        trials = count_long(m, "trials", Mux(sweep.i_start, shape.inputs, 0), clear=clear)
        m.d.comb += [
            judged.eq(judged_before | walls.o_judged),
            fires.eq(Mux(judged_before, fired_before, walls.o_fire)),
            marks.r_en.eq(may_mark & ~marked),
            window.i_mark.eq(
                Mux(marks.r_rdy & marks.r_en, Cat(s.present for s in mark_head.slots), 0)
            ),
            *(window.i_rows[r].eq(mark_head.slots[r].row) for r in range(shape.row_groups)),
            walls.i_step.eq(reg.o_step),
            walls.i_leak.eq(reg.o_leak),
            walls.i_hard.eq(hard),
            walls.i_block.eq(reg.o_t_ref != 0),
            walls.i_t_inh.eq(reg.o_t_inh),
            walls.i_index.eq(index),
            walls.i_released.eq(refractory.o_neuron),
            refractory.i_neuron.eq(walls.o_winner),
            refractory.i_until.eq(tick + reg.o_t_ref),
            refractory.i_now.eq(tick),
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            Cat(reg.i_switched_p, reg.i_switched_p_hi).eq(Cat(switched_p)),
            Cat(reg.i_switched_ap, reg.i_switched_ap_hi).eq(Cat(switched_ap)),
            Cat(reg.i_trials_lo, reg.i_trials_hi).eq(Cat(trials)),
            reg.i_spikes.eq(fired),
            synapses.i_write.eq(sweep.o_write),
            synapses.i_block.eq(sweep.o_block),
            synapses.i_neuron.eq(sweep.o_neuron),
            synapses.i_switched.eq(sweep.o_switched),
            synapses.i_states.eq(sweep.o_states),
            synapses.i_word_addr.eq(request.addr),
            synapses.i_word_data.eq(request.data),
            sweep.i_neuron.eq(walls.o_winner),
            sweep.i_active.eq(window.o_active),
            sweep.i_spread_seed.eq(reg.o_spread_seed),
            sweep.i_code_addr.eq(request.addr),
            sweep.i_code.eq(request.data),
            sweep.i_seed.eq(request.data),
        ]
        all_marked = Signal()  # with this cycle's
        m.d.comb += all_marked.eq(marked | (marks.r_rdy & marks.r_en & mark_head.last))
        marked_before = Signal()  # so that the window shows it
        m.d.sync += [marked.eq(all_marked), marked_before.eq(marked)]
        m.d.sync += [
            judged_before.eq(judged),
            fired_before.eq(fires),
            # The winner of a group that did not fire may still be under way: forget it.
            won.eq((won & ~walls.o_judged) | walls.o_won),
        ]

        # Spikes wait in a short queue: the link takes them in its own time.
        m.submodules.spikes = spikes = fifo.SyncFIFO(width=SpikeLayout.size, depth=4)
        m.d.comb += [
            spikes.w_data.eq(Cat(tick, walls.o_winner)),
            self.o.payload.eq(spikes.r_data),
            self.o.valid.eq(spikes.r_rdy),
            spikes.r_en.eq(self.o.ready),
        ]

        between, settled, tick_now = Signal(), Signal(), Signal()
        released = Signal()  # a cycle ago: the neuron takes one more to be free
        due_at_tick = Signal()  # the first that is due at a tick is released behind it
        m.d.sync += [
            released.eq(refractory.i_pop),
            due_at_tick.eq(tick_now & refractory.o_due_next),
        ]
        m.d.comb += settled.eq(
            ~refractory.o_unsettled
            & ~refractory.o_due
            & ~due_at_tick
            & ~released
            & ~walls.o_leaking
        )
        with m.If(due_at_tick | (between & refractory.o_due)):
            m.d.comb += [walls.i_release.eq(1), refractory.i_pop.eq(1)]

        # One tick, and what is due at it.
        token_done = Signal()
        # What is due at the next tick is known two cycles after a tick.
        rolls, homeo_due, ticked = Signal(), Signal(), Signal()
        decays = Signal()
        m.d.sync += [
            ticked.eq(tick_now),
            rolls.eq(bucket_phase + 1 == reg.o_bucket_ticks),
            homeo_due.eq(homeo_phase + 1 == reg.o_homeo_ticks),
        ]
        m.d.comb += [
            decays.eq(homeostasis & homeo_due),
            walls.i_tick.eq(tick_now),
            tokens.r_en.eq(token_done),
        ]
        with m.If(tick_now):
            m.d.sync += [
                tick.eq(tick + 1),
                bucket_phase.eq(bucket_phase + 1),
                homeo_phase.eq(homeo_phase + 1),
            ]
            with m.If(rolls):
                m.d.sync += bucket_phase.eq(0)
                m.d.comb += window.i_roll.eq(1)
            with m.If(homeo_due):
                m.d.sync += homeo_phase.eq(0)
        with m.If(token_done):
            m.d.sync += marked.eq(0)

        # An item whose ticks pass while a column is swept is behind us only when that is done:
        # those since the older of two sweeps began, and those since the newer one did.
        since_older, since_newer = Signal.like(ahead), Signal.like(ahead)
        behind = Signal.like(ahead)
        waited = token_done & (head.ticks != 0)
        passed_older = since_older + (waited & (sweeps_out == 1))
        passed_newer = since_newer + (waited & (sweeps_out == 2))
        m.d.comb += behind.eq(Mux(sweep.o_done, passed_older, 0) + (waited & (sweeps_out == 0)))
        m.d.sync += [
            since_older.eq(Mux(sweep.o_done, passed_newer, passed_older)),
            since_newer.eq(Mux(sweep.o_done, 0, passed_newer)),
            ahead.eq(ahead + (item_taken & (item.ticks != 0)) - behind),
            sweeps_out.eq(sweeps_out + sweep.i_start - sweep.o_done),
            tokens_out.eq(tokens_out + tokens.w_en - token_done),
            waiting.eq(waiting + (item_taken & ends) - walls.o_taken),
        ]

        # With nothing of the stream in work, the bus may see and change everything.
        working, still = Signal(), Signal()
        m.d.comb += [
            working.eq(
                ~settled
                | ~at_rest
                | valid.any()
                | marks.r_rdy
                | sweep.o_counting
                | packed.r_rdy
                | item_valid
                | player_busy
            ),
            still.eq(~working & ~packer.o_waiting),
            packer.i_flush.eq(self.bus.valid),
            packer.i.payload.eq(self.i.payload),
            packer.i.valid.eq(self.i.valid & reading),
            self.i.ready.eq(packer.i.ready & reading),
            self.o_bad_event.eq(packer.o_bad_event),
        ]
        idle = Signal()
        m.d.comb += self.o_busy.eq(working | ~idle | spikes.r_rdy | self.i.valid | self.bus.valid)

        theta0 = reg.o_theta0[: shape.threshold_bits]
        last_neuron = index == shape.neurons - 1
        # Of the threshold that is read: raised, and in two steps what its decay takes off.
        raised = Signal(shape.threshold_bits + 1)
        above = Signal(signed(shape.threshold_bits + 1))
        shifted = Signal.like(above)
        m.d.sync += [
            raised.eq(walls.o_theta + reg.o_theta_up[: shape.threshold_bits]),
            above.eq(walls.o_theta - theta0),
            shifted.eq(above >> reg.o_homeo_shift),  # of a signed number: it floors
        ]
        with m.FSM(init="Reset"):
            with m.State("Next"):
                m.d.comb += [
                    between.eq(1),
                    reading.eq(1),
                    idle.eq(1),
                    may_mark.eq(~tokens.r_rdy | head.judge),
                ]
                m.d.sync += [judged_before.eq(0), ticks_left.eq(head.ticks)]
                with m.If(tokens.r_rdy & settled):
                    with m.If(~head.judge):
                        m.next = "Tick"
                    with m.Elif(walls.o_full):
                        m.d.comb += walls.i_commit.eq(1)
                        m.next = "Judge"
                with m.Elif(still & self.bus.valid & ~self.i.valid):
                    m.d.sync += [index.eq(request.addr), pause.eq(0)]
                    m.next = "Bus"

            with m.State("Judge"):
                m.d.comb += [reading.eq(1), may_mark.eq(1)]
                with m.If(judged & all_marked):
                    m.next = "Winner"
                    with m.If(~fires):
                        m.next = "Tick"
                        with m.If(ticks_left == 0):
                            m.d.comb += token_done.eq(1)
                            m.next = "Next"
                        with m.Elif((ticks_left == 1) & settled & ~decays):
                            m.d.comb += [tick_now.eq(1), token_done.eq(1)]
                            m.next = "Next"
            with m.State("Winner"):
                m.d.comb += reading.eq(1)
                m.d.sync += [index.eq(walls.o_winner), job.eq(Job.RAISE), pause.eq(0)]
                can_sweep = ~learning | (sweep.o_ready & (sweeps_out != 2) & marked_before)
                with m.If((won | walls.o_won) & spikes.w_rdy & can_sweep):
                    m.d.comb += [
                        walls.i_spike.eq(1),
                        spikes.w_en.eq(~quiet),
                        refractory.i_push.eq(reg.o_t_ref != 0),
                        sweep.i_start.eq(learning),
                    ]
                    m.d.sync += fired.eq(fired + 1)
                    with m.If(homeostasis):
                        m.next = "Threshold"
                    with m.Elif(ticks_left == 0):
                        m.d.comb += token_done.eq(1)
                        m.next = "Settle"
                    with m.Else():
                        m.next = "Tick"
            with m.State("Settle"):  # a spike's action is complete two cycles later
                m.d.comb += reading.eq(1)
                m.next = "Next"

            with m.State("Tick"):
                m.d.comb += [between.eq(1), reading.eq(1)]
                m.d.sync += [index.eq(0), job.eq(Job.DECAY), pause.eq(0)]
                with m.If(settled & ~ticked):
                    m.d.comb += tick_now.eq(1)
                    m.d.sync += ticks_left.eq(ticks_left - 1)
                    with m.If(decays):
                        m.next = "Threshold"
                    with m.Elif(ticks_left == 1):
                        m.d.comb += token_done.eq(1)
                        m.next = "Next"

            # Thresholds, of one neuron or in turn of all: read, then set.
            with m.State("Threshold"):
                m.d.comb += reading.eq(1)
                m.d.sync += pause.eq(pause + 1)
                with m.If(job == Job.RAISE):
                    m.d.comb += walls.i_theta.eq(Mux(raised[-1], shape.theta_max, raised))
                with m.Else():
                    m.d.comb += walls.i_theta.eq(walls.o_theta - shifted)
                with m.If((pause >= SELECT_LATENCY + 2) & ~walls.o_leaking):
                    m.d.comb += walls.i_set_theta.eq(1)
                    m.d.sync += [index.eq(index + 1), pause.eq(0)]
                    with m.If((job == Job.RAISE) | last_neuron):
                        m.next = "Tick"
                        with m.If(ticks_left == 0):
                            m.d.comb += token_done.eq(1)
                            m.next = "Settle"
                with m.If(walls.o_leaking):
                    m.d.sync += pause.eq(0)

            with m.State("Bus"):
                self._bus(m, reg, synapses, walls, sweep, fetch, pause)
                if shape.stimulus:
                    m.d.comb += player.i_write.eq(
                        request.write & (request.region == spec.REGION_STIMULUS) & self.bus.ready
                    )
                with m.If((request.region == spec.REGION_REGISTERS) & request.write):
                    with m.Switch(request.addr):
                        with m.Case(spec.REGISTERS["T_REF"].addr):
                            m.d.comb += [walls.i_release_all.eq(1), refractory.i_clear.eq(1)]
                        with m.Case(spec.REGISTERS["SEED_LO"].addr):
                            m.d.comb += sweep.i_load.eq(0b01)
                        with m.Case(spec.REGISTERS["SEED_HI"].addr):
                            m.d.comb += sweep.i_load.eq(0b10)
                        with m.Case(spec.REGISTERS["BUCKET_TICKS"].addr):
                            m.d.sync += bucket_phase.eq(0)
                        with m.Case(spec.REGISTERS["HOMEO_TICKS"].addr):
                            m.d.sync += homeo_phase.eq(0)
                    with m.If(reg.o_command_write):
                        m.d.sync += commands.eq(reg.o_command)
                        m.next = "Reset"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Next"

            with m.State("Reset"):
                m.d.sync += index.eq(0)
                with m.If((commands & spec.RESET_STATE) != 0):
                    m.d.comb += [
                        clear.eq(1),
                        walls.i_clear.eq(1),
                        refractory.i_clear.eq(1),
                        window.i_clear.eq(1),
                        packer.i_clear.eq(1),
                    ]
                    counters = (tick, bucket_phase, homeo_phase, fired)
                    m.d.sync += [is_open.eq(0), *(s.eq(0) for s in counters)]
                m.next = "Reset-Thresholds"
            with m.State("Reset-Thresholds"):
                m.d.comb += walls.i_theta.eq(theta0)
                m.d.comb += walls.i_set_theta.eq((commands & spec.RESET_THETA) != 0)
                m.d.sync += index.eq(index + 1)
                with m.If(last_neuron):
                    m.next = "Play"
            with m.State("Play"):
                if shape.stimulus:
                    with m.If((commands & spec.PLAY) != 0):
                        m.d.comb += [
                            player.i_start.eq(1),
                            # What is played ends the open group.
                            packer.i_closed.eq((reg.o_play_items != 0) & (reg.o_play_rounds != 0)),
                        ]
                m.next = "Settle"
        return m

    def _bus(self, m, reg, synapses, walls, sweep, fetch, pause):
        """One bus request, which stays on the bus until it is done."""
        shape, request = self._shape, self.bus.payload
        group_bits = ceil_log2(shape.row_groups)
        row = request.addr >> ceil_log2(shape.row_words)
        m.d.sync += pause.eq(pause + 1)
        reads = ~request.write
        with m.Switch(request.region):
            with m.Case(spec.REGION_REGISTERS):
                m.d.comb += [reg.i_write.eq(request.write), self.bus.ready.eq(request.write)]
                data_out = Signal(32)
                m.d.sync += [data_out.eq(reg.o_data), self.response.payload.eq(data_out)]
                with m.If(request.write):
                    m.next = "Settle"
                with m.Elif(pause == 2):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Respond"
            with m.Case(spec.REGION_WEIGHTS):
                m.d.sync += self.response.payload.eq(synapses.o_word)
                m.d.comb += synapses.i_word_write.eq(request.write & (pause == 0))
                with m.If(reads & (pause == 0)):
                    m.d.comb += fetch.eq(1 << row[:group_bits])
                with m.If(reads & (pause == latency(shape.neurons))):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Respond"
                with m.If(request.write & (pause != 0)):
                    m.d.sync += pause.eq(1)
                    with m.If(~synapses.o_word_busy):
                        m.d.comb += self.bus.ready.eq(1)
                        m.next = "Settle"
            with m.Case(spec.REGION_NEURONS):
                m.d.sync += self.response.payload.eq(walls.o_position | walls.o_theta << 16)
                m.d.comb += [
                    walls.i_position.eq(request.data),
                    walls.i_theta.eq(request.data[16:]),
                    walls.i_set_position.eq(request.write),
                    walls.i_set_theta.eq(request.write),
                    self.bus.ready.eq(request.write | (pause == SELECT_LATENCY)),
                ]
                with m.If(request.write):
                    m.next = "Settle"
                with m.Elif(pause == SELECT_LATENCY):
                    m.next = "Respond"
            with m.Default():
                # Codes and stimulus can't be read back, and other regions do not exist: zero.
                m.d.comb += self.bus.ready.eq(1)
                m.d.comb += sweep.i_code_write.eq(
                    request.write & (request.region == spec.REGION_CODES)
                )
                m.d.sync += self.response.payload.eq(0)
                m.next = "Respond"
                with m.If(request.write):
                    m.next = "Settle"

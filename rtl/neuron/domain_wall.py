"""Domain-wall integrate-and-fire neurons, a bank of them (Sec. II.C, Fig. 8).

::

    event:  pos = pos + STEP·n      for neurons that are not blocked, if pos < theta
    tick:   pos = max(pos - LEAK, 0); the inhibition timer counts down
    spike:  pos = 0 and refractory until released, all others blocked for T_INH ticks

What is kept is the margin d = pos - theta: its sign bit says that a wall has reached its junction,
and the one thing that ever happens to it is an addition. Thresholds are in memories and take part
only where one neuron, or a group of ``LEAK_LANES``, is looked at: in the leak and in ``i_set``.

A strength *n* of more than one bit comes in parts, a row of bits and a step for each; who
integrates is decided at the first.

Members: ``i_event`` with ``i_row`` and ``i_step`` integrates; ``i_later`` says that it is not the
first part. ``i_tick`` starts a tick's leak, ``o_leaking`` while
it runs. ``i_select`` chooses a neuron, whose ``o_margin``, ``o_position``, ``o_theta`` and
``o_eligible`` follow a cycle later; then ``i_set`` gives it ``i_position`` and ``i_theta``.
``i_spike`` makes the selected neuron the last winner, refractory if ``i_block``; ``i_release``
frees it, ``i_release_all`` and ``i_clear`` all. ``o_fire``: some neuron that is not blocked has
arrived.

Throughput: one part of an event a cycle; a leak takes ``neurons / LEAK_LANES + 1`` cycles. Cost:
about 35 LUT4 and 15 FF a neuron (events in parts: one more of each), 60 LUT4 a lane, and a memory a
lane.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import TIMER_BITS
from spinloom.rtl.select import select

LEAK_LANES = 2  # neurons that leak in one cycle, a power of two


class DomainWallNeuron(wiring.Component):
    """``neurons`` walls, with thresholds of ``threshold_bits`` and positions of ``position_bits``
    (default: one bit more); ``parts`` says whether events come in parts."""

    def __init__(self, neurons, threshold_bits, *, position_bits=None, parts=False):
        if position_bits is None:
            position_bits = threshold_bits + 1
        self._neurons, self._position_bits, self._parts = neurons, position_bits, parts
        # The walls and their thresholds, which the proofs look at.
        self._margins = [
            Signal(signed(position_bits + 1), name=f"margin{j}") for j in range(neurons)
        ]
        self._thetas = [
            memory.Memory(shape=threshold_bits, depth=-(-neurons // LEAK_LANES), init=[])
            for _ in range(LEAK_LANES)
        ]
        super().__init__(
            {
                "i_event": In(1),
                "i_row": In(neurons),
                "i_later": In(1),
                "i_step": In(position_bits if parts else threshold_bits),
                "i_tick": In(1),
                "i_leak": In(threshold_bits),
                "o_leaking": Out(1),
                "i_select": In(ceil_log2(neurons)),
                "o_margin": Out(signed(position_bits + 1)),
                "o_position": Out(position_bits),
                "o_theta": Out(threshold_bits),
                "o_eligible": Out(1),
                "i_set": In(1),
                "i_position": In(position_bits),
                "i_theta": In(threshold_bits),
                "i_spike": In(1),
                "i_block": In(1),
                "i_t_inh": In(TIMER_BITS),
                "i_release": In(1),
                "i_release_all": In(1),
                "i_clear": In(1),
                "o_fire": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        margin_shape = signed(self._position_bits + 1)
        lane_bits = ceil_log2(LEAK_LANES)
        groups = -(-self._neurons // LEAK_LANES)
        margins = self._margins

        inhibition = Signal(TIMER_BITS)
        with m.If(self.i_clear):
            m.d.sync += inhibition.eq(0)
        with m.Elif(self.i_spike):
            m.d.sync += inhibition.eq(self.i_t_inh)
        with m.Elif(self.i_tick & (inhibition != 0)):
            m.d.sync += inhibition.eq(inhibition - 1)

        # The group whose margins are read, and the one whose margins were read a cycle ago.
        leaking = Signal()
        leak_group = Signal(range(max(2, groups)))
        reading, read_group = Signal.like(leak_group), Signal.like(leak_group)
        leaks = Signal()
        lane = Signal(lane_bits)
        m.d.comb += [
            reading.eq(Mux(leaking, leak_group, self.i_select[lane_bits:])),
            self.o_leaking.eq(leaking | leaks),
        ]
        m.d.sync += [
            read_group.eq(reading),
            leaks.eq(leaking),
            lane.eq(self.i_select),
        ]
        with m.If(self.i_tick & (self.i_leak != 0)):
            m.d.sync += [leaking.eq(1), leak_group.eq(0)]
        with m.If(leaking):
            m.d.sync += leak_group.eq(leak_group + 1)
            with m.If(leak_group == groups - 1):
                m.d.sync += leaking.eq(0)

        refractory, inhibited = Signal(self._neurons), Signal(self._neurons)
        eligible, arrived = Signal(self._neurons), Signal(self._neurons)
        selected, integrates = Signal(self._neurons), Signal(self._neurons)
        moved = Signal(self._neurons)  # by this event
        m.d.comb += [
            selected.eq(1 << self.i_select),
            eligible.eq(~(refractory | inhibited)),
            arrived.eq(Cat(margin >= 0 for margin in margins)),
            moved.eq(eligible & ~arrived),
            integrates.eq(self.i_row & moved & self.i_event.replicate(self._neurons)),
            self.o_fire.eq((eligible & arrived).any()),
        ]
        if self._parts:
            began = Signal(self._neurons)
            with m.If(self.i_event):
                m.d.sync += began.eq(moved)
            with m.If(self.i_later):
                m.d.comb += moved.eq(began)
        m.d.sync += self.o_eligible.eq((eligible & selected).any())
        with m.If(self.i_spike):
            m.d.sync += inhibited.eq(Mux(self.i_t_inh != 0, ~selected, 0))
            m.d.sync += refractory.eq(refractory | Mux(self.i_block, selected, 0))
        with m.Elif(self.i_clear | (inhibition == 0)):
            m.d.sync += inhibited.eq(0)
        with m.If(self.i_release):
            m.d.sync += refractory.eq(refractory & ~selected)
        with m.If(self.i_clear | self.i_release_all):
            m.d.sync += refractory.eq(0)

        lanes = []  # of (margin, position, theta), read a cycle ago
        for n in range(LEAK_LANES):
            m.submodules[f"thetas{n}"] = thetas = self._thetas[n]
            write, read = thetas.write_port(), thetas.read_port()
            margin = Signal(margin_shape, name=f"read_margin{n}")
            position = Signal(self._position_bits, name=f"read_position{n}")
            moves = Signal(name=f"moves{n}")
            move = Signal(margin_shape, name=f"move{n}")
            target = self.i_position - self.i_theta
            sets = self.i_set & (lane == n)
            m.d.comb += [
                read.addr.eq(reading),
                write.addr.eq(read_group),
                write.data.eq(self.i_theta),
                write.en.eq(sets),
                position.eq(margin + read.data),
                moves.eq(leaks | sets),
                move.eq(self.i_step),
            ]
            m.d.sync += margin.eq(select(margins[n::LEAK_LANES], reading))
            with m.If(leaks):
                m.d.comb += move.eq(-Mux(position < self.i_leak, position, self.i_leak))
            with m.Elif(self.i_set):
                m.d.comb += move.eq(target - margin)
            lanes.append((margin, position, read.data))

            for j in range(n, self._neurons, LEAK_LANES):
                with m.If(integrates[j] | (moves & (read_group == j // LEAK_LANES))):
                    m.d.sync += margins[j].eq(margins[j] + move)

        chosen_margin, chosen_position, chosen_theta = zip(*lanes, strict=True)
        m.d.comb += [
            self.o_margin.eq(select(chosen_margin, lane)),
            self.o_position.eq(select(chosen_position, lane)),
            self.o_theta.eq(select(chosen_theta, lane)),
        ]
        return m

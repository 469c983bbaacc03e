"""The square engine: oscillators that are square waves, coupled all to all. Contract:
``spec.square``.

Ports as in ``rtl.bus``. A chain of groups (``rtl.oscillator.square``) does orders one after the
other. A step looks for outputs that have turned, group by group, and orders the couplings from each
of them to be added; then all signs are looked at, and time passes. When couplings or the state have
changed, the sums are built anew first, in a cycle an oscillator.

A step takes ``turned + 2·groups + groups + 10`` cycles, or so.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.utils import ceil_log2

from spinloom.emulator.spec import square as spec
from spinloom.rtl.bus import EnginePorts
from spinloom.rtl.oscillator.square import LATENCY, Order, SquareGroup, order_layout
from spinloom.rtl.registers import RegisterFile
from spinloom.rtl.select import select

UP, WHOLE = 1, 2  # data of Order.ADD


class SquareEngine(wiring.Component):
    """Engine of one ``SquareShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(EnginePorts)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.registers = reg = RegisterFile(spec.REGISTERS)
        groups = [SquareGroup(shape, n) for n in range(shape.groups)]
        for n, group in enumerate(groups):
            m.submodules[f"group{n}"] = group
            if n:
                m.d.comb += [
                    group.i_order.eq(groups[n - 1].o_order),
                    group.i_reply.eq(groups[n - 1].o_reply),
                ]
        order = Signal(order_layout(shape), reset_less=True)
        reply = groups[-1].o_reply
        m.d.comb += groups[0].i_order.eq(order)
        m.d.sync += order.order.eq(Order.NONE)
        lane_bits = ceil_log2(shape.group)

        request = self.bus.payload
        quiet = reg.o_control[0]
        word, ticks_left = Signal(16), Signal(15)
        tick, spikes, settled = Signal(32), Signal(32), Signal(32)
        moved, moving = Signal(), Signal()
        now = Signal(shape.phase_bits, reset_less=True)  # the tick, as the groups count
        stale = Signal(init=1)  # the sums are not those of the outputs held
        # Orders are done, in every group, and seen by the multiplexers of their outputs.
        settle = Signal(range(shape.groups + LATENCY + 3), init=shape.groups + LATENCY + 2)
        orders = Signal()
        with m.If(orders):
            m.d.sync += settle.eq(shape.groups + LATENCY + 2)
        with m.Elif(settle != 0):
            m.d.sync += settle.eq(settle - 1)
        column = Signal(ceil_log2(shape.oscillators))
        at = Signal(max(1, ceil_log2(shape.groups)))  # the group that is looked at
        toggles, levels = Signal(shape.group), Signal(shape.group)  # of it, still to do
        lane = Signal(lane_bits)
        for n in reversed(range(shape.group)):
            with m.If(toggles[n]):
                m.d.comb += lane.eq(n)
        turned = Signal.like(column)
        m.d.comb += turned.eq(Cat(lane, at)[: len(column)])

        def tell(kind, where, value=0):
            """The order of this cycle, to oscillator or column ``where``."""
            m.d.comb += orders.eq(1)
            m.d.sync += [
                order.order.eq(kind),
                order.column.eq(where),
                order.group.eq(where >> lane_bits),
                order.data.eq(value),
            ]

        m.d.comb += [
            reg.i_addr.eq(request.addr),
            reg.i_data.eq(request.data),
            reg.i_tick.eq(tick),
            reg.i_spikes.eq(spikes),
            reg.i_moved.eq(moved),
            reg.i_settled.eq(settled),
            self.o.p.tick.eq(tick),
            self.o.p.neuron.eq(turned),
        ]
        accepting = Signal()
        m.d.comb += self.o_busy.eq(~accepting | self.i.valid | self.bus.valid)
        # A reply of passing time: whether a phase has moved.
        with m.If(reply.valid & reply.moved):
            m.d.sync += moving.eq(1)

        with m.FSM(init="Reset"):
            with m.State("Accept"):
                m.d.comb += accepting.eq(1)
                m.d.sync += [word.eq(self.i.payload), ticks_left.eq(self.i.payload)]
                with m.If(self.i.valid):
                    m.d.comb += self.i.ready.eq(1)
                    with m.If(self.i.payload[15]):
                        with m.If(self.i.payload[:15] != 0):
                            m.next = "Tick"
                    with m.Elif(self.i.payload < shape.oscillators):
                        m.next = "Kick"
                    with m.Else():
                        m.d.comb += self.o_bad_event.eq(1)
                with m.Elif(self.bus.valid):
                    m.next = "Bus"
            with m.State("Kick"):
                tell(Order.KICK, word)
                m.next = "Accept"

            with m.State("Tick"):
                m.d.sync += [column.eq(0), at.eq(0)]
                with m.If(stale):
                    tell(Order.CLEAR, 0)
                    m.d.sync += stale.eq(0)
                    m.next = "Build"
                with m.Elif(settle == 0):
                    m.next = "Pick"
            with m.State("Build"):  # every output is low: all couplings are taken away
                tell(Order.ADD, column)
                m.d.sync += column.eq(column + 1)
                with m.If(column == shape.oscillators - 1):
                    m.next = "Tick"
            with m.State("Pick"):
                m.d.sync += [
                    toggles.eq(select([g.o_toggles for g in groups], at)),
                    levels.eq(select([g.o_levels for g in groups], at)),
                ]
                m.next = "Turn"
            with m.State("Turn"):
                rises = levels.bit_select(lane, 1)
                with m.If(toggles != 0):
                    done = Signal()
                    m.d.comb += [
                        self.o.valid.eq(rises & ~quiet),
                        done.eq(self.o.ready | quiet | ~rises),
                    ]
                    with m.If(done):
                        tell(Order.ADD, turned, Mux(rises, WHOLE | UP, WHOLE))
                        m.d.sync += [
                            toggles.eq(toggles & (toggles - 1)),
                            spikes.eq(spikes + rises),
                        ]
                with m.Else():
                    m.d.sync += at.eq(at + 1)
                    m.next = "Pick"
                    with m.If(at == shape.groups - 1):
                        m.next = "Evaluate"
            with m.State("Evaluate"):
                tell(Order.EVALUATE, 0)
                m.next = "Advance"
            with m.State("Advance"):
                tell(Order.ADVANCE, 0, 1)
                m.d.sync += [
                    now.eq(now + 1),
                    tick.eq(tick + 1),
                    ticks_left.eq(ticks_left - 1),
                ]
                m.next = "Judge"
            with m.State("Judge"):
                with m.If(settle == 0):
                    with m.If(now == 0):
                        m.d.sync += [moved.eq(moving), moving.eq(0)]
                        with m.If(~moving & (settled == 0)):
                            m.d.sync += settled.eq(tick)
                    m.next = "Accept"
                    with m.If(ticks_left != 0):
                        m.next = "Tick"

            with m.State("Bus"):
                m.next = "Fetch"
                with m.If(request.write):
                    m.d.comb += self.bus.ready.eq(1)
                    m.next = "Accept"
                with m.Switch(request.region):
                    with m.Case(spec.REGION_REGISTERS):
                        m.d.comb += reg.i_write.eq(request.write)
                        with m.If(request.write & reg.o_command_write & reg.o_command[0]):
                            m.next = "Reset"
                    with m.Case(spec.REGION_WEIGHTS):
                        row = request.addr >> shape.row_bits
                        with m.If(request.write):
                            tell(Order.LOAD, row, request.data)
                            m.d.sync += stale.eq(1)
                        with m.Else():
                            tell(Order.READ, row)
                            m.next = "Await"
                        part = request.addr[: shape.row_bits]
                        m.d.sync += [
                            order.word.eq(part),
                            order.group.eq(part >> shape.word_bits),
                        ]
                    with m.Case(spec.REGION_PHASES):
                        with m.If(request.write):
                            tell(Order.POKE, request.addr, (now - request.data)[: len(now)])
                        with m.Else():
                            tell(Order.PEEK, request.addr)
                            m.next = "Await"
                    with m.Default():
                        m.d.comb += self.bus.ready.eq(1)
                        m.d.sync += self.response.payload.eq(0)
                        m.next = "Respond"
                        with m.If(request.write):
                            m.next = "Accept"
            with m.State("Fetch"):
                m.d.comb += self.bus.ready.eq(1)
                m.d.sync += self.response.payload.eq(reg.o_data)
                m.next = "Respond"
            with m.State("Await"):
                with m.If(reply.valid):
                    m.d.comb += self.bus.ready.eq(1)
                    m.d.sync += self.response.payload.eq(reply.data)
                    with m.If(request.region == spec.REGION_PHASES):
                        m.d.sync += self.response.payload.eq((now - reply.data)[: len(now)])
                    m.next = "Respond"
            with m.State("Respond"):
                m.d.comb += self.response.valid.eq(1)
                with m.If(self.response.ready):
                    m.next = "Accept"
            with m.State("Reset"):
                tell(Order.RESTART, 0, (-now)[: len(now)])
                m.d.sync += [
                    now.eq(0),
                    tick.eq(0),
                    spikes.eq(0),
                    settled.eq(0),
                    moved.eq(0),
                    stale.eq(1),
                ]
                m.next = "Settle"
            with m.State("Settle"):
                with m.If(settle == 0):
                    m.d.sync += moving.eq(0)
                    m.next = "Accept"
        return m

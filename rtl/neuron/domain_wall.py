"""Domain-wall integrate-and-fire neurons, a bank of them (Sec. II.C, Fig. 8).

::

    event:  pos = pos + STEP·w      for neurons that are not blocked, if pos < theta
    tick:   pos = max(pos - LEAK, 0); the inhibition timer counts down
    spike:  pos = 0 and refractory until released, all others blocked for T_INH ticks

Members: one strobe a cycle of ``i_event`` (with ``i_row``), ``i_tick``, ``i_clear``,
``i_release_all``, and for the selected neuron ``i_spike`` (refractory if ``i_block``),
``i_release``, ``i_rest`` (pos = 0), ``i_push`` (pos += ``i_value``), ``i_set_theta`` (``i_value``).
``o_fire`` says that a neuron that is not blocked has reached its threshold. ``i_select`` chooses a
neuron, whose ``o_margin = pos - theta``, ``o_eligible`` and ``o_theta`` follow a cycle later.

Throughput: one strobe a cycle. Cost: about 85 LUT4 and 34 FF a neuron, and one memory.
"""

from amaranth.hdl import Cat, Module, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.learning import TIMER_BITS
from spinloom.rtl.select import select


class DomainWallNeuron(wiring.Component):
    """``neurons`` walls, with thresholds of ``threshold_bits`` and positions of one bit more."""

    def __init__(self, neurons, threshold_bits):
        self._neurons, self._bits = neurons, threshold_bits
        position_bits = threshold_bits + 1
        super().__init__(
            {
                "i_event": In(1),
                "i_row": In(neurons),
                "i_tick": In(1),
                "i_spike": In(1),
                "i_clear": In(1),
                "i_release": In(1),
                "i_release_all": In(1),
                "i_rest": In(1),
                "i_push": In(1),
                "i_set_theta": In(1),
                "i_value": In(position_bits),
                "i_select": In(ceil_log2(neurons)),
                "i_step": In(threshold_bits),
                "i_leak": In(threshold_bits),
                "i_block": In(1),
                "i_t_inh": In(TIMER_BITS),
                "o_fire": Out(1),
                "o_margin": Out(signed(position_bits + 1)),
                "o_eligible": Out(1),
                "o_theta": Out(threshold_bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # Thresholds stand twice: in registers for the comparison, here for everything serial.
        m.submodules.thetas = thetas = memory.Memory(shape=self._bits, depth=self._neurons, init=[])
        write, read = thetas.write_port(), thetas.read_port()
        m.d.comb += [
            write.en.eq(self.i_set_theta),
            write.addr.eq(self.i_select),
            write.data.eq(self.i_value),
            read.addr.eq(self.i_select),
            self.o_theta.eq(read.data),
        ]

        inhibition = Signal(TIMER_BITS)
        last_winner = Signal(ceil_log2(self._neurons))
        with m.If(self.i_clear):
            m.d.sync += [inhibition.eq(0), last_winner.eq(0)]
        with m.Elif(self.i_spike):
            m.d.sync += [inhibition.eq(self.i_t_inh), last_winner.eq(self.i_select)]
        with m.Elif(self.i_tick & (inhibition != 0)):
            m.d.sync += inhibition.eq(inhibition - 1)

        # One operand for all: what a wall moves by, if it moves.
        position_bits = self._bits + 1
        move = Signal(signed(position_bits + 1))
        with m.If(self.i_tick):
            m.d.comb += move.eq(-self.i_leak)
        with m.Elif(self.i_push):
            m.d.comb += move.eq(self.i_value)
        with m.Else():
            m.d.comb += move.eq(self.i_step)

        margins, eligibles = [], []
        for j in range(self._neurons):
            pos = Signal(position_bits, name=f"pos{j}")
            theta = Signal(self._bits, name=f"theta{j}")
            refractory = Signal(name=f"refractory{j}")
            eligible = Signal(name=f"eligible{j}")
            selected = Signal(name=f"selected{j}")
            margin = Signal(signed(position_bits + 1), name=f"margin{j}")
            moved = Signal(signed(position_bits + 1), name=f"moved{j}")
            m.d.comb += [
                eligible.eq(~refractory & ((inhibition == 0) | (last_winner == j))),
                selected.eq(self.i_select == j),
                margin.eq(pos - theta),
                moved.eq(pos + move),
            ]
            moves = self.i_tick | (self.i_push & selected)
            moves |= self.i_event & self.i_row[j] & eligible & (margin < 0)
            with m.If(self.i_clear | ((self.i_spike | self.i_rest) & selected)):
                m.d.sync += pos.eq(0)
            with m.Elif(moves):
                m.d.sync += pos.eq(moved)
                with m.If(moved < 0):
                    m.d.sync += pos.eq(0)
            with m.If(self.i_clear | self.i_release_all | (self.i_release & selected)):
                m.d.sync += refractory.eq(0)
            with m.Elif(self.i_spike & selected):
                m.d.sync += refractory.eq(self.i_block)
            with m.If(self.i_set_theta & selected):
                m.d.sync += theta.eq(self.i_value)
            margins.append(margin)
            eligibles.append(eligible)

        m.d.comb += self.o_fire.eq(
            Cat(e & (g >= 0) for e, g in zip(eligibles, margins, strict=True)).any()
        )
        m.d.sync += [
            self.o_margin.eq(select(margins, self.i_select)),
            self.o_eligible.eq(select(eligibles, self.i_select)),
        ]
        return m

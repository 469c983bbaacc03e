"""One time step of a spin neuron: a domain wall, or a junction that switches by chance.

The equations are those of ``spec.network``. Members: in a cycle with ``i_valid``, ``i_pos``,
``i_timer`` and ``i_bias`` are those of a neuron and ``i_random`` its 16 random bits; two cycles
later, with ``o_valid``, ``o_pos`` and ``o_timer`` are what it has become and ``o_fires`` says
whether it fires. ``i_code_write`` writes ``i_code`` to ``i_code_addr`` of the table. All other
inputs are the registers of its layer.

Throughput: a neuron a cycle. Latency: two cycles.
"""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.network import CODE_BITS, CODES


class SpinNeuron(wiring.Component):
    """Neurons of a ``NetworkShape``, one a cycle."""

    def __init__(self, shape):
        self._shape = shape
        bits = shape.position_bits
        super().__init__(
            {
                "i_valid": In(1),
                "i_pos": In(signed(bits)),
                "i_timer": In(shape.timer_bits),
                "i_bias": In(signed(shape.bias_bits)),
                "i_random": In(CODE_BITS),
                "i_theta": In(bits - 1),
                "i_lo": In(signed(bits)),
                "i_hi": In(signed(bits)),
                "i_leak": In(bits - 1),
                "i_reset_ticks": In(shape.timer_bits),
                "i_to_zero": In(1),
                "i_junction": In(1),
                "i_shift": In(4),
                "i_code_write": In(1),
                "i_code_addr": In(ceil_log2(CODES)),
                "i_code": In(CODE_BITS + 1),
                "o_valid": Out(1),
                "o_pos": Out(signed(bits)),
                "o_timer": Out(shape.timer_bits),
                "o_fires": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        bits = shape.position_bits
        m.submodules.codes = codes = memory.Memory(shape=CODE_BITS + 1, depth=CODES, init=[])
        read, write = codes.read_port(), codes.write_port()
        m.d.comb += [
            write.addr.eq(self.i_code_addr),
            write.data.eq(self.i_code),
            write.en.eq(self.i_code_write),
        ]

        # First cycle: the current and the leak.
        pushed, leaked = Signal(signed(bits + 1)), Signal(signed(bits + 1))
        m.d.comb += pushed.eq(self.i_pos + self.i_bias)
        with m.If(pushed > self.i_leak):
            m.d.comb += leaked.eq(pushed - self.i_leak)
        with m.Elif(pushed < -self.i_leak):
            m.d.comb += leaked.eq(pushed + self.i_leak)
        v, pos, timer = Signal(signed(bits + 1)), Signal(signed(bits)), Signal(shape.timer_bits)
        valid, drawn = Signal(), Signal(CODE_BITS)
        m.d.sync += [
            valid.eq(self.i_valid),
            drawn.eq(self.i_random),
            v.eq(leaked),
            pos.eq(self.i_pos),
            timer.eq(self.i_timer),
        ]

        # Second: the ends of the track, and the code of the current.
        above, track = Signal(signed(bits + 1)), Signal(signed(bits))
        m.d.comb += above.eq(Mux(v < self.i_lo, self.i_lo, v))
        m.d.comb += track.eq(Mux(above > self.i_hi, self.i_hi, above))
        current, index = Signal(signed(bits + 1)), Signal(bits + 1)
        m.d.comb += current.eq(track - self.i_lo)
        with m.If(current >= 0):
            m.d.comb += index.eq(current.as_unsigned() >> self.i_shift)
        m.d.comb += read.addr.eq(Mux(index >= CODES, CODES - 1, index))
        held, random = Signal(signed(bits)), Signal(CODE_BITS)
        left, waits = Signal(shape.timer_bits), Signal()
        m.d.sync += [
            self.o_valid.eq(valid),
            waits.eq(timer != 0),
            left.eq(timer - 1),
            held.eq(Mux(timer != 0, pos, Mux(self.i_junction, 0, track))),
            random.eq(drawn),
        ]
        passed = Signal()
        m.d.sync += passed.eq(track >= self.i_theta)

        # Third: it fires, and the reset pulse.
        switched = (random + read.data)[CODE_BITS:].any()
        reset = Signal()
        after = Signal(shape.timer_bits)
        lost = Signal(signed(bits + 1))
        m.d.comb += [
            self.o_fires.eq(~waits & Mux(self.i_junction, switched, passed)),
            after.eq(Mux(waits, left, Mux(self.o_fires, self.i_reset_ticks, 0))),
            reset.eq((waits | self.o_fires) & (after == 0)),
            self.o_timer.eq(after),
            lost.eq(held - self.i_theta),
            self.o_pos.eq(held),
        ]
        with m.If(reset):
            m.d.comb += self.o_pos.eq(Mux(lost < shape.lowest, shape.lowest, lost))
            with m.If(self.i_junction | self.i_to_zero):
                m.d.comb += self.o_pos.eq(0)
        return m

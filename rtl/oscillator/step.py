"""What a time step makes of an oscillator's phase, given the sums of its couplings.

The equations are those of ``spec.phase``::

    u = c a - s b ;  d = (G u + r) >> SHIFT, less the second harmonic, plus the injected signal,
    noise, omega and D ;  theta = (theta + d) mod 2^P ;  it fires where theta + d reaches 2^P

Members: in a cycle with ``i_valid``, ``i_theta`` and ``i_omega`` are those of an oscillator,
``i_sine`` and ``i_cosine`` S(theta) and C(theta), ``i_harmonic`` S(2 theta), ``i_injected``
S(psi - theta), ``i_a`` and ``i_b`` its sums. ``LATENCY`` cycles later, with ``o_valid``,
``o_theta`` is its phase after the step and ``o_fires`` says whether it fires. ``i_random`` is a
random word, and ``o_draw`` takes it. All other inputs hold still for a whole time step, and for
four cycles before it; ``i_shil`` is H, ``i_gain`` G.

Throughput: an oscillator a cycle.
"""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.phase import GAIN_BITS, UNIT_SHIFT
from spinloom.emulator.spec.random import STATE_BITS

LATENCY = 8
SHIFT_BITS = 5


class PhaseStep(wiring.Component):
    """Oscillators of a ``PhaseShape``, one a cycle."""

    def __init__(self, shape):
        self._shape = shape
        entry, total = signed(shape.amplitude_bits + 1), signed(shape.sum_bits)
        super().__init__(
            {
                "i_valid": In(1),
                "i_theta": In(shape.phase_bits),
                "i_omega": In(signed(shape.phase_bits)),
                "i_sine": In(entry),
                "i_cosine": In(entry),
                "i_harmonic": In(entry),
                "i_injected": In(entry),
                "i_a": In(total),
                "i_b": In(total),
                "i_random": In(STATE_BITS),
                "i_gain": In(signed(GAIN_BITS)),
                "i_shift": In(SHIFT_BITS),
                "i_stochastic": In(1),
                "i_noise": In(4),
                "i_shil": In(16),
                "i_injection": In(16),
                "i_bias": In(signed(GAIN_BITS)),
                "i_slope": In(signed(16)),
                "i_curve": In(signed(16)),
                "o_draw": Out(1),
                "o_valid": Out(1),
                "o_theta": Out(shape.phase_bits),
                "o_fires": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()

        def stage(value, name):
            """The value a cycle later, as wide as it is."""
            held = Signal(value.shape(), name=name)
            m.d.sync += held.eq(value)
            return held

        valid = [self.i_valid]  # by cycle
        for n in range(1, LATENCY + 1):
            valid.append(stage(valid[-1], f"valid_{n}"))

        # D, which follows the registers four cycles behind.
        square = stage(self.i_bias * self.i_bias, "square")
        curved = stage(self.i_curve * square, "curved")
        sloped = stage(self.i_slope * self.i_bias, "sloped")
        detuning = stage((sloped >> 8) + (curved >> 20), "detuning")

        # The couplings: u, its gain, its rounding.
        sine, cosine = stage(self.i_sine, "sine"), stage(self.i_cosine, "cosine")
        a, b = stage(self.i_a, "a"), stage(self.i_b, "b")
        along, across = stage(cosine * a, "along"), stage(sine * b, "across")
        u = stage(along - across, "u")
        gained = stage(self.i_gain * u, "gained")
        one_bits = 1 << SHIFT_BITS
        unit = Signal(one_bits)
        m.d.sync += unit.eq(1 << self.i_shift)
        rounding = Signal(one_bits - 1)
        m.d.comb += rounding.eq(
            Mux(self.i_stochastic, self.i_random[: one_bits - 1] & (unit - 1), unit >> 1)
        )
        rounded = stage(gained + rounding, "rounded")
        coupled = stage(rounded >> self.i_shift, "coupled")

        # All else that moves it.
        harmonic = stage(self.i_harmonic, "harmonic")
        injected = stage(self.i_injected, "injected")
        omega = stage(self.i_omega, "omega")
        own = stage(omega + detuning, "own")
        second = stage(_product(harmonic, self.i_shil), "second")
        pulled = stage(_product(injected, self.i_injection), "pulled")
        moved = stage((pulled >> UNIT_SHIFT) - (second >> UNIT_SHIFT) + own, "moved_3")
        moved = stage(moved, "moved_4")
        noise, width = Signal(signed(17)), Signal(16)
        m.d.sync += width.eq(1 << self.i_noise)
        drawn = self.i_random[STATE_BITS // 2 :] & ((width << 1) - 1)
        with m.If(self.i_noise != 0):
            m.d.comb += noise.eq(drawn - width)
        m.d.comb += self.o_draw.eq(valid[4] & ((self.i_noise != 0) | self.i_stochastic))
        moved = stage(stage(moved + noise, "moved_5"), "moved_6")

        # Its new phase.
        theta = self.i_theta
        for n in range(1, LATENCY):
            theta = stage(theta, f"theta_{n}")
        delta = stage(coupled + moved, "delta")
        after = stage(theta + delta, "after")
        bits = len(self.i_theta)
        m.d.comb += [
            self.o_valid.eq(valid[LATENCY]),
            self.o_theta.eq(after),
            self.o_fires.eq((after >> bits) > 0),
        ]
        return m


def _product(entry, value):
    """An entry of the table, signed, times an unsigned value. Of adders: small chips have too few
    multipliers to give one to so few bits."""
    *bits, sign = entry
    total = -Mux(sign, value << len(bits), 0)
    for n, bit in enumerate(bits):
        total = total + Mux(bit, value << n, 0)
    return total.as_signed()[: len(entry) + len(value)].as_signed()

"""UART, 8 data bits, no parity, one stop bit.

The receiver samples each bit as the majority of three samples around its middle, and finds the
middle anew at every start bit, so it follows a sender whose clock is off by a few per cent.
"""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import cdc, stream, wiring
from amaranth.lib.wiring import In, Out

MIN_DIVISOR = 4


def divisor(clock_hz, baud):
    """Cycles a bit, or ``ValueError`` where the clock can't make the rate to within 2 %."""
    cycles = round(clock_hz / baud)
    if cycles < MIN_DIVISOR or abs(clock_hz / cycles / baud - 1) > 0.02:
        raise ValueError(
            f"baud = {baud} is out of reach of a {clock_hz / 1e6:g} MHz clock; "
            f"give its rate divided by a whole number, {MIN_DIVISOR} or more"
        )
    return cycles


def _check(divisor):
    if divisor < MIN_DIVISOR:
        raise ValueError(f"divisor = {divisor} is too small; give {MIN_DIVISOR} or more")


class UartRx(wiring.Component):
    """From the line to bytes.

    Parameters
    ----------
    divisor : int
        Clock cycles a bit.

    Members
    -------
    i : In(1)
        The line, asynchronous; idle is 1.
    o : Out(stream u8)
        Bytes received. It must be ready within ten bits, or the byte is lost.
    o_framing_error : Out(1)
        Strobe: a byte without a stop bit was dropped.
    """

    i: In(1, init=1)
    o: Out(stream.Signature(8))
    o_framing_error: Out(1)

    def __init__(self, divisor):
        _check(divisor)
        self.divisor = divisor
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        line = Signal(init=1)
        m.submodules.sync = cdc.FFSynchronizer(self.i, line, init=1)

        # The middle of a bit is the middle sample, so the vote falls one cycle after it.
        samples = Signal(3, init=0b111)
        m.d.sync += samples.eq(Cat(line, samples[:2]))
        vote = (samples[0] & samples[1]) | (samples[2] & (samples[0] | samples[1]))

        timer = Signal(range(self.divisor))
        bits = Signal(range(10))
        shift = Signal(8)

        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(timer != 0):
            m.d.sync += timer.eq(timer - 1)
        with m.FSM():
            with m.State("Idle"):
                with m.If(~samples[0]):
                    # Two cycles of the start bit have gone by when the timer begins to count.
                    m.d.sync += [timer.eq(self.divisor // 2), bits.eq(0)]
                    m.next = "Bits"
            with m.State("Bits"):
                with m.If(timer == 0):
                    m.d.sync += [
                        timer.eq(self.divisor - 1),
                        bits.eq(bits + 1),
                        shift.eq(Cat(shift[1:], vote)),
                    ]
                    with m.If((bits == 0) & vote):
                        m.next = "Idle"  # a glitch, not a start bit
                    with m.If(bits == 9):
                        m.d.sync += shift.eq(shift)
                        m.next = "Idle"
                        with m.If(vote):
                            m.d.sync += [self.o.payload.eq(shift), self.o.valid.eq(1)]
                        with m.Else():
                            m.d.comb += self.o_framing_error.eq(1)
                            m.next = "Break"
            with m.State("Break"):
                with m.If(samples[0]):
                    m.next = "Idle"

        return m


class UartTx(wiring.Component):
    """From bytes to the line.

    Parameters
    ----------
    divisor : int
        Clock cycles a bit.

    Members
    -------
    i : In(stream u8)
        Bytes to send.
    o : Out(1)
        The line; idle is 1.
    o_idle : Out(1)
        Nothing is being sent.
    """

    i: In(stream.Signature(8))
    o: Out(1, init=1)
    o_idle: Out(1)

    def __init__(self, divisor):
        _check(divisor)
        self.divisor = divisor
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        timer = Signal(range(self.divisor))
        shift = Signal(9, init=0x1FF)  # the bit on the line, then those to come
        left = Signal(range(11))

        m.d.comb += [
            self.o.eq(shift[0]),
            self.o_idle.eq(left == 0),
            self.i.ready.eq(left == 0),
        ]
        with m.If(left == 0):
            with m.If(self.i.valid):
                m.d.sync += [
                    shift.eq(Cat(0, self.i.payload)),
                    left.eq(10),
                    timer.eq(self.divisor - 1),
                ]
        with m.Elif(timer == 0):
            m.d.sync += [
                shift.eq(Cat(shift[1:], 1)),
                left.eq(left - 1),
                timer.eq(self.divisor - 1),
            ]
        with m.Else():
            m.d.sync += timer.eq(timer - 1)

        return m

"""The design of a board: the machine behind a UART on the board's pins.

The board's own clock is domain ``sync``, the engine's, where it has its own, ``fast``. LED 0 is lit
while the machine has work.
"""

from amaranth.hdl import ClockDomain, Elaboratable, Module
from amaranth.lib import io, wiring

from spinloom.boards.pll import Ecp5Pll
from spinloom.rtl.link.uart import UartRx, UartTx
from spinloom.rtl.top import Top


class UartTop(Elaboratable):
    """``Top`` of a shape on the pins of a ``Board``; has no ports, so it is not a component."""

    def __init__(self, board, shape):
        self._board, self.shape = board, shape

    def elaborate(self, platform):
        m = Module()
        board = self._board
        # A wide array has a clock of its own.
        fast = bool(board.engine_hz) and getattr(self.shape, "row_groups", 1) > 1
        m.submodules.top = top = Top(
            self.shape, memory=board.memory, compact=board.compact, banks=board.banks, fast=fast
        )
        if fast:
            m.domains.fast = ClockDomain()
            m.submodules.pll = Ecp5Pll(board.clock_hz, board.engine_hz)
        m.submodules.rx = rx = UartRx(board.divisor)
        m.submodules.tx = tx = UartTx(board.divisor)
        pins = platform.request("uart", 0, dir="-")
        m.submodules.rx_pin = rx_pin = io.Buffer("i", pins.rx)
        m.submodules.tx_pin = tx_pin = io.Buffer("o", pins.tx)
        m.submodules.led = led = io.Buffer("o", platform.request("led", 0, dir="-"))
        wiring.connect(m, rx=rx.o, top=top.rx)
        wiring.connect(m, top=top.tx, tx=tx.i)
        m.d.comb += [
            rx.i.eq(rx_pin.i),
            top.i_framing_error.eq(rx.o_framing_error),
            tx_pin.o.eq(tx.o),
            led.o.eq(~top.o_idle),
        ]
        return m

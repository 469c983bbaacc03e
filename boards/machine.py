"""A component with a byte link, wrapped for a simulation loop that evaluates once a cycle."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Machine(wiring.Component):
    """The ports of ``native/board.h`` around a component with ``rx``, ``tx`` and ``o_idle``.

    The outputs are registers that hold what the component showed at the last clock edge. So they
    belong to the inputs of that edge, whatever combinational paths lead from input to output.

    Parameters
    ----------
    top
        Component with ``rx: In(stream.Signature(8))``, ``tx: Out(stream.Signature(8))`` and
        ``o_idle: Out(1)``.
    """

    i_rx_valid: In(1)
    i_rx_data: In(8)
    i_tx_ready: In(1)
    o_rx_ready: Out(1)
    o_tx_valid: Out(1)
    o_tx_data: Out(8)
    o_idle: Out(1)

    def __init__(self, top: wiring.Component):
        super().__init__()
        self.top = top

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.top = top = self.top
        m.d.comb += [
            top.rx.valid.eq(self.i_rx_valid),
            top.rx.payload.eq(self.i_rx_data),
            top.tx.ready.eq(self.i_tx_ready),
        ]
        m.d.sync += [
            self.o_rx_ready.eq(top.rx.ready),
            self.o_tx_valid.eq(top.tx.valid),
            self.o_tx_data.eq(top.tx.payload),
            self.o_idle.eq(top.o_idle),
        ]
        return m

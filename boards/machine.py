"""A component with a byte link, wrapped for a simulation loop that evaluates once a cycle."""

from amaranth.hdl import ClockDomain, ClockSignal, Module
from amaranth.lib import fifo, wiring
from amaranth.lib.wiring import In, Out


class Machine(wiring.Component):
    """The ports of ``native/board.h`` around a component with ``rx``, ``tx`` and ``o_idle``.

    A two-byte queue each way cuts every combinational path between the ports and the component. So
    the outputs are functions of registers alone, valid before the inputs of a cycle are known, and
    a simulator has nothing to evaluate again when an input changes: twice as fast. For the same
    reason there is no reset input: a machine starts from its power-on state.

    Parameters
    ----------
    top
        Component with ``rx: In(stream.Signature(8))``, ``tx: Out(stream.Signature(8))`` and
        ``o_idle: Out(1)``.
    """

    i_clk: In(1)
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
        m.domains.sync = ClockDomain(reset_less=True)
        m.d.comb += ClockSignal("sync").eq(self.i_clk)
        m.submodules.top = top = self.top
        m.submodules.rx = rx = fifo.SyncFIFO(width=8, depth=2)
        m.submodules.tx = tx = fifo.SyncFIFO(width=8, depth=2)
        wiring.connect(m, queue=rx.r_stream, top=top.rx)
        wiring.connect(m, top=top.tx, queue=tx.w_stream)
        m.d.comb += [
            rx.w_data.eq(self.i_rx_data),
            rx.w_en.eq(self.i_rx_valid),
            self.o_rx_ready.eq(rx.w_rdy),
            self.o_tx_data.eq(tx.r_data),
            self.o_tx_valid.eq(tx.r_rdy),
            tx.r_en.eq(self.i_tx_ready),
            self.o_idle.eq(top.o_idle & ~rx.r_rdy & ~tx.r_rdy),
        ]
        return m

"""The shell around an engine: link, session and shell registers. Every engine has the same one."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from spinloom.emulator.spec import link
from spinloom.emulator.spec.registers import MAGIC, SHELL
from spinloom.rtl.bus import BusRequest, SpikeLayout
from spinloom.rtl.link.cobs import CobsDecoder, CobsEncoder
from spinloom.rtl.link.executor import Executor
from spinloom.rtl.link.receiver import Receiver
from spinloom.rtl.link.transmitter import Transmitter

CYCLE_BITS = 48  # 32 days at 100 MHz
COUNT_BITS = 8  # of the link's counters, which stay at their greatest value
ADDRESS = {reg.name: reg.addr for reg in SHELL}


class Shell(wiring.Component):
    """Everything of a machine but its engine and its line.

    Parameters
    ----------
    contract : int
        Identity, ``emulator.spec.identity.contract_hash`` of the engine's shape.
    depth : int
        Bytes of the receive queue, a power of two; one frame of the window takes 243.

    Members
    -------
    rx, tx : In(stream u8), Out(stream u8)
        Bytes of the line; ``rx`` is always ready.
    events, spikes, bus, response
        The engine's ports, see ``rtl.bus``.
    i_busy, i_bad_event : In(1)
        The engine's ``o_busy`` (from the cycle after it takes an item) and ``o_bad_event``.
    i_framing_error : In(1)
        Strobe: the UART received a byte without a stop bit.
    o_reset : Out(1)
        Strobe: put the engine into its start state.
    o_idle : Out(1)
        Nothing queued, in work or to send: only a new byte can change anything.

    Throughput: one byte a cycle in, one in five cycles out. Cost on iCE40, all ports in use: 992
    LUT, 396 FF, 5 block RAMs of 512 bytes at the default depth.
    """

    rx: In(stream.Signature(8))
    tx: Out(stream.Signature(8))
    events: Out(stream.Signature(16))
    spikes: In(stream.Signature(SpikeLayout))
    bus: Out(stream.Signature(BusRequest))
    response: In(stream.Signature(32))
    i_busy: In(1)
    i_bad_event: In(1)
    i_framing_error: In(1)
    o_reset: Out(1)
    o_idle: Out(1)

    def __init__(self, contract, depth=2048):
        if not 0 <= contract < 1 << 32:
            raise ValueError(f"Shell.contract = {contract:#x} is not a 32-bit number")
        self.contract = contract
        self.depth = depth
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.decoder = decoder = CobsDecoder()
        m.submodules.receiver = receiver = Receiver(self.depth)
        m.submodules.executor = executor = Executor()
        m.submodules.transmitter = transmitter = Transmitter()
        m.submodules.encoder = encoder = CobsEncoder()

        connect(m, a=flipped(self.rx), b=decoder.i)
        connect(m, a=decoder.o, b=receiver.i)
        connect(m, a=receiver.o, b=executor.i)
        connect(m, a=executor.reply, b=transmitter.reply)
        connect(m, a=transmitter.o, b=encoder.i)
        connect(m, a=encoder.o, b=flipped(self.tx))
        connect(m, a=executor.events, b=flipped(self.events))
        connect(m, a=executor.bus, b=flipped(self.bus))
        connect(m, a=flipped(self.response), b=executor.response)
        connect(m, a=flipped(self.spikes), b=transmitter.spikes)
        m.d.comb += [
            receiver.i_done.eq(executor.o_done),
            executor.i_busy.eq(self.i_busy),
            executor.i_spikes.eq(transmitter.o_spikes),
            transmitter.i_type.eq(executor.o_type),
            transmitter.i_seq.eq(executor.o_seq),
            transmitter.i_next.eq(receiver.o_next),
            transmitter.i_limit.eq(receiver.o_limit),
            transmitter.i_drops.eq(receiver.o_drops),
            transmitter.i_answer.eq(receiver.o_answer),
            transmitter.i_start.eq(executor.o_start),
            transmitter.i_sending.eq(encoder.o_sending),
            self.o_reset.eq(executor.o_reset),
            self.o_idle.eq(
                ~(
                    receiver.o_queued
                    | receiver.o_answer
                    | self.i_busy
                    | self.spikes.valid
                    | transmitter.o_pending
                    | encoder.o_sending
                )
            ),
        ]

        start = executor.o_start
        status = Signal(3)
        m.d.sync += status.eq(
            Mux(start, 0, status) | Cat(receiver.o_overflow, self.i_bad_event, self.i_framing_error)
        )
        cycles = Signal(48)
        counts = {
            "LINK_BAD_FRAMES": receiver.o_bad,
            "LINK_OUT_OF_ORDER": receiver.o_out_of_order,
            "LINK_OVERFLOW": receiver.o_overflow,
        }
        m.d.sync += cycles.eq(Mux(start, 0, cycles + self.i_busy))
        # A read waits for the engine to rest, so both halves read in one frame belong together.
        values = {
            "MAGIC": Const(MAGIC, 32),
            "CONTRACT": Const(self.contract, 32),
            "STATUS": status,
            "CYCLES_LO": cycles[:32],
            "CYCLES_HI": cycles[32:],
        }
        for name, strobe in counts.items():
            values[name] = count = Signal(COUNT_BITS, name=name.lower())
            with m.If(start):
                m.d.sync += count.eq(0)
            with m.Elif(strobe & ~count.all()):
                m.d.sync += count.eq(count + 1)

        room = link.VERSION | receiver.room << 16
        with m.Switch(executor.o_register[:3]):
            for name, value in values.items():
                with m.Case(ADDRESS[name]):
                    m.d.comb += executor.i_register.eq(value)
        with m.If(executor.o_hello & executor.o_register[1]):
            m.d.comb += executor.i_register.eq(room)

        return m

"""A memory that reads or writes one word a cycle, the one kind that every FPGA here has.

``technology`` "generic" is block RAM as the tools infer it; "spram" is the iCE40UP5K's 256-kbit
single-port RAM, which is never inferred because its content can't be initialised. Both behave alike
here: a read's word appears a cycle later and stays until the next access. Contents at power-on are
undefined as far as users of this component go.

Members: ``i_enable``, ``i_write``, ``i_addr``, ``i_data``, ``o_data``.
"""

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

SPRAM_WIDTH = 16
SPRAM_DEPTH = 16384


class SinglePortMemory(wiring.Component):
    """``depth`` words of ``width`` bits."""

    def __init__(self, *, width, depth, technology="generic"):
        if technology not in ("generic", "spram"):
            raise ValueError(f"unknown memory technology {technology!r}; use generic or spram")
        self._width, self._depth, self._technology = width, depth, technology
        super().__init__(
            {
                "i_enable": In(1),
                "i_write": In(1),
                "i_addr": In(ceil_log2(depth)),
                "i_data": In(width),
                "o_data": Out(width),
            }
        )

    def elaborate(self, platform):
        m = Module()
        if self._technology == "spram":
            self._spram(m)
            return m
        # Reads and writes never meet in a cycle, which the attribute tells the tools: they need
        # not build the logic that would decide such a race.
        m.submodules.ram = ram = memory.Memory(shape=self._width, depth=self._depth, init=[])
        read, write = ram.read_port(), ram.write_port()
        m.d.comb += [
            read.addr.eq(self.i_addr),
            read.en.eq(self.i_enable & ~self.i_write),
            write.addr.eq(self.i_addr),
            write.en.eq(self.i_enable & self.i_write),
            write.data.eq(self.i_data),
            self.o_data.eq(read.data),
        ]
        return m

    def _spram(self, m):
        banks = -(-self._depth // SPRAM_DEPTH)
        slices = -(-self._width // SPRAM_WIDTH)
        addr = Signal(max(len(self.i_addr), 14))
        data = Signal(slices * SPRAM_WIDTH)
        m.d.comb += [addr.eq(self.i_addr), data.eq(self.i_data)]
        outs = []
        for bank in range(banks):
            selected = self.i_enable & (addr[14:] == bank)
            words = [Signal(SPRAM_WIDTH, name=f"o{bank}_{s}") for s in range(slices)]
            for s, word in enumerate(words):
                m.submodules[f"spram{bank}_{s}"] = Instance(
                    "SB_SPRAM256KA",
                    i_CLOCK=ClockSignal("sync"),
                    i_ADDRESS=addr[:14],
                    i_DATAIN=data.word_select(s, SPRAM_WIDTH),
                    i_MASKWREN=Const(0b1111, 4),
                    i_WREN=self.i_write,
                    i_CHIPSELECT=selected,
                    i_STANDBY=Const(0),
                    i_SLEEP=Const(0),
                    i_POWEROFF=Const(1),  # active low
                    o_DATAOUT=word,
                )
            outs.append(Cat(words))
        last_bank = Signal(range(max(2, banks)))
        with m.If(self.i_enable & ~self.i_write):
            m.d.sync += last_bank.eq(addr[14:])
        with m.Switch(last_bank):
            for bank, out in enumerate(outs):
                with m.Case(bank):
                    m.d.comb += self.o_data.eq(out)

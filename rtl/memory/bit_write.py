"""A memory that reads a word of 16 bits and writes one bit, both in every cycle.

That is what a synapse array needs: an event reads a row, and a stochastic write sets single bits
without knowing their neighbours. Every FPGA here has a block RAM with two such ports, each named in
its own way, and none is inferred with its output register, which decides the speed of the design.

``technology``: "ecp5" is DP16KD (up to 1,024 words), "ice40" SB_RAM40_4K (256 words, the register
in logic cells), "gowin" DPB (1,024 words); "generic" behaves alike and is what simulators run. A
bit that is read in the cycle in which it is written is undefined; its neighbours are not.

Members: ``i_read``, ``i_read_addr``: the word is at ``o_data`` two cycles later. ``i_write``,
``i_write_addr``, ``i_bit``, ``i_value``. Contents at power-on are undefined.
"""

from amaranth.hdl import C, Cat, ClockSignal, Instance, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

WIDTH = 16
DEPTHS = {"generic": 1 << 16, "ecp5": 1024, "ice40": 256, "gowin": 1024}


class BitWriteMemory(wiring.Component):
    """``depth`` words of 16 bits."""

    def __init__(self, depth, *, technology="generic"):
        if technology not in DEPTHS:
            raise ValueError(
                f"unknown memory technology {technology!r}; use one of {', '.join(DEPTHS)}"
            )
        if depth > DEPTHS[technology]:
            raise ValueError(
                f"a {technology} block holds {DEPTHS[technology]} rows, not {depth}: "
                "give the shape more row groups"
            )
        self._depth, self._technology = depth, technology
        super().__init__(
            {
                "i_read": In(1),
                "i_read_addr": In(ceil_log2(depth)),
                "o_data": Out(WIDTH),
                "i_write": In(1),
                "i_write_addr": In(ceil_log2(depth)),
                "i_bit": In(ceil_log2(WIDTH)),
                "i_value": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        getattr(self, f"_{self._technology}")(m)
        return m

    def _generic(self, m):
        m.submodules.ram = ram = memory.Memory(shape=WIDTH, depth=self._depth, init=[])
        read, old, write = ram.read_port(), ram.read_port(domain="comb"), ram.write_port()
        mask = Signal(WIDTH)
        m.d.comb += [
            read.en.eq(self.i_read),
            read.addr.eq(self.i_read_addr),
            old.addr.eq(self.i_write_addr),
            write.addr.eq(self.i_write_addr),
            write.en.eq(self.i_write),
            mask.eq(1 << self.i_bit),
            write.data.eq(Mux(self.i_value, old.data | mask, old.data & ~mask)),
        ]
        m.d.sync += self.o_data.eq(read.data)

    def _ecp5(self, m):
        # In x18 words, bits 8 and 17 are the parity bits that a one-bit port does not see.
        outs = Signal(18)
        addresses = {
            "A": Cat(C(0, 4), self.i_read_addr, C(0, 10 - len(self.i_read_addr))),
            "B": Cat(self.i_bit, self.i_write_addr, C(0, 10 - len(self.i_write_addr))),
        }
        ports = {}
        for port, address in addresses.items():
            ports |= {f"i_AD{port}{n}": address[n] for n in range(14)}
            ports |= {f"i_DI{port}{n}": C(0) for n in range(18)}
            ports |= {f"i_CS{port}{n}": C(0) for n in range(3)}
            ports |= {
                f"i_CLK{port}": ClockSignal("sync"),
                f"i_OCE{port}": C(1),
                f"i_RST{port}": C(0),
                f"p_CSDECODE_{port}": "0b000",
                f"p_WRITEMODE_{port}": "NORMAL",
                f"p_REGMODE_{port}": "OUTREG",
            }
        ports |= {
            "p_DATA_WIDTH_A": 18,
            "p_DATA_WIDTH_B": 1,
            "p_RESETMODE": "SYNC",
            "p_GSR": "DISABLED",
            "i_CEA": self.i_read,
            "i_WEA": C(0),
            "i_CEB": self.i_write,
            "i_WEB": C(1),
            "i_DIB0": self.i_value,
        }
        m.submodules.ram = Instance("DP16KD", **ports, **{f"o_DOA{n}": outs[n] for n in range(18)})
        m.d.comb += self.o_data.eq(Cat(outs[:8], outs[9:17]))

    def _ice40(self, m):
        outs = Signal(WIDTH)
        pad = 11 - len(self.i_read_addr)
        m.submodules.ram = Instance(
            "SB_RAM40_4K",
            p_READ_MODE=0,
            p_WRITE_MODE=0,
            i_RCLK=ClockSignal("sync"),
            i_RCLKE=self.i_read,
            i_RE=C(1),
            i_RADDR=Cat(self.i_read_addr, C(0, pad)),
            o_RDATA=outs,
            i_WCLK=ClockSignal("sync"),
            i_WCLKE=self.i_write,
            i_WE=C(1),
            i_WADDR=Cat(self.i_write_addr, C(0, pad)),
            i_MASK=~(1 << self.i_bit)[:WIDTH],  # active low
            i_WDATA=self.i_value.replicate(WIDTH),
        )
        m.d.sync += self.o_data.eq(outs)

    def _gowin(self, m):
        pad = 10 - len(self.i_read_addr)
        m.submodules.ram = Instance(
            "DPB",
            p_READ_MODE0=C(1, 1),  # with the output register
            p_READ_MODE1=C(0, 1),
            p_WRITE_MODE0=C(0, 2),
            p_WRITE_MODE1=C(0, 2),
            p_BIT_WIDTH_0=16,
            p_BIT_WIDTH_1=1,
            p_BLK_SEL_0=C(0, 3),
            p_BLK_SEL_1=C(0, 3),
            p_RESET_MODE="SYNC",
            i_CLKA=ClockSignal("sync"),
            i_CEA=self.i_read,
            i_OCEA=C(1),
            i_WREA=C(0),
            i_RESETA=C(0),
            i_BLKSELA=C(0, 3),
            i_ADA=Cat(C(0, 4), self.i_read_addr, C(0, pad)),
            i_DIA=C(0, 16),
            o_DOA=self.o_data,
            i_CLKB=ClockSignal("sync"),
            i_CEB=self.i_write,
            i_OCEB=C(1),
            i_WREB=C(1),
            i_RESETB=C(0),
            i_BLKSELB=C(0, 3),
            i_ADB=Cat(self.i_bit, self.i_write_addr, C(0, pad)),
            i_DIB=Cat(self.i_value, C(0, 15)),
        )

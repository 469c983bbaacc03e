"""Register file from a register map: decoder and read-back, nothing else.

Writable registers are read back from a memory that is written with them, which on these FPGAs costs
far less than a multiplexer. Neither is touched by a reset: registers describe the device, and a
reset is about its state.

Members, by lower-case register name: ``o_NAME`` the value of a writable register; ``i_NAME`` what a
read-only one shows; ``o_NAME`` and the strobe ``o_NAME_write`` of a write-only one. ``i_addr``,
``i_write``, ``i_data`` write; ``o_data`` is the register that ``i_addr`` named a cycle ago.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.registers import SHELL_END

ADDR_BITS = 8


class RegisterFile(wiring.Component):
    """Registers of an engine: those of ``register_map`` behind the shell's."""

    def __init__(self, register_map):
        self._regs = [r for r in register_map.regs if r.addr >= SHELL_END]
        ports = {
            "i_addr": In(ADDR_BITS),
            "i_write": In(1),
            "i_data": In(32),
            "o_data": Out(32),
        }
        for reg in self._regs:
            name = reg.name.lower()
            ports[f"i_{name}" if reg.access == "ro" else f"o_{name}"] = (
                In(reg.width) if reg.access == "ro" else Out(reg.width)
            )
            if reg.access == "wo":
                ports[f"o_{name}_write"] = Out(1)
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        writable = [r for r in self._regs if r.access == "rw"]
        depth = 1 << ceil_log2(self._regs[-1].addr + 1)
        resets = {r.addr: r.reset for r in writable}
        m.submodules.copy = copy = memory.Memory(
            shape=32, depth=depth, init=[resets.get(a, 0) for a in range(depth)]
        )
        write, read = copy.write_port(), copy.read_port()
        m.d.comb += [
            write.addr.eq(self.i_addr),
            write.data.eq(self.i_data),
            read.addr.eq(self.i_addr),
        ]
        live = Signal(32)
        is_live = Signal()
        m.d.comb += self.o_data.eq(Mux(is_live, live, read.data))
        m.d.sync += [is_live.eq(0), live.eq(0)]
        for reg in self._regs:
            name = reg.name.lower()
            here = Signal(name=f"at_{name}")
            m.d.comb += here.eq(self.i_addr == reg.addr)
            if reg.access == "ro":
                with m.If(here):
                    m.d.sync += [live.eq(getattr(self, f"i_{name}")), is_live.eq(1)]
            elif reg.access == "wo":
                m.d.comb += getattr(self, f"o_{name}").eq(self.i_data)
                m.d.comb += getattr(self, f"o_{name}_write").eq(self.i_write & here)
            else:
                value = Signal(reg.width, init=reg.reset, reset_less=True, name=name)
                m.d.comb += getattr(self, f"o_{name}").eq(value)
                with m.If(self.i_write & here):
                    m.d.comb += write.en.eq(1)
                    m.d.sync += value.eq(self.i_data)
        return m

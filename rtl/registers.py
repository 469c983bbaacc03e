"""Register file from a register map: decoder and read multiplexer, nothing else.

Members, by lower-case register name: ``o_NAME`` the value of a writable register; ``i_NAME`` what a
read-only one shows; ``o_NAME`` and the strobe ``o_NAME_write`` of a write-only one. ``i_addr``,
``i_write``, ``i_data`` write; ``o_data`` is the register at ``i_addr``, combinationally.
"""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

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
            if reg.access == "ro":
                ports[f"i_{name}"] = In(reg.width)
            else:
                ports[f"o_{name}"] = Out(reg.width, init=reg.reset)
            if reg.access == "wo":
                ports[f"o_{name}_write"] = Out(1)
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        with m.Switch(self.i_addr):
            for reg in self._regs:
                name = reg.name.lower()
                with m.Case(reg.addr):
                    if reg.access == "ro":
                        m.d.comb += self.o_data.eq(getattr(self, f"i_{name}"))
                        continue
                    out = getattr(self, f"o_{name}")
                    if reg.access == "wo":
                        m.d.comb += out.eq(self.i_data)
                        m.d.comb += getattr(self, f"o_{name}_write").eq(self.i_write)
                        continue
                    m.d.comb += self.o_data.eq(out)
                    with m.If(self.i_write):
                        m.d.sync += out.eq(self.i_data)
        return m

"""The register file against the register table of the contract."""

import numpy as np
from amaranth.hdl import ResetInserter, Signal
from amaranth.sim import Simulator

from spinloom.emulator.spec.learning import REGISTERS
from spinloom.emulator.spec.registers import SHELL_END
from spinloom.rtl.registers import ADDR_BITS, RegisterFile

ENGINE = [reg for reg in REGISTERS.regs if reg.addr >= SHELL_END]


def simulate(bench):
    """Run a testbench on a register file, given (ctx, dut, reset)."""
    dut, reset = RegisterFile(REGISTERS), Signal()
    simulator = Simulator(ResetInserter(reset)(dut))
    simulator.add_clock(1e-6)

    async def run(ctx):
        await bench(ctx, dut, reset)

    simulator.add_testbench(run)
    simulator.run()


def port(dut, reg, direction="o"):
    return getattr(dut, f"{direction}_{reg.name.lower()}")


async def write(ctx, dut, addr, value):
    """Write; the strobes that were seen, by register name."""
    ctx.set(dut.i_addr, addr)
    ctx.set(dut.i_data, value)
    ctx.set(dut.i_write, 1)
    strobes = {
        reg.name: ctx.get(port(dut, reg))
        for reg in ENGINE
        if reg.access == "wo" and ctx.get(getattr(dut, f"o_{reg.name.lower()}_write"))
    }
    await ctx.tick()
    ctx.set(dut.i_write, 0)
    return strobes


async def read(ctx, dut, addr):
    ctx.set(dut.i_addr, addr)
    await ctx.tick()
    return ctx.get(dut.o_data)


def test_values_at_power_on():
    async def bench(ctx, dut, reset):
        for reg in ENGINE:
            if reg.access == "rw":
                assert ctx.get(port(dut, reg)) == reg.reset
            assert await read(ctx, dut, reg.addr) == (reg.reset if reg.access == "rw" else 0)

    simulate(bench)


def test_random_writes_and_reads():
    """Every address, named or not, within each register's width; a reset changes nothing."""
    print("seed 1")
    rng = np.random.default_rng(1)
    by_addr = {reg.addr: reg for reg in ENGINE}
    values = {reg.addr: reg.reset if reg.access == "rw" else 0 for reg in ENGINE}

    async def bench(ctx, dut, reset):
        for _ in range(1500):
            any_addr = int(rng.integers(SHELL_END, 1 << ADDR_BITS))
            addr = int(rng.choice([*by_addr, any_addr]))
            reg = by_addr.get(addr)
            if rng.random() < 0.05:
                ctx.set(reset, 1)
                await ctx.tick()
                ctx.set(reset, 0)
            if rng.random() < 0.2:
                shown = by_addr[int(rng.choice([r.addr for r in ENGINE if r.access == "ro"]))]
                values[shown.addr] = int(rng.integers(1 << shown.width))
                ctx.set(port(dut, shown, "i"), values[shown.addr])
            if rng.random() < 0.5:
                width = 32 if reg is None else reg.width
                value = int(rng.integers(1 << width))
                strobes = await write(ctx, dut, addr, value)
                is_command = reg is not None and reg.access == "wo"
                assert strobes == ({reg.name: value} if is_command else {})
                if reg is not None and reg.access == "rw":
                    values[addr] = value
            elif reg is not None:
                assert await read(ctx, dut, addr) == values[addr]
            for other in ENGINE:
                if other.access == "rw":
                    assert ctx.get(port(dut, other)) == values[other.addr]

    simulate(bench)

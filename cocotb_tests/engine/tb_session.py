"""Drives an engine through the sessions of a module and records what it does; the module's test
judges."""

from importlib import import_module

import cocotb

from cocotb_tests.engine.tb_learning import run

session = import_module(f"cocotb_tests.engine.{cocotb.plusargs['session']}")
shape = session.SHAPES[cocotb.plusargs["shape"]]


@cocotb.test()
@cocotb.parametrize(seed=range(int(cocotb.plusargs["sessions"])))
async def random_sessions(dut, seed):
    await run(dut, f"random-{seed}", session.random_session(seed, shape), seed)


@cocotb.test()
async def steady(dut):
    await run(dut, "steady", session.steady_session(shape), 0)

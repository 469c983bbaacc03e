"""Drives the sparse engine through sessions and records what it does; ``test_sparse`` judges."""

import cocotb

from cocotb_tests.engine.sparse_session import SHAPES, random_session, steady_session
from cocotb_tests.engine.tb_learning import run


def shape():
    return SHAPES[cocotb.plusargs["shape"]]


@cocotb.test()
@cocotb.parametrize(seed=range(int(cocotb.plusargs["sessions"])))
async def random_sessions(dut, seed):
    await run(dut, f"random-{seed}", random_session(seed, shape()), seed)


@cocotb.test()
async def steady(dut):
    await run(dut, "steady", steady_session(shape()), 0)

"""The memory against a dictionary: as block RAM, and as the iCE40UP5K's RAM with a model of it."""

import random

import pytest
from amaranth.hdl import Const, Fragment, Instance, Module, Signal
from amaranth.lib import memory

from cocotb_tests.link.streams import simulate
from spinloom.rtl.memory import single_port
from spinloom.rtl.memory.single_port import SPRAM_DEPTH, SinglePortMemory


def spram(kind, **ports):
    """SB_SPRAM256KA as its data sheet tells it, for the simulator: 16384 × 16 bits; the output
    stays while the chip is not selected or writes."""
    assert kind == "SB_SPRAM256KA"
    m = Module()
    m.submodules.ram = ram = memory.Memory(shape=16, depth=SPRAM_DEPTH, init=[])
    read, write = ram.read_port(), ram.write_port(granularity=4)
    writes = ports["i_CHIPSELECT"] & ports["i_WREN"]
    m.d.comb += [
        read.addr.eq(ports["i_ADDRESS"]),
        read.en.eq(ports["i_CHIPSELECT"] & ~ports["i_WREN"]),
        write.addr.eq(ports["i_ADDRESS"]),
        write.data.eq(ports["i_DATAIN"]),
        write.en.eq(writes.replicate(4) & ports["i_MASKWREN"]),
        ports["o_DATAOUT"].eq(read.data),
    ]
    return m


def check(dut, width, addresses, accesses):
    print("seed 1")
    rng = random.Random(1)
    written = {}
    reads = 0

    async def access(ctx, *, write, addr):
        word = rng.getrandbits(width)
        ctx.set(dut.i_enable, 1)
        ctx.set(dut.i_write, write)
        ctx.set(dut.i_addr, addr)
        ctx.set(dut.i_data, word)
        await ctx.tick()
        ctx.set(dut.i_enable, 0)
        # Without an access nothing on the other ports matters.
        ctx.set(dut.i_write, rng.random() < 0.5)
        ctx.set(dut.i_addr, rng.choice(addresses))
        ctx.set(dut.i_data, rng.getrandbits(width))
        if write:
            written[addr] = word

    async def bench(ctx):
        nonlocal reads
        for addr in addresses:
            await access(ctx, write=1, addr=addr)
        for _ in range(accesses):
            addr = rng.choice(addresses)
            write = rng.random() < 0.5
            await access(ctx, write=write, addr=addr)
            for _ in range(rng.choice([0, 0, 1, 3])):
                _, _, word = await ctx.tick().sample(dut.o_data)
                assert write or word == written[addr]
                reads += not write

    simulate(dut, [bench], cycles=20_000)
    assert reads > accesses // 4


@pytest.mark.parametrize(("width", "depth"), [(32, 64), (7, 3), (71, 5), (1, 2)])
def test_generic(width, depth):
    check(SinglePortMemory(width=width, depth=depth), width, range(depth), 500)


@pytest.mark.parametrize(
    ("width", "depth"), [(16, 1024), (32, SPRAM_DEPTH), (40, 300), (16, 2 * SPRAM_DEPTH)]
)
def test_spram(monkeypatch, width, depth):
    """One bank or two, words of one to three slices; addresses on both sides of the banks' border
    and such as differ in the bank alone."""
    monkeypatch.setattr(single_port, "Instance", spram)
    addresses = [0, 1, 77, depth - 1]
    if depth > SPRAM_DEPTH:
        addresses += [SPRAM_DEPTH - 1, SPRAM_DEPTH, SPRAM_DEPTH + 1, SPRAM_DEPTH + 77]
    dut = SinglePortMemory(width=width, depth=depth, technology="spram")
    check(dut, width, addresses, 300)


@pytest.mark.parametrize(
    ("width", "depth", "count"), [(32, 8192, 2), (12, 100, 1), (16, 2 * SPRAM_DEPTH, 2)]
)
def test_spram_ports(width, depth, count):
    """Every port of the primitive is there with its width, and no other."""
    dut = SinglePortMemory(width=width, depth=depth, technology="spram")
    found = [f for f, *_ in Fragment.get(dut, None).subfragments if isinstance(f, Instance)]
    assert len(found) == count
    for instance in found:
        assert instance.type == "SB_SPRAM256KA"
        widths = {name: (len(value), way) for name, (value, way) in instance.ports.items()}
        assert widths == {
            "CLOCK": (1, "i"),
            "ADDRESS": (14, "i"),
            "DATAIN": (16, "i"),
            "MASKWREN": (4, "i"),
            "WREN": (1, "i"),
            "CHIPSELECT": (1, "i"),
            "STANDBY": (1, "i"),
            "SLEEP": (1, "i"),
            "POWEROFF": (1, "i"),
            "DATAOUT": (16, "o"),
        }
        ports = [(name, value) for name, (value, _) in instance.ports.items()]
        constant = {name: value.value for name, value in ports if isinstance(value, Const)}
        assert constant == {"MASKWREN": 15, "STANDBY": 0, "SLEEP": 0, "POWEROFF": 1}
        assert isinstance(instance.ports["DATAOUT"][0], Signal)

"""The time step of a neuron against its golden twin: walls and junctions, a neuron a cycle."""

from collections import Counter

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from cocotb_tests.network import SHAPES, random_registers
from spinloom.emulator.neuron.spin import SpinNeuron as Golden
from spinloom.emulator.spec.network import CODE_ONE, CODES, MODE_JUNCTION, MODE_TO_ZERO
from spinloom.rtl.neuron.spin import SpinNeuron

LATENCY = 2
NEURONS = 40  # with the same registers


def signed(value, bits):
    return (value ^ 1 << bits - 1) - (1 << bits - 1)


@pytest.mark.parametrize("name", SHAPES)
def test_against_golden(name):
    print("seed 1")
    rng = np.random.default_rng(1)
    shape = SHAPES[name]
    dut = SpinNeuron(shape)
    codes = rng.integers(0, CODE_ONE + 1, CODES)
    codes[:3] = 0, CODE_ONE, 1
    census = Counter()

    def layer(values):
        """A layer's registers, to the circuit's ports and to the golden twin."""
        bits, mode = shape.position_bits, values["L0_MODE"]
        fields = {
            "theta": values["L0_THETA"],
            "lo": signed(values["L0_LO"], bits),
            "hi": signed(values["L0_HI"], bits),
            "leak": values["L0_LEAK"],
            "reset_ticks": values["L0_RESET_TICKS"],
            "to_zero": bool(mode & MODE_TO_ZERO),
            "junction": bool(mode & MODE_JUNCTION),
            "shift": values["L0_SHIFT"],
        }
        return fields, Golden(lowest=shape.lowest, **fields)

    async def bench(ctx):
        ctx.set(dut.i_code_write, 1)
        for addr, code in enumerate(codes.tolist()):
            ctx.set(dut.i_code_addr, addr)
            ctx.set(dut.i_code, code)
            await ctx.tick()
        ctx.set(dut.i_code_write, 0)
        for _ in range(60):
            fields, golden = layer(random_registers(rng, shape))
            for port, value in fields.items():
                ctx.set(getattr(dut, f"i_{port}"), value)
            top = int(rng.choice([3, 20, shape.highest]))
            pos = rng.integers(-top - 1, top + 1, NEURONS)
            timer = rng.choice([0, 0, 1, 2, 3], NEURONS)
            bias = rng.integers(-1 << shape.bias_bits - 1, 1 << shape.bias_bits - 1, NEURONS)
            bias[rng.random(NEURONS) < 0.5] = 0
            r = rng.integers(0, CODE_ONE, NEURONS)
            wants = zip(*golden.tick(pos, timer, bias, r, codes), strict=True)
            given = list(zip(pos.tolist(), timer.tolist(), bias.tolist(), r.tolist(), strict=True))
            got = []
            while len(got) < NEURONS:
                goes = bool(given) and rng.random() < 0.8
                one = given.pop(0) if goes else (1, 0, 1, 1)
                ctx.set(dut.i_valid, goes)
                for port, value in zip(("pos", "timer", "bias", "random"), one, strict=True):
                    ctx.set(getattr(dut, f"i_{port}"), value)
                ports = (dut.o_valid, dut.o_pos, dut.o_timer, dut.o_fires)
                _, _, valid, *out = await ctx.tick().sample(*ports)
                if valid:
                    got.append(tuple(out))
            assert got == [tuple(int(v) for v in want) for want in wants]
            kind = "junction" if fields["junction"] else "wall"
            census[f"{kind} fires"] += sum(fires for *_, fires in got)
            census[f"{kind} rests"] += sum(not fires for *_, fires in got)
            census["resets"] += sum(t == 1 for t in timer)

    simulate(dut, [bench], cycles=20_000)
    print(census)
    assert len(census) == 5 and min(census.values()) > 50


def test_a_neuron_takes_two_cycles():
    shape = SHAPES["dense-dense"]
    dut = SpinNeuron(shape)

    async def bench(ctx):
        ctx.set(dut.i_valid, 1)
        await ctx.tick()
        ctx.set(dut.i_valid, 0)
        for cycle in range(1, 5):
            assert ctx.get(dut.o_valid) == (cycle == LATENCY)
            await ctx.tick()

    simulate(dut, [bench], cycles=20)

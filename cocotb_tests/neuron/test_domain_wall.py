"""The bank of walls against its golden twin, command by command, and its proofs."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from cocotb_tests.formal import ProofError, check, prove
from cocotb_tests.neuron.spec_domain_wall import PROVED, REFUTED
from spinloom.emulator.neuron.domain_wall import DomainWallNeuron as Golden
from spinloom.rtl.neuron.domain_wall import LEAK_LANES, DomainWallNeuron

COMMANDS = ("event", "events", "tick", "spike", "set", "release_all", "clear")
ODDS = (0.3, 0.1, 0.3, 0.15, 0.1, 0.02, 0.03)


class Bench:
    """One bank and its twin, given the same commands."""

    def __init__(self, ctx, dut, golden, rng, parts):
        self.ctx, self.dut, self.golden, self.rng = ctx, dut, golden, rng
        self.parts = parts
        self.neurons, self.theta_max = len(golden.pos), golden.theta_max

    async def cycle(self, **inputs):
        """One cycle with these inputs, the strobes among them back to 0 behind it."""
        for name, value in inputs.items():
            self.ctx.set(getattr(self.dut, f"i_{name}"), value)
        await self.ctx.tick()
        for name, value in inputs.items():
            if value is True:
                self.ctx.set(getattr(self.dut, f"i_{name}"), 0)

    async def event(self, count=1):
        """Events in ``count`` cycles, one behind the other."""
        golden, step = self.golden, int(self.rng.integers(0, self.theta_max + 1))
        for _ in range(count):
            rows = self.rng.random((self.parts, self.neurons)) < 0.6
            integrates = golden.eligible() & ~golden.arrived()
            golden.pos += step * rows.sum(axis=0) * integrates
            for part, row in enumerate(rows):
                bits = sum(int(bit) << j for j, bit in enumerate(row))
                await self.cycle(event=True, row=bits, step=step, later=int(part > 0))

    async def events(self):
        await self.event(int(self.rng.integers(2, 8)))

    async def tick(self):
        """Releases fall into the leak, or behind it."""
        golden, leak = self.golden, int(self.rng.choice([0, 1, self.theta_max // 8]))
        released = np.flatnonzero(golden.ref == 1)
        golden.pass_time(1)
        golden.relax(leak)
        await self.cycle(tick=True, leak=leak)
        early = self.rng.random() < 0.5
        cycles = 0
        for j in released if early else ():
            cycles += bool(self.ctx.get(self.dut.o_leaking))
            await self.cycle(release=True, select=int(j))
        while self.ctx.get(self.dut.o_leaking):
            cycles += 1
            await self.cycle()
        assert cycles == (-(-self.neurons // LEAK_LANES) + 1 if leak else 0)
        for j in () if early else released:
            await self.cycle(release=True, select=int(j))

    async def spike(self):
        """As an engine does it: look, fire, set."""
        golden = self.golden
        winner = int(self.rng.choice(np.flatnonzero(golden.ref == 0)))
        t_ref, t_inh = (int(self.rng.choice([0, 1, 3])) for _ in range(2))
        golden.spike(winner, t_ref, t_inh, int(self.rng.integers(0, 20)))
        await self.cycle(spike=True, select=winner, block=int(t_ref > 0), t_inh=t_inh)
        await self.cycle(set=True, position=0, theta=int(golden.theta[winner]))

    async def set(self):
        """Any neuron to any position and threshold."""
        j = int(self.rng.integers(self.neurons))
        position = int(self.rng.integers(0, 1 << len(self.dut.o_position)))
        theta = int(self.rng.integers(0, self.theta_max + 1))
        self.golden.pos[j], self.golden.theta[j] = position, theta
        await self.cycle(select=j)
        await self.cycle(set=True, position=position, theta=theta)

    async def release_all(self):
        self.golden.ref[:] = 0
        await self.cycle(release_all=True)

    async def clear(self):
        """Walls are the engine's to reset, one by one."""
        walls = self.golden.pos.copy()
        self.golden.clear()
        self.golden.pos[:] = walls
        await self.cycle(clear=True)

    async def compare(self):
        """Everything that can be seen, neuron by neuron."""
        golden, eligible = self.golden, self.golden.eligible()
        await self.cycle()
        for j in range(self.neurons):
            await self.cycle(select=j)
            seen = [self.ctx.get(getattr(self.dut, f"o_{n}")) for n in ("position", "theta")]
            assert seen == [golden.pos[j], golden.theta[j]]
            assert self.ctx.get(self.dut.o_margin) == golden.pos[j] - golden.theta[j]
            assert self.ctx.get(self.dut.o_eligible) == eligible[j]
        fires = bool((eligible & golden.arrived()).any())
        assert self.ctx.get(self.dut.o_fire) == fires
        return fires


@pytest.mark.parametrize(
    ("neurons", "threshold_bits", "parts"), [(2, 4, 1), (5, 6, 1), (12, 12, 1), (5, 6, 4)]
)
def test_the_same_walls_as_the_golden_twin(neurons, threshold_bits, parts):
    print("seed 1")
    rng = np.random.default_rng(1)
    position_bits = threshold_bits + parts.bit_length()
    dut = DomainWallNeuron(neurons, threshold_bits, position_bits=position_bits, parts=parts > 1)
    golden = Golden(neurons, (1 << threshold_bits) - 1)
    seen = {"fires": 0, "blocked": 0, "spikes": 0}

    async def bench(ctx):
        bench = Bench(ctx, dut, golden, rng, parts)
        for _ in range(12000 // neurons):
            command = str(rng.choice(COMMANDS, p=ODDS))
            if command == "spike" and not (golden.ref == 0).any():
                continue
            await getattr(bench, command)()
            seen["fires"] += await bench.compare()
            seen["blocked"] += not golden.eligible().all()
            seen["spikes"] += command == "spike"

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert min(seen.values()) > 20, seen


@pytest.mark.parametrize("name", PROVED)
def test_no_wall_ever_leaves_its_register(name):
    prove(PROVED[name]())


@pytest.mark.parametrize("name", REFUTED)
def test_a_broken_twin_is_found_out(name):
    """Within the first cycles after a reset, so the assumptions do allow something."""
    with pytest.raises(ProofError, match="not proved"):
        check(REFUTED[name](), steps=12)

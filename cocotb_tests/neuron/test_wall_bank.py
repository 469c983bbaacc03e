"""The bank of walls that counts ahead, against the golden neurons, command by command."""

import numpy as np
import pytest

from cocotb_tests.link.streams import simulate
from spinloom.emulator.neuron.domain_wall import DomainWallNeuron as Golden
from spinloom.emulator.neuron.winner import WinnerTakeAll
from spinloom.emulator.spec.learning import LearningShape
from spinloom.rtl.neuron.wall_bank import LEAK_LANES, SELECT_LATENCY, WallBank

CAPACITY = 3  # groups from their end to their commit
COUNTING = 4  # cycles from rows to a sum that no longer moves


class Bench:
    """One bank and its twin, given the same commands."""

    def __init__(self, shape, rng):
        self.shape, self.rng, self.dut = shape, rng, WallBank(shape)
        self.golden = Golden(shape.neurons, shape.theta_max)
        self.waiting = []  # P junctions of each neuron in the groups that have ended
        self.open = np.zeros(shape.neurons, int)  # and in the one that has not
        self.events = 0  # of the open group
        self.seen = dict.fromkeys(("fired", "silent", "ahead", "hard", "released", "dropped"), 0)

    async def cycle(self, **inputs):
        """One cycle with these inputs, the strobes among them back to 0 behind it."""
        for name, value in inputs.items():
            self.ctx.set(getattr(self.dut, f"i_{name}"), value)
        await self.ctx.tick()
        for name, value in inputs.items():
            if value is True:
                self.ctx.set(getattr(self.dut, f"i_{name}"), 0)

    async def rows(self):
        """Rows of one cycle; now and then they end the group."""
        shape, rng = self.shape, self.rng
        if len(self.waiting) == CAPACITY:
            await self.judge()
        for r in range(shape.row_groups):
            row = np.zeros(shape.neurons, int)
            if self.events < shape.group and rng.random() < 0.7:
                row[:] = rng.random(shape.neurons) < rng.choice([0.2, 0.9])
                self.events += 1
            self.open += row
            self.ctx.set(self.dut.i_rows[r], sum(int(bit) << j for j, bit in enumerate(row)))
        last = self.events == shape.group or rng.random() < 0.3
        await self.cycle(valid=True, last=last)
        self.ctx.set(self.dut.i_last, 0)
        for r in range(shape.row_groups):  # an array shows zeros where nothing was read
            self.ctx.set(self.dut.i_rows[r], 0)
        if last:
            self.waiting.append(self.open.copy())
            self.open[:] = self.events = 0
            self.seen["ahead"] += len(self.waiting) > 1

    async def judge(self):
        """Commit the oldest group; a spike if somebody fires."""
        ctx, dut, golden, rng = self.ctx, self.dut, self.golden, self.rng
        if not self.waiting:
            return
        for _ in range(2 * COUNTING):
            if ctx.get(dut.o_full):
                break
            await self.cycle()
        assert ctx.get(dut.o_full)
        step = int(rng.integers(0, 1 << self.shape.step_bits))
        golden.pos += step * self.waiting.pop(0) * (golden.eligible() & ~golden.arrived())
        winner = WinnerTakeAll.winner(golden.pos - golden.theta, golden.eligible())
        await self.cycle(commit=True, step=step)
        cycles = 0
        while not ctx.get(dut.o_taken):
            assert not ctx.get(dut.o_judged)
            await self.cycle()
            cycles += 1
        assert cycles == max(0, step.bit_length() - 1)
        while not ctx.get(dut.o_judged):
            await self.cycle()
        assert ctx.get(dut.o_fire) == (winner is not None)
        self.seen["silent" if winner is None else "fired"] += 1
        while not ctx.get(dut.o_won):
            await self.cycle()
        if winner is None:
            return
        await self.cycle()
        assert ctx.get(dut.o_winner) == winner
        t_ref, t_inh = (int(rng.choice([0, 1, 3])) for _ in range(2))
        hard = rng.random() < 0.2
        golden.spike(winner, t_ref, t_inh, 0)
        if hard:
            self.seen["hard"] += int(golden.pos.any())
            golden.pos[:] = 0
        await self.cycle(spike=True, hard=int(hard), block=int(t_ref > 0), t_inh=t_inh)
        await self.cycle()  # as an engine settles

    async def tick(self):
        golden = self.golden
        leak = int(self.rng.choice([0, 1, self.shape.theta_max // 8]))
        released = np.flatnonzero(golden.ref == 1)
        golden.pass_time(1)
        golden.relax(leak)
        await self.cycle(tick=True, leak=leak)
        cycles = 0
        for j in released:
            cycles += self.ctx.get(self.dut.o_leaking)
            await self.cycle(release=True, released=int(j))
        while self.ctx.get(self.dut.o_leaking):
            cycles += 1
            await self.cycle()
        groups = -(-self.shape.neurons // LEAK_LANES)
        assert cycles == (groups + 1 if leak else 0)
        self.seen["released"] += len(released)
        await self.cycle()

    async def set(self):
        """The wall and the threshold of one neuron, each or both."""
        shape, rng = self.shape, self.rng
        j = int(rng.integers(shape.neurons))
        inputs = {"index": j}
        if rng.random() < 0.7:
            position = int(rng.integers(shape.theta_max))
            self.golden.pos[j] = position
            inputs |= {"set_position": True, "position": position}
        if rng.random() < 0.7:
            theta = int(rng.integers(shape.theta_max + 1))
            self.golden.theta[j] = theta
            inputs |= {"set_theta": True, "theta": theta}
        await self.cycle(**inputs)
        await self.cycle()

    async def release_all(self):
        self.golden.ref[:] = 0
        await self.cycle(release_all=True)
        await self.cycle()

    async def clear(self):
        """A reset, which drops the open group."""
        while self.waiting:
            await self.judge()
        for _ in range(COUNTING):
            await self.cycle()
        self.seen["dropped"] += bool(self.open.any())
        self.open[:] = self.events = 0
        self.golden.clear()
        await self.cycle(clear=True)
        await self.cycle()

    async def compare(self):
        for j in range(self.shape.neurons):
            await self.cycle(index=j)
            for _ in range(SELECT_LATENCY - 1):
                await self.cycle()
            assert self.ctx.get(self.dut.o_position) == self.golden.pos[j], f"wall {j}"
            assert self.ctx.get(self.dut.o_theta) == self.golden.theta[j], f"threshold {j}"

    async def run(self, ctx):
        self.ctx = ctx
        for j in range(self.shape.neurons):
            self.golden.theta[j] = theta = int(self.rng.integers(self.shape.theta_max + 1))
            await self.cycle(set_theta=True, theta=theta, index=j)
        await self.clear()
        commands = (self.rows, self.judge, self.tick, self.set, self.release_all, self.clear)
        for n in range(500):
            await self.rng.choice(commands, p=(0.5, 0.15, 0.25, 0.07, 0.01, 0.02))()
            if n % 5 == 0:
                await self.compare()
        while self.waiting:
            await self.judge()
        await self.compare()


@pytest.mark.parametrize(
    ("neurons", "row_groups", "group", "threshold_bits", "step_bits"),
    [(2, 8, 1, 5, 5), (5, 8, 2, 6, 3), (12, 4, 8, 8, 5), (20, 2, 5, 7, 1), (33, 8, 64, 8, 3)],
)
def test_against_golden(neurons, row_groups, group, threshold_bits, step_bits):
    print("seed 1")
    shape = LearningShape(
        name="test", inputs=64, neurons=neurons, row_groups=row_groups, group=group,
        threshold_bits=threshold_bits, step_bits=step_bits,
    )  # fmt: skip
    bench = Bench(shape, np.random.default_rng(1))
    simulate(bench.dut, [bench.run], cycles=60_000)
    assert all(bench.seen[name] for name in bench.seen if name != "dropped"), bench.seen
    assert bench.seen["dropped"] or group <= 2, bench.seen  # too short to be open for long

"""The learning engine by array operations, bit-exact to ``engine.stepped``, its definition.

Groups of events are taken in rows: the groups of one tick, or of a part of a busy one. What every
row would add to every wall is summed for a block of rows at once, so silent time costs nothing.
From row to row positions are then a cumulative sum with a floor, and the first row in which a
neuron may fire is found by one comparison of the rows that lie ahead; only that row is looked at
group by group. A spike changes one column of junctions, so one column of the block is summed anew.
Machines whose walls only spikes move back have a loop of their own, ``engine.hard_reset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine import hard_reset
from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.engine.stepped import CLOSE, PULSE, PULSE_CLASS_SHIFT, TEACH
from spinloom.emulator.neuron.winner import WinnerTakeAll
from spinloom.emulator.spec import learning as spec

if TYPE_CHECKING:
    from spinloom.emulator.engine.learning import LearningEngine

BLOCK_ROWS = 64
BLOCK_EVENTS = 4096
ROW_EVENTS = 128  # a row of a busy tick ends with the group that reaches so many
Ints = npt.NDArray[np.int64]


def run(engine: LearningEngine, ops: npt.NDArray[np.int32]) -> Spikes:
    """Process ``ops`` (those of ``stepped.step_items``) on the engine's state; those of the host's
    hands come by themselves."""
    if not len(ops):
        return np.empty(0, SPIKE_DTYPE)
    if ops[0] & (TEACH | PULSE):
        return np.array([s for op in ops.tolist() for s in _hand(engine, op)], SPIKE_DTYPE)
    return Run(engine, ops).spikes()


def _hand(engine: LearningEngine, op: int) -> list[tuple[int, int]]:
    """Teach or pulse a neuron; its spike."""
    neuron = op & spec.MAX_TICKS
    if op & PULSE:
        engine.sweep(neuron, op >> PULSE_CLASS_SHIFT)
        return []
    spike(engine, neuron)
    return [(engine.tick, neuron)]


def spike(engine: LearningEngine, winner: int) -> None:
    """All that a spike does."""
    regs, control = engine.regs, engine.regs["CONTROL"]
    engine.fired += 1
    if control & spec.CONTROL_HARD_RESET:
        engine.neurons.pos[:] = 0
    theta_up = regs["THETA_UP"] if control & spec.CONTROL_HOMEOSTASIS else 0
    engine.neurons.spike(winner, regs["T_REF"], regs["T_INH"], theta_up)
    if control & spec.CONTROL_LEARN:
        engine.sweep(winner)


class Run:
    """One call: the ops as arrays, and how far they are done."""

    def __init__(self, engine: LearningEngine, ops: npt.NDArray[np.int32]) -> None:
        self.engine = engine
        self.neurons, self.synapses = engine.neurons, engine.synapses
        regs = engine.regs
        self.step, self.leak = regs["STEP"], regs["LEAK"]
        self.learns = regs["CONTROL"] & spec.CONTROL_LEARN != 0
        self.homeostasis = regs["CONTROL"] & spec.CONTROL_HOMEOSTASIS != 0
        self.hard_reset = regs["CONTROL"] & spec.CONTROL_HARD_RESET != 0
        self.out: list[tuple[int, int]] = []

        is_event = ops & spec.WORD_TICK == 0
        at = np.flatnonzero(~is_event)
        time = np.cumsum(ops[at] & spec.MAX_TICKS, dtype=np.int64)
        closes = ops & CLOSE != 0
        closes[at[at > 0] - 1] = True
        self.ticks = int(time[-1]) if len(time) else 0
        self.events = (ops[is_event] & spec.MAX_TICKS).astype(np.intp)
        # Of the events before each tick, and of those behind the last.
        time = np.append(0, time)
        count = np.diff(at, prepend=-1, append=len(ops)) - 1
        when = time.repeat(count)
        buckets = engine.window.bucket + (engine.bucket_phase + time) // regs["BUCKET_TICKS"]
        self.buckets = buckets.repeat(count)
        # Events up to the end of each group that ends here.
        self.ends = np.flatnonzero(closes[is_event]) + 1
        self.now = self.done = self.stamped = self.group = 0
        if engine.open and (not is_event[0] or len(self.ends)):
            self._end_open_group(0 if not is_event[0] else int(self.ends[0]))
        self._make_rows(when)
        self.horizon = self._horizon()
        self.reach = 16  # rows to look ahead

    def _make_rows(self, when: Ints) -> None:
        """Rows of the groups not yet done."""
        ends = self.ends
        starts = np.concatenate([[self.done], ends])
        time = when[ends - 1]
        fresh = np.diff(time, prepend=-1) != 0
        in_tick = starts[:-1] - np.maximum.accumulate(np.where(fresh, starts[:-1], 0))
        fresh |= np.diff(in_tick // ROW_EVENTS, prepend=0) != 0
        firsts = np.flatnonzero(fresh)
        self.times = time[firsts]
        self.row_groups = np.append(firsts, len(ends))
        self.row_events = starts[self.row_groups]
        self.row = self.block = self.block_end = 0

    def spikes(self) -> Spikes:
        """Do everything; the spikes."""
        if len(self.times) and hard_reset.fits(self):
            hard_reset.play(self)
        while self.row < len(self.times):
            if self.row == self.horizon:
                self._wait(int(self.times[self.row]))
                self.horizon = self._horizon()
            self._scan()
        self._wait(self.ticks)
        self._stamp(len(self.events))
        rest = self.events[self.done :]
        self.engine.open += len(rest)
        self.neurons.counts += self.synapses.strengths[rest].sum(axis=0, dtype=np.uint16)
        return np.array(self.out, SPIKE_DTYPE)

    # Time.

    def _due(self) -> int:
        """Ticks until the thresholds decay next."""
        return self.engine.regs["HOMEO_TICKS"] - self.engine.homeo_phase

    def _horizon(self) -> int:
        """The row at which thresholds have decayed."""
        if not self.homeostasis:
            return len(self.times)
        return int(np.searchsorted(self.times, self.now + self._due()))

    def _wait(self, until: int) -> None:
        """Time passes, nothing comes in."""
        regs = self.engine.regs
        while self.homeostasis and (due := self._due()) <= until - self.now:
            self.neurons.relax(self.leak, due)
            self.pass_time(self.now + due)
            self.neurons.decay_threshold(regs["THETA0"], regs["HOMEO_SHIFT"])
        self.neurons.relax(self.leak, until - self.now)
        self.pass_time(until)

    def pass_time(self, until: int) -> None:
        """The clock and all that it drives but walls and thresholds."""
        engine, ticks = self.engine, until - self.now
        if not ticks:
            return
        self.now = until
        self.neurons.pass_time(ticks)
        engine.tick = engine.tick + ticks & 0xFFFFFFFF
        buckets, engine.bucket_phase = divmod(
            engine.bucket_phase + ticks, engine.regs["BUCKET_TICKS"]
        )
        engine.window.bucket += buckets
        engine.homeo_phase = (engine.homeo_phase + ticks) % engine.regs["HOMEO_TICKS"]

    def _stamp(self, end: int) -> None:
        """The events up to number ``end`` have been."""
        new = slice(self.stamped, end)
        self.engine.window.event(self.events[new], self.buckets[new])
        self.stamped = end

    # Groups.

    def _load(self) -> None:
        """Sum what the rows from here on would add to every wall."""
        first = self.row
        room = self.row_events[first] + BLOCK_EVENTS
        end = int(np.searchsorted(self.row_events, room, side="right")) - 1
        end = max(first + 1, min(end, first + BLOCK_ROWS))
        bounds = self.row_events[first : end + 1]
        events = self.events[bounds[0] : bounds[-1]]
        self.walk = self.synapses.totals(events, bounds - bounds[0]) * np.int64(self.step)
        self.block, self.block_end = first, end

    def _scan(self) -> None:
        """Find who fires in the rows ahead, up to the horizon."""
        neurons, first = self.neurons, self.row
        if first == self.block_end:
            self._load()
        end = min(first + self.reach, self.block_end, self.horizon)
        walk = self.walk[first - self.block : end - self.block + 1]
        times = self.times[first:end] - self.now
        waits = neurons.waits()
        free = None if waits is None else times[:, None] >= waits
        if self.leak:
            steps = walk[1:] - walk[:-1]
            if free is not None:
                steps *= free
            settled = neurons.settle(steps, self.leak, times)
            over = settled >= neurons.theta
        else:
            start = walk[0]
            if waits is not None:
                blocked = np.flatnonzero(waits)
                start = start.copy()
                start[blocked] = walk[np.searchsorted(times, waits[blocked]), blocked]
            over = walk[1:] >= neurons.theta - neurons.pos + start
        if free is not None:
            over &= free
        row, neuron = divmod(int(over.argmax()), over.shape[1])
        fires = bool(over[row, neuron])
        rows = row if fires else len(times)
        if not self.leak:
            neurons.pos += np.maximum(walk[rows] - start, 0)
        elif fires:
            neurons.pos[:] = settled[row] - steps[row]
        else:
            neurons.pos[:] = settled[-1]
        self.pass_time(self.now + int(times[row if fires else -1]))
        self.enter(first + rows)
        if fires:
            self.reach = max(4, self.reach + (2 * row + 2 - self.reach) // 4)
            self._fire()
        else:
            self.reach = min(2 * self.reach, BLOCK_ROWS)

    def enter(self, row: int) -> None:
        """All rows before this one are done; one that is begun goes on."""
        if row != self.row:
            self.row = row
            self.group, self.done = int(self.row_groups[row]), int(self.row_events[row])

    def _fire(self) -> None:
        """The groups of this row, up to the one that makes a neuron fire."""
        neurons, first, end = self.neurons, self.group, int(self.row_groups[self.row + 1])
        eligible = neurons.eligible()
        gate = eligible & ~neurons.arrived()
        if end - first == 1:
            fired = first
            at = self.row - self.block
            neurons.pos += (self.walk[at + 1] - self.walk[at]) * gate
        else:
            events = self.events[self.done : self.row_events[self.row + 1]]
            totals = np.cumsum(self.synapses.strengths[events], axis=0, dtype=np.int64)
            paths = totals[self.ends[first:end] - self.done - 1]
            paths *= self.step * gate
            paths += neurons.pos
            over = (paths >= neurons.theta) & eligible
            row = int(over.argmax()) // over.shape[1]
            fired = first + row
            neurons.pos[:] = paths[row]
        self.group, self.done = fired + 1, int(self.ends[fired])
        winner = WinnerTakeAll.winner(neurons.pos - neurons.theta, eligible)
        if winner is None:
            raise AssertionError("a neuron reached its threshold, yet nobody won")
        self._spike(winner)
        if self.group == end:
            self.row += 1
        self._sum_anew(winner)

    def _sum_anew(self, winner: int) -> None:
        """The block after a spike: junctions of the winner have changed, and a row may be begun."""
        bounds = self.row_events[self.row : self.block_end + 1]
        if len(bounds) == 1:
            return
        walk = self.walk[self.row - self.block :]
        if self.learns:
            strengths = self.synapses.strengths[:, winner]
            column = strengths.take(self.events[bounds[0] : bounds[-1]])
            counts = np.add.reduceat(column, bounds[:-1] - bounds[0], dtype=np.int64)
            walk[1:, winner] = walk[0, winner] + counts.cumsum() * self.step
        if self.done != bounds[0]:
            rest = self.synapses.strengths[self.events[self.done : bounds[1]]]
            walk[0] = walk[1] - rest.sum(axis=0, dtype=np.int64) * self.step

    def _end_open_group(self, end: int) -> None:
        """The group that an earlier call left open ends behind ``end`` events."""
        neurons = self.neurons
        rows = self.synapses.strengths[self.events[:end]]
        counts = neurons.counts + rows.sum(axis=0, dtype=np.int64)
        eligible = neurons.eligible()
        neurons.pos += self.step * counts * (eligible & ~neurons.arrived())
        neurons.counts[:] = 0
        self.engine.open = 0
        self.done = end
        if end:
            self.ends = self.ends[1:]
        winner = WinnerTakeAll.winner(neurons.pos - neurons.theta, eligible)
        if winner is not None:
            self._spike(winner)

    def _spike(self, winner: int) -> None:
        self._stamp(self.done)
        self.out.append((self.engine.tick, winner))
        spike(self.engine, winner)

"""The loop of ``engine.vectorised`` for walls that a spike resets, all of them, and that nothing
else moves back: no leak, no inhibition, no homeostasis, and one group a row.

A spike takes every wall back, so the rows behind it are summed afresh, as many of them as the
spikes before lead to expect, and the first sum that reaches its threshold is the next spike. What
is summed beyond it is lost, but no sum needs a repair for the junctions that the spike has changed.
A neuron in its refractory time is one whose sums stand still.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.linear import Words
from spinloom.emulator.spec.learning import CODE_ONE

if TYPE_CHECKING:
    from spinloom.emulator.engine.vectorised import Run

MOST_ROWS = 64  # summed at once


def fits(run: Run) -> bool:
    """Whether this loop may do the rows of the run."""
    neurons, regs = run.neurons, run.engine.regs
    return (
        run.hard_reset
        and run.step != 0
        and run.engine.shape.is_plain
        and not regs["CYCLE_SPREAD"]
        and not (run.leak or run.homeostasis or regs["T_INH"] or neurons.inh)
        and len(run.times) == len(run.row_groups) - 1 == run.row_groups[-1]
        and not neurons.arrived().any()
    )


def play(run: Run) -> None:
    """Do the rows of the run."""
    _Loop(run).play()


class _Loop:
    def __init__(self, run: Run) -> None:
        self.run, engine = run, run.engine
        self.times: list[int] = run.times.tolist()
        self.bounds: list[int] = run.row_events.tolist()
        # Who is in its refractory time, and until when: all times are as long, so in order.
        ref = run.neurons.ref
        order = ref.argsort(kind="stable")
        self.blocked = deque((run.now + int(ref[j]), int(j)) for j in order if ref[j])
        # Inputs in the order of their events, those before the run too: the window of a row is
        # what lies from ``oldest`` up to the row's end.
        window = engine.window
        before = np.flatnonzero(window.active())
        before = before[window.last[before].argsort()]
        self.before = len(before)
        self.recent = np.concatenate([before, run.events])
        of_row = run.buckets[run.row_events[1:] - 1]
        fresh = np.diff(of_row, prepend=-1) != 0  # rows of one bucket have one answer
        first = of_row[fresh] - 1
        found = window.last[before].searchsorted(first) + run.buckets.searchsorted(first)
        self.oldest: list[int] = found[fresh.cumsum() - 1].tolist()
        self.active = np.empty(engine.shape.inputs, np.bool_)
        # A trial switches when random byte and code carry over: the byte is above this. Bytes
        # where they fit, so that a byte is compared with a byte.
        limits = CODE_ONE - 1 - engine.mtj.codes.astype(np.int16)
        self.by_level = limits.astype(np.uint8) if limits.min() >= 0 else limits
        self.limits = np.empty(engine.shape.inputs, self.by_level.dtype)
        self.switched = np.empty(engine.shape.inputs, np.bool_)

    def play(self) -> None:
        run, engine, times, rows = self.run, self.run.engine, self.times, len(self.times)
        step, t_ref = run.step, engine.regs["T_REF"]
        theta = run.neurons.theta.astype(np.int32)
        missing = theta - run.neurons.pos.astype(np.int32)
        needs = sums = -(missing // -step)  # of P junctions, rounded up
        row = spike = 0
        gap = reach = 8.0  # rows from spike to spike, and rows to look ahead
        while row < rows:
            end = min(row + int(reach), rows)
            walk = self._walk(row, end)
            if sums.dtype != walk.dtype:  # alike they compare fast; no sum has the highest value
                sums = np.minimum(needs, np.iinfo(walk.dtype).max).astype(walk.dtype)
            over = walk[1:] >= sums
            found = int(over.argmax())
            ahead, first = divmod(found, len(theta))
            if not over[ahead, first]:
                row = end
                missing = missing - step * walk[-1].astype(np.int32)
                needs = sums = -(missing // -step)
                reach = min(1 + (row - spike) / 4, MOST_ROWS)
                continue
            row += ahead + 1
            here = walk[ahead + 1].astype(np.int32)
            if step != 1:
                here *= step
            here -= missing
            winner = int(here.argmax())
            time = times[row - 1]
            run.out.append((engine.tick + time - run.now & 0xFFFFFFFF, winner))
            run.neurons.last_winner = winner
            engine.fired += 1
            if t_ref:
                self.blocked.append((time + t_ref, winner))
            if run.learns:
                self._sweep(winner, row - 1)
            if missing is not theta:
                missing = theta
                needs = sums = -(theta // -step)
            gap += (row - spike - gap) / 8
            spike, reach = row, min(1.2 * gap + 0.5, MOST_ROWS)
        self._leave(theta - missing)

    def _leave(self, pos: npt.NDArray[np.int32]) -> None:
        """Hand the state back."""
        run = self.run
        run.neurons.pos[:] = pos
        run.pass_time(self.times[-1])
        for until, neuron in self.blocked:
            run.neurons.ref[neuron] = max(0, until - run.now)
        run.enter(len(self.times))

    def _walk(self, first: int, end: int) -> npt.NDArray[np.unsignedinteger]:
        """P junctions that every neuron meets up to each of these rows, none before the first."""
        run, times, blocked = self.run, self.times, self.blocked
        begin = self.bounds[first]
        bounds = run.row_events[first : end + 1] - begin
        walk = run.synapses.totals(run.events[begin : self.bounds[end]], bounds)
        while blocked and blocked[0][0] <= times[first]:
            blocked.popleft()
        last, throughout = times[end - 1], []
        for until, neuron in blocked:
            if until > last:
                throughout.append(neuron)
            else:
                still = bisect_left(times, until, first, end) - first
                sums = walk[:, neuron]
                sums[still:] -= sums[still]
                sums[:still] = 0
        if throughout:
            walk[:, throughout] = 0
        return walk

    def _sweep(self, winner: int, row: int) -> None:
        """``StochasticStdp.sweep`` of the winner's column."""
        engine, active, limits = self.run.engine, self.active, self.limits
        inputs = self.recent[self.oldest[row] : self.before + self.bounds[row + 1]]
        active.fill(False)
        active[inputs] = True
        to_ap, to_p = self.by_level
        if engine.shape.levels == 1:
            limits.fill(to_ap[0])
            limits[inputs] = to_p[0]
        else:
            levels = engine.levels(winner)
            np.copyto(limits, np.where(active, to_p.take(levels), to_ap.take(levels)))
        words: Words = engine.random.block(engine.shape.groups)
        octets = words.astype("<u8", copy=False).view(np.uint8)
        where = np.greater(octets, limits, out=self.switched).nonzero()[0]
        state = active[where]
        self.run.synapses.padded[:, winner][where] = state
        potentiated = int(np.count_nonzero(state))
        engine.trials += len(active)
        engine.switched[0] += len(where) - potentiated
        engine.switched[1] += potentiated

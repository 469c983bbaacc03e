"""The loop of ``engine.vectorised`` for walls that a spike resets, all of them, and that nothing
else moves back: no leak, no inhibition, no homeostasis, and one group a row.

Between two spikes a wall is then where the sums of its rows have taken it, so all walls are known
by the threshold that each has in those sums, and a spike is two operations on them. A neuron in its
refractory time is one whose sums stand still.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.linear import Words
from spinloom.emulator.spec.learning import CODE_ONE

if TYPE_CHECKING:
    from spinloom.emulator.engine.vectorised import Run

BLOCK_ROWS = 64
Bits = npt.NDArray[np.bool_]


def fits(run: Run) -> bool:
    """Whether this loop may do the rows of the run."""
    neurons, regs = run.neurons, run.engine.regs
    return (
        run.hard_reset
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
        self.t_ref, self.theta = engine.regs["T_REF"], run.neurons.theta.astype(np.int32)
        self.times: list[int] = run.times.tolist()
        self.bounds: list[int] = run.row_events.tolist()
        # When neurons end their refractory time, and columns of junctions as they are now.
        ref = run.neurons.ref
        self.ends = {int(j): run.now + int(ref[j]) for j in ref.nonzero()[0]}
        self.columns: dict[int, npt.NDArray[np.uint8]] = {}
        # Inputs in the order of their events, those before the run too: the window of a row is
        # what lies from ``oldest`` up to the row's end.
        window = engine.window
        before = np.flatnonzero(window.active())
        before = before[window.last[before].argsort()]
        self.before = len(before)
        self.recent = np.concatenate([before, run.events])
        buckets = np.concatenate([window.last[before], run.buckets])
        of_row = run.buckets[run.row_events[1:] - 1]
        fresh = np.diff(of_row, prepend=-1) != 0  # rows of one bucket have one answer
        found = buckets.searchsorted(of_row[fresh] - 1)
        self.oldest: list[int] = found[fresh.cumsum() - 1].tolist()
        self.active = np.empty(engine.shape.inputs, np.bool_)
        # A trial switches when random byte and code carry over: the byte is above this. Bytes
        # where they fit, so that a byte is compared with a byte.
        limits = CODE_ONE - 1 - engine.mtj.codes.astype(np.int16)
        self.by_level = limits.astype(np.uint8) if limits.min() >= 0 else limits
        self.limits = np.empty(engine.shape.inputs, self.by_level.dtype)
        self.switched = np.empty(engine.shape.inputs, np.bool_)
        # Trials since the block was summed that the array does not show yet.
        self.written: list[tuple[int, npt.NDArray[np.intp], Bits]] = []

    def play(self) -> None:
        run, engine, theta, times = self.run, self.run.engine, self.theta, self.times
        to_reach = (theta - run.neurons.pos).astype(np.int32)  # in the sums of the block
        rows, width, reach = len(times), len(theta), 10
        block = end = row = 0
        while row < rows:
            if row == end:
                block, end = row, min(row + BLOCK_ROWS, rows)
                walk = self._sums(block, end)
            at = row - block
            over = walk[at + 1 : at + 1 + reach] >= to_reach
            found = int(over.argmax())
            ahead = found // width
            if not over[ahead, found - ahead * width]:
                row += len(over)
            else:
                row += ahead + 1
                here = walk[row - block]
                winner = int((here - to_reach).argmax())
                time = times[row - 1]
                run.out.append((engine.tick + time - run.now & 0xFFFFFFFF, winner))
                np.add(theta, here, out=to_reach)
                self.ends[winner] = time + self.t_ref
                run.neurons.last_winner = winner
                engine.fired += 1
                if run.learns:
                    self._sweep(winner, row - 1)
                if row < end:
                    self._sum_anew(winner, walk[row - block :, winner], row, end)
            if row == end:
                to_reach -= walk[-1]
        self._leave(theta - to_reach)

    def _leave(self, pos: npt.NDArray[np.int32]) -> None:
        """Hand the state back."""
        run = self.run
        self._write()
        run.neurons.pos[:] = pos
        run.pass_time(self.times[-1])
        for neuron, end in self.ends.items():
            run.neurons.ref[neuron] = max(0, end - run.now)
        run.enter(len(self.times))

    def _sums(self, first: int, end: int) -> npt.NDArray[np.int32]:
        """What these rows add to every wall."""
        run = self.run
        self._write()
        bounds = run.row_events[first : end + 1]
        totals = run.synapses.totals(run.events[bounds[0] : bounds[-1]], bounds - bounds[0])
        walk = totals.astype(np.int32)
        if run.step != 1:
            walk *= run.step
        start = self.times[first]
        for neuron in [j for j, until in self.ends.items() if until <= start]:
            del self.ends[neuron]
        for neuron, until in self.ends.items():
            still = bisect_left(self.times, until, first, end) - first
            walk[:, neuron] = np.maximum(walk[:, neuron] - walk[still, neuron], 0)
        return walk

    def _sum_anew(self, winner: int, walk: npt.NDArray[np.int32], first: int, end: int) -> None:
        """The winner's sums behind its spike: they stand still, then go by its new junctions."""
        run = self.run
        free = bisect_left(self.times, self.ends[winner], first, end)
        start, still = walk[0], free - first
        walk[1 : still + 1] = start
        if free == end:
            return
        begin = self.bounds[free]
        junctions = self._column(winner).take(run.events[begin : self.bounds[end]])
        counts = np.add.reduceat(junctions, run.row_events[free:end] - begin, dtype=np.int32)
        if run.step != 1:
            counts *= run.step
        counts[0] += start
        counts.cumsum(out=walk[still + 1 :])

    def _column(self, neuron: int) -> npt.NDArray[np.uint8]:
        if neuron not in self.columns:
            self.columns[neuron] = self.run.synapses.bits[:, neuron].copy()
        return self.columns[neuron]

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
        self._column(winner)[where] = state
        self.written.append((winner, where, state))

    def _write(self) -> None:
        """Show all trials in the array. The last one on a junction counts."""
        if not self.written:
            return
        engine, padded = self.run.engine, self.run.synapses.padded
        winners, where, states = zip(*self.written, strict=True)
        self.written.clear()
        state = np.concatenate(states)
        at = np.concatenate(where) * padded.shape[1]
        at += np.repeat(winners, [len(column) for column in where])
        padded.reshape(-1)[at] = state
        potentiated = int(np.count_nonzero(state))
        engine.switched[0] += len(state) - potentiated
        engine.switched[1] += potentiated

"""A run that goes on, bit by bit, after a power cycle.

    journal = Journal.start(machine, params, weights)
    journal.stream(words) ; spikes = journal.spikes() ; journal.save(path)
    ...power off, and on...
    journal = Journal.resume(machine, path)

Besides the image (``host.image``), a machine has volatile state that no memory shows. It follows
from the recent past, so a journal keeps that: the stream of the window's buckets, and at least
as many ticks back as the longest of T_REF and T_INH, with its spikes. Resuming acts it again:

* time passes to where the past begins, so that the phases of buckets and homeostasis are right;
* the past is streamed again, with STEP = 0 and nothing learned: its events fill the window and the
  open group. A neuron that fired is put on its threshold before a group's end in the same tick, so
  that it fires again: refractory times and inhibition are right;
* then the walls, thresholds and STEP, LEAK and CONTROL are written, and the random generator is set
  ahead by its draws so far, which follow from the TRIALS: ``x -> A^n x``.

Counters (SPIKES, TRIALS and those of what switched) start again. Several generators have no common
seed after some draws, so a shape with more than one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.spec.learning import (
    MAX_TICKS,
    WORD_TICK,
    LearningParams,
    LearningShape,
)
from spinloom.emulator.spec.random import generator, power
from spinloom.host.image import FIELDS, Image, load_arrays, save_arrays
from spinloom.host.learning import LearningMachine

Stream = npt.NDArray[np.uint16]


def draws(shape: LearningShape, params: LearningParams, trials: int) -> int:
    """Random words that so many write trials took, of a machine of one generator: those of every
    group of a column, and one before them with a spread from cycle to cycle."""
    a_column = shape.groups * shape.words_per_group + (params.cycle_spread > 0)
    return trials // shape.inputs * a_column


def ahead(shape: LearningShape, state: int, words: int) -> int:
    """The generator's state after so many draws."""
    rows = power(generator(shape.generator).rows, words)
    return sum(((row & state).bit_count() & 1) << b for b, row in enumerate(rows))


@dataclass(frozen=True, kw_only=True)
class Past:
    """The stream ``words`` from tick ``since`` on, and its ``spikes``."""

    since: int = 0
    words: Stream
    spikes: Spikes

    def times(self) -> npt.NDArray[np.int64]:
        """Tick behind each word."""
        words = self.words.astype(np.int64)
        return self.since + np.cumsum(np.where(words >= WORD_TICK, words - WORD_TICK, 0))

    def extended(self, words: Stream, spikes: Spikes) -> Past:
        """With what came after."""
        return Past(
            since=self.since,
            words=np.concatenate([self.words, words]),
            spikes=np.concatenate([self.spikes, spikes]),
        )

    def recent(self, shape: LearningShape, params: LearningParams) -> Past:
        """Only what the volatile state still follows from."""
        span = max(shape.window_ages * params.bucket_ticks, params.t_ref, params.t_inh)
        past = self._last(span + 1)
        times = past.times()
        now = int(times[-1]) if len(times) else past.since
        bucket = now - now % params.bucket_ticks - (shape.window_ages - 1) * params.bucket_ticks
        begin = min(bucket, now - max(params.t_ref, params.t_inh))
        old = np.flatnonzero((times <= begin) & (past.words >= WORD_TICK))
        return past._from(int(times[old[-1]]), int(old[-1]) + 1) if len(old) else past

    def _last(self, count: int) -> Past:
        """From behind the word of ticks on that has so many others behind it: a first cut, which
        spares long streams the times of all words."""
        size = 4 * count
        while True:
            behind = self.words[-size:]
            at = np.flatnonzero(behind >= WORD_TICK)
            if len(at) > count:
                word = len(self.words) - len(behind) + int(at[-count - 1]) + 1
                ticks = np.maximum(self.words[:word], WORD_TICK) & MAX_TICKS
                return self._from(self.since + int(ticks.sum(dtype=np.int64)), word)
            if size >= len(self.words):
                return self
            size *= 4

    def _from(self, since: int, word: int) -> Past:
        """From this word on, which is at tick ``since``."""
        kept = self.spikes["tick"] >= since
        return Past(since=since, words=self.words[word:], spikes=self.spikes[kept])


NOTHING = Past(words=np.empty(0, np.uint16), spikes=np.empty(0, SPIKE_DTYPE))


class Journal:
    """A machine whose run is kept from ``start`` on, or from a file by ``resume``.

    All of the stream and of the spikes goes through it; parameters stay as they are, and nobody
    teaches. STEP and LEAK may be others between two saves: they move walls alone, and these are in
    the image.

    Made by hand, it is that of a machine which is at the start of a run.
    """

    def __init__(
        self,
        machine: LearningMachine,
        params: LearningParams,
        past: Past = NOTHING,
        trials: int = 0,
    ) -> None:
        self.machine, self.params = machine, params
        self._past = past
        self._trials = trials  # before the machine's own count began
        self._sent: list[Stream] = []

    @classmethod
    def start(
        cls, machine: LearningMachine, params: LearningParams, weights: npt.ArrayLike
    ) -> Self:
        """Begin a run: everything but the weights at its start. Raises ``ValueError`` for a shape
        of more than one random generator."""
        if machine.shape.generators != 1:
            raise ValueError(
                f"shape {machine.shape.name} has {machine.shape.generators} random generators, "
                "which can't be set ahead: give one with generators = 1"
            )
        machine.configure(params)
        machine.set_weights(weights)
        machine.reset(state=True, theta=True, random=True)
        return cls(machine, params)

    def stream(self, words: npt.ArrayLike) -> None:
        """``Machine.stream``."""
        self.machine.stream(words)
        self._sent.append(np.asarray(words).astype(np.uint16))

    def spikes(self) -> Spikes:
        """``Machine.spikes``."""
        spikes = self.machine.spikes()
        self._past = self._past.extended(np.concatenate([NOTHING.words, *self._sent]), spikes)
        self._past = self._past.recent(self.machine.shape, self.params)
        self._sent.clear()
        return spikes

    @property
    def trials(self) -> int:
        """Write trials since the start of the run."""
        return self._trials + (
            self.machine.read("TRIALS_HI") << 32 | self.machine.read("TRIALS_LO")
        )

    def save(self, path: Path, **beside: npt.NDArray[Any]) -> Spikes:
        """Write all that is needed to ``resume``, and the arrays ``beside`` it, which have names of
        their own; the spikes since the last call of ``spikes``."""
        spikes = self.spikes()
        past = self._past
        save_arrays(
            path,
            Image.of(self.machine, self.params).arrays()
            | {
                "since": np.array(past.since, np.int64),
                "words": past.words,
                "spikes": past.spikes,
                "trials": np.array(self.trials, np.int64),
            }
            | beside,
        )
        return spikes

    @classmethod
    def resume(cls, machine: LearningMachine, path: Path) -> Self:
        """Put a machine into the state that ``path`` was saved in; ``ValueError`` if the file is
        another machine's, or damaged."""
        arrays = load_arrays(path, machine.shape, (*FIELDS, "since", "words", "spikes", "trials"))
        image = Image.from_arrays(path, arrays, machine.shape)
        past = Past(
            since=int(arrays["since"]),
            words=arrays["words"],
            spikes=arrays["spikes"],
        )
        params, shape = image.params, machine.shape
        # Nothing moves, learns or is sent.
        asleep = replace(params, step=0, leak=0, learn=False, homeostasis=False, hard_reset=False)
        machine.configure(asleep)
        machine.write_memory("weights", image.weights)
        machine.write_memory("levels", image.levels)
        machine.reset(state=True)
        machine.quiet()
        machine.write_memory("neurons", np.full(shape.neurons, shape.theta_max << 16))
        machine.pass_time(past.since)
        _act_again(machine, past)
        machine.write_memory("neurons", image.neurons)
        for name in ("STEP", "LEAK", "CONTROL"):
            machine.write(name, params.registers()[name])
        trials = int(arrays["trials"])
        machine.set_random(ahead(shape, params.seed, draws(shape, params, trials)))
        return cls(machine, params, past, trials)


def _act_again(machine: LearningMachine, past: Past) -> None:
    """Stream the past with its spikes: each is forced before the end of a group of its tick."""
    group, top = machine.shape.group, machine.shape.theta_max
    words, times = past.words, past.times()
    is_tick = words >= WORD_TICK
    segment: npt.NDArray[np.int64] = np.cumsum(is_tick) - is_tick  # words up to and with a tick
    before = times - np.where(is_tick, words.astype(np.int64) - WORD_TICK, 0)
    sent = 0
    for tick in np.unique(past.spikes["tick"]):
        fired = past.spikes["neuron"][past.spikes["tick"] == tick]
        ends = []
        for number in np.unique(segment[before == tick]):
            where = np.flatnonzero(segment == number)
            events = where[~is_tick[where]]
            ends += events[group - 1 :: group].tolist()
            if len(events) % group:
                ends += where[is_tick[where]].tolist()
        for end, neuron in zip(ends[len(ends) - len(fired) :], fired, strict=True):
            machine.stream(words[sent:end])
            machine.write_memory("neurons", [top | top << 16], int(neuron))
            machine.stream(words[end : end + 1])
            sent = end + 1
    machine.stream(words[sent:])

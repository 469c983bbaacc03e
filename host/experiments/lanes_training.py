"""The training of the lanes experiment, which goes on from a checkpoint where it was cut.

A recording is streamed in chunks, after each of which it may be saved: the machine by its journal,
and beside it the number of the pass and of the chunk, all spikes and snapshots so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.spec.learning import WORD_TICK
from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments.effort import Effort
from spinloom.host.experiments.lanes_config import LanesConfig, Seeds
from spinloom.host.journal import Journal
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import encode

CHUNK = 1 << 18  # stream words between two steps of the progress bar
CURVE_SECONDS = (30, 75, 150)  # into the first pass; the end of each pass is a point too
TICKS_PER_SECOND = 1000
SAVED = (
    "number", "chunk", "learned", "of_pass", "snapshot_seconds", "snapshot_weights",
    "snapshot_theta", *Effort.FIELDS,
)  # fmt: skip

Words = npt.NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What learning has made of the machine after so many seconds of traffic."""

    seconds: float
    weights: npt.NDArray[np.uint8]
    theta: npt.NDArray[np.int64]

    @classmethod
    def of(cls, machine: LearningMachine, seconds: float) -> Self:
        """Read the machine."""
        return cls(seconds=seconds, weights=machine.weights(), theta=machine.neurons()[1])


@dataclass(kw_only=True)
class Training:
    """How far a training has come.

    Members
    -------
    number, chunk : the pass, 0 is the first, and its chunks that have been streamed
    spikes : all spikes so far, with the number of their pass, in pieces
    snapshots : at the points of the curve
    effort : cycles and seconds so far
    """

    journal: Journal
    effort: Effort
    number: int = 0
    chunk: int = 0
    spikes: list[tuple[int, Spikes]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)

    @classmethod
    def start(cls, machine: LearningMachine, config: LanesConfig) -> Self:
        """Random weights; a pass puts the rest to its start."""
        effort = Effort(machine)
        rng = np.random.Generator(np.random.PCG64(Seeds.derive(config.seed).weights))
        shape = machine.shape
        machine.set_weights(rng.random((shape.inputs, shape.neurons)) < config.parallel)
        return cls(journal=Journal(machine, config.params(0)), effort=effort)

    @classmethod
    def resume(cls, machine: LearningMachine, config: LanesConfig, checkpoint: Checkpoint) -> Self:
        """As it was saved; ``ValueError`` for the file of another configuration."""
        journal, arrays = checkpoint.resume(machine, SAVED)
        number = int(arrays["number"])
        if number >= len(config.codes) or journal.params != config.params(number):
            raise ValueError(
                f"{checkpoint.path} is of a run with other parameters than its configuration: "
                "put that back to what it was, or start again"
            )
        of_pass = arrays["of_pass"]
        snapshots = (arrays[f"snapshot_{name}"] for name in ("seconds", "weights", "theta"))
        return cls(
            journal=journal,
            effort=Effort.resume(machine, arrays),
            number=number,
            chunk=int(arrays["chunk"]),
            spikes=[(n, arrays["learned"][of_pass == n]) for n in range(number + 1)],
            snapshots=[
                Snapshot(seconds=float(seconds), weights=weights, theta=theta)
                for seconds, weights, theta in zip(*snapshots, strict=True)
            ],
        )

    def passes(self) -> tuple[Spikes, ...]:
        """The spikes of each pass."""
        nothing = np.empty(0, SPIKE_DTYPE)
        return tuple(
            np.concatenate([nothing, *(spikes for n, spikes in self.spikes if n == number)])
            for number in range(self.number + 1)
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is saved beside the machine."""
        passes, shape = self.passes(), self.journal.machine.shape
        taken = len(self.snapshots)
        weights = np.zeros((taken, shape.inputs, shape.columns), np.uint8)
        theta = np.zeros((taken, shape.neurons), np.int64)
        for k, snapshot in enumerate(self.snapshots):
            weights[k], theta[k] = snapshot.weights, snapshot.theta
        return {
            "number": np.array(self.number),
            "chunk": np.array(self.chunk),
            "learned": np.concatenate(passes),
            "of_pass": np.repeat(np.arange(len(passes)), [len(spikes) for spikes in passes]),
            "snapshot_seconds": np.array([snapshot.seconds for snapshot in self.snapshots]),
            "snapshot_weights": weights,
            "snapshot_theta": theta,
        } | self.effort.arrays()


def learn(
    machine: LearningMachine,
    config: LanesConfig,
    words: Words,
    ticks: int,
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> Training:
    """All passes over a recording of so many ticks, or those that are left; snapshots at the points
    of the curve, the last one when all is learned.

    Reading the machine has no effect on it, so spikes are the same with and without a curve.
    """
    if checkpoint is not None and checkpoint.exists:
        state = Training.resume(machine, config, checkpoint)
    else:
        state = Training.start(machine, config)
    # Several generators can't be set ahead, so such a machine has no checkpoint.
    keep = checkpoint if machine.shape.generators == 1 else None
    length, passes = ticks / TICKS_PER_SECOND, len(config.codes)
    while True:
        number, first = state.number, state.number == 0
        if not state.chunk:
            params, trials = config.params(number), 0 if first else state.journal.trials
            machine.configure(params)
            state.effort.take()
            machine.reset(state=True, theta=first, random=first)
            state.effort.restart()
            state.journal = Journal(machine, params, trials=trials)
        stops = [s for s in CURVE_SECONDS if s < length] if config.curve and first else []
        parts = _parts(words, [*stops, length])
        what = f"learn, pass {number + 1} of {passes}"
        with progress.task(what, total=events(words)) as advance:
            advance(sum(events(part) for part, _ in parts[: state.chunk]))
            for part, stop in parts[state.chunk :]:
                state.journal.stream(part)
                state.effort.streamed(part)
                advance(events(part))
                state.chunk += 1
                done = number + 1 == passes and state.chunk == len(parts)
                due = keep is not None and (done or keep.due)
                if due or stop is not None:
                    state.spikes.append((number, state.journal.spikes()))
                if stop is not None:
                    state.snapshots.append(Snapshot.of(machine, number * length + stop))
                if due and keep is not None:
                    state.effort.take()
                    keep.save(state.journal, **state.arrays())
        if number + 1 == passes:
            state.effort.take()
            return state
        state.number, state.chunk = number + 1, 0


def _parts(words: Words, stops: list[float]) -> list[tuple[Words, float | None]]:
    """Chunks in order, and the second of the recording that a snapshot behind them is of; the last
    stop is the end."""
    parts: list[tuple[Words, float | None]] = []
    pieces = encode.cut(words, [round(stop * TICKS_PER_SECOND) for stop in stops[:-1]])
    for piece, stop in zip(pieces, stops, strict=True):
        several = [*chunks(piece)] or [piece]
        parts += [(chunk, None) for chunk in several[:-1]] + [(several[-1], stop)]
    return parts


def chunks(words: Words) -> Iterator[Words]:
    """The stream in pieces, for the progress bar."""
    for start in range(0, len(words), CHUNK):
        yield words[start : start + CHUNK]


def events(words: Words) -> int:
    """Events in a stream."""
    return int(np.count_nonzero(words < WORD_TICK))

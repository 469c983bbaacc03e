"""The training of the digits experiment, which goes on from a checkpoint where it was cut.

Between two images all walls are home and no group is open, so there it may be saved: the machine by
its journal, and beside it the order of the images, how many were shown, all spikes so far, and the
state of the pseudo-random generator that makes spike trains.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.spec.learning import WORD_TICK
from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments.digits_config import PAUSE, DigitsConfig, Seeds
from spinloom.host.journal import Journal
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import rate
from spinloom.host.stimuli.images import LabelledImages

BATCH = 100  # images between two steps of the progress bar
NO_CLOCK = -1  # cycles of a machine without one, in the file
SAVED = ("order", "shown", "learned", "trains", "cycles", "seconds")


@dataclass(kw_only=True)
class Training:
    """How far a training has come.

    Members
    -------
    order : for each epoch that has begun, the images in the order shown, [images]
    shown : images shown, of all epochs
    spikes : all spikes so far, in pieces
    trains : draws the orders and the spike trains
    cycles : clock cycles so far, None if a part of them was on a machine without a clock
    seconds : wall time so far
    """

    journal: Journal
    trains: np.random.Generator
    order: list[npt.NDArray[np.int64]] = field(default_factory=list)
    shown: int = 0
    spikes: list[Spikes] = field(default_factory=lambda: [np.empty(0, SPIKE_DTYPE)])
    cycles: int | None = 0
    seconds: float = 0.0

    @classmethod
    def start(cls, machine: LearningMachine, config: DigitsConfig) -> Self:
        """Random weights, and everything else at its start."""
        seeds = Seeds.derive(config.seed)
        rng = np.random.Generator(np.random.PCG64(seeds.weights))
        params, start = config.params(), machine.weights()
        machine.set_weights(rng.random(start.shape) < config.parallel)
        machine.configure(params)
        machine.reset(state=True, theta=True, random=True)
        trains = np.random.Generator(np.random.PCG64([seeds.stimulus, 0]))
        return cls(journal=Journal(machine, params), trains=trains)

    @classmethod
    def resume(cls, machine: LearningMachine, config: DigitsConfig, checkpoint: Checkpoint) -> Self:
        """As it was saved; ``ValueError`` for the file of another configuration."""
        journal, arrays = checkpoint.resume(machine, SAVED)
        if journal.params != config.params():
            raise ValueError(
                f"{checkpoint.path} is of a run with other parameters than its configuration: "
                "put that back to what it was, or start again"
            )
        trains = np.random.Generator(np.random.PCG64())
        trains.bit_generator.state = json.loads(str(arrays["trains"]))
        cycles = int(arrays["cycles"])
        return cls(
            journal=journal,
            trains=trains,
            order=list(arrays["order"]),
            shown=int(arrays["shown"]),
            spikes=[arrays["learned"]],
            cycles=None if cycles == NO_CLOCK else cycles,
            seconds=float(arrays["seconds"]),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is saved beside the machine."""
        return {
            "order": np.array(self.order, np.int64),
            "shown": np.array(self.shown),
            "learned": np.concatenate(self.spikes),
            "trains": np.array(json.dumps(self.trains.bit_generator.state)),
            "cycles": np.array(NO_CLOCK if self.cycles is None else self.cycles),
            "seconds": np.array(self.seconds),
        }


def learn(
    machine: LearningMachine,
    config: DigitsConfig,
    train: LabelledImages,
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> Training:
    """All epochs, or those that are left."""
    if checkpoint is not None and checkpoint.exists:
        state = Training.resume(machine, config, checkpoint)
    else:
        state = Training.start(machine, config)
    clock = _Clock(machine, state)
    images = len(train)
    # Several generators can't be set ahead, so such a machine has no checkpoint.
    keep = checkpoint if machine.shape.generators == 1 else None
    for number in range(state.shown // images, config.epochs):
        at = state.shown - number * images
        if not at:
            state.order.append(state.trains.permutation(images))
        what = f"learn, epoch {number + 1} of {config.epochs}"
        with progress.task(what, total=images, unit="images") as advance:
            advance(at)
            waiting = 0
            for image in state.order[-1][at:]:
                show(machine, state.journal, config, train.pixels[image], state.trains)
                state.shown += 1
                waiting += 1
                done = state.shown == config.epochs * images
                due = keep is not None and (done or keep.due)
                if due or done or waiting == BATCH:
                    state.spikes.append(state.journal.spikes())
                    advance(waiting)
                    waiting = 0
                if due and keep is not None:
                    clock.take()
                    keep.save(state.journal, **state.arrays())
            advance(waiting)
    clock.take()
    return state


class _Clock:
    """Adds cycles and seconds to those of a training."""

    def __init__(self, machine: LearningMachine, state: Training) -> None:
        self._machine, self._state = machine, state
        self._cycles, self._seconds = machine.cycles, time.monotonic()

    def take(self) -> None:
        """Those since the last call."""
        state, cycles, seconds = self._state, self._machine.cycles, time.monotonic()
        if state.cycles is None or cycles is None or self._cycles is None:
            state.cycles = None
        else:
            state.cycles += cycles - self._cycles
        state.seconds += seconds - self._seconds
        self._cycles, self._seconds = cycles, seconds


def show(
    machine: LearningMachine,
    through: LearningMachine | Journal,
    config: DigitsConfig,
    pixels: npt.NDArray[np.uint8],
    trains: np.random.Generator,
) -> None:
    """One image, streamed by the machine itself or by its journal; then all walls go home."""
    through.stream(rate.words(pixels, config.steps, trains))
    machine.write("LEAK", machine.shape.theta_max)
    through.stream(np.array([WORD_TICK | PAUSE], np.uint16))
    machine.write("LEAK", 0)

"""The training of the digits experiment, which goes on from a checkpoint where it was cut.

Between two images all walls are home and no group is open, so there it may be saved: the machine by
its journal, and beside it the order of the images, how many were shown, all spikes so far, and the
state of the pseudo-random generator that makes spike trains.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.spec.learning import WORD_TICK
from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments.digits_config import PAUSE, DigitsConfig, Seeds
from spinloom.host.experiments.effort import Effort
from spinloom.host.journal import Journal
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import rate
from spinloom.host.stimuli.images import LabelledImages

BATCH = 100  # images between two steps of the progress bar
SAVED = ("order", "shown", "learned", "trains", *Effort.FIELDS)


@dataclass(kw_only=True)
class Training:
    """How far a training has come.

    Members
    -------
    order : for each epoch that has begun, the images in the order shown, [images]
    shown : images shown, of all epochs
    spikes : all spikes so far, in pieces
    trains : draws the orders and the spike trains
    effort : cycles and seconds so far
    """

    journal: Journal
    trains: np.random.Generator
    effort: Effort
    order: list[npt.NDArray[np.int64]] = field(default_factory=list)
    shown: int = 0
    spikes: list[Spikes] = field(default_factory=lambda: [np.empty(0, SPIKE_DTYPE)])

    @classmethod
    def start(cls, machine: LearningMachine, config: DigitsConfig) -> Self:
        """Random weights, and everything else at its start."""
        effort = Effort(machine)
        seeds = Seeds.derive(config.seed)
        rng = np.random.Generator(np.random.PCG64(seeds.weights))
        params, start = config.params(), machine.weights()
        machine.set_weights(rng.random(start.shape) < config.parallel)
        machine.configure(params)
        if machine.shape.has_stored_levels:
            machine.set_levels(config.levels())
        machine.reset(state=True, theta=True, random=True)
        effort.restart()
        trains = np.random.Generator(np.random.PCG64([seeds.stimulus, 0]))
        return cls(journal=Journal(machine, params), trains=trains, effort=effort)

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
        return cls(
            journal=journal,
            trains=trains,
            order=list(arrays["order"]),
            shown=int(arrays["shown"]),
            spikes=[arrays["learned"]],
            effort=Effort.resume(machine, arrays),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is saved beside the machine."""
        return {
            "order": np.array(self.order, np.int64),
            "shown": np.array(self.shown),
            "learned": np.concatenate(self.spikes),
            "trains": np.array(json.dumps(self.trains.bit_generator.state)),
        } | self.effort.arrays()


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
                words = rate.words(train.pixels[image], config.steps, state.trains)
                state.effort.streamed(words)
                show(machine, state.journal, words)
                state.shown += 1
                waiting += 1
                done = state.shown == config.epochs * images
                due = keep is not None and (done or keep.due)
                if due or done or waiting == BATCH:
                    state.spikes.append(state.journal.spikes())
                    advance(waiting)
                    waiting = 0
                if due and keep is not None:
                    state.effort.take()
                    keep.save(state.journal, **state.arrays())
            advance(waiting)
    state.effort.take()
    return state


def show(
    machine: LearningMachine,
    through: LearningMachine | Journal,
    words: npt.NDArray[np.uint16],
) -> None:
    """One image, streamed by the machine itself or by its journal; then all walls go home."""
    through.stream(words)
    machine.write("LEAK", machine.shape.theta_max)
    through.stream(np.array([WORD_TICK | PAUSE], np.uint16))
    machine.write("LEAK", 0)

"""The digits experiment: learn handwritten digits without labels, then read them out by a vote.

Neurons under winner-take-all watch the images of a training set for some epochs, each as spike
trains (``stimuli.rate``), and learn by stochastic STDP (Fig. 4) with thresholds that rise with a
neuron's spikes (homeostasis). Then learning and homeostasis are switched off. The frozen machine
watches the training set, on whose labels the votes of its neurons are chosen, and a test set, on
which it is scored (``experiments.vote``).

One spike a time step: inhibition and refractory time of a tick, and a spike puts back all walls.
Between two images all walls go home, in a tick with the largest leak.

Everything random comes from one seed: the split of the images, their order, their spike trains,
initial weights, the machine's random words and the level of each device. So two machines that keep
the contract give the same spikes, weights and figures.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments import ledger
from spinloom.host.experiments.digits_config import SUITED, DigitsConfig, Seeds
from spinloom.host.experiments.digits_result import DigitsResult
from spinloom.host.experiments.digits_training import BATCH, learn, show
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Advance, Progress
from spinloom.host.stimuli import images, rate
from spinloom.host.stimuli.images import LabelledImages

__all__ = ["CONFIG", "SUITED", "DigitsConfig", "DigitsResult", "draw", "run", "tables"]

CONFIG = DigitsConfig

Spikes = npt.NDArray[np.void]


def run(
    machine: LearningMachine,
    config: DigitsConfig,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> DigitsResult:
    """One whole run, or what a checkpoint left of it; the machine ends with the trained weights,
    frozen."""
    started = time.monotonic()
    seeds = Seeds.derive(config.seed)
    known = images.load(config.data)
    pixels, inputs = known.pixels.shape[1], machine.shape.inputs
    if pixels > inputs:
        raise ValueError(
            f"data = {config.data!r}: images of {pixels} pixels; shape {config.shape} has {inputs} "
            "inputs: give smaller ones or another shape"
        )
    train, test = known.split(config.train, config.test, seeds.split)
    learned = learn(machine, config, train, checkpoint, progress)
    weights, theta = machine.weights(), machine.neurons()[1]
    frozen = _read_out(machine, config, theta, train, test, progress)
    return DigitsResult(
        config=config,
        ledger=learned.effort.ledger(),
        train=train,
        test=test,
        order=np.array(learned.order, np.int64),
        spikes=np.concatenate(learned.spikes),
        frozen_train=frozen[0],
        frozen_test=frozen[1],
        weights=weights,
        weights_hash=weights_hash(machine.read_memory("weights")),
        theta=theta,
        cycles=learned.effort.cycles,
        training_seconds=learned.effort.seconds,
        seconds=time.monotonic() - started,
    )


def read_again(
    machine: LearningMachine, learned: DigitsResult, bits: npt.ArrayLike, progress: Progress
) -> DigitsResult:
    """What the trained machine of a run says with other weights, [inputs, columns]; the training
    is that of the run."""
    started = time.monotonic()
    config = learned.config
    machine.set_weights(bits)
    frozen = _read_out(machine, config, learned.theta, learned.train, learned.test, progress)
    return replace(
        learned,
        frozen_train=frozen[0],
        frozen_test=frozen[1],
        weights=machine.weights(),
        weights_hash=weights_hash(machine.read_memory("weights")),
        seconds=time.monotonic() - started,
    )


def _read_out(
    machine: LearningMachine,
    config: DigitsConfig,
    theta: npt.NDArray[np.int64],
    train: LabelledImages,
    test: LabelledImages,
    progress: Progress,
) -> list[Spikes]:
    """Spikes of the frozen machine, of the images to learn from and of the others."""
    seeds = Seeds.derive(config.seed)
    machine.configure(replace(config.params(), learn=False, homeostasis=False))
    frozen = []
    for number, (what, shown) in enumerate((("choose votes", train), ("test", test)), 1):
        machine.reset(state=True)
        machine.write_memory("neurons", (theta * config.recall).astype(np.int64) << 16)
        with progress.task(what, total=len(shown), unit="images") as advance:
            trains = np.random.Generator(np.random.PCG64([seeds.stimulus, number]))
            frozen.append(_watch(machine, config, shown, trains, advance))
    return frozen


def _watch(
    machine: LearningMachine,
    config: DigitsConfig,
    shown: LabelledImages,
    trains: np.random.Generator,
    advance: Advance,
) -> Spikes:
    """Show all images in their order; the spikes."""
    spikes = [machine.spikes()]
    for start in range(0, len(shown), BATCH):
        batch = shown.pixels[start : start + BATCH]
        for pixels in batch:
            show(machine, machine, rate.words(pixels, config.steps, trains))
        spikes.append(machine.spikes())
        advance(len(batch))
    return np.concatenate(spikes)


def draw(result: DigitsResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import digits_pictures

    return digits_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a digit, and all of them together."""
    rows = [
        {"label": str(label), "images": images, "accuracy": accuracy}
        for label, (images, accuracy) in enumerate(
            zip(run["images_by_label"], run["accuracy_by_label"], strict=True)
        )
    ]
    rows += [{"label": "all", "images": sum(run["images_by_label"]), "accuracy": run["accuracy"]}]
    return {f"digits, {run['machine']}, seed {run['seed']}": rows} | ledger.table(run)

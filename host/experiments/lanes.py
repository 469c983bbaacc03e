"""The lanes experiment: learn, unsupervised, which lane a car is in (Fig. 4), then count cars.

The neurons watch a training recording several times (passes), with smaller switching probabilities
in the later ones. Then learning and homeostasis are switched off; thresholds stay. The frozen
machine watches the training recording, on whose truth the read-out masks are chosen, and a test
recording of other traffic, on which it is scored (``experiments.readout``).

Everything random comes from one seed: traffic and noise of both recordings, initial weights, the
machine's random words and the level of each device. So two machines that keep the contract give
the same spikes, weights and figures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.checkpoint import Checkpoint
from spinloom.host.experiments import ledger, readout
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.lanes_config import SUITED, LanesConfig, Seeds
from spinloom.host.experiments.lanes_result import Evaluation, LanesResult
from spinloom.host.experiments.lanes_training import Snapshot, chunks, events, learn
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import encode, freeway, recordings
from spinloom.host.stimuli.events import CameraEvents

__all__ = ["CONFIG", "SUITED", "LanesConfig", "LanesResult", "draw", "run", "tables"]

CONFIG = LanesConfig

Words = npt.NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class _Recording:
    """A recording as the machine takes it; ``passages`` is None where the truth is unknown."""

    words: Words
    events: int
    ticks: int
    passages: npt.NDArray[np.void] | None


def run(
    machine: LearningMachine,
    config: LanesConfig,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> LanesResult:
    """One whole run, or what a checkpoint left of it; the machine ends with the trained weights and
    thresholds."""
    started = time.monotonic()
    train, test, encoder = _recordings(config, progress)
    training = learn(machine, config, train.words, train.ticks, checkpoint, progress)
    learned = training.snapshots[-1]
    evaluation, curve = None, []
    if test is not None:
        for snapshot in training.snapshots if config.curve else [learned]:
            evaluation = _evaluate(machine, config, snapshot, train, test, progress)
            curve.append((snapshot.seconds, evaluation.f1_mean))
    return LanesResult(
        config=config,
        ledger=training.effort.ledger(),
        events=train.events * len(config.codes),
        spikes=training.passes(),
        weights=learned.weights,
        weights_hash=weights_hash(machine.read_memory("weights")),
        theta=learned.theta,
        view=(encoder.rows, encoder.columns),
        evaluation=evaluation,
        curve=tuple(curve) if config.curve else (),
        cycles=training.effort.cycles,
        training_seconds=training.effort.seconds,
        seconds=time.monotonic() - started,
    )


def _recordings(
    config: LanesConfig, progress: Progress
) -> tuple[_Recording, _Recording | None, encode.EventEncoder]:
    """Training and test recording; of a user's recording there is only one."""
    if config.events is not None:
        with progress.task(f"read {config.events}", total=1, unit="files") as advance:
            events = recordings.read(Path(config.events))
            advance(1)
        encoder = _encoder(config, events.width, events.height)
        return _encode(encoder, events, events.ticks, None), None, encoder
    # The encoder before the traffic: a size that does not fit fails at once.
    encoder = _encoder(config, config.traffic.width, config.traffic.height)
    seeds = Seeds.derive(config.seed)
    train = _traffic("traffic to learn from", config, config.seconds_train, seeds.train, progress)
    test = _traffic("traffic to count", config, config.seconds_test, seeds.test, progress)
    first, second = (_encode(encoder, f.events, f.ticks, f.passages) for f in (train, test))
    return first, second, encoder


def _encoder(config: LanesConfig, width: int, height: int) -> encode.EventEncoder:
    inputs = SHAPES[config.shape].inputs
    return encode.EventEncoder(
        width=width, height=height, downsample=config.downsample, inputs=inputs
    )


def _traffic(
    what: str, config: LanesConfig, seconds: float, seed: int, progress: Progress
) -> freeway.Freeway:
    with progress.task(what, total=round(seconds), unit="s of traffic") as advance:
        done = 0

        def tell(fraction: float) -> None:
            nonlocal done
            step = int(fraction * seconds) - done
            done += step
            advance(step)

        return freeway.generate(config.traffic, seconds, seed, tell)


def _encode(
    encoder: encode.EventEncoder,
    events: CameraEvents,
    ticks: int,
    passages: npt.NDArray[np.void] | None,
) -> _Recording:
    words = encode.words(events.t, encoder.addresses(events), ticks)
    return _Recording(words=words, events=len(events), ticks=ticks, passages=passages)


def _evaluate(
    machine: LearningMachine,
    config: LanesConfig,
    learned: Snapshot,
    train: _Recording,
    test: _Recording,
    progress: Progress,
) -> Evaluation:
    """Freeze the machine in this state and let it watch both recordings."""
    if train.passages is None or test.passages is None:
        raise ValueError("a recording without truth cannot be scored")
    params = config.params(len(config.codes) - 1)
    machine.configure(replace(params, learn=False, homeostasis=False))
    machine.set_weights(learned.weights)
    watched = []
    for what, recording in (("choose neurons", train), ("count cars", test)):
        machine.reset(state=True)
        machine.write_memory("neurons", learned.theta << 16)
        with progress.task(what, total=recording.events) as advance:
            for chunk in chunks(recording.words):
                machine.stream(chunk)
                advance(events(chunk))
            watched.append(machine.spikes())
    lanes, dead_time = config.traffic.lanes, config.dead_time
    masks = readout.choose_masks(watched[0], train.passages, train.ticks, lanes, dead_time)
    return Evaluation(
        masks=masks,
        scores=readout.score_lanes(watched[1], test.passages, test.ticks, masks, dead_time),
        train_spikes=watched[0],
        train_passages=train.passages,
        train_ticks=train.ticks,
        test_spikes=watched[1],
        test_passages=test.passages,
        test_ticks=test.ticks,
    )


def draw(result: LanesResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import lanes_pictures

    return lanes_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a lane, or the plain figures of a recording without truth."""
    if "f1_mean" not in run:
        figures = ("events", "spikes", "weights_parallel", "spikes_hash", "weights_hash", "seconds")
        rows = [{"figure": name, "value": run[name]} for name in figures]
        return {f"learned from a recording, {run['machine']}": rows} | ledger.table(run)
    columns = ("passages", "detection", "false_alarms", "duplicates")
    rows = [
        {"lane": str(lane + 1)}
        | {name: run[f"{name}_by_lane"][lane] for name in columns}
        | {"F1": f1}
        for lane, f1 in enumerate(run["f1_by_lane"])
    ]
    rows += [{"lane": "all"} | {name: run[name] for name in columns} | {"F1": run["f1_mean"]}]
    return {f"lanes, {run['machine']}, seed {run['seed']}": rows} | ledger.table(run)

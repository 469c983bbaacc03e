"""The pictures of one run of the lanes experiment."""

from __future__ import annotations

from pathlib import Path

from spinloom.host import pictures
from spinloom.host.experiments import readout
from spinloom.host.experiments.lanes_result import Evaluation, LanesResult

RASTER_SECONDS = 30.0
WINDOW_SECONDS = 30.0


def draw(result: LanesResult, folder: Path) -> list[str]:
    """Draw what the run allows into ``folder``; returns the names of the files."""
    neurons = result.weights.shape[1]
    titles, colours = [str(n) for n in range(neurons)], [pictures.GREY] * neurons
    names = ["weights.png"]
    if result.evaluation is not None:
        names += _scored(result, result.evaluation, folder, titles, colours)
    pictures.weight_maps(folder / "weights.png", result.weights, result.view, titles, colours)
    return names


def _scored(
    result: LanesResult,
    evaluation: Evaluation,
    folder: Path,
    titles: list[str],
    colours: list[str],
) -> list[str]:
    """Pictures that need the truth; fills in the titles and colours of the neurons."""
    e, dead_time = evaluation, result.config.dead_time
    preferred = readout.preferred_lanes(
        e.train_spikes, e.train_passages, e.train_ticks, len(e.masks), len(titles), dead_time
    )
    for lane, mask in enumerate(e.masks):
        for neuron in range(len(titles)):
            if neuron in mask:
                titles[neuron] = f"{neuron}: lane {lane + 1}"
                colours[neuron] = pictures.LANE_COLOURS[lane % len(pictures.LANE_COLOURS)]
    pictures.raster(
        folder / "raster.png",
        e.test_spikes,
        e.test_passages,
        [readout.detections(e.test_spikes, mask, dead_time) for mask in e.masks],
        preferred,
        (0.0, min(RASTER_SECONDS, e.test_ticks / 1000)),
    )
    window = min(round(WINDOW_SECONDS * 1000), e.train_ticks)
    pictures.learning_curve(
        folder / "learning.png",
        [
            readout.score_windows(s, e.train_passages, e.train_ticks, e.masks, window, dead_time)
            for s in result.spikes
        ],
        window / 1000,
        result.curve,
    )
    title = f"Cars counted in {e.test_ticks / 1000:g} s of traffic (seed {result.config.seed})"
    pictures.lane_table(folder / "lanes.png", e.scores, e.masks, title)
    return ["raster.png", "learning.png", "lanes.png"]

"""From spikes to labels: every spike votes, with the share of each label among its neuron's spikes.

The *table* of a frozen machine, from images with known labels (the only supervised part)::

    r[j, c] = mean spikes of neuron j for an image of label c
    table[j, c] = r[j, c] / sum_c r[j, c],  0 for a neuron that never fires

An image with n[j] spikes is given the label argmax_c sum_j n[j] * table[j, c]; of equals the
lowest, and without any spike 0.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def counts(spikes: npt.NDArray[np.void], images: int, ticks: int, neurons: int) -> Counts:
    """Spikes of each image and neuron, [images, neurons]; an image lasts ``ticks`` ticks."""
    out = np.zeros((images, neurons), np.int64)
    np.add.at(out, (spikes["tick"] // ticks, spikes["neuron"]), 1)
    return out


def table(spikes: Counts, labels: Labels, kinds: int) -> Floats:
    """The votes of each neuron, [neurons, kinds], from images of labels below ``kinds``."""
    rates = np.zeros((spikes.shape[1], kinds))
    for label in np.unique(labels):
        rates[:, label] = spikes[labels == label].mean(axis=0)
    votes: Floats = rates / np.maximum(rates.sum(axis=1, keepdims=True), 1e-12)
    return votes


def elect(spikes: Counts, votes: Floats) -> Labels:
    """The label of each image."""
    elected: Labels = np.argmax(spikes @ votes, axis=1).astype(np.uint8)
    return elected


def confusion(truth: Labels, elected: Labels, kinds: int) -> npt.NDArray[np.int64]:
    """Images by label (row) and by the label that they were given (column)."""
    out = np.zeros((kinds, kinds), np.int64)
    np.add.at(out, (truth, elected), 1)
    return out


def while_learning(spikes: Counts, labels: Labels, kinds: int, window: int) -> Floats:
    """Share of right labels in each whole window of images but the first, by the votes of the
    window before it: from the spikes emitted while learning, [windows - 1]."""
    starts = range(0, len(labels) - window + 1, window)
    out = []
    for before, now in pairwise(slice(start, start + window) for start in starts):
        votes = table(spikes[before], labels[before], kinds)
        out.append(float(np.mean(elect(spikes[now], votes) == labels[now])))
    return np.array(out)

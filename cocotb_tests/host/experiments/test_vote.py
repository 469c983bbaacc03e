"""The vote: its table, its winner, its score, on spikes small enough to count by hand."""

import numpy as np
import pytest

from spinloom.host.experiments import vote

LABELS = np.array([0, 0, 1, 2], np.uint8)
# Neuron 0 likes label 0, neuron 1 likes 1 and 2, neuron 2 is silent.
SPIKES = np.array([[4, 0, 0], [2, 0, 0], [1, 3, 0], [0, 3, 0]])


def test_counts():
    spikes = np.array(
        [(0, 1), (10, 1), (11, 0), (21, 2), (22, 2)], [("tick", "<u4"), ("neuron", "<u2")]
    )
    assert vote.counts(spikes, 3, 11, 3).tolist() == [[0, 2, 0], [1, 0, 1], [0, 0, 1]]


def test_a_neuron_votes_with_the_shares_of_its_mean_spikes():
    table = vote.table(SPIKES, LABELS, 4)
    assert table[0] == pytest.approx([3 / 4, 1 / 4, 0, 0])
    assert table[1] == pytest.approx([0, 1 / 2, 1 / 2, 0])
    assert table[2].tolist() == [0, 0, 0, 0]


def test_the_label_with_most_votes_wins_and_the_lowest_of_equals():
    table = vote.table(SPIKES, LABELS, 4)
    assert vote.elect(np.array([[1, 0, 0], [1, 2, 0], [0, 1, 5], [0, 0, 9]]), table).tolist() == [
        0, 1, 1, 0,
    ]  # fmt: skip


def test_confusion():
    table = vote.confusion(np.array([0, 0, 1], np.uint8), np.array([0, 1, 1], np.uint8), 3)
    assert table.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_accuracy_while_learning_uses_the_window_before():
    labels = np.array([0, 1, 0, 1, 0, 1, 0], np.uint8)
    spikes = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [0, 1], [1, 0], [9, 9]])
    # Windows of two: the second is right by the first; in the third both neurons have swapped.
    assert vote.while_learning(spikes, labels, 2, 2).tolist() == [1.0, 0.0]

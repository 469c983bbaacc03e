"""What a run of the digits experiment leaves: accuracy, spikes, weights, and their fingerprints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import EnergyLedger
from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import ledger, vote
from spinloom.host.experiments.digits_config import DigitsConfig
from spinloom.host.experiments.hashes import spikes_hash
from spinloom.host.stimuli.images import LabelledImages

WINDOW = 500  # images of a point of the learning curve

Spikes = npt.NDArray[np.void]


@dataclass(frozen=True, kw_only=True)
class DigitsResult:
    """Everything that a run leaves.

    Members
    -------
    train, test : the images
    order : for each epoch, the images of ``train`` in the order shown, [epochs, images]
    spikes : all spikes while learning, ticks from the first image on
    frozen_train, frozen_test : spikes of the frozen machine, ticks from the first image on
    weights : uint8 [inputs, columns] after training, 1 = parallel
    theta : thresholds after training [neurons], wall steps
    ledger : device events while learning
    cycles : clock cycles of the training, None if not all of it was on a machine with a clock
    training_seconds : wall time of the training
    seconds : that of the whole run, or of what a checkpoint left of it
    """

    config: DigitsConfig
    train: LabelledImages
    test: LabelledImages
    order: npt.NDArray[np.int64]
    spikes: Spikes
    frozen_train: Spikes
    frozen_test: Spikes
    weights: npt.NDArray[np.uint8]
    weights_hash: str
    theta: npt.NDArray[np.int64]
    ledger: EnergyLedger
    cycles: int | None
    training_seconds: float
    seconds: float

    @property
    def kinds(self) -> int:
        """Labels that there are."""
        return max(self.train.kinds, self.test.kinds)

    def counts(self, spikes: Spikes, images: int) -> vote.Counts:
        """Spikes of each image and neuron, [images, neurons]."""
        return vote.counts(spikes, images, self.config.image_ticks, len(self.theta))

    def votes(self) -> vote.Floats:
        """What a spike of each neuron says, [neurons, labels], of the training images."""
        spikes = self.counts(self.frozen_train, len(self.train))
        return vote.table(spikes, self.train.labels, self.kinds)

    def confusion(self) -> npt.NDArray[np.int64]:
        """Test images by label and by the label given."""
        given = vote.elect(self.counts(self.frozen_test, len(self.test)), self.votes())
        return vote.confusion(self.test.labels, given, self.kinds)

    def curve(self) -> tuple[int, vote.Floats]:
        """Accuracy while it learns, and the images of a point (``vote.while_learning``)."""
        order = self.order.ravel()
        window = min(WINDOW, len(order) // 2)
        spikes = self.counts(self.spikes, len(order))
        if not window:
            return 1, np.zeros(0)
        return window, vote.while_learning(spikes, self.train.labels[order], self.kinds, window)

    def strength(self) -> npt.NDArray[np.int64]:
        """Strength of the synapse of each pixel and neuron, [pixels, neurons]: its parallel
        junctions, or the position of its wall."""
        shape, pixels = SHAPES[self.config.shape], self.train.pixels.shape[1]
        bits = self.weights[:pixels].reshape(pixels, shape.neurons, shape.junctions)
        worth = 1 << np.arange(shape.junctions) * shape.is_wall
        strength: npt.NDArray[np.int64] = bits @ worth
        return strength

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``; accuracy is that on the test images."""
        confusion = self.confusion()
        right, images = np.diag(confusion), confusion.sum(axis=1)
        tested = self.counts(self.frozen_test, len(self.test))
        heard = self.counts(self.frozen_train, len(self.train)).any(axis=0)
        window, curve = self.curve()
        return {
            "accuracy": float(right.sum() / images.sum()),
            "accuracy_by_label": [
                r / n if n else None for r, n in zip(right.tolist(), images.tolist(), strict=True)
            ],
            "images_by_label": images.tolist(),
            "confusion": confusion.tolist(),
            "images_without_spike": int((~tested.any(axis=1)).sum()),
            "neurons_without_spike": int((~heard).sum()),
            "spikes_per_test_image": float(tested.sum(axis=1).mean()),
            "curve_window": window,
            "curve": curve.tolist(),
            "sigma": self.config.sigma,
            "spikes": len(self.spikes),
            "spikes_hash": spikes_hash(self.spikes, self.frozen_train, self.frozen_test),
            "weights_hash": self.weights_hash,
            "strength_mean": float(self.strength().mean()),
            "theta_median": float(np.median(self.theta)),
            **ledger.figures(self.ledger),
            "cycles": self.cycles,
            "training_seconds": round(self.training_seconds, 3),
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Arrays of the run; spikes are records of tick and neuron."""
        return {
            "weights": self.weights,
            "theta": self.theta,
            "votes": self.votes(),
            "order": self.order,
            "spikes": self.spikes,
            "frozen_train_spikes": self.frozen_train,
            "frozen_test_spikes": self.frozen_test,
            "train_labels": self.train.labels,
            "test_labels": self.test.labels,
        }

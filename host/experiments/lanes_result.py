"""What a run of the lanes experiment leaves: scores, spikes, weights, and their fingerprints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import EnergyLedger
from spinloom.host.experiments import ledger
from spinloom.host.experiments.hashes import spikes_hash
from spinloom.host.experiments.lanes_config import LanesConfig
from spinloom.host.experiments.readout import LaneScore

Spikes = npt.NDArray[np.void]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A frozen machine over both recordings: the masks chosen on the first, the scores on the
    second."""

    masks: tuple[tuple[int, ...], ...]
    scores: tuple[LaneScore, ...]
    train_spikes: Spikes
    train_passages: npt.NDArray[np.void]
    train_ticks: int
    test_spikes: Spikes
    test_passages: npt.NDArray[np.void]
    test_ticks: int

    @property
    def f1_mean(self) -> float:
        """Mean of F1 over the lanes."""
        return float(np.mean([s.f1 for s in self.scores]))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``; counts are of the test recording."""
        scores = self.scores
        passages = sum(s.passages for s in scores)
        return {
            "f1_mean": self.f1_mean,
            "f1_by_lane": [s.f1 for s in scores],
            "detection": sum(s.hits for s in scores) / passages if passages else 0.0,
            "detection_by_lane": [s.detection for s in scores],
            "passages": passages,
            "passages_by_lane": [s.passages for s in scores],
            "false_alarms": sum(s.false_alarms for s in scores),
            "false_alarms_by_lane": [s.false_alarms for s in scores],
            "duplicates": sum(s.duplicates for s in scores),
            "duplicates_by_lane": [s.duplicates for s in scores],
            "masks": [list(mask) for mask in self.masks],
        }


@dataclass(frozen=True, kw_only=True)
class LanesResult:
    """Everything that a run leaves.

    Members
    -------
    events : events of the training passes
    spikes : spikes of each training pass, ticks from the start of the pass
    weights : uint8 [inputs, neurons] after training, 1 = parallel
    theta : thresholds after training [neurons], wall steps
    view : rows and columns of the pooled view of the camera
    evaluation : None for a recording without truth
    curve : (seconds of traffic learned from, mean F1), in the order of time
    ledger : device events of the training passes
    cycles : clock cycles of the training passes, None if not all were on a machine with a clock
    training_seconds : wall time of the training passes
    seconds : that of the whole run, or of what a checkpoint left of it
    """

    config: LanesConfig
    events: int
    spikes: tuple[Spikes, ...]
    weights: npt.NDArray[np.uint8]
    weights_hash: str
    theta: npt.NDArray[np.int64]
    view: tuple[int, int]
    evaluation: Evaluation | None
    curve: tuple[tuple[float, float], ...]
    ledger: EnergyLedger
    cycles: int | None
    training_seconds: float
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        score = self.evaluation.figures() if self.evaluation is not None else {}
        return score | {
            "curve": [list(point) for point in self.curve],
            "sigma": self.config.sigma,
            "events": self.events,
            "spikes": sum(len(s) for s in self.spikes),
            "spikes_hash": spikes_hash(*self.spikes),
            "weights_hash": self.weights_hash,
            "weights_parallel": float(self.weights.mean()),
            **ledger.figures(self.ledger),
            "cycles": self.cycles,
            "training_seconds": round(self.training_seconds, 3),
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Arrays of the run; spikes are records of tick and neuron."""
        out: dict[str, npt.NDArray[Any]] = {"weights": self.weights, "theta": self.theta}
        out |= {f"spikes_pass{n}": s for n, s in enumerate(self.spikes, 1)}
        if self.evaluation is not None:
            out["frozen_train_spikes"] = self.evaluation.train_spikes
            out["frozen_test_spikes"] = self.evaluation.test_spikes
            out["train_passages"] = self.evaluation.train_passages
            out["test_passages"] = self.evaluation.test_passages
        return out

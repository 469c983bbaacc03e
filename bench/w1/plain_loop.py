"""The plain C loop (``plain.c``), with the golden model's spikes and weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from spinloom.bench.w1 import workload
from spinloom.bench.w1.compiled import library, timed
from spinloom.emulator.random.linear import byte_tables
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import generator

SOURCE = Path(__file__).with_name("plain.c")


class PlainLoop:
    """W1's machine, a byte a junction."""

    def __init__(self, theta: int, t_ref: int, weights: npt.NDArray[np.uint8]) -> None:
        self._theta, self._t_ref = theta, t_ref
        self._weights = weights.copy()
        lanes = range(workload.SHAPE.generators)
        self._random = np.array([spec.SEED ^ spec.lane_seed(k) for k in lanes], np.uint64)

    def run(self, stimulus: workload.Stimulus, rounds: int) -> tuple[npt.NDArray[np.void], float]:
        """Play the stimulus from tick 0; spikes, and the seconds that the loop took."""
        return timed(
            library(SOURCE).plain_run, stimulus.ticks * rounds,
            self._weights, stimulus.addresses, stimulus.ends, stimulus.ticks, rounds,
            self._theta, self._t_ref, workload.CODE_P, workload.CODE_AP, workload.BUCKET_TICKS,
            self._random, byte_tables(generator(workload.SHAPE.generator).rows),
        )  # fmt: skip

    def weights(self) -> npt.NDArray[np.uint8]:
        """The junctions now, [inputs, neurons]."""
        return self._weights

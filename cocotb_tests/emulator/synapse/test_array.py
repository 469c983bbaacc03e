"""Sums of rows by small integers side by side equal plain sums, whatever their size."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.synapse.array import SynapseArray


@pytest.mark.parametrize("neurons", [12, 16, 33, 64])
@pytest.mark.parametrize(
    "runs",
    [[1], [3, 1, 20], [255, 1], [256], [300, 2, 1, 255], [1] * 300, [40_000, 30_000], [66_000]],
)
def test_totals(neurons: int, runs: list[int]) -> None:
    """All junctions of neuron 0 are P: its sums are as large as any, and carry over if one can."""
    rng = np.random.default_rng(len(runs))
    array = SynapseArray(LearningShape(name="test", inputs=64, neurons=neurons))
    array.bits[:] = rng.integers(0, 2, array.bits.shape)
    array.bits[:, 0] = 1
    addresses = rng.integers(0, 64, sum(runs))
    bounds = np.cumsum([0, *runs])
    plain = np.cumsum(array.bits[addresses], axis=0, dtype=np.int64)
    want = np.concatenate([np.zeros((1, neurons), np.int64), plain])[bounds]
    assert array.totals(addresses, bounds).tolist() == want.tolist()
    assert want[:, 0].tolist() == bounds.tolist()

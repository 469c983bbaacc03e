"""Slow forgetting: the rarer the write, the longer a junction keeps its state."""

from __future__ import annotations

from itertools import pairwise
from math import inf, sqrt

import numpy as np
import numpy.typing as npt
import pytest

from spinloom.emulator.physics.retention import retention, trials_to
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec.learning import LearningShape
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.emulator.synapse.stdp import StochasticStdp

SHAPE = LearningShape(name="test", inputs=1 << 15, neurons=2)
CODES = (4, 16, 64)


def remembered(code: int, sweeps: int) -> npt.NDArray[np.float64]:
    """Fraction of 32768 P junctions that are P still after 0, 1, ... sweeps of their column, all
    inputs silent."""
    synapses, mtj = SynapseArray(SHAPE), Mtj()
    synapses.bits.fill(1)
    mtj.codes[0] = code
    stdp = StochasticStdp(synapses, mtj)
    random = LinearGenerator("lutopt64", 0x1234567 + code)
    silent, level = np.zeros(SHAPE.inputs, np.bool_), np.zeros(SHAPE.inputs, np.uint8)
    fractions = [1.0]
    for _ in range(sweeps):
        stdp.sweep(0, silent, level, random.block(SHAPE.groups))
        fractions.append(float(synapses.bits[:, 0].mean()))
    assert synapses.bits[:, 1].all(), "another column was written"
    return np.array(fractions)


@pytest.mark.parametrize("code", CODES)
def test_retention(code: int) -> None:
    """(1-p)^n within 3 sigma of the binomial fraction, at n = 1 and 1/4, 1/2, 1 and 2 lifetimes."""
    life = 256 // code
    measured = remembered(code, 2 * life)
    for n in {1, life // 4, life // 2, life, 2 * life}:
        expected = retention(code, n)
        sigma = sqrt(expected * (1 - expected) / SHAPE.inputs)
        assert abs(measured[n] - expected) < 3 * sigma, f"after {n} sweeps"


def test_smaller_probability_forgets_more_slowly() -> None:
    curves = [remembered(code, 40) for code in CODES]
    for slow, fast in pairwise(curves):
        assert (slow[1:] > fast[1:]).all()
    half_lives = [int(np.argmax(curve < 0.5)) for curve in curves[1:]]
    assert half_lives == [int(np.ceil(trials_to(0.5, code))) for code in CODES[1:]]


def test_limits() -> None:
    assert retention(0, 1000) == 1 and retention(256, 1) == 0 and retention(256, 0) == 1
    assert trials_to(0.5, 0) == inf and trials_to(0.5, 256) == 0
    assert retention(64, 8) == pytest.approx(0.75**8)
    assert trials_to(retention(64, 8), 64) == pytest.approx(8)


def test_out_of_range() -> None:
    with pytest.raises(ValueError, match="code = 257"):
        retention(257, 1)
    with pytest.raises(ValueError, match="trials = -1"):
        retention(4, -1)
    with pytest.raises(ValueError, match="fraction = 0"):
        trials_to(0, 4)

"""Two resistances, and the contrast and errors of a column that is read."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.resistance import Column, julliere_tmr, resistance

TMRS = (0.5, 1.0, 1.5, 2.0, 6.0)


@pytest.mark.parametrize("tmr", TMRS)
def test_a_read_returns_one_of_two_resistances(tmr):
    junction = Junction(r_p_ohm=4e3, tmr=tmr)
    assert resistance(junction, [[1, 0], [0, 1]]).tolist() == [
        [4e3, 4e3 * (1 + tmr)],
        [4e3 * (1 + tmr), 4e3],
    ]


def test_default_ratio_is_between_two_and_three():
    off, on = resistance(Junction(), [0, 1])
    assert 2 <= off / on <= 3


def test_julliere():
    """Polarisations of 0.75: 2*0.5625/0.4375 = 257 %."""
    assert julliere_tmr(0.75, 0.75) == pytest.approx(2.5714, rel=1e-4)
    with pytest.raises(ValueError, match=r"polarisation = 1\.0"):
        julliere_tmr(1.0, 0.5)


@pytest.mark.parametrize("rows", [1, 64, 1024])
def test_contrast_falls_as_the_tmr_falls(rows):
    columns = [Column(junction=Junction(tmr=tmr), rows=rows) for tmr in TMRS]
    assert [c.contrast for c in columns] == pytest.approx([t / (2 + t) for t in TMRS])
    assert [c.step_contrast for c in columns] == pytest.approx([t / (1 + t) / rows for t in TMRS])
    errors = [replace(c, noise_a=0.5e-6).reading_error(0) for c in columns]
    assert np.all(np.diff(errors) < 0)


def test_current_is_the_sum_of_the_junctions():
    column = Column(junction=Junction(), rows=5, read_v=0.2)
    states = [1, 0, 1, 1, 0]
    assert column.current_a(3) == pytest.approx((0.2 / resistance(Junction(), states)).sum())
    assert column.current_a(4) - column.current_a(3) == pytest.approx(column.step_a)


def test_bias_halves_the_tmr():
    column = Column(junction=Junction(tmr=2.0), rows=4, read_v=0.4, half_v=0.4)
    assert column.tmr == pytest.approx(1.0)
    assert column.contrast < replace(column, half_v=float("inf")).contrast


@pytest.mark.parametrize(
    ("rows", "noise_a", "spread"),
    [(1, 4e-6, 0.0), (16, 4e-6, 0.0), (16, 0.0, 0.1), (64, 2e-6, 0.05)],
)
def test_errors_of_reads_are_those_of_the_law(rows, noise_a, spread):
    """40 000 reads of the column half in P: binomial, 4 sigma."""
    column = Column(junction=Junction(), rows=rows, noise_a=noise_a, spread=spread)
    parallel, reads = rows // 2, 40_000
    states = np.zeros((reads, rows), np.uint8)
    states[:, :parallel] = 1
    border = column.current_a(parallel) + column.step_a / 2
    measured = (column.read(states, np.random.default_rng(1)) > border).mean()
    p = column.reading_error(parallel)
    assert 1e-3 < p < 0.5
    assert abs(measured - p) < 4 * sqrt(p * (1 - p) / reads)


def test_more_rows_are_told_apart_less_well_by_spread_alone():
    errors = [
        Column(junction=Junction(), rows=rows, spread=0.1).reading_error(rows // 2)
        for rows in (2, 8, 32, 128)
    ]
    assert np.all(np.diff(errors) > 0)
    assert Column(junction=Junction(), rows=8).reading_error(3) == 0


def test_mistakes():
    column = Column(junction=Junction(), rows=4)
    with pytest.raises(ValueError, match="parallel = 5 is out of range; give 0 to 4"):
        column.current_a(5)
    with pytest.raises(ValueError, match=r"states of shape \(3,\); give 0 and 1"):
        column.read([0, 1, 1], np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"Column\.spread = -1; give 0 or more"):
        replace(column, spread=-1)
    with pytest.raises(ValueError, match=r"Column\.rows = 0"):
        replace(column, rows=0)
    with pytest.raises(ValueError, match="other values"):
        resistance(Junction(), [2])

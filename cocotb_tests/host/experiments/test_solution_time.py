"""Starts to a solution, against the binomial law."""

import numpy as np
import pytest

from spinloom.host.experiments.solution_time import repeats


def test_so_many_starts_are_sure():
    """1 - (1 - P)^starts = 0.99."""
    for solved in (1, 5, 11):
        assert 1 - (1 - solved / 12) ** repeats(solved, 12).mean == pytest.approx(0.99)


def test_nothing_and_everything_solved():
    none, every = repeats(0, 12), repeats(12, 12)
    assert none.mean is None and none.high is None and 0 < none.low < 100
    assert every.mean == every.low == 1 and 1 < every.high < 3


def test_the_interval_is_one_sigma():
    """Of 2000 times 50 starts of P = 0.2 the true number is inside in 68 %, give or take what
    whole numbers of solved starts make of it."""
    truth = np.log(0.01) / np.log(0.8)
    found = [repeats(int(k), 50) for k in np.random.default_rng(5).binomial(50, 0.2, 2000)]
    assert 0.6 < np.mean([r.low <= truth <= r.high for r in found]) < 0.8
    assert all(r.low < r.mean < r.high for r in (repeats(k, 50) for k in range(2, 49)))


@pytest.mark.parametrize(("solved", "starts"), [(-1, 3), (4, 3), (0, 0)])
def test_mistakes(solved, starts):
    with pytest.raises(ValueError, match=f"{solved} of {starts} starts solved"):
        repeats(solved, starts)

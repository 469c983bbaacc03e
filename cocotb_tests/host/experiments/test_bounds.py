"""The joint bound: its definition, by the normal distribution."""

from math import erf, sqrt

import pytest

from spinloom.host.experiments.bounds import joint_bound


@pytest.mark.parametrize("points", [1, 80, 1000])
def test_all_points_stay_inside_as_often_as_one_does_three_sigma(points):
    inside = erf(joint_bound(points) / sqrt(2)) ** points
    assert inside == pytest.approx(erf(3 / sqrt(2)), abs=1e-9)


def test_one_point_is_three_sigma():
    assert joint_bound(1) == joint_bound(0) == pytest.approx(3)

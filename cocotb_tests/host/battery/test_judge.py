"""What the battery makes of good and of bad generators."""

import numpy as np
import pytest

from spinloom.emulator.random.linear import LinearGenerator
from spinloom.host.battery import judge

LENGTH = 100_000


def failed(stream):
    return {v.test for v in judge.judge(stream, len(stream) // LENGTH) if not v.passed}


def test_a_good_generator_passes():
    """Of 12 judgements each fails one time in 290: one seed in 24 would fail here."""
    good = np.random.default_rng(3).integers(0, 2, 100 * LENGTH).astype(np.uint8)
    verdicts = judge.judge(good, 100)
    assert [v.test for v in verdicts if not v.passed] == []
    assert len(verdicts) == 12  # all but Maurer's, whose sequences are longer
    row = verdicts[0].row()
    assert row["test"] == "monobit" and row["verdict"] == "pass" and 0.95 < row["passing"] <= 1


def test_too_many_ones_are_seen():
    biased = np.random.default_rng(4).random(20 * LENGTH) < 0.51
    assert {"monobit", "runs", "cumulative sums"} <= failed(biased.astype(np.uint8))


def test_a_register_of_64_bits_is_seen():
    """One bit a shift: equally many of each, but of linear complexity 64."""
    words = LinearGenerator("naive64", 0x9E3779B97F4A7C15).block(20 * LENGTH)
    assert failed((words & np.uint64(1)).astype(np.uint8)) == {"linear complexity"}


def test_p_values_must_be_even():
    """All at 0.5: every sequence passes, and their p-values are no law's."""
    even = judge.uniformity(np.full(100, 0.5))
    assert even is not None and even < judge.UNIFORM
    verdict = judge.Verdict(test="x", p_values=np.full(100, 0.5), uniformity=even)
    assert verdict.proportion == 1 and not verdict.passed
    assert judge.uniformity(np.full(54, 0.5)) is None


@pytest.mark.parametrize(("below", "passed"), [(4, True), (5, False)])
def test_how_many_sequences_pass(below, passed):
    """96 of 100 and 980 of 1000 in the suite's reports."""
    assert (judge.least_passing(100), judge.least_passing(1000)) == (96, 980)
    p_values = np.where(np.arange(100) < below, 0.009, 0.01)
    verdict = judge.Verdict(test="x", p_values=p_values, uniformity=None)
    assert verdict.passing == 100 - below and verdict.passed == passed


def test_short_sequences():
    with pytest.raises(ValueError, match="sequences = 10 of 1000 bits: give 7 or fewer, of 128"):
        judge.judge(np.zeros(1000, np.uint8), 10)
    assert {v.test for v in judge.judge(np.ones(1280, np.uint8), 10)} >= {"monobit", "runs"}

"""The fitted exponent, and that what is recorded is what its rows say."""

import json
from pathlib import Path

import pytest

from spinloom.bench import oscillators


def rows(power):
    return [
        {"board": "ulx3s", "engine": "square", "oscillators": n,
         "resources": {"LUT": [round(7 * n**power), 83640]}}
        for n in (16, 64, 256, 704)
    ]  # fmt: skip


@pytest.mark.parametrize("power", [1.0, 1.2, 2.0])
def test_the_exponent_is_that_of_the_logic(power):
    # Rounding 7·16^x to a whole number moves it by less than a hundredth.
    assert oscillators.exponents(rows(power))["ulx3s square"] == pytest.approx(power, abs=0.01)


def test_one_machine_has_no_exponent():
    assert oscillators.exponents(rows(1.0)[:1]) == {}


def test_the_record_is_consistent():
    kept = json.loads(
        (Path(__file__).parents[2] / oscillators.DOCS / "oscillators.json").read_text()
    )
    assert kept["exponents"] == oscillators.exponents(kept["machines"])
    for row in kept["machines"]:
        steps = 1e6 * row["fmax_mhz"] / row["cycles_per_step"]
        # Cycles are kept to a tenth: one in a hundred of the fewest.
        assert row["steps_per_s"] == pytest.approx(steps, rel=0.01)

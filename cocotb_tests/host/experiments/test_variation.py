"""What varies reaches the devices, and the same on golden model and virtual board."""

from dataclasses import replace

import numpy as np
import pytest

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.experiments import digits, variation
from spinloom.host.experiments.variation import VariationConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

SMALL = {"data": "sklearn", "train": 60, "test": 40, "repeats": 2}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return variation.run(machine, config, progress)


@pytest.mark.parametrize(
    ("kind", "values"),
    [("probability", (0.0, 1.0)), ("barrier", (0.0, 0.2)), ("cycle", (0.0, 3.0)),
     ("stuck", (0.0, 1.0))],
)  # fmt: skip
def test_each_kind_changes_what_is_learned(kind, values, tmp_path):
    config = VariationConfig(**SMALL, kind=kind, values=values)
    result = run("golden", config)
    assert result.accuracy.shape == (2, 2)
    assert run("golden", replace(config, values=values[:1])).runs_hash != result.runs_hash
    figures = result.figures()
    assert figures["loss"] == pytest.approx(result.mean()[0] - result.mean()[1])
    assert variation.draw(result, tmp_path) == ["variation.png"]
    (rows,) = variation.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert [row["accuracy"] for row in rows] == figures["accuracy_mean"]


def test_stuck_junctions_never_switch():
    config = VariationConfig(**SMALL, kind="stuck", values=(0.5,)).digits(0, 0.5)
    with Machine.open("golden", SHAPES["digits-stored"]) as machine, Progress(quiet=True) as bars:
        result = digits.run(machine, config, bars)
        levels = machine.levels()
    rng = np.random.Generator(np.random.PCG64(digits.Seeds.derive(config.seed).weights))
    before = rng.random(result.weights.shape) < config.parallel
    stuck = levels.T == 0
    # Of 80,000 devices: four standard errors of a half.
    assert abs(stuck.mean() - 0.5) < 4 * 0.5 / np.sqrt(stuck.size)
    changed = before != result.weights
    assert not changed[stuck].any() and changed[~stuck].any()


def test_the_contrast_changes_what_is_read_not_what_was_learned():
    config = VariationConfig(**SMALL, shape="digits-wall", kind="tmr", values=(0.0, 1.0))
    with Machine.open("golden", SHAPES["digits-wall"]) as machine, Progress(quiet=True) as bars:
        learned = digits.run(machine, config.digits(0, 0), bars)
        same = variation.contrast(machine, learned, 0.0, bars)
        other = variation.contrast(machine, learned, 0.5, bars)
    assert same.figures()["spikes_hash"] == learned.figures()["spikes_hash"]
    assert (same.weights == learned.weights).all() and (other.spikes == learned.spikes).all()
    before, after = learned.strength(), other.strength()
    middle = (before > 3) & (before < 8)  # where 1 + z/2 is seldom clipped
    ratio = after[middle] / before[middle]
    # Four standard errors of the mean, and rounding and clipping of the deviation.
    assert abs(ratio.mean() - 1) < 4 * 0.5 / np.sqrt(middle.sum()) + 0.03
    assert 0.45 < ratio.std() < 0.55


def test_the_virtual_board_learns_the_same():
    config = VariationConfig(**SMALL | {"train": 20, "test": 10, "repeats": 1}, kind="stuck",
                             values=(0.3,))  # fmt: skip
    assert run("golden", config).runs_hash == run("sim", config).runs_hash


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "size"}, "kind = 'size'; give one of probability, barrier"),
        ({"kind": "tmr"}, "shape = 'digits-stored': kind = 'tmr' needs digits-wall"),
        ({"values": (0.5, 0.25)}, r"values = \(0.5, 0.25\); give some that rise, from 0 to 2"),
        ({"kind": "cycle", "values": (0.5,)}, "give whole bits, 0 to 3"),
        ({"repeats": 0}, "repeats = 0 is out of range"),
        ({"train": 0}, "train = 0 is out of range"),
    ],
)
def test_bad_configurations_are_one_line(fields, message):
    with pytest.raises(ValueError, match=message):
        VariationConfig(**fields)

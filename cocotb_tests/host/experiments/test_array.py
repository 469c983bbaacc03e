"""The array as a memory: write errors by the law, and what a reset and a power cycle leave."""

import json
from math import erfc, sqrt

import numpy as np
import pytest

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.switching import switch_probability
from spinloom.emulator.spec.learning import SHAPES
from spinloom.host import array_view, cli
from spinloom.host.experiments import array
from spinloom.host.experiments.array_config import ArrayConfig
from spinloom.host.image import Image
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

# Above 2.5 critical currents, where the law is a closed form.
SMALL = {"words": 128, "amplitudes": (110.0, 130.0), "durations": (1.0, 1.5)}
SMALL |= {"tmrs": (50.0, 150.0, 600.0), "read_voltages": (0.42, 0.5), "reads": 4}


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return array.run(machine, config, progress)


@pytest.fixture(scope="module")
def small():
    return run("golden", ArrayConfig(**SMALL))


@pytest.mark.parametrize("to", ["P", "AP"])
def test_write_errors_follow_the_law(to):
    """2048 cells a point, four points: 4 sigma."""
    result = run("golden", ArrayConfig(**SMALL | {"to": to}))
    assert result.cells == 128 * 16
    assert not np.isnan(result.sigma()).any() and result.max_sigma < 4
    assert (np.diff(result.law, axis=0) < -0.02).all() and (np.diff(result.law) < -0.02).all()


def test_a_wrong_law_is_seen(monkeypatch):
    """Cells that leave their state 10 % less often: many sigma."""
    right = array_view.switch_probability
    monkeypatch.setattr(array_view, "switch_probability", lambda *args: 0.9 * right(*args))
    assert run("golden", ArrayConfig(**SMALL)).max_sigma > 6


def test_reads_follow_the_law(small):
    """Some 2048 cells a TMR and 1024 a state: the farthest of all points as one beyond 3 sigma."""
    figures = small.figures()
    assert set(figures["reads_sigma"]) == {"current", "misread", "disturb", "signs"}
    assert None not in figures["reads_sigma"].values()
    assert figures["reads_max_sigma"] < figures["reads_joint_bound"] < 4.5
    rows = figures["tmr"]
    for row, off_on in zip(rows, (1.5, 2.5, 7.0), strict=True):
        assert row["OFF/ON"] == pytest.approx(off_on, rel=0.2)
        assert row["AP, law"] == row["P, law"]
    for rising in ("R_AP (ohm)", "contrast", "contrast, law"):
        assert (np.diff([row[rising] for row in rows]) > 0.1).all(), rising
    wrong = [row["AP"] + row["P"] for row in rows]
    assert wrong[0] > 2 * wrong[1] > 4 * wrong[2] > 0


def test_laws_of_reads_are_those_of_the_textbook(small):
    """Closed forms, written out: Phi(x) = erfc(-x / sqrt 2) / 2; k independent reads, where the
    other state is held, 1 - (1 - p)^k."""
    step = 0.05 / 6e3 * (1 - 1 / 1.5)
    assert small.sensed.misread.law[0, 0] == pytest.approx(erfc(step / 3e-6 / sqrt(2)) / 2)
    assert small.sensed.currents_law_a[2] == pytest.approx([0.05 / 42e3, 0.05 / 6e3])
    once, four = small.disturbed.law[1, [0, 3], 0]
    assert once == pytest.approx(switch_probability(Junction(), 0, 0.5 / 15e3, 5e-9))
    assert four == pytest.approx(1 - (1 - once) ** 4) and 0.01 < once < 0.5


def test_the_sign_of_a_current_decides(small):
    """The wanted sign switches cells, the other one none, nor does a read a cell in P."""
    ap, p = small.left.counts.T
    assert small.config.signed() == (-130.0, -110.0, 110.0, 130.0)
    assert not ap[:2].any() and not p[2:].any() and min(ap[2:]) > 200 and min(p[:2]) > 10
    assert not small.disturbed.counts[..., 1].any() and small.disturbed.counts[..., 0].min() > 0
    assert (np.diff(small.disturbed.counts[..., 0], axis=1) >= 0).all()
    assert small.figures()["against_sign"] == 0


def test_asymmetry_and_tmr_are_parameters():
    """Critical currents changed for each other: the rates change places, and a TMR of 600 % leaves
    AP too little current to be disturbed."""
    swapped = ArrayConfig(**SMALL | {"ic0_p_to_ap": 40.0, "ic0_ap_to_p": 50.0, "tmr": 600.0})
    result, usual = run("golden", swapped), ArrayConfig(**SMALL).junction()
    up, down = result.left.law[3, 0], result.left.law[0, 1]
    assert up < down == pytest.approx(switch_probability(usual, 0, 130e-6, 1e-9))
    assert result.figures()["reads_max_sigma"] < result.figures()["reads_joint_bound"]
    assert result.disturbed.law[..., 0].max() < 1e-6 and not result.disturbed.counts.any()


@pytest.mark.parametrize(
    ("part", "what", "fault"),
    [
        ("signs", "switch_probability", lambda right: lambda *args: 0.85 * right(*args)),
        (
            "disturb",
            "switch_probability",
            lambda right: lambda j, s, i, t: right(j, s, 1.05 * i, t),
        ),
        ("misread", "Column", lambda right: lambda **f: right(**f | {"noise_a": 2e-6})),
        (
            "current",
            "Column",
            lambda right: lambda **f: right(**f | {"read_v": 0.95 * f["read_v"]}),
        ),
    ],
)
def test_a_wrong_law_of_reads_is_seen(monkeypatch, part, what, fault):
    """Pulses that switch 15 % less often, reads with 5 % more current or a third more noise, and a
    read voltage that is 5 % low."""
    monkeypatch.setattr(array_view, what, fault(getattr(array_view, what)))
    figures = run("golden", ArrayConfig(**SMALL | {"words": 256})).figures()
    assert figures["reads_sigma"][part] > figures["reads_joint_bound"]


def test_a_wrong_sign_is_seen(monkeypatch):
    right = array_view.switch_probability
    monkeypatch.setattr(array_view, "switch_probability", lambda j, s, i, t: right(j, s, -i, t))
    result = run("golden", ArrayConfig(**SMALL | {"words": 16}))
    assert result.figures()["against_sign"] == result.left.counts.sum() > 0
    assert result.figures()["reads_sigma"]["signs"] > 10


def test_few_errors_are_no_sigma():
    few = {"tmrs": (600.0,), "read_voltages": (0.05,), "reads": 1}
    result = run("golden", ArrayConfig(words=2, amplitudes=(160.0,), durations=(10.0,), **few))
    assert np.isnan(result.sigma()).all() and result.max_sigma is None
    for part in ("misread", "disturb", "signs"):
        assert result.figures()["reads_sigma"][part] is None
    json.dumps(result.figures(), allow_nan=False)


def test_states_survive(small):
    wrong = dict(small.wrong)
    erased = wrong.pop("power off, all erased")
    # Half of 2048 pseudo-random bits: 4 standard deviations of 22.6.
    assert abs(erased - 1024) < 91
    assert set(wrong.values()) == {0} and len(wrong) == 4
    assert small.weights[:128].sum() == erased


def test_states_that_do_not_survive_are_seen(monkeypatch):
    """An image that is not loaded, and a reset that erases."""
    config = ArrayConfig(words=8, amplitudes=(160.0,), durations=(1.0,))
    with monkeypatch.context() as patch:
        patch.setattr(Image, "restore", lambda self, machine: None)
        wrong = run("golden", config).wrong
        assert wrong["power on, image loaded"] == wrong["power off, all erased"] > 0
    with Machine.open("golden", SHAPES[config.shape]) as machine:
        reset = machine.reset

        def erase(**what):
            reset(**what)
            machine.set_weights(np.zeros((1024, 16)))

        monkeypatch.setattr(machine, "reset", erase)
        result = array.run(machine, config, Progress(quiet=True))
    assert result.wrong["after a reset"] > 0


def test_every_pulse_is_counted_and_costs_100_fj(small):
    """One pulse a cell and point; to store words over cells that are mostly P, one for most 0s."""
    figures = small.figures()
    pulses, stored = int(small.pulses.sum()), int(small.weights[:128].sum())
    assert small.pulses.dtype == np.uint64 and figures["counter_bits"] >= 50
    assert small.pulses.shape == (1024, 16) and not small.pulses[128:].any()
    assert (small.pulses[:128] >= 4).all() and pulses > 4 * small.cells + (
        small.cells - stored
    ) // 2
    write, read = figures["energy"]
    assert (write["event"], write["count"], write["joules each"]) == ("write trial", pulses, 1e-13)
    assert write["joules"] == pytest.approx(pulses * 100e-15)
    assert read["count"] > 2 * pulses and 0 < read["joules each"] < 1e-13 / 10
    assert figures["passive_j"] == 0
    # Of the pulses, those of the grid that failed did not switch; all others did (8e-13 fail).
    switched = pulses - int(small.errors.sum())
    assert figures["write_per_switch_j"] == pytest.approx(write["joules"] / switched)


@pytest.mark.parametrize("target", ["golden:numba", "sim"])
def test_every_machine_gives_the_same(target):
    reads = {"tmrs": (50.0, 150.0), "read_voltages": (0.5,), "reads": 3}
    config = ArrayConfig(words=12, amplitudes=(120.0,), durations=(1.0, 2.0), **reads)
    golden, other = run("golden", config), run(target, config)
    assert golden.figures()["outcome_hash"] == other.figures()["outcome_hash"]
    assert golden.wrong == other.wrong and golden.errors.min() > 0
    assert golden.sensed.misread.counts.any() and golden.disturbed.counts.any()
    for name, value in golden.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)
    assert (other.ledger.cycles is None) == (target != "sim")


def test_a_run_leaves_all_that_it_promises(tmp_path, capsys):
    options = ("--words", "8", "--amplitudes", "110,160", "--durations", "1,10")
    assert cli.main(["run", "array", *options, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    path = tmp_path / "array-1-1"
    result = json.loads((path / "result.json").read_text())
    assert result["pictures"] == ["write_errors.png", "reads.png"]
    for name in result["pictures"]:
        assert (path / name).read_bytes().startswith(b"\x89PNG")
    for words in (
        "write errors to P",
        "read disturb",
        "one pulse of either sign",
        "OFF/ON",
        "power on, image loaded",
        "endurance",
        "write trial",
    ):
        assert words in printed
    assert cli.main(["results", str(path)]) == 0
    assert result["outcome_hash"][:12] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "digits-wall"}, "shape = 'digits-wall': choose one of lanes, "),
        ({"shape": "network-digits"}, "shape = 'network-digits': choose one of lanes, "),
        ({"words": 1025}, "words = 1025 is out of range; give 1 to 1024"),
        ({"seed": -1}, "seed = -1 is out of range"),
        ({"amplitudes": (50.0, 40.0)}, r"amplitudes = \(50.0, 40.0\); give some that rise"),
        ({"amplitudes": (801.0,)}, "above 0 to 800"),
        ({"durations": (0.0,)}, r"durations = \(0.0,\); give some"),
        ({"delta": 1.0}, r"Junction.delta = 1.0 is out of range"),
        ({"ic0_p_to_ap": 0.0}, r"Junction.ic0_p_to_ap_a = 0.0; give a number above 0"),
        ({"tmr": 700.0}, r"Junction.tmr = 7.0 is out of range"),
        ({"tmrs": (20.0, 100.0)}, r"Junction.tmr = 0.2 is out of range"),
        ({"tmrs": (100.0, 50.0)}, r"tmrs = \(100.0, 50.0\); give some that rise"),
        ({"read_voltages": (7.0,)}, r"read_voltages = \(7.0,\); give some that rise, above 0 to 6"),
        ({"read_noise": 0.0}, r"read_noise = 0.0 uA; give a number above 0"),
        ({"reads": 0}, r"reads = 0 is out of range; give 1 to 10000"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        ArrayConfig(**fields)

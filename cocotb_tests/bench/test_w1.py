"""The benchmark of W1: its C loops are the golden model bit for bit, and its figures are rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spinloom.bench.w1 import check, report, workload
from spinloom.bench.w1.c_loop import CLoop
from spinloom.emulator.spec import learning as spec


@pytest.mark.parametrize(
    ("theta", "t_ref", "ticks", "rounds"),
    [
        (1, 4, 270, 2),  # over 512 sweeps: the generators leap once
        (100, 4, 100, 2),
        (60, 0, 100, 1),
        (5, 64, 60, 1),
        (128, 1, 60, 1),
    ],
)
def test_the_c_loops_are_the_golden_model(theta: int, t_ref: int, ticks: int, rounds: int) -> None:
    stimulus = workload.stimulus().first(ticks)
    assert check.differences("golden", theta, t_ref, stimulus, rounds) == []


def test_random_words_matter() -> None:
    """With the generators seeded otherwise, weights differ and then spikes."""
    other = CLoop(1, 4, workload.weights(), seed=spec.SEED ^ 1)
    same = CLoop(1, 4, workload.weights())
    stimulus = workload.stimulus().first(300)
    spikes = [loop.run(stimulus, 1)[0] for loop in (other, same)]
    assert not np.array_equal(other.weights(), same.weights())
    assert not np.array_equal(*spikes)


@pytest.mark.parametrize(("theta", "t_ref"), [(0, 4), (129, 4), (1, -1), (1, 65)])
def test_the_c_loop_refuses_what_it_cannot_hold(theta: int, t_ref: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        CLoop(theta, t_ref, workload.weights())


def test_the_stimulus_is_its_words() -> None:
    """Words hold the events of each tick in ascending order, then a tick word."""
    stimulus = workload.stimulus().first(50)
    words = stimulus.words()
    ticks = np.split(words, np.flatnonzero(words == spec.WORD_TICK | 1) + 1)
    assert len(ticks.pop()) == 0 and len(ticks) == 50
    assert all((np.diff(tick[:-1].astype(int)) > 0).all() for tick in ticks)
    assert np.array_equal(np.concatenate([tick[:-1] for tick in ticks]), stimulus.addresses)
    assert stimulus.sops == 256 * len(stimulus.addresses)
    assert abs(len(stimulus.addresses) / 50 - 0.02 * 1024) < 4 * np.sqrt(0.02 * 1024 / 50)


def test_a_tick_beyond_a_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "ACTIVITY", 0.5)
    with pytest.raises(ValueError, match="over 64 events"):
        workload.stimulus(4)


def rows() -> list[dict[str, object]]:
    result = {"ticks": 100, "events": 2000, "spikes": 50, "seconds": 0.5, "cycles": 300}
    return [
        report.row("C, bit-sliced", 100, workload.T_REF, result),
        report.row("C, bit-sliced", 1, workload.T_REF, {**result, "seconds": 1.0}),
        report.row("golden, numba", 100, workload.T_REF, {**result, "seconds": 1.0}),
        report.row("Brian2, C++", 100, workload.T_REF, {**result, "seconds": 4.0}),
        report.row(report.SIMULATED, 100, workload.T_REF, result),
        report.row(report.SIMULATED, 1, workload.T_REF, result),
    ]


def test_rows_are_rates() -> None:
    first = rows()[0]
    assert first["ticks_per_s"] == 200
    assert first["synaptic_events_per_s"] == 4000 * 256
    assert first["state_updates_per_s"] == 100 * 1024
    assert (first["cycles_per_tick"], first["ticks_per_spike"]) == (3, 2)
    assert report.ratios(rows()) == [
        {"contestant": "golden, numba", "theta": 100, "times_Brian2": 4.0},
    ]


def test_circuits_stand_beside_the_c_loop(tmp_path: Path) -> None:
    """Three cycles a tick at 3 MHz: a million ticks a second, 20 events and half a spike each."""
    built = {"shape": "w1", "fmax_mhz": 3.0}
    results = {"boards": {"ulx3s-w1": built, "ulx3s": {**built, "shape": "lanes"}}}
    (circuit,) = circuits = report.fpga(results, rows())
    assert circuit["board"] == "ulx3s-w1"
    assert circuit["synaptic_events_per_s"] == 20 * 256 * 1_000_000
    assert circuit["state_updates_per_s"] == 1024 * 500_000
    assert circuit["synaptic_events_over_C, bit-sliced"] == 5000
    assert circuit["state_updates_over_C, bit-sliced"] == 10_000
    assert circuit["state_updates_over_C, plain"] is None
    assert circuit["roofline_fraction"] == round(20 * 256 / 3 / 7488, 3)
    assert report.fpga({"boards": {}}, rows()) == []
    assert report.fpga(results, rows()[:4]) == []  # without cycles there is no speed
    table = report.markdown(rows(), circuits).splitlines()
    assert table[2] == "| C, bit-sliced | 200 | 1.02 M | 100 | 51.2 k |"
    assert table[-1] == "| ulx3s-w1, estimate | — | 5.12 G | — | 512 M |"
    assert len(table) == 7
    report.picture(tmp_path / "w1.png", rows(), circuits)
    assert (tmp_path / "w1.png").read_bytes().startswith(b"\x89PNG")

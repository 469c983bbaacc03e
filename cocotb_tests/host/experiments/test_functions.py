"""Four functions of one tile against their laws, and one machine against another."""

import numpy as np
import pytest

from spinloom.emulator.spec.junction import SHAPES
from spinloom.host.experiments import functions
from spinloom.host.experiments.functions_config import PULSES, FunctionsConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return functions.run(machine, config, progress)


def test_one_tile_is_four_devices(tmp_path):
    """A switch of the sweep is a Gumbel variable, of deviation 1.28 / barrier: of both, over 16
    loops, 0.0113 Ic. A mean dwell, and its CV, are known to 1 / sqrt(dwells). Four deviations."""
    result = run("golden:numba", FunctionsConfig())
    figures = result.figures()
    assert figures["width"] == pytest.approx(figures["width_law"], abs=4 * 0.0113)
    assert 1.6 < figures["width_law"] < 2
    assert figures["states_without_current"] == [0, 1]
    assert set(result.memory[:, 320] >> 15) == {1} and set(result.memory[:, -1] >> 15) == {0}
    assert figures["tmr"] == pytest.approx(1.5)
    assert figures["monotone"] and figures["back"] and figures["levels"] == PULSES + 1 > 15
    assert figures["turns"] == figures["turns_law"] and figures["turns_wrong"] == 0
    assert figures["turns"][:3] == [0, 0, 0] and (np.diff(figures["turns"][2:]) > 0).all()
    for side, state in enumerate(("ap", "p")):
        part = 4 / np.sqrt(figures["dwells"][side])
        law = figures["dwell_law"][side]
        assert figures[f"dwell_{state}"] == pytest.approx(law, rel=part)
        assert figures[f"cv_{state}"] == pytest.approx(np.sqrt(1 - 1 / law), rel=part)
    driven = sum(abs(60 * np.sin(2 * np.pi * k / 512)) > 20.5 for k in range(512)) + 64 * 4
    reads = 16 * 641 + 512 + 64 * 8 + 13 * 4096 + 256 + 400_000
    counts = [row["count"] for row in figures["energy"][:4]]
    assert counts == [16 * 638, reads, 0, driven] and figures["trials_switched"] == 16 * 2
    step_j = (60 / 128 * 50e-6) ** 2 * 15e3 * 5e-9
    assert figures["energy"][3]["energy_j"] == pytest.approx(driven * step_j)
    assert functions.draw(result, tmp_path) == ["functions.png"]
    assert (tmp_path / "functions.png").read_bytes().startswith(b"\x89PNG")
    rows, _ = functions.tables(figures | {"machine": "golden", "seed": 1}).values()
    assert len(rows) == 7


def test_a_lower_barrier_than_was_set_is_seen(monkeypatch):
    """Table and tile of another barrier: the loop narrows and the dwells change."""
    right = FunctionsConfig.rates
    lower = FunctionsConfig(barrier=25.0).rates()
    monkeypatch.setattr(FunctionsConfig, "rates", lambda self: lower)
    result = run("golden:numba", FunctionsConfig(ticks=100_000))
    monkeypatch.setattr(FunctionsConfig, "rates", right)
    figures = result.figures()
    assert figures["width"] < figures["width_law"] - 4 * 0.0113
    assert not 0.5 < figures["dwell_ap"] / figures["dwell_law"][0] < 2


@pytest.mark.proof
def test_the_virtual_board_is_the_same_stack():
    config = FunctionsConfig(loops=2, turn_ticks=1024, ticks=20_000)
    golden, sim = run("golden", config), run("sim", config)
    assert golden.figures()["run_hash"] == sim.figures()["run_hash"]
    for name, array in golden.arrays().items():
        np.testing.assert_array_equal(sim.arrays()[name], array)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "phase-8"}, "shape = 'phase-8': choose one of junction-16, "),
        ({"barrier": 5.0}, "barrier = 5.0 is out of range; give 20 to 60"),
        ({"low_barrier": 20.0}, "low_barrier = 20.0 is out of range; give 3 to 12"),
        ({"loops": 0}, "loops = 0 is out of range; give 1 to 1000"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        FunctionsConfig(**fields)

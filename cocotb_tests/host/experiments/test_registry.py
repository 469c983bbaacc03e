"""Every experiment of the list holds what ``spinloom run`` needs of it."""

import subprocess
import sys
from dataclasses import fields, is_dataclass

import pytest

from spinloom.emulator.spec.shapes import shape_named
from spinloom.host import cli
from spinloom.host.experiments import registry
from spinloom.host.experiments.registry import EXPERIMENTS


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_module_of_an_experiment_is_whole(name):
    experiment = registry.load(name)
    assert is_dataclass(experiment.CONFIG)
    assert all(callable(part) for part in (experiment.run, experiment.draw, experiment.tables))
    default = experiment.CONFIG()
    assert default.seed == 1
    assert shape_named(default.shape)
    known = {one.name for one in fields(experiment.CONFIG)}
    for shape, values in experiment.SUITED.items():
        assert shape_named(shape) and set(values) <= known
        experiment.CONFIG(shape=shape, **values)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_help_shows_what_all_share(name, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", name, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert all(f"--{o}" in text for o in ("on", "seed", "seeds", "config", "out", "quiet", "json"))


def test_the_command_line_starts_without_the_experiments():
    code = (
        "import sys\n"
        "from spinloom.host.cli import main\n"
        "main(['list', '--json'])\n"
        "names = ('matplotlib', 'numba', 'spinloom.host.experiments.lanes', 'sklearn')\n"
        "sys.exit(', '.join(n for n in names if n in sys.modules) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr

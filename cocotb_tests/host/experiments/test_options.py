"""Fields of a configuration as options: what is one, how it is typed, what the user reads."""

from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Literal

import pytest

from spinloom.host.experiments import options
from spinloom.host.experiments.options import option


@dataclass(frozen=True, kw_only=True)
class Config:
    seed: int = 1
    leak: int = option(8, "wall steps lost at every tick")
    sigma: float = option(0.25, "device spread, 0.25 = 25 %")
    kind: Literal["mtj", "wall"] = option("mtj", "the synapse")
    curve: bool = option(False, "score while it learns")
    events: str | None = option(None, "a recording")
    levels: tuple[float, ...] = option((0.0, 0.5), "spreads to try")
    codes: tuple[tuple[int, int], ...] = ((64, 16),)


def parse(*arguments):
    parser = ArgumentParser()
    options.add(parser, Config)
    return options.given(parser.parse_args(arguments), Config)


def test_only_what_is_given_counts():
    assert parse() == {}
    assert parse("--leak", "0", "--no-curve") == {"leak": 0, "curve": False}


def test_every_type():
    given = parse(
        "--sigma", "1", "--kind", "wall", "--curve", "--events", "a.npz", "--levels", "0,1e-1"
    )  # fmt: skip
    assert given == {
        "sigma": 1.0, "kind": "wall", "curve": True, "events": "a.npz", "levels": (0.0, 0.1),
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [["--leak", "x"], ["--kind", "tree"], ["--levels", "0,y"], ["--seed", "1"], ["--codes"]],
)
def test_what_is_no_option_or_no_value_is_refused(wrong):
    with pytest.raises(SystemExit):
        parse(*wrong)


def test_help_names_unit_and_default():
    parser = ArgumentParser()
    options.add(parser, Config)
    text = " ".join(parser.format_help().split())
    for part in (
        "--leak N wall steps lost at every tick (8)", "25 % (0.25)", "{mtj,wall}",
        "score while it learns (off)", "--events NAME a recording --levels X,...",
        "spreads to try (0.0,0.5)",
    ):  # fmt: skip
        assert part in text

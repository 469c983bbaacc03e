"""Progress is seen on a terminal, and nowhere else."""

import io

import pytest
from rich.console import Console

from spinloom.host.progress import Progress, si


def shown(*, terminal, quiet=False):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120)
    with Progress(quiet=quiet, console=console) as progress:
        with progress.task("train, pass 1", total=1000) as advance:
            for _ in range(10):
                advance(100)
        assert progress.stage == "train, pass 1"
    return out.getvalue()


def test_a_terminal_sees_the_task_its_rate_and_its_end():
    text = shown(terminal=True)
    assert "train, pass 1" in text
    assert "100 %" in text
    assert "events/s" in text


def test_quiet_and_pipes_see_nothing():
    assert shown(terminal=True, quiet=True).strip() == ""
    assert shown(terminal=False).strip() == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12.34, "12.3"), (1000, "1 k"), (1.24e6, "1.24 M"), (3e9, "3 G")],
)
def test_si_prefixes(value, text):
    assert si(value) == text

"""Progress of long work: what is being done, a bar, the rate and the time left, on stderr.

Quiet when asked, and when stderr is not a terminal, so that logs and ``--json`` stay clean. Use::

    with Progress(quiet=False) as progress:
        with progress.task("train, pass 1", total=len(words), unit="events") as advance:
            advance(4096)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

Advance = Callable[[int], None]


class RateColumn(ProgressColumn):
    """Work done a second, in the task's own unit: ``1.24 M events/s``."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        return Text(f"{si(speed)} {task.fields['unit']}/s", style="progress.data.speed")


def si(value: float) -> str:
    """Three significant digits and a prefix: 1 240 000 -> ``"1.24 M"``."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {prefix}"
    return f"{value:.3g}"


class Progress:
    """Nested or successive tasks; ``stage`` names the one that runs now (or ran last)."""

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        self.stage = "start"
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            RateColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
        )

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    @contextmanager
    def task(self, description: str, total: int, unit: str = "events") -> Iterator[Advance]:
        """A bar of ``total`` units; yields ``advance(n)``, to be called after each piece."""
        self.stage = description
        task = self._bars.add_task(description, total=total, unit=unit)

        def advance(n: int) -> None:
            self._bars.advance(task, n)

        yield advance

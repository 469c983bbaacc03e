"""The checkpoint of a long run: one file, from which the run goes on after a power cycle.

    journal.stream(...)
    if checkpoint.due:
        checkpoint.save(journal, shown=np.array(7))
    ...power off, and on...
    journal, arrays = checkpoint.resume(machine, ("shown",))

It holds the machine (``host.journal``) and, beside it, what the experiment itself has come to:
arrays by name. It is written whole or not at all, at moments that leave no trace in the results. So
a run that was cut ends as one that was not, bit by bit, and on any body.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy.typing as npt

from spinloom.host.image import load_arrays
from spinloom.host.journal import Journal
from spinloom.host.learning import LearningMachine

EVERY_S = 20.0  # a save takes about a tenth of a second on the virtual board


class Checkpoint:
    """The file ``path``, to be saved every ``every_s`` seconds, and first of all at once."""

    def __init__(self, path: Path, *, every_s: float = EVERY_S) -> None:
        if not every_s >= 0:
            raise ValueError(f"checkpoint = {every_s} s; give 0 (as often as can be) or more")
        self.path = path
        self.every_s = every_s
        self._due_at = time.monotonic()

    @property
    def exists(self) -> bool:
        """Whether there is something to go on from."""
        return self.path.exists()

    @property
    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() >= self._due_at

    def save(self, journal: Journal, **arrays: npt.NDArray[Any]) -> None:
        """Replace the file; all spikes of ``journal`` have been taken."""
        journal.save(self.path, **arrays)
        self._due_at = time.monotonic() + self.every_s

    def resume(
        self, machine: LearningMachine, names: tuple[str, ...]
    ) -> tuple[Journal, dict[str, npt.NDArray[Any]]]:
        """Put a machine into the state of the last save; what was beside it. ``ValueError`` if the
        file is another machine's, or damaged."""
        arrays = load_arrays(self.path, machine.shape, ("contract", "shape", *names))
        return Journal.resume(machine, self.path), arrays

"""What a training takes: clock cycles and seconds, added up over the parts of a run that was
cut."""

from __future__ import annotations

import time
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.host.machine import Machine

NO_CLOCK = -1  # cycles, in a file


class Effort:
    """Counts from its making on. ``cycles`` is None if a part was on a machine without a clock."""

    FIELDS = ("cycles", "seconds")

    def __init__(self, machine: Machine, cycles: int | None = 0, seconds: float = 0.0) -> None:
        self.cycles, self.seconds = cycles, seconds
        self._machine = machine
        self._last = machine.cycles, time.monotonic()

    def take(self) -> None:
        """Add what came since the last call."""
        (then, start), now, end = self._last, self._machine.cycles, time.monotonic()
        if self.cycles is None or now is None or then is None:
            self.cycles = None
        else:
            self.cycles += now - then
        self.seconds += end - start
        self._last = now, end

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For a checkpoint."""
        cycles = NO_CLOCK if self.cycles is None else self.cycles
        return {"cycles": np.array(cycles), "seconds": np.array(self.seconds)}

    @classmethod
    def resume(cls, machine: Machine, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """Count on from a checkpoint."""
        cycles = int(arrays["cycles"])
        return cls(machine, None if cycles == NO_CLOCK else cycles, float(arrays["seconds"]))

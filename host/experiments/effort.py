"""What a training takes: clock cycles, seconds and device events, added up over the parts of a run
that was cut."""

from __future__ import annotations

import time
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import EnergyLedger, Events
from spinloom.emulator.spec.learning import WORD_TICK
from spinloom.host.experiments import ledger
from spinloom.host.experiments.ledger import Counted
from spinloom.host.learning import LearningMachine

NO_CLOCK = -1  # cycles, in a file
COUNTS = ("write_trials", "reads", "spikes")  # of ``Events``, in a file


class Effort:
    """Counts from its making on. ``cycles`` is None if a part was on a machine without a clock;
    ``done`` are the device events."""

    FIELDS = ("cycles", "seconds", "device_events")

    def __init__(
        self,
        machine: LearningMachine,
        cycles: int | None = 0,
        seconds: float = 0.0,
        done: Counted = ledger.NOTHING,
    ) -> None:
        self.cycles, self.seconds, self.done = cycles, seconds, done
        self._machine = machine
        self._events = 0  # streamed since the last call of ``take``
        self._last = machine.cycles, time.monotonic()
        self._counted = ledger.counted(machine, 0)

    def streamed(self, words: npt.NDArray[np.uint16]) -> None:
        """These stream words were sent."""
        self._events += int(np.count_nonzero(words < WORD_TICK))

    def take(self) -> None:
        """Add what came since the last call. Call it before the machine's counters are reset, and
        then ``restart``."""
        (then, start), now, end = self._last, self._machine.cycles, time.monotonic()
        if self.cycles is None or now is None or then is None:
            self.cycles = None
        else:
            self.cycles += now - then
        self.seconds += end - start
        self._last = now, end
        self.done += ledger.counted(self._machine, self._events).since(self._counted)
        self._counted = ledger.counted(self._machine, 0)
        self._events = 0

    def restart(self) -> None:
        """The machine's counters were reset."""
        self._counted = ledger.NOTHING

    def ledger(self) -> EnergyLedger:
        """Energy of the device events."""
        return ledger.ledger(self.done, self.cycles)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For a checkpoint."""
        cycles = NO_CLOCK if self.cycles is None else self.cycles
        counts = [getattr(self.done.events, name) for name in COUNTS] + [self.done.switched]
        return {
            "cycles": np.array(cycles),
            "seconds": np.array(self.seconds),
            "device_events": np.array(counts, np.int64),
        }

    @classmethod
    def resume(cls, machine: LearningMachine, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """Count on from a checkpoint."""
        cycles = int(arrays["cycles"])
        *counts, switched = arrays["device_events"].tolist()
        done = Counted(events=Events(**dict(zip(COUNTS, counts, strict=True))), switched=switched)
        return cls(machine, None if cycles == NO_CLOCK else cycles, float(arrays["seconds"]), done)

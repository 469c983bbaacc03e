"""What a run of the array experiment leaves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import EnergyLedger
from spinloom.host.experiments.array_config import ArrayConfig, Floats

# Below this expected n p (1-p) a count is no longer normal, and a deviation in sigma says nothing.
NORMAL = 9.0


@dataclass(frozen=True, kw_only=True)
class ArrayResult:
    """Everything that a run leaves.

    Members
    -------
    law, errors : write-error rates and wrong cells, [durations, amplitudes]; of ``cells`` each
    wrong : wrong cells of the stored words, by what was done to them
    pulses : write pulses of each cell, uint64 [word lines, bit lines]
    ledger : all pulses and their energy
    weights : uint8 [inputs, columns] at the end
    """

    config: ArrayConfig
    law: Floats
    errors: npt.NDArray[np.int64]
    cells: int
    wrong: dict[str, int]
    pulses: npt.NDArray[np.uint64]
    ledger: EnergyLedger
    weights: npt.NDArray[np.uint8]
    seconds: float

    def measured(self) -> Floats:
        """Write-error rates."""
        return self.errors / self.cells

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors; NaN where too few errors are expected."""
        variance = self.law * (1 - self.law) / self.cells
        normal = variance * self.cells**2 >= NORMAL
        off = self.measured() - self.law
        return np.where(normal, off / np.sqrt(np.where(normal, variance, 1)), np.nan)

    @property
    def max_sigma(self) -> float | None:
        """The largest deviation, None if no point has errors enough."""
        sigma = self.sigma()
        return None if np.isnan(sigma).all() else float(np.nanmax(np.abs(sigma)))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        sigma = [[None if np.isnan(v) else v for v in row] for row in self.sigma().tolist()]
        outcome = self.errors.astype("<i8").tobytes() + self.weights.tobytes()
        return {
            "to": self.config.to,
            "amplitudes_ua": list(self.config.amplitudes),
            "durations_ns": list(self.config.durations),
            "law": self.law.tolist(),
            "measured": self.measured().tolist(),
            "sigma": sigma,
            "max_sigma": self.max_sigma,
            "cells": self.cells,
            "wrong": self.wrong,
            "pulses": int(self.pulses.sum()),
            "pulses_most": int(self.pulses.max()),
            "counter_bits": np.iinfo(self.pulses.dtype).bits,
            "energy": [
                {"event": event, "count": count, "joules each": each, "joules": joules}
                for event, count, each, joules in self.ledger.rows()
                if count
            ],
            "passive_j": self.ledger.passive_j,
            "write_per_switch_j": self.ledger.write_per_switch_j,
            "outcome_hash": hashlib.sha256(outcome).hexdigest(),
            "cycles": self.ledger.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "law": self.law,
            "errors": self.errors,
            "pulses": self.pulses,
            "weights": self.weights,
        }

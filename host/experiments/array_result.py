"""What a run of the array experiment leaves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import EnergyLedger
from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL
from spinloom.host.experiments.array_config import ArrayConfig, Floats
from spinloom.host.experiments.array_reads import Counted, Sensed, deviations
from spinloom.host.experiments.bounds import joint_bound


@dataclass(frozen=True, kw_only=True)
class ArrayResult:
    """Everything that a run leaves.

    Members
    -------
    law, errors : write-error rates and wrong cells, [durations, amplitudes]; of ``cells`` each
    wrong : wrong cells of the stored words, by what was done to them
    sensed : the stored words, read at each TMR
    disturbed : cells [read voltages, reads, 2] that repeated reads switched
    left : cells [signed currents, 2] that one pulse of either sign switched
    pulses : write pulses of each cell, uint64 [word lines, bit lines]
    ledger : pulses and reads and their energy, as ``pulses`` without the part "reads"
    weights : uint8 [inputs, columns] at the end
    """

    config: ArrayConfig
    law: Floats
    errors: npt.NDArray[np.int64]
    cells: int
    wrong: dict[str, int]
    sensed: Sensed
    disturbed: Counted
    left: Counted
    pulses: npt.NDArray[np.uint64]
    ledger: EnergyLedger
    weights: npt.NDArray[np.uint8]
    seconds: float

    def measured(self) -> Floats:
        """Write-error rates."""
        return self.errors / self.cells

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors; NaN where too few errors are expected."""
        return deviations(self.errors, self.cells, self.law)

    @property
    def max_sigma(self) -> float | None:
        """The largest deviation, None if no point has errors enough."""
        return _farthest(self.sigma())[0]

    def reads(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the part "reads": at each TMR, read voltage, signed current."""
        config, sensed = self.config, self.sensed
        ohm, contrast = sensed.resistances_ohm(), sensed.contrast()
        wrong, flipped, left = (
            (c.rates(), c.law, c.sigma()) for c in (sensed.misread, self.disturbed, self.left)
        )
        return {
            "tmr": [
                {
                    "TMR (%)": tmr,
                    "R_P (ohm)": _plain(ohm[k, 1]),
                    "R_AP (ohm)": _plain(ohm[k, 0]),
                    "OFF/ON": _plain(ohm[k, 0] / ohm[k, 1]),
                    "contrast": _plain(contrast[k]),
                    "contrast, law": tmr / (200 + tmr),
                    **_beside("AP", *(x[k, 0] for x in wrong)),
                    **_beside("P", *(x[k, 1] for x in wrong)),
                }
                for k, tmr in enumerate(config.tmrs)
            ],
            "disturb": [
                {
                    "read (V)": volts,
                    "reads": config.reads,
                    **_beside("AP", *(x[k, -1, 0] for x in flipped)),
                    **_beside("P", *(x[k, -1, 1] for x in flipped)),
                }
                for k, volts in enumerate(config.read_voltages)
            ],
            "signs": [
                {
                    "current (uA)": current,
                    **_beside("AP", *(x[k, 0] for x in left)),
                    **_beside("P", *(x[k, 1] for x in left)),
                }
                for k, current in enumerate(config.signed())
            ],
        }

    @property
    def against_sign(self) -> int:
        """Cells that one pulse switched although its sign holds their state."""
        to_p = np.array(self.config.signed()) > 0
        counts = self.left.counts
        return int(counts[to_p, PARALLEL].sum() + counts[~to_p, ANTIPARALLEL].sum())

    def reads_sigma(self) -> dict[str, tuple[float | None, int]]:
        """The largest deviation of each count of the part "reads", and of how many points."""
        return {
            "current": _farthest(self.sensed.sigma()),
            "misread": _farthest(self.sensed.misread.sigma()),
            "disturb": _farthest(self.disturbed.sigma()),
            "signs": _farthest(self.left.sigma()),
        }

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        sigma = [[None if np.isnan(v) else v for v in row] for row in self.sigma().tolist()]
        counts = [self.errors] + [c.counts for c in self._counted().values()]
        outcome = b"".join(c.astype("<i8").tobytes() for c in counts) + self.weights.tobytes()
        farthest = self.reads_sigma()
        found = [worst for worst, _ in farthest.values() if worst is not None]
        return {
            "to": self.config.to,
            "amplitudes_ua": list(self.config.amplitudes),
            "durations_ns": list(self.config.durations),
            "law": self.law.tolist(),
            "measured": self.measured().tolist(),
            "sigma": sigma,
            "max_sigma": self.max_sigma,
            "cells": self.cells,
            "reads_noise_ua": self.config.read_noise,
            **self.reads(),
            "reads_sigma": {name: worst for name, (worst, _) in farthest.items()},
            "against_sign": self.against_sign,
            "reads_max_sigma": max(found, default=None),
            "reads_joint_bound": joint_bound(sum(points for _, points in farthest.values())),
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
            "currents_a": self.sensed.currents_a,
            **{name: counted.counts for name, counted in self._counted().items()},
            **{f"{name}_law": counted.law for name, counted in self._counted().items()},
        }

    def _counted(self) -> dict[str, Counted]:
        return {
            "misread": self.sensed.misread,
            "disturbed": self.disturbed,
            "left": self.left,
        }


def _farthest(sigma: Floats) -> tuple[float | None, int]:
    """The largest deviation, None if no point has errors enough, and how many points have."""
    known = np.abs(sigma[~np.isnan(sigma)])
    return (float(known.max()) if known.size else None), int(known.size)


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _beside(state: str, rate: float, law: float, sigma: float) -> dict[str, float | None]:
    """Columns of a table: what came true of cells of a state, its law, the deviation."""
    return {
        state: _plain(rate),
        f"{state}, law": float(law),
        f"{state}, sigma": _plain(sigma),
    }

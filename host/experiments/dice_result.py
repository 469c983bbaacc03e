"""What a run of the dice experiment leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.battery.judge import Verdict
from spinloom.host.experiments.dice_config import DiceConfig

COMBINED = (1, 2, 4, 8)
DRIVES = ("held", "tracked")

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Throws:
    """All throws of all dice with one drive.

    ``packed`` uint8 [combined, throws, dice / 8] are the bits, by the number of junctions that are
    combined (``COMBINED``). ``current`` (A), ``switched`` (part of all junctions) and ``law`` (what
    that is expected to be) are [throws]. ``tilts`` and ``squares`` [combined] are sums over all
    bits: of 1 - 2 P, where P is the probability of a bit to be 1, and of its square.
    """

    packed: Bits
    current: Floats
    switched: Floats
    law: Floats
    tilts: Floats
    squares: Floats

    def stream(self, combined: int) -> Bits:
        """The bits of every die, one die after the other."""
        throws = np.unpackbits(self.packed[COMBINED.index(combined)], axis=1)
        return np.ascontiguousarray(throws.T).ravel()

    def across(self, combined: int) -> Bits:
        """The same bits in the order of time: those of all dice, throw by throw."""
        return np.unpackbits(self.packed[COMBINED.index(combined)])

    @property
    def bits(self) -> int:
        """Bits of each stream."""
        return int(self.packed[0].size) * 8

    def bias(self) -> Floats:
        """Measured part of ones less 1/2, [combined]."""
        ones = np.bitwise_count(self.packed).sum(axis=(1, 2), dtype=np.int64)
        found: Floats = ones / self.bits - 0.5
        return found

    def law_bias(self) -> Floats:
        """The same by the law."""
        return -self.tilts / (2 * self.bits)

    def sigma(self) -> Floats:
        """Standard error of the measured bias: a bit's variance is P (1 - P)."""
        found: Floats = np.sqrt((self.bits - self.squares) / 4) / self.bits
        return found

    def worst(self) -> float:
        """Farthest from 1/2 that P, the mean of all junctions, was after a quarter of the run."""
        return float(np.abs(self.law[len(self.law) // 4 :] - 0.5).max())


@dataclass(frozen=True, kw_only=True)
class DiceResult:
    """What a run leaves: ``thrown`` by drive (``DRIVES``), and the battery's ``verdicts`` on the
    tracked streams, by the number of junctions that are combined."""

    config: DiceConfig
    thrown: Mapping[str, Throws]
    verdicts: Mapping[int, Sequence[Verdict]]
    cycles: int | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        off = [(t.bias() - t.law_bias()) / t.sigma() for t in self.thrown.values()]
        digest = hashlib.sha256()
        for thrown in self.thrown.values():
            digest.update(thrown.packed.tobytes())
        return {
            "bits": self.thrown[DRIVES[0]].bits,
            "combined": list(COMBINED),
            "bias": {d: t.bias().tolist() for d, t in self.thrown.items()},
            "bias_law": {d: t.law_bias().tolist() for d, t in self.thrown.items()},
            "bias_sigma": {d: t.sigma().tolist() for d, t in self.thrown.items()},
            "max_sigma": float(np.abs(off).max()),
            **{f"p_error_{d}": t.worst() for d, t in self.thrown.items()},
            "battery": {
                stream_name(n): [v.row() for v in rows] for n, rows in self.verdicts.items()
            },
            "tests_failed": sum(not v.passed for v in self.verdicts[COMBINED[-1]]),
            "bits_hash": digest.hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            f"{drive}_{name}": getattr(thrown, name)
            for drive, thrown in self.thrown.items()
            for name in ("packed", "current", "switched", "law")
        }


def stream_name(combined: int) -> str:
    """What the stream of so many junctions is called."""
    return "1 junction" if combined == 1 else f"XOR of {combined}"

"""What a run of the capacity experiment leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.experiments.capacity_config import KINDS, SUCCESS, CapacityConfig

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CapacityResult:
    """What a run leaves: of each of ``KINDS``, [alphas, sets, probes], the ``overlaps`` of what
    came of a probe with its pattern, and with the probe itself, ``kept``."""

    config: CapacityConfig
    overlaps: dict[str, Floats]
    kept: dict[str, Floats]
    phases_hash: str
    cycles: int | None
    seconds: float

    def mean(self, kind: str) -> Floats:
        """Mean overlap of each alpha."""
        return np.asarray(self.overlaps[kind].mean(axis=(1, 2)))

    def error(self, kind: str) -> Floats:
        """Its standard error: sets are independent, probes of a set are not."""
        means = self.overlaps[kind].mean(axis=2)
        sets = self.config.sets
        return np.asarray(means.std(axis=1, ddof=1 if sets > 1 else 0) / np.sqrt(sets))

    def success(self, kind: str) -> Floats:
        """Part of the probes of each alpha that are recalled."""
        return np.asarray((self.overlaps[kind] >= SUCCESS).mean(axis=(1, 2)))

    def collapse(self, values: Floats) -> float | None:
        """Alpha at which these fall through a half, between the alphas of the run on a line."""
        alphas = np.array(self.config.alphas)
        below = np.flatnonzero(values < 0.5)
        if not below.size or below[0] == 0:
            return None
        k = below[0]
        part = (values[k - 1] - 0.5) / (values[k - 1] - values[k])
        return float(alphas[k - 1] + part * (alphas[k] - alphas[k - 1]))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        tenth = [k for k, alpha in enumerate(config.alphas) if abs(alpha - 0.1) < 1e-9]
        return {
            "oscillators": config.phase().oscillators,
            "alphas": list(config.alphas),
            "patterns": config.counts(),
            "overlap": {kind: self.mean(kind).tolist() for kind in KINDS},
            "overlap_error": {kind: self.error(kind).tolist() for kind in KINDS},
            "success": {kind: self.success(kind).tolist() for kind in KINDS},
            "overlap_with_probe": {k: self.kept[k].mean(axis=(1, 2)).tolist() for k in KINDS},
            "probe": 1 - 2 * round(config.flips * self._n / 100) / self._n,
            "overlap_at_tenth": float(self.mean("shil")[tenth[0]]) if tenth else None,
            "collapse_without_shil": self.collapse(self.mean("plain")),
            "success_collapse_without_shil": self.collapse(self.success("plain")),
            "phases_hash": self.phases_hash,
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    @property
    def _n(self) -> int:
        return self.config.phase().oscillators

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {f"overlaps_{kind}": array for kind, array in self.overlaps.items()} | {
            f"kept_{kind}": array for kind, array in self.kept.items()
        }

"""Result of the lock-map experiment: who is locked by the chip and by the host, and clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.lock_map_config import Bools, Floats, Ints, LockMapConfig

KINDS = ("ideal", "memristor")


@dataclass(frozen=True, kw_only=True)
class LockMapResult:
    """What a run leaves; axes are ``KINDS``, levels, oscillators (N).

    ``flags`` [2, levels, N] of the detectors; ``advanced`` [2, levels, N], how far each phase went
    while it was measured, 2^-P turns; ``phases`` [2, levels, readings, N] meanwhile, and ``summed``
    [2, levels, readings], the order parameter by the chip's sums; ``couplings`` [2, levels, links],
    the last read. ``joined`` [readings, N]: phases before and after two halves are joined.
    """

    config: LockMapConfig
    flags: Bools
    advanced: Ints
    phases: Ints
    summed: npt.NDArray[np.complex128]
    couplings: Ints
    joined: Ints
    cycles: int | None
    seconds: float

    def frequencies(self) -> Floats:
        """Mean frequency of each less that of the reference, 2^-P turns a tick."""
        config = self.config
        reference = self.advanced[..., [config.reference()]]
        return np.asarray((self.advanced - reference) / (config.measured * config.window))

    def equal(self) -> Bools:
        """Locked by the host's judgement: the reference's frequency within ``config.bound``."""
        return np.asarray(np.abs(self.frequencies()) <= self.config.bound())

    def pairs(self) -> Bools:
        """[2, levels, N, N]: whose mean frequencies are equal within the bound."""
        f = self.frequencies()
        return np.asarray(np.abs(f[..., :, None] - f[..., None, :]) <= self.config.bound())

    def largest_cluster(self) -> Ints:
        """[2, levels]: how many have the frequency of one oscillator, of that which most have."""
        return np.asarray(self.pairs().sum(axis=-1).max(axis=-1))

    def angles(self) -> Floats:
        """Time-averaged phase of each from the reference's, turns, -1/2 to 1/2."""
        reference = self.phases[..., [self.config.reference()]]
        turns = (self.phases - reference) / self.config.phase().turn
        return np.asarray(np.angle(np.exp(2j * np.pi * turns).mean(axis=2)) / (2 * np.pi))

    def order(self) -> npt.NDArray[np.complex128]:
        """[2, levels, readings]: mean of exp(i theta) by the host."""
        turns = self.phases / self.config.phase().turn
        return np.asarray(np.exp(2j * np.pi * turns).mean(axis=-1))

    def apart(self) -> Floats:
        """[readings]: mean phase of the left half less that of the right, turns, unwrapped."""
        waves, left = (
            np.exp(2j * np.pi * self.joined / self.config.phase().turn),
            self.config.left(),
        )
        ratio = waves[:, left].mean(axis=1) / waves[:, ~left].mean(axis=1)
        return np.asarray(np.unwrap(np.angle(ratio)) / (2 * np.pi))

    def drifts(self) -> tuple[float, float]:
        """Difference of the halves' frequencies apart and joined, 2^-P turns a tick, each over the
        measured windows."""
        apart, config = self.apart(), self.config
        each = len(apart) // 2
        first = each * config.settle // (config.settle + config.measured)
        ticks = config.window * config.measured / (each - first) * (each - 1 - first)
        scale = config.phase().turn / ticks
        return (
            float((apart[each - 1] - apart[first]) * scale),
            float((apart[-1] - apart[each + first]) * scale),
        )

    def confusion(self) -> list[dict[str, int]]:
        """Of each kind, over all levels and oscillators but the reference: how flags and host
        agree."""
        others = np.arange(self.flags.shape[-1]) != self.config.reference()
        counts = []
        for chip, host in zip(self.flags[..., others], self.equal()[..., others], strict=True):
            counts.append(
                {
                    "both": int((chip & host).sum()),
                    "flag_only": int((chip & ~host).sum()),
                    "host_only": int((~chip & host).sum()),
                    "neither": int((~chip & ~host).sum()),
                }
            )
        return counts

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``; shares are of all but the reference."""
        config, others = self.config, self.flags.shape[-1] - 1
        flags = (self.flags.sum(axis=-1) - 1) / others
        host = (self.equal().sum(axis=-1) - 1) / others
        by_flag = [[float(x) for x in row] for row in flags]
        # Of sums of the step before, whose phases were one tick of about the mean less.
        tick = np.exp(2j * np.pi * config.mean / config.phase().turn)
        lag = np.abs(np.angle(self.order() * np.conj(self.summed * tick))) / (2 * np.pi)
        held = np.abs(self.order()) >= 0.5
        before, after = self.drifts()
        return {
            "levels": list(config.levels),
            "couplings": [config.coupling(level) / config.deviation for level in config.levels],
            "locked": dict(zip(KINDS, by_flag, strict=True)),
            "locked_by_host": dict(zip(KINDS, host.tolist(), strict=True)),
            "cluster": dict(zip(KINDS, self.largest_cluster().tolist(), strict=True)),
            "order": dict(zip(KINDS, np.abs(self.order()).mean(axis=-1).tolist(), strict=True)),
            "order_summed": dict(
                zip(KINDS, np.abs(self.summed).mean(axis=-1).tolist(), strict=True)
            ),
            "read_mean": self.couplings[1].mean(axis=-1).tolist(),
            "read_deviation": self.couplings[1].std(axis=-1).tolist(),
            "critical_level": config.critical(),
            **{
                f"all_locked_from_{kind}": _from(config.levels, locked)
                for kind, locked in zip(KINDS, by_flag, strict=True)
            },
            "confusion": dict(zip(KINDS, self.confusion(), strict=True)),
            "disagree": sum(c["flag_only"] + c["host_only"] for c in self.confusion()),
            "mean_phase_error": float(lag[held].max(initial=0.0)),
            "drift_apart": before,
            "drift_joined": after,
            "run_hash": self._hash(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def _hash(self) -> str:
        parts = (self.flags, self.advanced, self.phases, self.couplings, self.joined)
        words = np.concatenate([np.asarray(part, np.int64).ravel() for part in parts])
        return weights_hash((words & 0xFFFFFFFF).astype(np.uint32))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        names = ("flags", "advanced", "phases", "summed", "couplings", "joined")
        return {name: getattr(self, name) for name in names}


def _from(levels: tuple[int, ...], locked: list[float]) -> int | None:
    """The lowest level from which on all are locked; None if there is none."""
    found = None
    for level, share in sorted(zip(levels, locked, strict=True), reverse=True):
        if share < 1:
            break
        found = level
    return found

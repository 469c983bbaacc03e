"""The adler experiment: oscillators lock to an injected signal and to each other (Sec. II.D).

A phase that a signal of detuning dw pulls obeys d(phi)/dt = dw - A sin(phi), which stands still
within |dw| <= A and slips with sqrt(dw^2 - A^2) beyond it (Adler). Three measurements:

*tongue*  all oscillators, uncoupled, each with a detuning of its own; the on-chip detectors say
    which held still for a whole window. A second pass divides the steps that the edges are in. The
    band ends where the detuning exceeds the table's highest entry: A = INJ S_max / 64.
*beats*   detunings from 1.1 to 4 A; of the second half of the ticks, whole turns by the ticks of
    their spikes. Slipping phases see the whole table: A = INJ a / 64, a its first harmonic.
*pairs*   oscillators 2k and 2k+1 pull each other, started 0.4 turns apart, at a real frequency::

        d(phi)/dt = dw - 2 K sin(phi),   K = G J a^2 / 2^SHIFT

    A pair is locked from when the phases' difference stays within 1/32 turn of where it ends. That
    time is given in periods, in nanoseconds of the device, and in cycles of the circuit, by
    ``PhaseShape.step_cycles``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.oscillator import beat
from spinloom.emulator.spec.phase import PhaseParams
from spinloom.host.experiments.adler_config import PULL_SHIFT, TOP_WEIGHT, AdlerConfig, Ints
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "AdlerConfig", "AdlerResult", "draw", "run", "tables"]

WINDOW = 32  # turns/A that detectors watch: a slip 1/2048 of A beyond the edge takes as long
NEAR = 1 / 32  # turns from its end where a pair counts as locked: two steps of the table

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]


CONFIG = AdlerConfig


@dataclass(frozen=True, kw_only=True)
class AdlerResult:
    """What a run leaves: ``detunings`` and ``locked`` [amplitudes, 2 passes, N]; ``beats`` [N],
    NaN without two spikes; ``apart``: the phases' differences of pairs, turns [readings, pairs]."""

    config: AdlerConfig
    detunings: Ints
    locked: npt.NDArray[np.bool_]
    beats: Floats
    apart: Floats
    cycles: int | None
    seconds: float

    def half_widths(self) -> Floats:
        """Measured, of each amplitude: half of where both edges are, each half way between the last
        detuning that locks and the first that does not."""
        widths = []
        for detunings, locked in zip(self.detunings, self.locked, strict=True):
            d, held = detunings.ravel(), locked.ravel()
            widths.append((sum(_edge(d, held)) + sum(_edge(-d, held))) / 4)
        return np.array(widths)

    def lock_periods(self) -> Floats:
        """Periods after which each pair is locked; infinite if it is not."""
        last = self.apart[-1]
        held = np.abs(self.apart[len(self.apart) // 2 :] - last).max(axis=0) <= NEAR
        away = np.abs(self.apart - last) > NEAR
        since = len(away) - np.argmax(away[::-1], axis=0)
        return np.where(held, np.where(away.any(axis=0), since, 0), np.inf).astype(np.float64)

    def slips(self) -> Floats:
        """How fast the pairs' differences drift over the second half, 2^-P turns a tick."""
        half = len(self.apart) // 2
        ticks = (len(self.apart) - 1 - half) * self.config.period
        turn = self.config.phase().turn
        drift: Floats = (self.apart[-1] - self.apart[half]) * turn / ticks
        return drift

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config = self.config
        law = np.array([config.edge(a) for a in config.amplitudes])
        widths = self.half_widths()
        slips = np.array([beat(d, config.beat_pull()) for d in config.beat_detunings().tolist()])
        part = np.abs(config.pair_detunings()) / config.band()
        periods = self.lock_periods()
        # Its lock takes long at the edge of the band; 0.9 of it is well inside.
        inside, outside = periods[part <= 0.9], periods[part >= 1.1]
        most = float(inside[np.isfinite(inside)].max(initial=0.0))
        return {
            "amplitudes": list(config.amplitudes),
            "half_widths": widths.tolist(),
            "half_widths_law": law.tolist(),
            "greatest_width_error": float(np.abs(widths / law - 1).max()),
            "beat_rms": float(np.sqrt(np.mean((self.beats - slips) ** 2))),
            "pairs_inside": len(inside),
            "pairs_locked": int(np.isfinite(inside).sum()),
            "pairs_locked_outside": int(np.isfinite(outside).sum()),
            "lock_periods": most,
            "lock_ns": most * config.period_ns(),
            "lock_cycles": round(most) * config.period_cycles(),
            "run_hash": self._hash(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def _hash(self) -> str:
        turn = self.config.phase().turn
        parts = [self.locked.ravel(), np.nan_to_num(self.beats) * 1024, self.apart.ravel() * turn]
        return weights_hash(np.rint(np.concatenate(parts)).astype(np.int64).astype(np.uint32))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "detunings": self.detunings,
            "locked": self.locked,
            "beats": self.beats,
            "apart": self.apart,
        }


def _edge(detunings: Ints, locked: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The highest detuning that locks and the lowest above it that does not."""
    inside = int(detunings[locked].max(initial=0))
    above = detunings[~locked & (detunings > inside)]
    return inside, int(above.min(initial=int(detunings.max())))


def run(machine: PhaseMachine, config: AdlerConfig, progress: Progress) -> AdlerResult:
    """Tongue, beats, pairs."""
    started, before = time.monotonic(), machine.cycles
    detunings, locked = [], []
    with progress.task("lock", total=len(config.amplitudes) + 2, unit="runs") as advance:
        for amplitude in config.amplitudes:
            n, edge = machine.shape.oscillators, config.edge(amplitude)
            first = np.rint(np.linspace(-1.5, 1.5, n) * edge).astype(np.int64)
            held = _tongue(machine, config, amplitude, first)
            right = np.linspace(*_edge(first, held), n // 2)
            left = -np.linspace(*_edge(-first, held), n - n // 2)
            second = np.rint(np.concatenate([left, right])).astype(np.int64)
            detunings.append([first, second])
            locked.append([held, _tongue(machine, config, amplitude, second)])
            advance(1)
        beats = _beats(machine, config)
        advance(1)
        apart = _pairs(machine, config)
        advance(1)
    cycles = machine.cycles_since(before)
    return AdlerResult(
        config=config,
        detunings=np.array(detunings),
        locked=np.array(locked),
        beats=beats,
        apart=apart,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _start(machine: PhaseMachine, params: PhaseParams, omega: Ints, phases: Ints) -> None:
    machine.configure(params)
    machine.set_frequencies(omega)
    machine.set_phases(phases)
    machine.reset(state=True, random=True)


def _tongue(
    machine: PhaseMachine, config: AdlerConfig, amplitude: int, detunings: Ints
) -> npt.NDArray[np.bool_]:
    """Which oscillators hold still for the second of two windows."""
    turn = machine.shape.turn
    window = min(65535, int(WINDOW * turn / config.edge(amplitude)))
    params = PhaseParams(
        coupled=False, injection=amplitude, lock_ticks=window, lock_width=turn // 4
    )
    _start(machine, params, detunings, np.zeros_like(detunings))
    machine.run(2 * window + 1)
    return machine.locked()


def _beats(machine: PhaseMachine, config: AdlerConfig) -> Floats:
    """Beat frequencies, 2^-P turns a tick, by the spikes of the second half."""
    omega = config.beat_detunings()
    _start(
        machine, PhaseParams(coupled=False, injection=config.beats, quiet=False), omega, 0 * omega
    )
    machine.run(config.beat_ticks)
    spikes = machine.spikes()
    spikes = spikes[spikes["tick"] >= config.beat_ticks // 2]
    found = np.full(len(omega), np.nan)
    for n in range(len(omega)):
        ticks = spikes["tick"][spikes["neuron"] == n].astype(np.int64)
        if len(ticks) > 1:
            found[n] = (len(ticks) - 1) * machine.shape.turn / (ticks[-1] - ticks[0])
    return found


def _pairs(machine: PhaseMachine, config: AdlerConfig) -> Floats:
    """Differences of the pairs' phases, unwrapped, once a period."""
    n, turn = machine.shape.oscillators, machine.shape.turn
    weights = np.zeros((n, n), np.int64)
    even = np.arange(0, n, 2)
    weights[even, even + 1] = weights[even + 1, even] = TOP_WEIGHT
    machine.set_weights(weights)
    detuning = config.pair_detunings()
    omega = np.full(n, turn // config.period)
    omega[even] += detuning - detuning // 2
    omega[even + 1] -= detuning // 2
    phases = np.zeros(n, np.int64)
    phases[even] = round(0.4 * turn)
    params = PhaseParams(gain=config.gain, shift=PULL_SHIFT)
    _start(machine, params, omega, phases)
    apart = []
    for _ in range(config.pair_ticks // config.period + 1):
        phases = machine.phases()
        apart.append((phases[even] - phases[even + 1]) / turn)
        machine.run(config.period)
    return np.asarray(np.unwrap(np.array(apart), axis=0, period=1.0))


def draw(result: AdlerResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import adler_pictures

    return adler_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Bands of the injected signal; beats and pairs."""
    rows = [
        {"INJ": a, "half width (LSB/tick)": width, "law": law}
        for a, width, law in zip(
            run["amplitudes"], run["half_widths"], run["half_widths_law"], strict=True
        )
    ]
    pairs = {
        "beats, rms off (LSB/tick)": run["beat_rms"],
        "pairs locked": f"{run['pairs_locked']} of {run['pairs_inside']}",
        "outside": run["pairs_locked_outside"],
        "lock, periods": run["lock_periods"],
        "ns": run["lock_ns"],
        "FPGA cycles": run["lock_cycles"],
    }
    where = f"{run['machine']}, seed {run['seed']}"
    return {f"Arnold tongue, {where}": rows, f"beats and pairs, {where}": [pairs]}

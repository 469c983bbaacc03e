"""The energy-error experiment: a lower barrier takes less energy and makes more errors; what copies
of a bit, read by majority, make of that (Sec. II.B).

A bit is written into M junctions of barrier Delta, kept, and read by majority, as
``physics.redundancy`` says. For each Delta and M the write pulse is just good enough for a wanted
error of the bit, so that every point of a curve has the same error and its energy is what differs.
The machine does a round of bits, every second column of ones, the others of zeros::

    write : all junctions hold the other bit; a pulse of probability 1 - e_w
    keep  : a loss L either way, as a pulse to AP of probability L/(1-L), then one to P of L
    read  : the majority of M junctions, one below the other

The junctions of a round have the device levels of a ``spread_seed`` of its own, so that all bits of
all rounds are independent. Of n bits, of which k are wrong, the deviation from the law P is, in
standard errors, ``(k/n - P) / sqrt(P (1-P) / n + q^2)`` where q is what a code's rounding of
2^-(K+1), at most, does to P.

What comes out: where all junctions are alike, copies do not pay, one junction of the right barrier
is cheapest (of bits kept for a second, down to an error of 1e-9). They pay where barriers vary, as
the weakest then decide about a single junction.

The ledger counts the pulses of the write, at ``physics.redundancy``'s energy each. To keep a state
costs nothing: pulses that stand for its decay are none of a device.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import DeviceEnergies, EnergyLedger, Events
from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL
from spinloom.emulator.physics.redundancy import majority_error
from spinloom.emulator.physics.switching import code
from spinloom.emulator.spec.learning import LEVELS, PULSE
from spinloom.host.experiments.energy_error_config import EnergyErrorConfig, Point
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "EnergyErrorConfig", "EnergyErrorResult", "draw", "run", "tables"]

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]


CONFIG = EnergyErrorConfig


@dataclass(frozen=True, kw_only=True)
class EnergyErrorResult:
    """What a run leaves: of each of ``points`` the bits, the wrong ones and the ledger."""

    config: EnergyErrorConfig
    points: list[Point]
    bits: list[int]
    wrong: list[int]
    ledgers: list[EnergyLedger]
    cycles: int | None
    seconds: float

    def rates(self) -> Floats:
        """Parts of the bits that were wrong."""
        return np.asarray(np.array(self.wrong) / np.array(self.bits))

    def energies_j(self) -> Floats:
        """Energy of a bit by the ledger."""
        return np.asarray(np.array([x.total_j for x in self.ledgers]) / np.array(self.bits))

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors."""
        law = np.array([p.law for p in self.points])
        rounding = 0.5 / self.config.learning().code_one
        off = [majority_error(p.write.error(p.delta) + rounding, p.copies) for p in self.points]
        spread = np.sqrt(law * (1 - law) / np.array(self.bits) + (np.array(off) - law) ** 2)
        return np.asarray((self.rates() - law) / spread)

    def least(self) -> dict[str, dict[str, Any]]:
        """By spread: the point of the wanted error that the ledger finds cheapest."""
        out = {}
        joules = self.energies_j()
        for spread in self.config.spreads:
            n = min(
                (n for n, p in enumerate(self.points)
                 if p.spread == spread and p.target == self.config.targets[0]),
                key=joules.__getitem__,
                default=None,
            )  # fmt: skip
            if n is not None:
                out[f"{spread:g}"] = self._row(n, joules)
        return out

    def _row(self, n: int, joules: Floats) -> dict[str, Any]:
        point = self.points[n]
        return {
            "spread": point.spread,
            "copies": point.copies,
            "barrier_kt": point.delta,
            "write_error": point.write.write_error,
            "error": float(self.rates()[n]),
            "error_law": point.law,
            "sigma": float(self.sigma()[n]),
            "write_trials": self.ledgers[n].events.write_trials,
            "energy_j": float(joules[n]),
        }

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        wrong = np.array(self.wrong, "<i8").tobytes()
        joules = self.energies_j()
        return {
            "wanted_error": self.config.targets[0],
            "least": self.least(),
            "points": [self._row(n, joules) for n in range(len(self.points))],
            "max_sigma": float(np.abs(self.sigma()).max()),
            "bits": sum(self.bits),
            "write_trials": sum(x.events.write_trials for x in self.ledgers),
            "wrong_hash": hashlib.sha256(wrong).hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "bits": np.array(self.bits),
            "wrong": np.array(self.wrong),
            "law": np.array([p.law for p in self.points]),
            "energy_j": self.energies_j(),
        }


def run(
    machine: LearningMachine, config: EnergyErrorConfig, progress: Progress
) -> EnergyErrorResult:
    """All points, each in as many rounds as its bits need."""
    started, before = time.monotonic(), machine.cycles
    machine.configure(config.params())
    machine.reset(state=True, random=True)
    seeds = np.random.default_rng(config.seed)
    points = config.points()
    bits, wrong, ledgers = [], [], []
    with progress.task("write bits", total=len(points), unit="points") as advance:
        for point in points:
            done, errors, events, switched = 0, 0, Events(), 0
            while done < config.bits:
                seed = int(seeds.integers(1 << 32))
                trials, hits = _write(machine, point, seed)
                _keep(machine, point)
                votes = _read(machine, point.copies)
                done += votes.size
                errors += int((votes != _data(machine)).sum())
                events += Events(write_trials=trials)
                switched += hits
            joules = DeviceEnergies(
                write_j=point.write.write_energy_j(point.delta),
                read_j=0.0, spike_j=0.0, wall_step_j=0.0,
            )  # fmt: skip
            bits.append(done)
            wrong.append(errors)
            ledgers.append(EnergyLedger(events=events, energies=joules, switched=switched))
            advance(1)
    cycles = machine.cycles_since(before)
    return EnergyErrorResult(
        config=config,
        points=points,
        bits=bits,
        wrong=wrong,
        ledgers=ledgers,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _data(machine: LearningMachine) -> npt.NDArray[np.int64]:
    """The bit of each column."""
    return np.asarray(np.arange(machine.shape.columns) % 2, np.int64)


def _pulse(machine: LearningMachine, classes: npt.NDArray[np.int64]) -> None:
    """A pulse of a class on each column."""
    for column, kind in enumerate(classes.tolist()):
        machine.write_all({"PULSE_COLUMN": column, "PULSE_CLASS": kind, "COMMAND": PULSE})


def _write(machine: LearningMachine, point: Point, seed: int) -> tuple[int, int]:
    """Write every bit over its contrary, into other devices; trials, and those that switched."""
    shape, data = machine.shape, _data(machine)
    value = code(1 - point.write.write_error, shape.code_bits).value
    machine.reset(state=True)
    machine.write("SPREAD_SEED", seed)
    machine.set_weights(np.tile(1 - data, (shape.inputs, 1)))
    machine.write_memory("codes", [value] * (2 * LEVELS))
    _pulse(machine, data)
    names = ("TRIALS_LO", "SWITCHED_P", "SWITCHED_AP")
    trials, up, down = (machine.read(name) for name in names)
    return trials, up + down


def _keep(machine: LearningMachine, point: Point) -> None:
    """Time passes: junctions change their state, either way."""
    columns, bits = machine.shape.columns, machine.shape.code_bits
    loss = point.write.loss_by_level(point.delta)
    codes = [code(p, bits).value for p in (*(loss / (1 - loss)).tolist(), *loss.tolist())]
    machine.write_memory("codes", codes)
    for kind in (ANTIPARALLEL, PARALLEL):
        _pulse(machine, np.full(columns, kind))


def _read(machine: LearningMachine, copies: int) -> npt.NDArray[np.int64]:
    """Majorities of so many junctions, one below the other: [bits of a column, columns]. What a
    column has over is left out."""
    shape = machine.shape
    rows = shape.inputs // copies
    junctions = machine.weights()[: rows * copies].reshape(rows, copies, shape.columns)
    return np.asarray(2 * junctions.sum(axis=1, dtype=np.int64) > copies, np.int64)


def draw(result: EnergyErrorResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import energy_error_pictures

    return energy_error_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The cheapest point of each spread, and the best barrier of each number of copies."""
    names = ("spread", "copies", "barrier_kt", "error", "error_law", "sigma", "energy_j")
    least = [{name: row[name] for name in names} for row in run["least"].values()]
    title = f"least energy at an error of {run['wanted_error']:g}"
    return {f"{title}, {run['machine']}, seed {run['seed']}": least}

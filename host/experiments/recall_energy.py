"""The recall-energy experiment: pictures recalled by fast oscillators and by slow ones that noise
drives, and what each pays for it (Sec. II.D, the two approaches to less energy).

Both arrays hold the same patterns by the same couplings, and get the same probes. The fast one are
spin-torque nano-oscillators, as in the recall experiment; the slow one superparamagnetic junctions,
p-bits that cool. Events are counted on the machines; devices turn them into time and energy.

*fast*  A current runs through an oscillator all the time: I^2 R / f a period. A time step is as
    long as a phase needs to turn by the step's angle, pulled by so many GHz (``step_s``).
*slow*  Nothing keeps a junction fluctuating but heat. A current I tilts its barrier by
    Delta I / Ic = beta h, h being its field; Ic is proportional to Delta, so that I for a kT is the
    same for every barrier. It costs I^2 R as long as it lasts. Where no field is, a spin that
    decides at a rate of 2 / tau flips with the junction's 1 / tau, tau = tau0 exp(Delta); fields
    only make junctions faster, those beyond Ic, where no barrier is left, included. A decision is
    thus tau / 2 long at most, and all junctions decide meanwhile.

What multiplies by couplings and adds up is in neither ledger, nor is the reading of states.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import DeviceEnergies, EnergyLedger, Events, joules
from spinloom.emulator.spec.ising import RAMP_SHIFT, IsingParams, sigmoid_table
from spinloom.host.couplings import projection, quantised
from spinloom.host.experiments import ledger
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.pbits import annealed
from spinloom.host.experiments.recall import store
from spinloom.host.experiments.recall_config import LATE, SHIL, probe_phases, read_out
from spinloom.host.experiments.recall_energy_config import EVERY, OSCILLATOR, RecallEnergyConfig
from spinloom.host.ising import IsingMachine
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import patterns
from spinloom.host.stimuli.patterns import PatternSet

CONFIG = RecallEnergyConfig
SUITED: dict[str, dict[str, Any]] = {}
MOST = 0.95  # of what is right at last: from then on a recall could be stopped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Array:
    """Recalls of one array: ``states`` [looks, probes, pixels] of +-1, the probes first; device
    time between looks; the ledger of all probes."""

    states: Ints
    look_s: float
    ledger: EnergyLedger

    def right(self, stored: Ints) -> Floats:
        """Part of the probes that are exactly their pattern [probes, pixels], at each look."""
        return np.asarray((self.states == stored).all(axis=2).mean(axis=1))

    def times(self) -> Floats:
        """Device time of the looks."""
        return np.asarray(self.look_s * np.arange(len(self.states)))

    def stop(self, stored: Ints) -> int:
        """The look from which on ``MOST`` of what is right at last is right."""
        right = self.right(stored)
        below = np.flatnonzero(right < MOST * right[-1])
        return int(below[-1]) + 1 if len(below) else 0

    def recall_j(self) -> float:
        """Energy of a recall."""
        return self.ledger.total_j / float(self.states.shape[1])

    def figures(self, stored: Ints) -> dict[str, Any]:
        """Plain values."""
        looks, stop = len(self.states) - 1, self.stop(stored)
        return {
            "right": float(self.right(stored)[-1]),
            "time_s": looks * self.look_s,
            "recall_j": self.recall_j(),
            "stop_s": stop * self.look_s,
            "stop_j": self.recall_j() * stop / looks,
            "cycles": self.ledger.cycles,
            **ledger.figures(self.ledger),
        }


@dataclass(frozen=True, kw_only=True)
class RecallEnergyResult:
    """What a run leaves: ``stored`` [probes] says which pattern each probe was made of; ``square``
    is the mean of (beta h)^2 of the p-bits, ``tilt`` its greatest root by the barrier."""

    config: RecallEnergyConfig
    patterns: PatternSet
    stored: Ints
    fast: Array
    slow: Array
    square: float
    tilt: float
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        wanted = self.patterns.pixels[self.stored]
        ratio = 1e-3 * self.config.current / OSCILLATOR.threshold_a
        words = np.concatenate([one.states.ravel() > 0 for one in (self.fast, self.slow)])
        return {
            "probes": self.config.probes,
            "pixels": wanted.shape[1],
            "fast": (fast := self.fast.figures(wanted) | {"greatest_current": ratio}),
            "slow": (slow := self.slow.figures(wanted) | {"greatest_current": self.tilt}),
            "fast_right": fast["right"],
            "slow_right": slow["right"],
            "states_hash": weights_hash(words.astype(np.uint32)),
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {
            "stored": self.stored,
            "fast": self.fast.states.astype(np.int8),
            "fast_seconds": self.fast.times(),
            "slow": self.slow.states.astype(np.int8),
            "slow_seconds": self.slow.times(),
        }


def run(
    machine: PhaseMachine, config: RecallEnergyConfig, progress: Progress, pbits: IsingMachine
) -> RecallEnergyResult:
    """Recall the same probes on both machines."""
    started = time.monotonic()
    rng = np.random.default_rng([config.seed, 1])
    kinds = patterns.load(config.set)
    stored = np.arange(config.probes) % len(kinds)
    count = round(config.flips * kinds.pixels.shape[1] / 100)
    probes = patterns.flipped(kinds.pixels[stored], count, rng)
    fast = _fast(machine, config, kinds.pixels, probes, rng, progress)
    slow, squares = _slow(pbits, config, kinds.pixels, probes, rng, progress)
    return RecallEnergyResult(
        config=config,
        patterns=kinds,
        stored=stored,
        fast=fast,
        slow=slow,
        square=float(squares.mean()),
        tilt=float(np.sqrt(squares.max())) / config.delta,
        seconds=time.monotonic() - started,
    )


def _fast(
    machine: PhaseMachine,
    config: RecallEnergyConfig,
    pixels: Ints,
    probes: Ints,
    rng: np.random.Generator,
    progress: Progress,
) -> Array:
    before, n = machine.cycles, pixels.shape[1]
    weights = quantised(projection(pixels), machine.shape.weight_max)
    store(machine, pixels, weights, config.steps, shil=SHIL, late=LATE)
    looks = [probe_phases(probes, machine.shape, rng)]
    ends = []
    with progress.task("oscillators", total=len(probes), unit="probes") as advance:
        for start in looks[0]:
            machine.set_phases(start)
            machine.reset(state=True)
            course = [start]
            for _ in range(config.steps // EVERY):
                machine.run(EVERY)
                course.append(machine.phases())
            ends.append(course)
            advance(1)
    phases = np.array(ends)[:, :, :n].swapaxes(0, 1)
    cycles = machine.cycles_since(before)
    time_s = config.steps * config.step_s()
    return Array(
        states=np.array([read_out(look, probes, machine.shape.turn) for look in phases]),
        look_s=EVERY * config.step_s(),
        ledger=EnergyLedger(
            events=Events(periods=round(probes.size * time_s * config.frequency_hz())),
            energies=DeviceEnergies(period_j=config.period_j()),
            switched=0,
            cycles=cycles,
        ),
    )


def _slow(
    machine: IsingMachine,
    config: RecallEnergyConfig,
    pixels: Ints,
    probes: Ints,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Array, Floats]:
    """The array, and (beta h)^2 [sweeps, probes, pixels]."""
    before, n = machine.cycles, pixels.shape[1]
    weights = quantised(projection(pixels), machine.shape.weight_max)
    field = float((pixels * (pixels @ weights)).mean())
    params = annealed(
        IsingParams(spins=n), machine.shape, config.first / field, config.last / field,
        config.sweeps,
    )  # fmt: skip
    machine.set_table(sigmoid_table(machine.shape))
    machine.set_biases([0])
    machine.set_couplings(weights)
    machine.configure(params)
    courses = []
    with progress.task("p-bits", total=len(probes), unit="probes") as advance:
        for probe in probes:
            machine.set_spins(probe)
            machine.reset(state=True)
            machine.set_random(int(rng.integers(1, 1 << 63)))
            course = [probe]
            for _ in range(config.sweeps):
                machine.run(1)
                course.append(machine.spins()[:n])
            courses.append(course)
            advance(1)
    states = np.array(courses).swapaxes(0, 1)
    ramp = params.beta + (np.arange(config.sweeps) * params.beta_step >> RAMP_SHIFT)
    betas = np.minimum(ramp, params.beta_end) / (machine.shape.scale << params.shift)
    squares = (betas[:, None, None] * (states[1:] @ weights)) ** 2
    cycles = machine.cycles_since(before)
    return Array(
        states=states,
        look_s=config.sweep_s(),
        ledger=EnergyLedger(
            events=Events(decisions=probes.size * config.sweeps),
            energies=DeviceEnergies(decision_j=config.decision_j(float(squares.mean()))),
            switched=0,
            cycles=cycles,
        ),
    ), squares


def draw(result: RecallEnergyResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import recall_energy_pictures

    return recall_energy_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line an array, and the ledger of each."""
    rows = [
        {
            "array": name,
            "exactly recalled": run[key]["right"],
            "time (ns)": 1e9 * run[key]["time_s"],
            "energy of a recall": joules(run[key]["recall_j"]),
            f"{MOST:.0%} of them after (ns)": 1e9 * run[key]["stop_s"],
            "energy until then": joules(run[key]["stop_j"]),
            "current, of Ic": run[key]["greatest_current"],
        }
        for key, name in (("fast", "spin-torque oscillators"), ("slow", "low-barrier junctions"))
    ]
    title = f"{run['probes']} recalls of {run['pixels']} pixels, {run['machine']}"
    return (
        {f"{title}, seed {run['seed']}": rows}
        | ledger.table(run["fast"], "oscillators recall")
        | ledger.table(run["slow"], "junctions recall")
    )

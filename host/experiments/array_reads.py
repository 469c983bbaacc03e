"""The part "reads" of the array experiment: what a read tells, what it disturbs, and the sign of a
current (Sec. I.B, Fig. 1).

A cell in state s carries ``I_s = V/R_s``, ``R_AP = R_P (1 + TMR)``, and a read adds noise of the
standard deviation s_n. Three laws, each beside what was counted on the states of the machine::

    misread       Phi(-(I_P - I_AP) / 2 s_n), told apart half way; contrast TMR/(2 + TMR)
    read disturb  after k reads the chain x -> x (1 - q) + (1 - x) p; p, q: a read switches the
                  state that a cell had at first, and the other one (x = 0 at first)
    pulse         P(switch) at the signed current: AP leaves at I > 0, P at I < 0, and the other
                  sign holds

p, q and P(switch) are of ``emulator.physics.switching``. Pulses and noise are pseudo-random and
drawn on the host. Arrays end with an axis of two: cells that were AP, and P.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.resistance import resistance
from spinloom.emulator.physics.switching import switch_probability
from spinloom.emulator.synapse.array import pack
from spinloom.host.array_view import ArrayView, Pulses
from spinloom.host.experiments.array_config import ArrayConfig
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

STATES = ANTIPARALLEL, PARALLEL
READ = Pulses()  # of the reads that tell the states apart
# Below this expected n p (1-p) a count is no longer normal, and a deviation in sigma says nothing.
NORMAL = 9.0

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]


def deviations(counts: Counts, trials: int | Counts, law: Floats) -> Floats:
    """``(k/n - p) / sqrt(p (1-p) / n)``; NaN where n p (1-p) is below ``NORMAL``."""
    variance = trials * law * (1 - law)
    normal = variance >= NORMAL
    off = (counts - trials * law) / np.sqrt(np.where(normal, variance, 1))
    return np.where(normal, off, np.nan)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Cells [..., 2] of which something came true, of ``trials`` [2] each, and the law of it."""

    counts: Counts
    trials: Counts
    law: Floats

    def rates(self) -> Floats:
        """Measured probabilities; NaN where no cell was in that state."""
        some = np.where(self.trials > 0, self.trials, 1)
        return np.where(self.trials > 0, self.counts / some, np.nan)

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors."""
        return deviations(self.counts, self.trials, self.law)


@dataclass(frozen=True, kw_only=True)
class Sensed:
    """Stored cells read with noise at each TMR: mean currents [TMRs, 2] and misreads."""

    currents_a: Floats
    currents_law_a: Floats
    noise_a: float
    misread: Counted

    def resistances_ohm(self) -> Floats:
        """R_AP and R_P as measured: read voltage over mean current, [TMRs, 2]."""
        return READ.read_v / self.currents_a

    def contrast(self) -> Floats:
        """(I_P - I_AP) / (I_P + I_AP) of mean currents, as measured, [TMRs]."""
        low, high = self.currents_a.T
        return np.asarray((high - low) / (high + low))

    def sigma(self) -> Floats:
        """Deviations of the mean currents from V/R, in standard errors, [TMRs, 2]."""
        error = self.noise_a / np.sqrt(np.where(self.misread.trials > 0, self.misread.trials, 1))
        return np.asarray((self.currents_a - self.currents_law_a) / error)


def sense(
    machine: LearningMachine, config: ArrayConfig, seed: np.random.SeedSequence, progress: Progress
) -> Sensed:
    """Read every stored cell once at each TMR; the states stay as they are."""
    currents, wrong, seeds = [], [], seed.spawn(len(config.tmrs))
    stored = machine.weights()[: config.words]
    with progress.task("read", total=len(seeds), unit="TMRs") as advance:
        for tmr, one in zip(config.tmrs, seeds, strict=True):
            view = _view(machine, config.junction(tmr), READ, one, config.noise_a)
            read = np.array([view.read_currents(w) for w in range(config.words)])
            taken = read > view.middle_a
            currents.append([read[stored == s].mean() if (stored == s).any() else np.nan
                             for s in STATES])  # fmt: skip
            wrong.append([int((taken[stored == s] != s).sum()) for s in STATES])
            advance(1)
    ohm = np.array([resistance(config.junction(tmr), STATES) for tmr in config.tmrs])
    law_a = READ.read_v / ohm
    half = (law_a[:, 1] - law_a[:, 0]) / 2
    law = np.array([[NormalDist().cdf(-x / config.noise_a)] * 2 for x in half])
    return Sensed(
        currents_a=np.array(currents),
        currents_law_a=law_a,
        noise_a=config.noise_a,
        misread=Counted(counts=np.array(wrong), trials=_cells(stored), law=law),
    )


def disturb(
    machine: LearningMachine, config: ArrayConfig, seed: np.random.SeedSequence, progress: Progress
) -> Counted:
    """Cells that are no longer as written after 1, 2... reads at each voltage: [voltages, reads,
    2]."""
    start, flipped, law = _checkerboard(machine, config), [], []
    seeds = seed.spawn(len(config.read_voltages))
    with progress.task("read disturb", total=len(seeds), unit="voltages") as advance:
        for volts, one in zip(config.read_voltages, seeds, strict=True):
            view = _view(machine, config.junction(), Pulses(read_v=volts), one)
            machine.write_memory("weights", pack(start))
            for _ in range(config.reads):
                for word_line in range(config.words):
                    view.read_word(word_line)
                flipped.append(_left(machine, start))
            law.append(disturb_law(config.junction(), volts, config.reads))
            advance(1)
    return Counted(
        counts=np.reshape(flipped, (len(law), config.reads, 2)),
        trials=_cells(start),
        law=np.array(law),
    )


def disturb_law(junction: Junction, volts: float, reads: int) -> Floats:
    """Probabilities that cells (AP, P) are in the other state after 1 to ``reads`` reads,
    [reads, 2]."""
    leaves = np.array([
        switch_probability(junction, s, volts / float(resistance(junction, s)), READ.read_s)
        for s in STATES
    ])  # fmt: skip
    away, law = np.zeros(2), []
    for _ in range(reads):
        away = away * (1 - leaves[::-1]) + (1 - away) * leaves
        law.append(away)
    return np.array(law)


def signs(
    machine: LearningMachine, config: ArrayConfig, seed: np.random.SeedSequence, progress: Progress
) -> Counted:
    """Cells that leave their state under one pulse of each signed current: [currents, 2]."""
    start, left, currents = _checkerboard(machine, config), [], config.signed()
    duration = config.durations[0]
    with progress.task("both signs", total=len(currents), unit="currents") as advance:
        for current, one in zip(currents, seed.spawn(len(currents)), strict=True):
            view = _view(machine, config.junction(), config.pulses(abs(current), duration), one)
            machine.write_memory("weights", pack(start))
            for word_line in range(config.words):
                view.pulse_word(word_line, int(current > 0))
            left.append(_left(machine, start))
            advance(1)
    law = [
        [switch_probability(config.junction(), s, i * 1e-6, duration * 1e-9) for s in STATES]
        for i in currents
    ]
    return Counted(counts=np.array(left), trials=_cells(start), law=np.array(law))


def _view(
    machine: LearningMachine, junction: Junction, pulses: Pulses, seed: np.random.SeedSequence,
    noise_a: float = 0.0,
) -> ArrayView:  # fmt: skip
    number = int(seed.generate_state(1, np.uint32)[0])
    return ArrayView(machine, junction, pulses, seed=number, noise_a=noise_a)


def _checkerboard(machine: LearningMachine, config: ArrayConfig) -> Bits:
    """Neighbours in different states, [words, bit lines]."""
    places = np.indices((config.words, machine.shape.columns)).sum(axis=0)
    return np.asarray(places % 2, np.uint8)


def _cells(states: Bits) -> Counts:
    """Cells of each state, [2]."""
    return np.array([(states == s).sum() for s in STATES])


def _left(machine: LearningMachine, start: Bits) -> list[int]:
    """Cells that left the state that they had, by that state."""
    gone = machine.weights()[: len(start)] != start
    return [int((gone & (start == s)).sum()) for s in STATES]

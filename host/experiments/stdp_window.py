"""The stdp-window experiment: how often a pair of spikes switches a junction, by the time dt from
the input's spike to the neuron's (Sec. II.B, stochastic spike-timing-dependent plasticity).

Junctions are preset, every input spikes once, dt ticks later the neurons do, and the junctions are
read. Those preset AP count P_up, those preset P count P_down. For dt < 0 the inputs spike after the
neurons. Two rules are measured, each a code for every age a = 0 ... A-1 of the window, in buckets
of B ticks, and one for all older events::

    exponential   P_up = p_up exp(-a B / tau)        P_down = 0       inside the window
    simplified    P_up = p_up                        P_down = 0       inside the window
    both          P_up = 0                           P_down = p_down  outside it, and for dt < 0

The machine knows dt only to a bucket: an input that spikes phi ticks after a bucket began is of age
a = (phi + dt) div B. The experiment takes every phase phi equally often, as spikes would that know
nothing of the buckets. So the law is a mean over phases, a straight line from dt = a B to
(a + 1) B, where it is the programmed code::

    P(dt) = 1/B sum_phi P[(phi + dt) div B],   sigma^2 = 1/n 1/B sum_phi P (1 - P)

for n trials of a point. Where the law is 0 or 1 no deviation at all is allowed, and a single one
counts as ten sigma. Of m other points 0.0027 m are expected beyond three sigma; the farthest of
all may be at ``bounds.joint_bound``.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import WORD_TICK
from spinloom.emulator.synapse.array import unpack
from spinloom.host.experiments.bounds import joint_bound
from spinloom.host.experiments.stdp_window_config import RULES, StdpWindowConfig
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

WAYS = ("up", "down")  # AP to P, P to AP

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]

CONFIG = StdpWindowConfig


@dataclass(frozen=True, kw_only=True)
class StdpWindowResult:
    """What a run leaves: ``switched``, junctions that did [rules, ways, times] of ``trials`` each;
    a hash of all junctions as they were read."""

    config: StdpWindowConfig
    switched: npt.NDArray[np.int64]
    trials: int
    junctions_hash: str
    cycles: int | None
    seconds: float

    def measured(self) -> Floats:
        """Parts of the trials that switched."""
        return self.switched / self.trials

    def law(self) -> Floats:
        """The same, as the codes say."""
        return np.array([self.config.chances(rule).mean(axis=-1) for rule in RULES])

    def spread(self) -> Floats:
        """Standard error of each point, 0 where the law leaves nothing to chance."""
        chances = np.array([self.config.chances(rule) for rule in RULES])
        error: Floats = np.sqrt((chances * (1 - chances)).mean(axis=-1) / self.trials)
        return error

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors."""
        off: Floats = (self.measured() - self.law()) / np.maximum(self.spread(), 0.1 / self.trials)
        return off

    def random_points(self) -> int:
        """Points where the law leaves something to chance."""
        return int(np.count_nonzero(self.spread()))

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        off, random = self.sigma(), self.spread() > 0
        return {
            "dt_ticks": self.config.times(),
            "codes": {rule: self.config.codes(rule) for rule in RULES},
            "law": self.law().tolist(),
            "measured": self.measured().tolist(),
            "sigma": off.tolist(),
            "max_sigma": float(np.abs(off).max()),
            "joint_bound": joint_bound(self.random_points()),
            "mean_square_sigma": float((off[random] ** 2).sum() / max(1, random.sum())),
            "random_points": self.random_points(),
            "beyond_3_sigma": int(np.count_nonzero(np.abs(off) > 3)),
            "trials": self.trials * self.switched.size,
            "junctions_hash": self.junctions_hash,
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"dt": np.array(self.config.times()), "law": self.law(), "switched": self.switched}


def run(machine: LearningMachine, config: StdpWindowConfig, progress: Progress) -> StdpWindowResult:
    """Pair the spikes of all inputs and neurons, at every time of every rule."""
    started, before = time.monotonic(), machine.cycles
    shape, times, rounds = machine.shape, config.times(), config.rounds()
    digest = hashlib.sha256()
    preset = np.zeros((shape.inputs, shape.neurons), np.uint8)
    preset[:, 1::2] = 1
    switched = np.zeros((len(RULES), len(WAYS), len(times)), np.int64)
    with progress.task("pair", total=len(RULES) * len(times), unit="points") as advance:
        for r, rule in enumerate(RULES):
            machine.configure(config.params(rule))
            machine.quiet()
            machine.reset(random=not r)
            for t, dt in enumerate(times):
                for n in range(rounds):
                    machine.set_weights(preset)
                    pair(machine, n % config.bucket_ticks, dt)
                    words = machine.read_memory("weights")
                    digest.update(words.astype("<u4").tobytes())
                    changed = unpack(words, shape) != preset
                    for way in range(len(WAYS)):
                        switched[r, way, t] += np.count_nonzero(changed[:, way::2])
                advance(1)
    cycles = machine.cycles_since(before)
    return StdpWindowResult(
        config=config,
        switched=switched,
        trials=rounds * preset.size // 2,
        junctions_hash=digest.hexdigest(),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def pair(machine: LearningMachine, phase: int, dt: int) -> None:
    """From a new bucket on: ``phase`` ticks later all inputs spike, ``dt`` ticks later all neurons;
    or, with dt < 0, the neurons first."""
    shape = machine.shape
    inputs = list(range(shape.inputs))
    machine.reset(state=True)
    machine.stream([*_wait(phase), *(inputs if dt >= 0 else []), *_wait(dt)])
    for neuron in range(shape.neurons):
        machine.write("TEACH", neuron)
    if dt < 0:
        machine.stream([*_wait(-dt), *inputs])


def _wait(ticks: int) -> list[int]:
    """The stream word that lets time pass, if any is to."""
    return [WORD_TICK | ticks] if ticks > 0 else []


def draw(result: StdpWindowResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import stdp_window_pictures

    return stdp_window_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each time, of each rule."""
    return {
        f"stdp-window, {rule} rule, {run['machine']}, seed {run['seed']}": [
            {
                "dt (ticks)": dt,
                **{
                    f"P_{way}{what}": run[key][r][w][t]
                    for w, way in enumerate(WAYS)
                    for what, key in (("", "measured"), (", law", "law"), (", sigma", "sigma"))
                },
            }
            for t, dt in enumerate(run["dt_ticks"])
        ]
        for r, rule in enumerate(RULES)
    }

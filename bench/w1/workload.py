"""The workload itself: stimulus, parameters, first weights, and what is counted.

A *tick* adds the rows of its active inputs to every neuron that is not refractory, judges once, and
ends. A *synaptic event* (SOP) is one (active input, neuron) pair; an *update* is one write trial,
so a spike is 1024 of them. The stimulus is ``PATTERN`` ticks, played round after round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.learning import LearningParams

SHAPE = spec.SHAPES["w1"]
ACTIVITY = 0.02
CODE_P, CODE_AP = 26, 13  # of 256: potentiation and depression of a trial
BUCKET_TICKS = 4  # the window is two buckets
PATTERN = 1024  # ticks; small enough for the replay memory of the circuit
SEED = 1
THETAS = (100, 1)
T_REF = 6
T_REF_STRICT = 0


@dataclass(frozen=True)
class Stimulus:
    """Active inputs of every tick: ``addresses`` uint16 ascending within a tick; tick *t* has those
    from ``ends[t-1]`` up to ``ends[t]``, int64 [ticks]."""

    addresses: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.int64]

    @property
    def ticks(self) -> int:
        """Ticks of one round."""
        return len(self.ends)

    @property
    def sops(self) -> int:
        """Synaptic events of one round."""
        return len(self.addresses) * SHAPE.neurons

    def first(self, ticks: int) -> Stimulus:
        """The first so many ticks."""
        ends = self.ends[:ticks]
        return Stimulus(self.addresses[: ends[-1]], ends)

    def words(self) -> npt.NDArray[np.uint16]:
        """One round as stream words: the events of each tick, then the tick."""
        return np.insert(self.addresses, self.ends, spec.WORD_TICK | 1)


def stimulus(ticks: int = PATTERN, seed: int = SEED) -> Stimulus:
    """Seeded stimulus of so many ticks. ``ValueError`` if a tick has more events than a group: it
    would be judged twice."""
    active = np.random.default_rng(seed).random((ticks, SHAPE.inputs)) < ACTIVITY
    counts = active.sum(axis=1)
    if counts.max(initial=0) > SHAPE.group:
        raise ValueError(f"seed = {seed}: a tick has over {SHAPE.group} events; give another seed")
    return Stimulus(np.nonzero(active)[1].astype(np.uint16), np.cumsum(counts))


def params(theta: int, t_ref: int) -> LearningParams:
    """W1 in the engine's terms; ``theta`` and ``t_ref`` are what the workload leaves open."""
    return LearningParams(
        step=1, leak=0, theta0=theta, theta_up=0, t_inh=0, t_ref=t_ref, bucket_ticks=BUCKET_TICKS,
        codes_p=(CODE_P,) * spec.LEVELS, codes_ap=(CODE_AP,) * spec.LEVELS,
        homeostasis=False, hard_reset=True,
    )  # fmt: skip


def weights(seed: int = SEED) -> npt.NDArray[np.uint8]:
    """First weights, [inputs, neurons]: half of the junctions are parallel."""
    bits = np.random.default_rng([seed, 1]).random((SHAPE.inputs, SHAPE.neurons)) < 0.5
    return bits.astype(np.uint8)


def describe() -> dict[str, int | float]:
    """The workload's numbers, for the record of a run."""
    played = stimulus()
    return {
        "inputs": SHAPE.inputs,
        "neurons": SHAPE.neurons,
        "activity": ACTIVITY,
        "events_per_tick": len(played.addresses) / played.ticks,
        "pattern_ticks": PATTERN,
        "code_p": CODE_P,
        "code_ap": CODE_AP,
        "bucket_ticks": BUCKET_TICKS,
        "seed": SEED,
    }

"""The retention experiment: how long binary synapses that are written by chance keep a memory (Sec.
II.B: discrete synapses learn more slowly, but their memory is more stable).

Junctions s = +1 (P) or -1 (AP) hold a memory x, half of them P. Random patterns follow: a spike of
a neuron writes each of its junctions, to the pattern's state, with probability p. The overlap with
the memory is m = mean(s x). A write leaves a junction with 1 - p, and else gives it a state that
knows nothing of x, so after n patterns::

    first memory, held whole at n = 0      <m> = (1 - p)^n
    each pattern, n patterns after it      <m> = p (1 - p)^n

The second is the first, times the part p that one showing writes of a pattern into junctions that
knew nothing of it: a smaller p forgets more slowly, and learns less. The junctions are independent
of each other, and so are the products s x = +1 or -1, of mean <m>. Of J junctions therefore::

    sigma^2 = (1 - <m>^2) / J

An overlap is told from chance, <m> = 0, above 3 / sqrt(J). By this a run says how many patterns the
first memory outlasts ("remembered"), and how many of those shown once the machine still knows in
the end ("recalled"; chance alone counts one of 740). Where sigma is 0, a single wrong junction
counts as ten sigma.

Source of the rule: Amit and Fusi, Neural Comput. 6, 1994; see ``emulator.physics.retention``.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from math import erfc, floor, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.retention import trials_to
from spinloom.emulator.spec.learning import CODE_ONE, WORD_TICK
from spinloom.emulator.synapse.array import unpack
from spinloom.host.experiments.bounds import joint_bound
from spinloom.host.experiments.retention_config import MEMORIES, RetentionConfig
from spinloom.host.experiments.seeds import derive
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

CONFIG = RetentionConfig


@dataclass(frozen=True, kw_only=True)
class RetentionResult:
    """What a run leaves: the junctions that agree with a memory, by memory and for each code
    [patterns since]; a hash of all junctions as they were read."""

    config: RetentionConfig
    agreeing: dict[str, list[Counts]]
    junctions_hash: str
    cycles: int | None
    seconds: float

    def overlaps(self, memory: str) -> list[Floats]:
        """Measured overlaps with a memory, for each code [patterns since]."""
        junctions = self.config.learning().synapses
        return [2 * agreeing / junctions - 1 for agreeing in self.agreeing[memory]]

    def laws(self, memory: str) -> list[Floats]:
        """What they are in the mean."""
        return [self.config.law(memory, code) for code in self.config.codes]

    def errors(self, memory: str) -> list[Floats]:
        """Standard errors of the overlaps; where they are 0, a tenth of a junction."""
        junctions = self.config.learning().synapses
        return [
            np.maximum(np.sqrt((1 - law**2) / junctions), 0.2 / junctions)
            for law in self.laws(memory)
        ]

    def sigmas(self, memory: str) -> list[Floats]:
        """How far the overlaps are from the law, in standard errors."""
        each = zip(self.overlaps(memory), self.laws(memory), self.errors(memory), strict=True)
        return [(m - law) / error for m, law, error in each]

    def remembered(self) -> list[int | None]:
        """Patterns until the first memory is lost in chance, for each code; None: it was not."""
        lost = [np.flatnonzero(m < self.config.chance()) for m in self.overlaps("first")]
        return [int(at[0]) if len(at) else None for at in lost]

    def recalled(self) -> list[int]:
        """Patterns shown that stand out of chance in the end, for each code."""
        return [int(np.count_nonzero(m > self.config.chance())) for m in self.overlaps("shown")]

    def recalled_law(self) -> list[float]:
        """The same in the mean: the sum over patterns of their chance to stand out."""
        chance = self.config.chance()
        each = zip(self.laws("shown"), self.errors("shown"), strict=True)
        return [
            sum(erfc(x / sqrt(2)) / 2 for x in ((chance - law) / error).tolist())
            for law, error in each
        ]

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``: lists are by code. Deviations are those of the points
        that are drawn."""
        config, chance = self.config, self.config.chance()
        off = [s[drawn(len(s))] for memory in MEMORIES for s in self.sigmas(memory)]
        laws = [law[drawn(len(law))] for memory in MEMORIES for law in self.laws(memory)]
        points = sum(int(np.count_nonzero(law < 1)) for law in laws)  # the others are exact
        return {
            "p": [code / CODE_ONE for code in config.codes],
            "patterns": [config.patterns(code) for code in config.codes],
            "chance": chance,
            "remembered": self.remembered(),
            "remembered_law": [floor(trials_to(chance, code)) + 1 for code in config.codes],
            "recalled": self.recalled(),
            "recalled_law": self.recalled_law(),
            "newest": [float(m[0]) for m in self.overlaps("shown")],
            "max_sigma": max(float(np.abs(s).max()) for s in off),
            "joint_bound": joint_bound(points),
            "points": points,
            "junctions_hash": self.junctions_hash,
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``: junctions that agree, and their law as an overlap."""
        return {
            f"{memory}_{code}{what}": values
            for memory in MEMORIES
            for what, each in (("", self.agreeing[memory]), ("_law", self.laws(memory)))
            for code, values in zip(self.config.codes, each, strict=True)
        }


def drawn(count: int) -> list[int]:
    """0, 1, 2, 4, 8 ... patterns, of so many."""
    return [0, *(1 << k for k in range((count - 1).bit_length()) if 1 << k < count)]


def run(machine: LearningMachine, config: RetentionConfig, progress: Progress) -> RetentionResult:
    """Show random patterns to a machine that holds a memory, with every probability."""
    started, before = time.monotonic(), machine.cycles
    shape = machine.shape
    digest = hashlib.sha256()
    agreeing: dict[str, list[Counts]] = {memory: [] for memory in MEMORIES}
    total = sum(config.patterns(code) for code in config.codes)
    with progress.task("show", total=total, unit="patterns") as advance:
        for code in config.codes:
            # The same memory and patterns for all probabilities.
            rng = np.random.default_rng(derive(config.seed)[0])
            size = config.patterns(code) + 1, shape.inputs, shape.neurons
            patterns = rng.integers(0, 2, size, np.uint8)
            machine.configure(config.params(code))
            machine.quiet()
            machine.reset(state=True, random=True)
            machine.set_weights(patterns[0])
            kept = [patterns[0].size]
            for pattern in patterns[1:]:
                show(machine, pattern)
                words = machine.read_memory("weights")
                digest.update(words.astype("<u4").tobytes())
                bits = unpack(words, shape)
                kept.append(int(np.count_nonzero(bits == patterns[0])))
                advance(1)
            agreeing["first"].append(np.array(kept, np.int64))
            shown = [np.count_nonzero(bits == pattern) for pattern in patterns[:0:-1]]
            agreeing["shown"].append(np.array(shown, np.int64))
    cycles = machine.cycles_since(before)
    return RetentionResult(
        config=config,
        agreeing=agreeing,
        junctions_hash=digest.hexdigest(),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def show(machine: LearningMachine, pattern: npt.NDArray[np.uint8]) -> None:
    """Write a pattern [inputs, neurons] by chance: for each neuron, when the window has emptied,
    the inputs spike that are to be P, and then the neuron."""
    for neuron, column in enumerate(pattern.T):
        machine.stream([WORD_TICK | machine.shape.window_ages, *np.flatnonzero(column).tolist()])
        machine.write("TEACH", neuron)


def draw(result: RetentionResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import retention_pictures

    return retention_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line for each probability."""
    columns = {
        "p": "p",
        "patterns shown": "patterns",
        "first memory kept for": "remembered",
        "law": "remembered_law",
        "overlap of the newest": "newest",
        "recalled of those shown": "recalled",
        "law ": "recalled_law",
    }
    rows = [
        {column: run[figure][k] for column, figure in columns.items()} for k in range(len(run["p"]))
    ]
    return {f"retention, {run['machine']}, seed {run['seed']}": rows}

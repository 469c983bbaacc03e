"""Configuration of the retention experiment, and the law of its overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.retention import retention
from spinloom.emulator.spec.learning import (
    CODE_ONE,
    LEVELS,
    SHAPES,
    LearningParams,
    LearningShape,
)
from spinloom.host.experiments.options import check, option
from spinloom.host.experiments.seeds import derive

MEMORIES = ("first", "shown")  # held whole before all patterns; each of these

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RetentionConfig:
    """One run."""

    shape: str = option("lanes-small", "a machine of single junctions under two classes of pulses")
    seed: int = 1
    codes: tuple[int, ...] = option((256, 64, 16, 4, 1), "write probabilities, in 1/256")
    lifetimes: float = option(5.0, "patterns shown for each probability p, in units of 1/p")

    def __post_init__(self) -> None:
        self.learning()
        check(self)
        if not self.codes or not all(1 <= c <= CODE_ONE for c in self.codes):
            raise ValueError(f"codes = {self.codes}; give some from 1 to {CODE_ONE}")
        if not 1 <= self.lifetimes <= 100:
            raise ValueError(f"lifetimes = {self.lifetimes} is out of range; give 1 to 100")

    def learning(self) -> LearningShape:
        """The shape, if the host can make its neurons spike, and a synapse is one junction."""

        def fits(shape: LearningShape) -> bool:
            return shape.is_plain and shape.row_groups == 1

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def patterns(self, code: int) -> int:
        """Patterns shown with this code."""
        return floor(self.lifetimes * CODE_ONE / code)

    def chance(self) -> float:
        """The overlap that chance exceeds at three sigma."""
        return 3 / sqrt(self.learning().synapses)

    def law(self, memory: str, code: int) -> Floats:
        """Mean overlap with a memory, [patterns since]; the last one shown has none behind it."""
        first = memory == "first"
        kept = [retention(code, n) for n in range(self.patterns(code) + first)]
        return np.array(kept) * (1 if first else code / CODE_ONE)

    def params(self, code: int) -> LearningParams:
        """Registers; walls stand still, so the neurons spike when the host says so."""
        return LearningParams(
            step=0,
            bucket_ticks=1,
            codes_p=(code,) * LEVELS,
            codes_ap=(code,) * LEVELS,
            seed=derive(self.seed)[-1],
            homeostasis=False,
        )

"""Configuration of the stdp-window experiment: the rules, the codes that they mean, and the law
that follows from these."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import LEVELS, SHAPES, LearningParams, LearningShape
from spinloom.host.experiments.options import check, option

RULES = ("exponential", "simplified")
MAX_BUCKET = 64

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class StdpWindowConfig:
    """One run. Times in ticks."""

    shape: str = option("stdp", "a machine of junctions that tells ages of a window apart")
    seed: int = 1
    trials: int = option(100_000, "write trials of a point, at least, each way")
    bucket_ticks: int = option(4, "length of a bucket, ticks")
    tau: float = option(8.0, "time constant of the exponential rule, ticks")
    p_up: float = option(0.25, "largest probability to switch to P")
    p_down: float = option(0.0625, "probability to switch to AP, outside the window")

    def __post_init__(self) -> None:
        self.learning()
        check(self)
        for name, top in (("trials", 1 << 40), ("bucket_ticks", MAX_BUCKET)):
            value = getattr(self, name)
            if not 1 <= value <= top:
                raise ValueError(f"{name} = {value} is out of range; give 1 to {top}")
        if not self.tau > 0:
            raise ValueError(f"tau = {self.tau} is out of range; give more than 0")
        for name in ("p_up", "p_down"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} = {getattr(self, name)} is out of range; give 0 to 1")

    def learning(self) -> LearningShape:
        """The shape, if it has single junctions and tells the ages of its window apart."""

        def fits(shape: LearningShape) -> bool:
            return shape.strength_max == 1 and shape.classes > 2

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def times(self) -> list[int]:
        """dt of every point: from two buckets before to one behind the window."""
        ages = self.learning().window_ages
        return list(range(-2 * self.bucket_ticks, (ages + 1) * self.bucket_ticks + 1))

    def rounds(self) -> int:
        """Presets of a point, as many of every phase; half the junctions are preset each way."""
        shape, phases = self.learning(), self.bucket_ticks
        return -(-2 * self.trials // (shape.synapses * phases)) * phases

    def decay(self, dt: float) -> float:
        """The exponential that the first rule follows."""
        return self.p_up * exp(-dt / self.tau)

    def codes(self, rule: str) -> list[int]:
        """Switching codes to P, for every age of the window."""
        shape = self.learning()
        starts = [age * self.bucket_ticks for age in range(shape.window_ages)]
        chances = [self.decay(dt) if rule == "exponential" else self.p_up for dt in starts]
        return [round(p * shape.code_one) for p in chances]

    def params(self, rule: str) -> LearningParams:
        """Registers of a rule, alike for all devices; walls stand still, so the neurons spike when
        the host says so."""
        shape = self.learning()
        state = np.random.SeedSequence(self.seed).generate_state(1, np.uint64)
        return LearningParams(
            step=0,
            bucket_ticks=self.bucket_ticks,
            code_bits=shape.code_bits,
            codes_p=tuple(np.repeat(self.codes(rule), LEVELS).tolist()),
            codes_ap=(round(self.p_down * shape.code_one),) * LEVELS,
            seed=int(state[0]),
            homeostasis=False,
        )

    def chances(self, rule: str) -> Floats:
        """What the codes say, [ways, times, phases]."""
        shape, times = self.learning(), np.array(self.times())[:, None]
        age = (np.arange(self.bucket_ticks) + times) // self.bucket_ticks
        age = np.where(times < 0, shape.window_ages, np.minimum(age, shape.window_ages))
        up = np.array([*self.codes(rule), 0])
        down = np.zeros_like(up)
        down[-1] = self.params(rule).codes_ap[0]
        return np.stack([up[age], down[age]]) / shape.code_one

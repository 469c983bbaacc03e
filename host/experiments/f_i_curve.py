"""The f-i-curve experiment: how often a spin neuron fires, against its current (Sec. II.C, Fig. 8).

Every neuron of a single layer gets a constant current of its own, through its bias, so a whole
curve is measured at once. A *wall* of threshold theta under a current I and a leak L fires after n
ticks, and waits for r more until its reset pulse is over::

    n = ceil(theta / (I - L)),   rate = 1 / (n + r),   0 for I <= L

A *junction* switches in a tick with the probability of its current, here of a critical current Ic
and a width w of the transition (a thermally activated switch near its threshold), and is then
silent until the reset pulse::

    p = 1 / (1 + exp(-(I - Ic) / w)),   rate = p / (1 + p·r)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import (
    CODE_ONE,
    CODES,
    SHAPES,
    Dense,
    LayerParams,
    NetworkParams,
    NetworkShape,
)
from spinloom.emulator.spec.shape import WORD_TICK
from spinloom.host.experiments.options import option
from spinloom.host.network import NetworkMachine
from spinloom.host.progress import Progress

KINDS = ("wall", "junction")
SHIFT = 4  # wall steps of current, as a power of two, from one switching code to the next

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FiCurveConfig:
    """One run. Currents and positions in wall steps, times in ticks."""

    shape: str = option("network-neurons", "a network of one dense layer")
    seed: int = 1
    ticks: int = option(4000, "time of each curve, ticks")
    theta: int = option(600, "threshold of a wall, wall steps")
    leak: int = option(0, "wall steps lost at every tick")
    critical: int = option(500, "current at which a junction switches in every other tick")
    width: float = option(60.0, "width of that transition, wall steps")
    reset_ticks: tuple[int, ...] = option((0, 3, 12), "ticks from a spike to the end of its reset")

    def __post_init__(self) -> None:
        top = self.network().highest
        if not 0 < self.seed < 1 << 64:
            raise ValueError(f"seed = {self.seed} is out of range; give 1 to 2^64-1")
        for name, low, high in (
            ("ticks", 1, 1 << 20), ("theta", 1, top), ("leak", 0, top), ("critical", 0, top),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} = {value} is out of range; give {low} to {high}")
        if self.width <= 0:
            raise ValueError(f"width = {self.width} is out of range; give more than 0")
        longest = (1 << self.network().timer_bits) - 1
        if not self.reset_ticks or not all(0 <= r <= longest for r in self.reset_ticks):
            raise ValueError(f"reset_ticks = {self.reset_ticks}; give some from 0 to {longest}")

    def network(self) -> NetworkShape:
        """The shape, if it has one dense layer."""
        shape = SHAPES.get(self.shape)
        if shape is None or [type(layer) for layer in shape.layers] != [Dense]:
            good = [s.name for s in SHAPES.values() if [type(la) for la in s.layers] == [Dense]]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def currents(self) -> npt.NDArray[np.int64]:
        """Of each neuron, from 0 up to the largest that the codes of a junction reach."""
        neurons = self.network().neurons
        return np.arange(neurons) * (CODES << SHIFT) // neurons

    def codes(self) -> tuple[int, ...]:
        """Switching codes, each of the middle of its currents."""
        current = (np.arange(CODES) + 0.5) * (1 << SHIFT)
        p = 1 / (1 + np.exp(-(current - self.critical) / self.width))
        return tuple(np.rint(p * CODE_ONE).astype(int).tolist())

    def params(self, kind: str, reset_ticks: int) -> NetworkParams:
        """Registers of a curve."""
        shape = self.network()
        layer = LayerParams(
            theta=self.theta,
            lo=0,
            hi=shape.highest,
            leak=0 if kind == "junction" else self.leak,
            reset_ticks=reset_ticks,
            to_zero=True,
            junction=kind == "junction",
            shift=SHIFT,
        )
        return NetworkParams(layers=(layer,), codes=self.codes(), seed=self.seed)

    def law(self, kind: str, reset_ticks: int) -> Floats:
        """Spikes a tick of each neuron, by the equations above."""
        current = self.currents()
        if kind == "junction":
            p: Floats = np.array(self.codes())[current >> SHIFT] / CODE_ONE
            return p / (1 + p * reset_ticks)
        push = current - self.leak
        ticks = -(-self.theta // np.maximum(push, 1)) + reset_ticks
        return np.where(push > 0, 1 / ticks, 0.0)


CONFIG = FiCurveConfig


@dataclass(frozen=True, kw_only=True)
class FiCurveResult:
    """What a run leaves: ``counts`` are spikes, int64 [kinds, reset_ticks, neurons]."""

    config: FiCurveConfig
    counts: npt.NDArray[np.int64]
    cycles: int | None
    seconds: float

    def rates(self) -> Floats:
        """Spikes a tick."""
        return self.counts / self.config.ticks

    def law(self) -> Floats:
        """The same, by the equations."""
        resets = self.config.reset_ticks
        return np.array([[self.config.law(kind, r) for r in resets] for kind in KINDS])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        off = np.abs(self.rates() - self.law()).max(axis=2)
        return {
            "currents": self.config.currents().tolist(),
            "rates": self.rates().tolist(),
            "law": self.law().tolist(),
            **{
                f"greatest_error_{k}": e
                for k, e in zip(KINDS, off.max(axis=1).tolist(), strict=True)
            },
            "cycles": self.cycles,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"currents": self.config.currents(), "counts": self.counts, "law": self.law()}


def run(machine: NetworkMachine, config: FiCurveConfig, progress: Progress) -> FiCurveResult:
    """Measure a curve of each kind of neuron and for each time of the reset pulse."""
    started, before = time.monotonic(), machine.cycles
    layer = config.network().layers[0]
    counts = []
    total = len(KINDS) * len(config.reset_ticks)
    with progress.task("measure", total=total, unit="curves") as advance:
        for kind in KINDS:
            for reset_ticks in config.reset_ticks:
                machine.configure(config.params(kind, reset_ticks))
                machine.set_weights([np.zeros((layer.inputs, layer.neurons))])
                machine.set_bias([config.currents()])
                machine.reset(state=True, random=True)
                left = config.ticks
                while left:
                    step = min(left, WORD_TICK - 1)
                    machine.stream([WORD_TICK | step])
                    left -= step
                spikes = machine.spikes()["neuron"]
                counts.append(np.bincount(spikes, minlength=layer.neurons))
                advance(1)
    after = machine.cycles
    return FiCurveResult(
        config=config,
        counts=np.array(counts).reshape(len(KINDS), len(config.reset_ticks), -1),
        cycles=None if before is None or after is None else after - before,
        seconds=time.monotonic() - started,
    )


def draw(result: FiCurveResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import f_i_curve_pictures

    return f_i_curve_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rates of some currents, without a reset pulse's wait as the first of ``reset_ticks``."""
    rows = [
        {
            "current": current,
            **{kind: run["rates"][k][0][n] for k, kind in enumerate(KINDS)},
            **{f"{kind}, law": run["law"][k][0][n] for k, kind in enumerate(KINDS)},
        }
        for n, current in enumerate(run["currents"])
        if n % 8 == 0
    ]
    return {f"spikes a tick, {run['machine']}, seed {run['seed']}": rows}

"""What a run of the f-i-curve experiment is told, and the law that its rates follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
from spinloom.host.experiments.f_i_curve_crossbar import REACH, STEP, Crossbar, trimmed
from spinloom.host.experiments.options import check, option

KINDS = ("wall", "junction")
SYNAPSES = ("none", "memristor")
SHIFT = 4  # wall steps of current, as a power of two, from one switching code to the next

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
    synapse: Literal["none", "memristor"] = option(
        "none", "what currents come through: a bias alone, or memristors of 16 levels"
    )

    def __post_init__(self) -> None:
        top = self.network().highest
        if not 0 < self.seed < 1 << 64:
            raise ValueError(f"seed = {self.seed} is out of range; give 1 to 2^64-1")
        check(self, ticks=(1, 1 << 20), theta=(1, top), leak=(0, top), critical=(0, top))
        if self.width <= 0:
            raise ValueError(f"width = {self.width} is out of range; give more than 0")
        if self.synapse not in SYNAPSES:
            raise ValueError(f"synapse = {self.synapse!r}: choose one of {', '.join(SYNAPSES)}")
        if self.synapse == "memristor" and self.theta - 1 + REACH > top:
            raise ValueError(
                f"theta = {self.theta}: walls under memristors could saturate; give 1 to "
                f"{top + 1 - REACH}"
            )
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
            step=STEP,
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

    def crossbar(self) -> Crossbar | None:
        """The memristors, if there are any."""
        if self.synapse == "none":
            return None
        shape = self.network()
        return trimmed(shape.inputs, self.currents(), shape.highest, self.seed)

    def law(self, kind: str, reset_ticks: int) -> Floats:
        """Spikes a tick of each neuron, by the equations of ``f_i_curve``."""
        current = self.currents()
        if kind == "junction":
            p: Floats = np.array(self.codes())[current >> SHIFT] / CODE_ONE
            return p / (1 + p * reset_ticks)
        push = current - self.leak
        ticks = -(-self.theta // np.maximum(push, 1)) + reset_ticks
        return np.where(push > 0, 1 / ticks, 0.0)

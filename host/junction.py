"""``JunctionMachine``: the driver of the junction engine, wherever it runs.

with Machine.open("sim", SHAPES["junction-16"]) as machine:
    machine.configure(JunctionParams(tiles=2, wave_step=wave_step(2048)))
    machine.set_rates(rate_table(delta=10, attempts=1.0))
    machine.set_wave(square)
    machine.set_tiles([Tile(gain=64), Tile(gain=64, noise=8)])
    machine.reset(state=True, random=True, probes=True)
    machine.run(100_000)
    machine.switches()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import junction as spec
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK
from spinloom.host.link.ports import Port
from spinloom.host.machine import Machine

Ints = npt.NDArray[np.int64]


def wave_step(period: float) -> int:
    """WAVE_STEP of a signal of so many ticks a period."""
    if not period >= 1:
        raise ValueError(f"period = {period}; give 1 tick or more")
    return min(round(2**32 / period), 2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The trace, a word every 2^TRACE_SHIFT ticks: ``values`` of the probed tile, 0 to 2^16 - 1, or
    tiles in P; ``drives`` its x, or signal + DRIVE."""

    values: Ints
    drives: Ints


class JunctionMachine(Machine):
    """A junction engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure`` and the
    ``set_`` methods write them all.
    """

    def __init__(self, port: Port, shape: spec.JunctionShape) -> None:
        super().__init__(port, shape)
        self._junction_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.JunctionShape:
        """What is fixed in this machine."""
        return self._junction_shape

    def configure(self, params: spec.JunctionParams) -> None:
        """Write every register. Resets nothing, see ``reset``."""
        self.write_all(params.registers())
        self._seed = params.seed

    def reset(self, *, state: bool = False, random: bool = False, probes: bool = False) -> None:
        """Put back what is named to its start: time, signal, spikes and the dwell; the random
        generator to the seed last configured; all that probes have counted. Tiles keep their
        states."""
        super().reset(state=state)
        if random:
            self.set_random(self._seed)
        if probes:
            for name in ("switches", "ups", "correlations", "dwells"):
                words = self.shape.region_words(self.shape.regions[name])
                self.write_memory(name, np.zeros(words, np.int64))

    def set_tiles(self, tiles: Sequence[spec.Tile]) -> None:
        """Write the parameters of the first tiles."""
        if not 0 < len(tiles) <= self.shape.tiles:
            raise ValueError(f"{len(tiles)} tiles: shape {self.shape.name} has {self.shape.tiles}")
        for n, tile in enumerate(tiles):
            if tile.partner is not None and tile.partner >= self.shape.tiles:
                raise ValueError(
                    f"tile {n}: partner = {tile.partner}: shape {self.shape.name} has "
                    f"{self.shape.tiles} tiles"
                )
        self.write_memory("tiles", np.array([tile.words() for tile in tiles]).ravel())

    def set_states(self, values: npt.ArrayLike) -> None:
        """Write the values of the first tiles, 0 to 2^16 - 1, and no noise: 2^15 or more is P."""
        array = np.asarray(values)
        if array.ndim != 1 or array.dtype.kind not in "iu" or len(array) > self.shape.tiles:
            raise ValueError(
                f"states of shape {array.shape}; give {self.shape.tiles} integers or fewer"
            )
        if array.min() < 0 or array.max() >= 1 << spec.VALUE_BITS:
            raise ValueError(f"states from {array.min()} to {array.max()}; give 0 to 2^16-1")
        self.write_memory("states", array)

    def set_rates(self, probabilities: npt.ArrayLike) -> None:
        """Write the probability of a switch in a tick for each u, -128 first, [256], rounded to
        2^-24 and at most 1 - 2^-24."""
        array = np.asarray(probabilities, np.float64)
        if array.shape != (spec.RATES,) or not ((array >= 0) & (array <= 1)).all():
            raise ValueError(f"rates of shape {array.shape}; give {spec.RATES} of 0 to 1")
        top = 1 << spec.RATE_BITS
        self.write_memory("rates", np.minimum(np.rint(array * top), top - 1).astype(np.int64))

    def set_wave(self, samples: npt.ArrayLike) -> None:
        """Write the signal, one turn of [1024] samples, -128 to 127."""
        array = np.asarray(samples)
        if array.shape != (spec.WAVE,) or array.dtype.kind not in "iu":
            raise ValueError(f"wave of shape {array.shape}; give {spec.WAVE} integers")
        if array.min() < -128 or array.max() > 127:
            raise ValueError(f"wave from {array.min()} to {array.max()}; give -128 to 127")
        self.write_memory("wave", array & 0xFF)

    def run(self, ticks: int) -> None:
        """So many time steps."""
        self.pass_time(ticks)

    def play(self, samples: npt.ArrayLike, ticks: int = 1) -> None:
        """DRIVE by a sample after the other, each for so many ticks; -2048 to 2047."""
        array = np.asarray(samples, np.int64)
        half = spec.SAMPLES // 2
        if len(array) and (array.min() < -half or array.max() >= half):
            raise ValueError(f"samples from {array.min()} to {array.max()}; give {-half} to 2047")
        if not 1 <= ticks <= MAX_TICKS:
            raise ValueError(f"ticks = {ticks}; give 1 to {MAX_TICKS}")
        words = np.full((len(array), 2), WORD_TICK | ticks)
        words[:, 0] = array & spec.SAMPLES - 1
        self.stream(words.ravel().astype(np.uint16))

    def states(self) -> Ints:
        """Values of all tiles, [M]."""
        return self.read_memory("states").astype(np.int64) & 0xFFFF

    def switches(self) -> Ints:
        """Changes of each tile's output since the probes were reset, [M]."""
        return self.read_memory("switches").astype(np.int64)

    def ups(self) -> Ints:
        """Ticks that each tile ended in P since then, [M]."""
        return self.read_memory("ups").astype(np.int64)

    def correlations(self) -> Ints:
        """Sum over these ticks of the signal, + in P and - in AP, [M]."""
        return self.read_memory("correlations").astype(np.int32).astype(np.int64)

    def dwells(self) -> Ints:
        """How many of the probed tile's dwells in AP [0] and in P [1] are in each bin, [2, 256]."""
        return self.read_memory("dwells").astype(np.int64).reshape(2, spec.BINS)

    def trace(self, count: int = spec.TRACE) -> Trace:
        """The trace's first ``count`` words."""
        words = self.read_memory("trace", 0, count).astype(np.int64)
        return Trace(values=words & 0xFFFF, drives=((words >> 16) ^ 0x8000) - 0x8000)

"""What the golden models of oscillators have in common: the stream, whose events move an oscillator
by half a turn and whose ticks are time steps."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Engine, Spikes
from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.emulator.spec.shape import MAX_TICKS, WORD_TICK

S = TypeVar("S", bound=OscillatorShape)


class OscillatorEngine(Engine[S]):
    """Golden model of oscillators: ``phases`` are int64 [..., N], ``fired`` counts spikes, and the
    bit ``quiet`` of CONTROL keeps them back."""

    quiet: ClassVar[int]
    phases: npt.NDArray[np.int64]
    fired: int

    @abstractmethod
    def _tick(self) -> Spikes:
        """A time step; its spikes."""

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        spikes = [np.empty(0, SPIKE_DTYPE)]
        for word in np.asarray(words, np.uint16).tolist():
            if word >= WORD_TICK:
                for _ in range(word & MAX_TICKS):
                    spikes.append(self._tick())
            elif word >= self.shape.oscillators:
                self.bad_event = True
            else:
                self.phases[..., word] ^= self.shape.turn // 2
        return np.concatenate(spikes)

    def _emit(self, tick: int, fires: npt.NDArray[np.bool_]) -> Spikes:
        """Spikes of those that fire at this tick: counted, and unless quiet returned."""
        fired = np.flatnonzero(fires)
        self.fired += len(fired)
        if self.regs["CONTROL"] & self.quiet:
            fired = fired[:0]
        out = np.empty(len(fired), SPIKE_DTYPE)
        out["tick"], out["neuron"] = tick, fired
        return out

"""``PhaseMachine``: the driver of the phase engine, wherever it runs.

with Machine.open("sim", SHAPES["phase-64"]) as machine:
    machine.configure(PhaseParams(gain=1, shift=6))
    machine.set_weights(couplings)
    machine.set_frequencies(omega)
    machine.set_phases(phases)
    machine.reset(state=True, random=True)
    machine.run(400)
    machine.phases()
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.phase import PhaseEngine, pack_weights, signed, unpack_weights
from spinloom.emulator.spec import phase as spec
from spinloom.host.link.ports import GoldenPort, Port, Words
from spinloom.host.oscillators import Ints, OscillatorMachine


class PhaseMachine(OscillatorMachine):
    """A phase engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure`` and the
    ``set_`` methods write them all.
    """

    def __init__(self, port: Port, shape: spec.PhaseShape) -> None:
        super().__init__(port, shape)
        self._phase_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.PhaseShape:
        """What is fixed in this machine."""
        return self._phase_shape

    def configure(self, params: spec.PhaseParams) -> None:
        """Write every register. Resets nothing, see ``reset``."""
        if params.wave_length > self.shape.wave:
            raise ValueError(
                f"PhaseParams.wave_length = {params.wave_length}: shape {self.shape.name} holds "
                f"{self.shape.wave} words of a wave; give fewer"
            )
        self.write_all(params.registers(self.shape))
        self._seed = params.seed

    def reset(self, *, state: bool = False, random: bool = False) -> None:
        """Put back what is named to its start: time, ramp, injected phase, detectors and counters;
        the random generator to the seed last configured. Phases stay."""
        super().reset(state=state)
        if random:
            self.set_random(self._seed)

    def _pack(self, weights: Ints) -> Words:
        return pack_weights(self.shape, weights)

    def weights(self) -> Ints:
        """All couplings, as they are set."""
        return unpack_weights(self.shape, self.read_memory("weights"))

    def set_frequencies(self, omega: npt.ArrayLike) -> None:
        """Write the frequencies of all oscillators, 2^-P turns a tick, [N], signed."""
        half = self.shape.turn // 2
        array = self._each("frequencies", omega)
        if array.min() < -half or array.max() >= half:
            raise ValueError(
                f"frequencies from {array.min()} to {array.max()}; give {-half} to {half - 1}"
            )
        self.write_memory("omega", (array & self.shape.turn - 1).astype(np.uint32))

    def set_wave(self, gain: npt.ArrayLike) -> None:
        """Write the gain of each tick of the wave, signed 12 bits."""
        array = np.asarray(gain, np.int64)
        self.write_memory("wave", (array & (1 << spec.GAIN_BITS) - 1).astype(np.uint32))

    def run(self, ticks: int) -> None:
        """So many time steps."""
        self.pass_time(ticks)

    def order(self) -> complex:
        """Kuramoto's order parameter of the last step's old phases, as the table sees them: the
        mean of cos + i sin over the amplitude of the table's first harmonic."""
        sums = self._read(["COS_SUM", "SIN_SUM"])
        cosine, sine = (signed(value, 32) for value in sums)
        return complex(cosine, sine) / (self.shape.oscillators * first_harmonic(self.shape))

    def locked(self) -> npt.NDArray[np.bool_]:
        """Which oscillators' phases held still against the reference for a whole window."""
        flags: npt.NDArray[np.bool_] = (self.read_memory("locks") >> 17 & 1).astype(np.bool_)
        return flags

    def ensemble(self, phases: npt.ArrayLike, ticks: int, seeds: Sequence[int]) -> Ints:
        """Many runs from the start, [runs, N] phases and a seed each: the phases after so many
        ticks. One after the other, or on the golden model all at once, with the same bits."""
        array = np.asarray(phases, np.int64) & self.shape.turn - 1
        if isinstance(self._port, GoldenPort) and isinstance(self._port.engine, PhaseEngine):
            return self._port.engine.ensemble(array, ticks, seeds)
        ends = []
        for start, seed in zip(array, seeds, strict=True):
            self.set_phases(start)
            self.reset(state=True)
            self.set_random(seed)
            self.run(ticks)
            ends.append(self.phases())
        return np.array(ends, np.int64).reshape(array.shape)


def first_harmonic(shape: spec.PhaseShape) -> float:
    """Amplitude of the sine that is nearest to the table of a shape."""
    k = np.arange(1 << shape.table_bits)
    sine = np.sin(2 * np.pi * (k + 0.5) / len(k))
    return float(2 * np.mean(np.array(shape.table) * sine))

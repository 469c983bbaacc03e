"""A machine's junctions as a memory of one-transistor, one-junction cells (Sec. I.B, Fig. 2).

A word line opens the transistors of a row, which connect its cells to the source line of the row;
each cell's junction lies between that and the bit line of its column. Cells of closed rows carry no
current, so that there are no sneak paths and no half-selected cells. Here word line = source line =
input, bit line = column of the machine's array.

A read puts ``read_v`` on bit lines and compares the current with that half way between both states.
A write is a current pulse, positive to P, negative to AP, and a read that verifies it, again and
again for the cells that are still wrong. Every pulse, a read too, switches by
``emulator.physics.switching``; the pseudo-random numbers of these pulses are drawn here on the
host, those of the machine's own learning in the machine. States go through the memory window.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.energy import Events
from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.resistance import Column, resistance
from spinloom.emulator.physics.switching import switch_probability
from spinloom.host.learning import LearningMachine

Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Pulses:
    """Currents (A, positive: their signs are the states') and durations of writes, and reads."""

    to_p_a: float = 100e-6
    to_ap_a: float = 125e-6
    write_s: float = 10e-9
    read_v: float = 0.05
    read_s: float = 5e-9

    def __post_init__(self) -> None:
        for field in ("to_p_a", "to_ap_a", "write_s", "read_v", "read_s"):
            if not getattr(self, field) > 0:
                raise ValueError(f"Pulses.{field} = {getattr(self, field)}; give more than 0")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a write took: pulses a cell, and the cells that are still wrong."""

    pulses: npt.NDArray[np.int64]
    errors: int


class ArrayView:
    """The array of one machine; ``ValueError`` for a shape whose synapses are walls.

    ``noise_a`` is that of the read current; ``cycles`` counts the write pulses of each cell, uint64
    [word lines, bit lines]: endurance, good for 10^15 and more.

    ``events`` are the reads and write trials for the energy ledger.
    """

    def __init__(
        self, machine: LearningMachine, junction: Junction, pulses: Pulses, *, seed: int,
        noise_a: float = 0.0,
    ) -> None:  # fmt: skip
        if machine.shape.is_wall:
            raise ValueError(
                f"the synapses of shape {machine.shape.name} are walls: a view of cells needs "
                "one of junctions"
            )
        self.machine, self.junction, self.pulses = machine, junction, pulses
        self.word_lines = machine.shape.inputs
        self.bit_lines = machine.shape.columns
        self.cycles = np.zeros((self.word_lines, self.bit_lines), np.uint64)
        self.events = Events()
        self._cell = Column(junction=junction, rows=1, read_v=pulses.read_v, noise_a=noise_a)
        self._rng = np.random.default_rng(seed)

    @property
    def write_error_rates(self) -> tuple[float, float]:
        """Probability that one pulse fails to write (AP, P) over the other state."""
        return 1 - self._leaves(PARALLEL, 0), 1 - self._leaves(ANTIPARALLEL, 1)

    @cached_property
    def read_disturb(self) -> tuple[float, float]:
        """Probability that a read switches a cell that is (AP, P)."""
        rates = []
        for state in (ANTIPARALLEL, PARALLEL):
            current = self.pulses.read_v / float(resistance(self.junction, state))
            rates.append(switch_probability(self.junction, state, current, self.pulses.read_s))
        return rates[0], rates[1]

    def _leaves(self, state: int, target: int) -> float:
        """Probability that a cell leaves its state under a pulse towards a target."""
        current = self.pulses.to_p_a if target else -self.pulses.to_ap_a
        return switch_probability(self.junction, state, current, self.pulses.write_s)

    def read_bit(self, word_line: int, bit_line: int) -> int:
        """Read one cell: 0 (AP) or 1 (P)."""
        return int(self._read(word_line, self._selected(bit_line))[0])

    def read_word(self, word_line: int) -> Bits:
        """Read all cells of a word line: [bit lines]."""
        return self._read(word_line, np.arange(self.bit_lines))

    def read_currents(self, word_line: int) -> npt.NDArray[np.float64]:
        """Read all cells of a word line: currents (A) as they are, [bit lines]."""
        return self._sense(word_line, np.arange(self.bit_lines))

    @property
    def middle_a(self) -> float:
        """The current (A) half way between both states: above it, a read says P."""
        return (self._cell.current_a(0) + self._cell.current_a(1)) / 2

    def pulse_word(self, word_line: int, bit: int) -> None:
        """One write pulse towards ``bit`` on all cells of a word line, none read: it holds those
        that are there."""
        bits = np.full(self.bit_lines, bit)
        _check_bits(bits)
        self._pulse(word_line, np.arange(self.bit_lines), bits)

    def write_bit(self, word_line: int, bit_line: int, bit: int, *, attempts: int = 1) -> Written:
        """Write one cell by pulses up to ``attempts``, each verified."""
        return self._write(word_line, self._selected(bit_line), np.array([bit]), attempts)

    def write_word(self, word_line: int, bits: npt.ArrayLike, *, attempts: int = 1) -> Written:
        """Write all cells of a word line, [bit lines]: those that a read finds wrong are pulsed and
        read again, ``attempts`` times at most."""
        array = np.asarray(bits)
        if array.shape != (self.bit_lines,):
            raise ValueError(f"bits of shape {array.shape}; give ({self.bit_lines},)")
        return self._write(word_line, np.arange(self.bit_lines), array, attempts)

    def _selected(self, bit_line: int) -> npt.NDArray[np.intp]:
        if not 0 <= bit_line < self.bit_lines:
            raise ValueError(f"bit_line = {bit_line}; give 0 to {self.bit_lines - 1}")
        return np.array([bit_line])

    def _read(self, word_line: int, lines: npt.NDArray[np.intp]) -> Bits:
        return (self._sense(word_line, lines) > self.middle_a).astype(np.uint8)

    def _sense(self, word_line: int, lines: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Currents (A) of one read of some cells, which it may disturb."""
        states = self._states(word_line)
        currents = self._cell.read(states[lines][:, None], self._rng)
        disturbed = self._rng.random(len(lines)) < np.array(self.read_disturb)[states[lines]]
        if disturbed.any():
            states[lines] ^= disturbed
            self._put(word_line, states)
        self.events += Events(reads=len(lines))
        return currents

    def _write(
        self, word_line: int, lines: npt.NDArray[np.intp], bits: npt.NDArray[np.integer],
        attempts: int,
    ) -> Written:  # fmt: skip
        _check_bits(bits)
        if attempts < 1:
            raise ValueError(f"attempts = {attempts}; give 1 or more")
        pulses = np.zeros(len(lines), np.int64)
        wrong = self._read(word_line, lines) != bits
        for _ in range(attempts):
            if not wrong.any():
                break
            self._pulse(word_line, lines[wrong], bits[wrong])
            pulses += wrong
            wrong = self._read(word_line, lines) != bits
        return Written(pulses=pulses, errors=int(wrong.sum()))

    def _pulse(
        self, word_line: int, lines: npt.NDArray[np.intp], bits: npt.NDArray[np.integer]
    ) -> None:
        """One write pulse on some cells. One that is in the target state already is held by it."""
        states = self._states(word_line)
        pairs = zip(states[lines].tolist(), bits.tolist(), strict=True)
        switched = self._rng.random(len(lines)) < [self._leaves(*pair) for pair in pairs]
        states[lines] ^= switched
        self._put(word_line, states)
        self.cycles[word_line, lines] += np.uint64(1)
        self.events += Events(write_trials=len(lines))

    def _states(self, word_line: int) -> Bits:
        """The true states of a word line."""
        if not 0 <= word_line < self.word_lines:
            raise ValueError(f"word_line = {word_line}; give 0 to {self.word_lines - 1}")
        count = self.machine.shape.row_words
        words = self.machine.read_memory("weights", word_line * count, count).astype("<u4")
        return np.unpackbits(words.view(np.uint8), bitorder="little")[: self.bit_lines]

    def _put(self, word_line: int, states: Bits) -> None:
        count = self.machine.shape.row_words
        padded = np.zeros(32 * count, np.uint8)
        padded[: self.bit_lines] = states
        words = np.packbits(padded, bitorder="little").view("<u4")
        self.machine.write_memory("weights", words, word_line * count)


def _check_bits(bits: npt.NDArray[np.integer]) -> None:
    if not np.isin(bits, (0, 1)).all():
        raise ValueError("bits hold other values than 0 (antiparallel) and 1 (parallel)")

"""The learning engine, bit-exact to ``rtl.engine.learning``; the contract is ``spec.learning``.

Its registers, memories and streams. What an op does is defined in ``engine.stepped``, item by item;
``engine.vectorised`` does it by NumPy alone, ``engine.compiled`` by numba, an extra.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine import stepped, vectorised
from spinloom.emulator.engine.base import SPIKE_DTYPE, Engine, Spikes
from spinloom.emulator.engine.items import item_ops
from spinloom.emulator.engine.stepped import CLOSE, PULSE, PULSE_CLASS_SHIFT, TEACH
from spinloom.emulator.neuron.domain_wall import DomainWallNeuron
from spinloom.emulator.random.linear import LinearGenerators
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.level import CycleLevel
from spinloom.emulator.synapse.memristor import DomainWallMemristor
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.emulator.synapse.spread import DeviceSpread
from spinloom.emulator.synapse.stdp import StochasticStdp
from spinloom.emulator.synapse.stored import StoredLevels
from spinloom.emulator.synapse.window import StdpWindow

MAX_PLAYED_OPS = 1 << 20  # of the stimulus memory, processed at once
_U32 = 0xFFFFFFFF


class LearningEngine(Engine[spec.LearningShape]):
    """Golden model of the learning engine behind the same registers and memory window as the RTL.

    ``path`` is "numpy" or "numba" (needs the ``fast`` extra); both give the same bits.
    """

    def __init__(
        self, shape: spec.LearningShape, path: Literal["numpy", "numba"] = "numpy"
    ) -> None:
        super().__init__(shape)
        self.path = path
        self.synapses = SynapseArray(shape)
        self.mtj = Mtj(shape.classes, shape.code_bits)
        self.stdp: StochasticStdp | DomainWallMemristor
        if shape.is_wall:
            self.stdp = DomainWallMemristor(self.synapses, self.mtj)
        else:
            self.stdp = StochasticStdp(self.synapses, self.mtj)
        self.neurons = DomainWallNeuron(shape.neurons, shape.theta_max)
        self.window = StdpWindow(shape.inputs, shape.window_ages)
        self.random = LinearGenerators(shape.generator, [spec.SEED] * shape.generators)
        self.stimulus = np.zeros(spec.region_words(shape, spec.REGION_STIMULUS), np.uint32)
        stored_columns = shape.columns if shape.has_stored_levels else 0
        self.stored = StoredLevels(shape.groups, stored_columns)
        self._played: list[Spikes] = []
        self._levels: dict[int, npt.NDArray[np.uint8]] = {}
        self._all_levels: npt.NDArray[np.uint8] | None = None
        self.power_on()

    def power_on(self) -> None:
        """State, thresholds and generator to their start; registers and memories stay."""
        self.bad_event = False
        self._seed(spec.SEED, (1 << STATE_BITS) - 1)
        self._command(spec.RESET_STATE | spec.RESET_THETA)

    def _seed(self, value: int, mask: int) -> None:
        """Set the bits of ``mask`` in every generator's state."""
        self.random.seed(
            state & ~mask | (value ^ spec.lane_seed(k)) & mask
            for k, state in enumerate(self.random.states)
        )

    def _command(self, bits: int) -> None:
        if bits & spec.RESET_STATE:
            self.open = 0  # events of the group that waits for its end
            self.fired = 0
            self.neurons.clear()
            self.window.clear()
            self.tick = self.bucket_phase = self.homeo_phase = 0
            self.switched = [0, 0]
            self.trials = 0
        if bits & spec.RESET_THETA:
            self.neurons.theta[:] = self.regs["THETA0"]
        if bits & spec.PLAY:
            self._play()
        if bits & spec.PULSE:
            neuron, pulse_class, count = (self.regs[name] for name in spec.PULSE_REGS)
            op = PULSE | pulse_class << PULSE_CLASS_SHIFT | neuron
            self._process(np.full(count, op, np.int32))

    # Registers and memories.

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self.register(addr)
        self.shape.check_register(reg.name, value)
        if reg.name == "COMMAND":
            self._command(value)
        elif reg.name == "TEACH":
            self._played.append(self._process(np.array([TEACH | value], np.int32)))
        else:
            self.regs[reg.name] = value
        if reg.name == "SPREAD_SEED":
            self._forget_levels()
        elif reg.name == "SEED_LO":
            self._seed(value, _U32)
        elif reg.name == "SEED_HI":
            self._seed(value << 32, _U32 << 32)
        elif reg.name == "T_REF":
            self.neurons.ref[:] = 0
        elif reg.name == "BUCKET_TICKS":
            self.bucket_phase = 0
        elif reg.name == "HOMEO_TICKS":
            self.homeo_phase = 0

    def live(self) -> dict[str, int]:
        """Time and counters."""
        return {
            "TICK": self.tick,
            "SWITCHED_P": self.switched[1],
            "SWITCHED_AP": self.switched[0],
            "SWITCHED_P_HI": self.switched[1] >> 32,
            "SWITCHED_AP_HI": self.switched[0] >> 32,
            "TRIALS_LO": self.trials,
            "TRIALS_HI": self.trials >> 32,
            "SPIKES": self.fired,
        }

    def write_memory(self, region: int, addr: int, words: npt.NDArray[np.uint32]) -> None:
        """Write 32-bit words of a region of the memory window."""
        self.check_window(region, addr, len(words))
        if region == spec.REGION_WEIGHTS:
            self.synapses.write_words(addr, words)
        elif region == spec.REGION_CODES:
            self.mtj.codes.ravel()[addr : addr + len(words)] = words & (2 * self.shape.code_one - 1)
        elif region == spec.REGION_STIMULUS:
            self.stimulus[addr : addr + len(words)] = words
        elif region == spec.REGION_LEVELS:
            self.stored.words[addr : addr + len(words)] = words
            self._forget_levels()
        else:
            furthest = (1 << self.shape.position_bits) - 1
            self.neurons.pos[addr : addr + len(words)] = words & furthest
            self.neurons.theta[addr : addr + len(words)] = words >> 16 & self.shape.theta_max

    def read_memory(self, region: int, addr: int, count: int) -> npt.NDArray[np.uint32]:
        """Read 32-bit words of a region of the memory window; code tables and stimulus read 0."""
        self.check_window(region, addr, count)
        if region == spec.REGION_WEIGHTS:
            return self.synapses.read_words(addr, count)
        if region in (spec.REGION_CODES, spec.REGION_STIMULUS):
            return np.zeros(count, np.uint32)
        if region == spec.REGION_LEVELS:
            return self.stored.words[addr : addr + count].copy()
        state = self.neurons.theta << 16 | self.neurons.pos
        return state[addr : addr + count].astype(np.uint32)

    # The stream.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        words = np.asarray(words, np.uint16)
        # Below the inputs this wraps round, so one comparison finds addresses that are no input.
        wrong = words - np.uint16(self.shape.inputs) < spec.WORD_TICK - self.shape.inputs
        if wrong.any():
            self.bad_event = True
            words = words[~wrong]
        words = words[words != spec.WORD_TICK]
        ops = words.astype(np.int32)
        ops[self._full(words)] |= CLOSE
        return self._process(ops)

    def _full(self, words: npt.NDArray[np.uint16]) -> npt.NDArray[np.intp]:
        """The events that fill a group: every ``group``-th of those between two ticks."""
        group = self.shape.group
        ticks = np.flatnonzero(words >= spec.WORD_TICK)
        begins = np.concatenate([[-(self.open % group)], ticks + 1])  # the open group is before
        full = (np.append(ticks, len(words)) - begins) // group
        count = full.cumsum()
        nth = np.arange(1, count[-1] + 1)
        busy = full.nonzero()[0]
        full = full[busy]
        before = begins[busy] - 1 + group * (full - count[busy])
        return np.asarray(np.repeat(before, full) + group * nth, np.intp)

    def _play(self) -> None:
        """Play the stimulus memory; its spikes wait for ``played``."""
        shape, count = self.shape, self.regs["PLAY_ITEMS"]
        if count > shape.stimulus:
            raise ValueError(
                f"register PLAY_ITEMS = {count}: shape {shape.name} holds {shape.stimulus} items"
            )
        if not count:
            return
        ops = item_ops(shape, self.stimulus[: count * shape.item_words])
        at_once = max(1, MAX_PLAYED_OPS // max(1, len(ops)))
        left = self.regs["PLAY_ROUNDS"]
        while left:
            rounds = min(left, at_once)
            self._played.append(self._process(np.tile(ops, rounds)))
            left -= rounds

    def played(self) -> Spikes:
        """Spikes of what was played or taught since the last call."""
        spikes = np.concatenate([np.empty(0, SPIKE_DTYPE), *self._played])
        self._played.clear()
        return spikes

    def _process(self, ops: npt.NDArray[np.int32]) -> Spikes:
        """Process ops (``stepped.step_items``); the spikes, unless the machine is quiet."""
        compiled = self.path == "numba"
        spikes = stepped.run(self, ops) if compiled else vectorised.run(self, ops)
        return spikes[:0] if self.regs["CONTROL"] & spec.CONTROL_QUIET else spikes

    def sweep(self, neuron: int, pulse_class: int = spec.PULSE_BY_WINDOW) -> None:
        """One write trial for every junction, or wall, of the neuron, of this class or by the
        window."""
        shape, classes = self.shape, self.window.classes()
        if pulse_class != spec.PULSE_BY_WINDOW:
            classes.fill(pulse_class)
        self.trials += shape.inputs * shape.cells
        for column in range(neuron * shape.cells, (neuron + 1) * shape.cells):
            if shape.is_wall:
                levels = self.synapses.strengths[:, neuron] >> np.uint8(shape.position_shift)
            else:
                levels = self.levels(column)
            if spread := self.regs["CYCLE_SPREAD"]:
                word = int(self.random.block(shape.generators)[0])
                levels = CycleLevel.levels(levels, spread, word, zero_stays=shape.has_stored_levels)
            words = self.random.block(shape.groups * shape.words_per_group)
            to_ap, to_p = self.stdp.sweep(column, classes, levels, words)
            self.switched[0] += to_ap
            self.switched[1] += to_p

    def _forget_levels(self) -> None:
        """What the levels follow from has changed."""
        self._levels.clear()
        self._all_levels = None

    def levels(self, column: int) -> npt.NDArray[np.uint8]:
        """Device levels of a column, uint8 [inputs]; computed once for a spread seed, or memory."""
        if self.shape.levels == 1:
            return np.zeros(self.shape.inputs, np.uint8)
        if column not in self._levels:
            spread: DeviceSpread | StoredLevels = self.stored
            if not self.shape.has_stored_levels:
                spread = DeviceSpread(self.regs["SPREAD_SEED"])
            self._levels[column] = spread.levels(self.shape.groups, column)
        return self._levels[column]

    def all_levels(self) -> npt.NDArray[np.uint8]:
        """Device levels of every column of junctions, uint8 [columns, inputs]; computed once for
        a spread seed, or memory."""
        if self._all_levels is None:
            columns = 0 if self.shape.is_wall else self.shape.columns
            self._all_levels = np.empty((columns, self.shape.inputs), np.uint8)
            for column in range(columns):
                self._all_levels[column] = self.levels(column)
        return self._all_levels

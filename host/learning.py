"""``LearningMachine``: the driver of the learning engine, wherever it runs."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.items import pack_items
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.synapse.array import pack, unpack
from spinloom.emulator.synapse.stored import pack_levels, unpack_levels
from spinloom.host.link.ports import Port
from spinloom.host.machine import Machine, integers

# Items played by the first command; the next ones play twice as many while they end in time. The
# link gives up a machine that is silent for five seconds.
FIRST_PLAYED = 1 << 11
PLAY_SECONDS = 0.5


class LearningMachine(Machine):
    """A learning engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure`` and
    ``set_weights`` write them all.
    """

    def __init__(self, port: Port, shape: spec.LearningShape) -> None:
        super().__init__(port, shape)
        self._learning_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.LearningShape:
        """What is fixed in this machine."""
        return self._learning_shape

    def configure(self, params: spec.LearningParams) -> None:
        """Write every parameter: registers and code tables. Resets nothing, see ``reset``; the
        machine is no longer ``quiet``."""
        self.write_all(params.registers())
        self._seed = params.seed
        codes = np.array(self.shape.code_table(params), np.uint32)
        self.write_memory("codes", codes)

    def reset(self, *, state: bool = False, theta: bool = False, random: bool = False) -> None:
        """Put back what is named to its start: dynamic state and counters; thresholds to THETA0;
        the random generator to the seed last configured."""
        self.write("COMMAND", spec.RESET_STATE * state | spec.RESET_THETA * theta)
        if random:
            self.set_random(self._seed)

    def set_weights(self, bits: npt.ArrayLike) -> None:
        """Write all junctions, [inputs, columns] of 0 (antiparallel) and 1 (parallel); a neuron
        has ``shape.junctions`` columns side by side."""
        shape = self.shape
        array = np.asarray(bits)
        if array.shape != (shape.inputs, shape.columns):
            raise ValueError(
                f"weights of shape {array.shape}; give ({shape.inputs}, {shape.columns})"
            )
        if not np.isin(array, (0, 1)).all():
            raise ValueError("weights hold other values than 0 and 1")
        self.write_memory("weights", pack(array.astype(np.uint8)))

    def weights(self) -> npt.NDArray[np.uint8]:
        """All junctions, [inputs, columns], 1 = parallel."""
        return np.ascontiguousarray(unpack(self.read_memory("weights"), self.shape))

    def set_levels(self, levels: npt.ArrayLike) -> None:
        """Write the level of every device, [columns, inputs] of 0 to 15, of a shape that stores
        them."""
        shape = self._storing()
        array = np.asarray(levels)
        if array.shape != (shape.columns, shape.inputs):
            raise ValueError(
                f"levels of shape {array.shape}; give ({shape.columns}, {shape.inputs})"
            )
        if not np.isin(array, range(spec.LEVELS)).all():
            raise ValueError(f"levels hold other values than 0 to {spec.LEVELS - 1}")
        self.write_memory("levels", pack_levels(array.astype(np.uint8)))

    def levels(self) -> npt.NDArray[np.uint8]:
        """The level of every device, [columns, inputs], of a shape that stores them."""
        shape = self._storing()
        return unpack_levels(self.read_memory("levels"), shape.columns, shape.inputs)

    def _storing(self) -> spec.LearningShape:
        if not self.shape.has_stored_levels:
            raise ValueError(
                f"shape {self.shape.name} stores no device levels: give one with "
                "device_levels = 'stored', such as digits-stored"
            )
        return self.shape

    def neurons(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Wall positions and thresholds, wall steps, [neurons] each."""
        words = self.read_memory("neurons").astype(np.int64)
        return words & 0xFFFF, words >> 16

    def play(self, words: npt.ArrayLike, rounds: int = 1) -> None:
        """Play stream words from the machine's stimulus memory, ``rounds`` times over: the same as
        to ``stream`` them, at the speed of the array. They end with a tick, or a full group, and
        an open group of the stream joins their first one.

        Raises ``ValueError`` when they do not fit in the memory. Returns as soon as the last
        command is sent; what is read next waits for its end.
        """
        shape = self.shape
        data = integers("stimulus", words, 1 << 16).astype(np.uint16)
        if not shape.stimulus:
            raise ValueError(f"shape {shape.name} has no stimulus memory: use stream")
        if rounds < 1:
            raise ValueError(f"rounds = {rounds}; give 1 or more")
        items = pack_items(shape, data)
        count = len(items) // shape.item_words
        if not count:
            return
        judge = shape.item_bits - 2
        if not items[(count - 1) * shape.item_words + judge // 32] >> judge % 32 & 1:
            raise ValueError("the stimulus ends within a group; let it end with a tick")
        self.write_memory("stimulus", items)
        self.write("PLAY_ITEMS", count)
        # How long an item takes depends on the parameters, so the first command is a short one.
        left, at_once = rounds, max(1, FIRST_PLAYED // count)
        while left:
            start = time.monotonic()
            self.write("PLAY_ROUNDS", min(left, at_once))
            self.write("COMMAND", spec.PLAY)
            left -= min(left, at_once)
            if left:
                self.read("TICK")  # waits for the end
                if time.monotonic() - start < PLAY_SECONDS:
                    at_once *= 2

    def quiet(self, on: bool = True) -> None:
        """Count spikes without sending them, or send them again. ``configure`` ends it."""
        control = self.read("CONTROL") & ~spec.CONTROL_QUIET
        self.write("CONTROL", control | spec.CONTROL_QUIET * on)

    @property
    def spike_count(self) -> int:
        """Spikes since the last reset of the state, sent or not, modulo 2^32."""
        return self.read("SPIKES")

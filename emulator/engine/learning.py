"""The learning engine, bit-exact to ``rtl.engine.learning``; the contract is ``spec.learning``.

The stream is processed in spans of ticks in which nobody's eligibility or threshold changes. In a
span positions are a cumulative sum with a floor, so the first tick that fires is found by array
operations; only that tick is looked at event by event. ``engine.stepped`` is the same thing item by
item, the definition that this one is tested against and the optional compiled path.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine import stepped
from spinloom.emulator.engine.stepped import CLOSE
from spinloom.emulator.neuron.domain_wall import DomainWallNeuron
from spinloom.emulator.neuron.winner import WinnerTakeAll
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.random import STATE_BITS
from spinloom.emulator.spec.registers import MAGIC, Reg
from spinloom.emulator.synapse.array import SynapseArray
from spinloom.emulator.synapse.mtj import Mtj
from spinloom.emulator.synapse.spread import DeviceSpread
from spinloom.emulator.synapse.stdp import StochasticStdp
from spinloom.emulator.synapse.window import StdpWindow

SPIKE_DTYPE = np.dtype([("tick", "<u4"), ("neuron", "<u2")])
MAX_SPAN = 64  # ticks; longer spans waste work behind a spike
MAX_PLAYED_OPS = 1 << 20  # of the stimulus memory, processed at once
_U32 = 0xFFFFFFFF
Spikes = npt.NDArray[np.void]


def item_ops(shape: spec.LearningShape, words: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
    """The ops that playing items of the stimulus memory once comes to."""
    octets = words.astype("<u4").view(np.uint8).reshape(-1, 4 * shape.item_words)
    bits = np.unpackbits(octets, axis=1, bitorder="little")
    slot = shape.row_bits + 1
    slots = bits[:, : slot * shape.row_groups].reshape(-1, shape.row_groups, slot)
    rows = slots[:, :, :-1] @ (1 << np.arange(shape.row_bits))
    judge, tick = bits[:, slot * shape.row_groups], bits[:, slot * shape.row_groups + 1]
    ops = np.full((len(bits), shape.row_groups + 1), -1, np.int32)
    present = slots[:, :, -1] != 0
    addresses = rows * shape.row_groups + np.arange(shape.row_groups)
    ops[:, :-1][present] = addresses[present]
    ops[:, -1] = np.where(judge | tick, spec.WORD_TICK | tick.astype(np.int32), -1)
    return ops[ops >= 0]


class LearningEngine:
    """Golden model of the learning engine behind the same registers and memory window as the RTL.

    ``path`` is "numpy" or "numba" (needs the ``fast`` extra); both give the same bits.
    """

    def __init__(
        self, shape: spec.LearningShape, path: Literal["numpy", "numba"] = "numpy"
    ) -> None:
        self.shape = shape
        self.path = path
        self.synapses = SynapseArray(shape)
        self.mtj = Mtj()
        self.stdp = StochasticStdp(self.synapses, self.mtj)
        self.neurons = DomainWallNeuron(shape.neurons, shape.theta_max)
        self.window = StdpWindow(shape.inputs)
        self.random = [
            LinearGenerator(shape.generator, spec.SEED) for _ in range(shape.generators)
        ]
        self.stimulus = np.zeros(spec.region_words(shape, spec.REGION_STIMULUS), np.uint32)
        self._played: list[Spikes] = []
        self.regs = {r.name: r.reset for r in spec.REGISTERS.regs if r.access == "rw"}
        self._levels: dict[int, npt.NDArray[np.uint8]] = {}
        self.power_on()

    def power_on(self) -> None:
        """State, thresholds and generator to their start; registers and memories stay."""
        self.bad_event = False
        self._seed(spec.SEED, (1 << STATE_BITS) - 1)
        self._command(spec.RESET_STATE | spec.RESET_THETA)

    def _seed(self, value: int, mask: int) -> None:
        """Set the bits of ``mask`` in every generator's state."""
        for k, lane in enumerate(self.random):
            lane.seed(lane.state & ~mask | (value ^ spec.lane_seed(k)) & mask)

    def _command(self, bits: int) -> None:
        if bits & spec.RESET_STATE:
            self.open = 0  # events of the group that waits for its end
            self.fired = 0
            self.neurons.clear()
            self.window.clear()
            self.tick = self.bucket_phase = self.homeo_phase = 0
            self.switched = [0, 0]
        if bits & spec.RESET_THETA:
            self.neurons.theta[:] = self.regs["THETA0"]
        if bits & spec.PLAY:
            self._play()

    # Registers and memories.

    def write_register(self, addr: int, value: int) -> None:
        """Write a register; an unknown address raises ``ValueError``."""
        reg = self._reg(addr)
        self.shape.check_register(reg.name, value)
        if reg.name == "COMMAND":
            self._command(value)
        else:
            self.regs[reg.name] = value
        if reg.name == "SPREAD_SEED":
            self._levels.clear()
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

    def read_register(self, addr: int) -> int:
        """Read a register; write-only ones and this model's missing clock read 0."""
        live = {
            "MAGIC": MAGIC,
            "CONTRACT": contract_hash(self.shape),
            "STATUS": 2 * self.bad_event,
            "TICK": self.tick,
            "SWITCHED_P": self.switched[1],
            "SWITCHED_AP": self.switched[0],
            "SPIKES": self.fired,
        }
        name = self._reg(addr).name
        return live[name] & _U32 if name in live else self.regs.get(name, 0)

    @staticmethod
    def _reg(addr: int) -> Reg:
        if addr not in spec.REGISTERS.by_addr:
            raise ValueError(f"no register at address {addr}")
        return spec.REGISTERS.by_addr[addr]

    def _check_window(self, region: int, addr: int, count: int) -> None:
        if region not in spec.REGIONS.values():
            raise ValueError(f"memory region {region} does not exist")
        words = spec.region_words(self.shape, region)
        if addr < 0 or count < 0 or addr + count > words:
            raise ValueError(
                f"words {addr} to {addr + count - 1} are outside region {region} ({words} words)"
            )

    def write_memory(self, region: int, addr: int, words: npt.NDArray[np.uint32]) -> None:
        """Write 32-bit words of a region of the memory window."""
        self._check_window(region, addr, len(words))
        if region == spec.REGION_WEIGHTS:
            self.synapses.write_words(addr, words)
        elif region == spec.REGION_CODES:
            self.mtj.codes.ravel()[addr : addr + len(words)] = words & (2 * spec.CODE_ONE - 1)
        elif region == spec.REGION_STIMULUS:
            self.stimulus[addr : addr + len(words)] = words
        else:
            furthest = (1 << self.shape.position_bits) - 1
            self.neurons.pos[addr : addr + len(words)] = words & furthest
            self.neurons.theta[addr : addr + len(words)] = words >> 16 & self.shape.theta_max

    def read_memory(self, region: int, addr: int, count: int) -> npt.NDArray[np.uint32]:
        """Read 32-bit words of a region of the memory window; code tables and stimulus read 0."""
        self._check_window(region, addr, count)
        if region == spec.REGION_WEIGHTS:
            return self.synapses.read_words(addr, count)
        if region in (spec.REGION_CODES, spec.REGION_STIMULUS):
            return np.zeros(count, np.uint32)
        state = self.neurons.theta << 16 | self.neurons.pos
        return state[addr : addr + count].astype(np.uint32)

    # The stream.

    def stream(self, words: npt.NDArray[np.uint16]) -> Spikes:
        """Process stream words in order; return the spikes they caused, ``SPIKE_DTYPE``."""
        ops = np.asarray(words, np.uint16).astype(np.int32)
        wrong = (ops >= self.shape.inputs) & (ops < spec.WORD_TICK)
        if wrong.any():
            self.bad_event = True
            ops = ops[~wrong]
        ops = ops[ops != spec.WORD_TICK]
        # The place of an event in its group: events since the last tick, or since the group began.
        is_tick = ops >= spec.WORD_TICK
        events = np.cumsum(~is_tick)
        before = np.maximum.accumulate(np.where(is_tick, events, -self.open))
        ops[~is_tick & ((events - before) % self.shape.group == 0)] |= CLOSE
        return self._process(ops)

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
        """Spikes of what was played since the last call."""
        spikes = np.concatenate([np.empty(0, SPIKE_DTYPE), *self._played])
        self._played.clear()
        return spikes

    def _process(self, ops: npt.NDArray[np.int32]) -> Spikes:
        """Process ops (``stepped.step_items``); the spikes, unless the machine is quiet."""
        if self.path == "numba" or self.shape.group > 1:
            spikes = stepped.run(self, ops, compiled=self.path == "numba")
        else:
            is_tick = ops & spec.WORD_TICK != 0
            time = np.cumsum(np.where(is_tick, ops & spec.MAX_TICKS, 0), dtype=np.int64)
            addresses = (ops[~is_tick] & spec.MAX_TICKS).astype(np.intp)
            spikes = self._run(addresses, time[~is_tick], int(time[-1]) if len(time) else 0)
        return spikes[:0] if self.regs["CONTROL"] & spec.CONTROL_QUIET else spikes

    def _run(
        self, addresses: npt.NDArray[np.intp], when: npt.NDArray[np.int64], ticks: int
    ) -> Spikes:
        """Events ``addresses``, each ``when`` ticks from now (ascending), and ``ticks`` in all."""
        # ends[d] = number of events up to and with tick d
        ends = np.searchsorted(when, np.arange(ticks + 1), side="right")
        out: list[tuple[int, int]] = []
        now = done = 0  # ticks and events behind us
        while True:
            span = self._span(ticks - now)
            fired = self._advance(addresses, ends[now : now + span + 1], done, out)
            if fired is not None:
                passed, done = fired
                now += passed
                continue
            now += span
            done = int(ends[now])
            if now == ticks:
                break
            self._boundary_tick()
            now += 1
        return np.array(out, SPIKE_DTYPE)

    def _span(self, left: int) -> int:
        """Ticks from now in which eligibility and thresholds stay as they are."""
        if (self.neurons.arrived() & self.neurons.eligible()).any():
            return 0  # whoever has arrived fires at the next event, unless the leak comes first
        span = min(left, MAX_SPAN)
        unchanged = self.neurons.unchanged_ticks()
        if unchanged is not None:
            span = min(span, unchanged - 1)
        return max(0, min(span, self.regs["HOMEO_TICKS"] - self.homeo_phase - 1))

    def _advance(
        self,
        addresses: npt.NDArray[np.intp],
        ends: npt.NDArray[np.intp],
        done: int,
        out: list[tuple[int, int]],
    ) -> tuple[int, int] | None:
        """Rest of this tick and the ``len(ends) - 1`` ticks behind it, or up to the first spike.

        Returns None, or the ticks passed and the events done when a neuron fired.
        """
        span = len(ends) - 1
        neurons, leak = self.neurons, self.regs["LEAK"]
        eligible = neurons.eligible()
        incoming = addresses[done : ends[-1]]
        if not eligible.any():
            neurons.relax(leak, span)
            self._pass(span, incoming, ends - done)
            return None
        # Only neurons that have not arrived integrate; if one has, the span ends with this tick.
        step = self.regs["STEP"] * (eligible & ~neurons.arrived())
        rows = self.synapses.bits[incoming]
        total = np.zeros((len(incoming) + 1, self.shape.neurons), np.int64)
        np.cumsum(rows, axis=0, out=total[1:])
        bounds = ends - done
        at_end = total[bounds] * step
        steps = np.diff(at_end, axis=0, prepend=np.zeros_like(at_end[:1]))
        before = neurons.settle(steps, leak)  # row d: after the leak of tick d, before its events
        over = (before[:-1] + steps >= neurons.theta) & eligible
        first = np.diff(bounds, prepend=0) > 0  # a tick without events is never judged
        hits = np.flatnonzero(over.any(axis=1) & first)
        if not len(hits):
            neurons.pos[:] = before[-2] + steps[-1]
            self._pass(span, incoming, bounds)
            return None
        tick = int(hits[0])
        start = int(bounds[tick - 1]) if tick else 0
        path = (total[start + 1 : bounds[tick] + 1] - total[start]) * step
        path += before[tick]
        event = int(np.flatnonzero(((path >= neurons.theta) & eligible).any(axis=1))[0])
        neurons.pos[:] = path[event]
        used = start + event + 1
        bounds = np.minimum(bounds[: tick + 1], used)
        self._pass(tick, incoming[:used], bounds)
        winner = WinnerTakeAll.winner(neurons.pos - neurons.theta, eligible)
        if winner is None:
            raise AssertionError("a neuron reached its threshold, yet nobody won")
        self._spike(winner, out)
        return tick, done + used

    def _pass(
        self, ticks: int, incoming: npt.NDArray[np.intp], bounds: npt.NDArray[np.intp]
    ) -> None:
        """Time and the STDP window move on; ``incoming[:bounds[d]]`` came up to and with tick d."""
        self.neurons.pass_time(ticks)
        phase = self.bucket_phase + np.arange(ticks + 1)
        buckets = self.window.bucket + phase // self.regs["BUCKET_TICKS"]
        self.window.event(incoming, np.repeat(buckets, np.diff(bounds, prepend=0)))
        self.window.bucket = int(buckets[-1])
        self.bucket_phase = int(phase[-1]) % self.regs["BUCKET_TICKS"]
        self.homeo_phase += ticks
        self.tick = self.tick + ticks & _U32

    def _boundary_tick(self) -> None:
        """One tick, at which a timer may run out or the thresholds decay."""
        self.neurons.relax(self.regs["LEAK"])
        self._pass(1, np.empty(0, np.intp), np.zeros(2, np.intp))
        if self.homeo_phase == self.regs["HOMEO_TICKS"]:
            self.homeo_phase = 0
            if self.regs["CONTROL"] & spec.CONTROL_HOMEOSTASIS:
                self.neurons.decay_threshold(self.regs["THETA0"], self.regs["HOMEO_SHIFT"])

    def _spike(self, winner: int, out: list[tuple[int, int]]) -> None:
        control = self.regs["CONTROL"]
        out.append((self.tick, winner))
        self.fired += 1
        if control & spec.CONTROL_HARD_RESET:
            self.neurons.pos[:] = 0
        theta_up = self.regs["THETA_UP"] if control & spec.CONTROL_HOMEOSTASIS else 0
        self.neurons.spike(winner, self.regs["T_REF"], self.regs["T_INH"], theta_up)
        if control & spec.CONTROL_LEARN:
            self._sweep(winner)

    def _sweep(self, neuron: int) -> None:
        """STDP: one write trial for every junction of the column."""
        to_ap, to_p = self.stdp.sweep(
            neuron,
            self.window.active(),
            self.levels(neuron),
            self._draw(),
        )
        self.switched[0] += to_ap
        self.switched[1] += to_p

    def _draw(self) -> npt.NDArray[np.uint64]:
        """The random words of a sweep: uint64 [groups], word g from generator g mod their number."""
        each = self.shape.groups // self.shape.generators
        return np.stack([lane.block(each) for lane in self.random], axis=1).ravel()

    def levels(self, neuron: int) -> npt.NDArray[np.uint8]:
        """Device levels of a column, uint8 [inputs]; computed once for a spread seed."""
        if self.shape.levels == 1:
            return np.zeros(self.shape.inputs, np.uint8)
        if neuron not in self._levels:
            spread = DeviceSpread(self.regs["SPREAD_SEED"])
            self._levels[neuron] = spread.levels(self.shape.groups, neuron)
        return self._levels[neuron]

"""The learning engine item by item: the contract of ``spec.learning`` as straight-line code.

``step_items`` is the definition that the tests hold the other paths to. ``run`` calls it, or its
compiled twin (``engine.compiled``), on an engine's state.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.base import SPIKE_DTYPE, Spikes
from spinloom.emulator.engine.jit import ABSENT
from spinloom.emulator.random.linear import byte_tables
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import generator

if TYPE_CHECKING:
    from spinloom.emulator.engine.learning import LearningEngine

# Of an op.
CLOSE = 0x10000
TEACH = 0x20000
PULSE = 0x40000
PULSE_CLASS_SHIFT = 19
# Indices into the scalar state, int64.
TICK, INH, LAST, BUCKET, BUCKET_PHASE, HOMEO_PHASE, SWITCHED_AP, SWITCHED_P, TRIALS, OPEN = range(
    10
)
SPIKES = 10
# Indices into the parameters, int64.
STEP, LEAK, THETA0, THETA_UP, T_INH, T_REF, BUCKET_TICKS, HOMEO_TICKS, HOMEO_SHIFT = range(9)
CYCLE_SPREAD, LEARN, HOMEO, THETA_MAX, HARD_RESET, CELLS, STRENGTH_MAX, POSITION_SHIFT = range(
    9, 17
)
AGES, WORDS, ZERO_STAYS = 17, 18, 19


def step_items(
    ops: npt.NDArray[np.int32],
    p: npt.NDArray[np.int64],
    s: npt.NDArray[np.int64],
    strengths: npt.NDArray[np.uint8],
    cells: npt.NDArray[np.uint8],
    pos: npt.NDArray[np.int64],
    theta: npt.NDArray[np.int64],
    ref: npt.NDArray[np.int64],
    counts: npt.NDArray[np.uint16],
    last: npt.NDArray[np.int64],
    levels: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint32],
    tables: npt.NDArray[np.uint64],
    random: npt.NDArray[np.uint64],
    out: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Process ``ops`` until they end or ``out`` is full; (ops taken, spikes written to ``out``).

    An op is a tick word (0 ticks only end the open group), or an event's input, with CLOSE if its
    group ends behind it; or a neuron, with TEACH if it is to spike, with PULSE and a class if its
    synapses are to be pulsed.
    """
    neurons = len(pos)  # rows of strengths may be longer
    spikes = 0
    for n in range(len(ops)):
        if spikes == len(out):
            return n, spikes
        op = int(ops[n])
        is_tick = op & spec.WORD_TICK
        word = op & spec.MAX_TICKS
        winner = -1
        if op & PULSE:
            pulse_class = op >> PULSE_CLASS_SHIFT
            _sweep(word, pulse_class, p, s, strengths, cells, last, levels, codes, tables, random)
        elif op & TEACH:
            winner = word
        elif not is_tick:
            last[word] = s[BUCKET]
            s[OPEN] += 1
            for j in range(neurons):
                counts[j] += strengths[word, j]
        if s[OPEN] and op & (spec.WORD_TICK | CLOSE):
            s[OPEN] = 0
            for j in range(neurons):
                count = counts[j]
                counts[j] = 0
                if ref[j] > 0 or (s[INH] > 0 and j != s[LAST]):
                    continue
                if pos[j] < theta[j]:
                    pos[j] += p[STEP] * count
                margin = pos[j] - theta[j]
                if margin >= 0 and (winner < 0 or margin > pos[winner] - theta[winner]):
                    winner = j
        if winner >= 0:
            out[spikes, 0] = s[TICK]
            out[spikes, 1] = winner
            spikes += 1
            if p[HARD_RESET]:
                for j in range(neurons):
                    pos[j] = 0
            pos[winner] = 0
            ref[winner] = p[T_REF]
            s[INH] = p[T_INH]
            s[LAST] = winner
            s[SPIKES] += 1
            if p[HOMEO]:
                theta[winner] = min(theta[winner] + p[THETA_UP], p[THETA_MAX])
            if p[LEARN]:
                by_window = spec.PULSE_BY_WINDOW
                _sweep(
                    winner, by_window, p, s, strengths, cells, last, levels, codes, tables, random
                )  # fmt: skip
        for _ in range(op & spec.MAX_TICKS if is_tick else 0):
            s[TICK] = (s[TICK] + 1) & 0xFFFFFFFF
            s[INH] = max(0, s[INH] - 1)
            for j in range(neurons):
                ref[j] = max(0, ref[j] - 1)
                pos[j] = max(0, pos[j] - p[LEAK])
            s[BUCKET_PHASE] += 1
            if s[BUCKET_PHASE] == p[BUCKET_TICKS]:
                s[BUCKET_PHASE] = 0
                s[BUCKET] += 1
            s[HOMEO_PHASE] += 1
            if s[HOMEO_PHASE] == p[HOMEO_TICKS]:
                s[HOMEO_PHASE] = 0
                if p[HOMEO]:
                    for j in range(neurons):
                        theta[j] -= (theta[j] - p[THETA0]) >> p[HOMEO_SHIFT]
    return len(ops), spikes


def _sweep(
    neuron: int,
    pulse_class: int,
    p: npt.NDArray[np.int64],
    s: npt.NDArray[np.int64],
    strengths: npt.NDArray[np.uint8],
    cells: npt.NDArray[np.uint8],
    last: npt.NDArray[np.int64],
    levels: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint32],
    tables: npt.NDArray[np.uint64],
    random: npt.NDArray[np.uint64],
) -> None:
    """One write trial for every junction of the neuron's columns, or for its walls, of this class
    or by the window."""
    inputs, columns = len(last), range(neuron * p[CELLS], (neuron + 1) * p[CELLS])
    is_wall = p[STRENGTH_MAX] > p[CELLS]
    s[TRIALS] += inputs * p[CELLS]
    one = 1 << spec.CODE_BITS * int(p[WORDS])
    mask = (1 << int(p[CYCLE_SPREAD])) - 1
    for column in columns:
        shift = 0
        if mask:
            x, *_ = [_draw(lane, tables, random) for lane in range(len(random))]
            shift = (x & mask) - (x >> 8 & mask)
        for group in range(inputs // spec.LANES):
            first = p[WORDS] * group
            words = [_draw(n, tables, random) for n in range(first, first + p[WORDS])]
            for byte in range(spec.LANES):
                r = sum((word >> 8 * byte & 255) << 8 * n for n, word in enumerate(words))
                i = spec.LANES * group + byte
                a, age = pulse_class, s[BUCKET] - last[i]
                if pulse_class == spec.PULSE_BY_WINDOW:
                    a = 0 if age >= p[AGES] else 1 if p[AGES] == 2 else 1 + age
                at = int(cells[i, column])
                level = at >> p[POSITION_SHIFT] if is_wall else int(levels[column, i])
                if level or not p[ZERO_STAYS]:
                    level = min(max(level + shift, 0), spec.LEVELS - 1)
                # The carry out of r + code is the majority fold of their bits, LSB first.
                if r + int(codes[a, level]) >= one:
                    up = 1 if a > 0 else 0
                    s[SWITCHED_AP + up] += 1
                    if not is_wall:
                        cells[i, column] = up
                    else:
                        cells[i, column] = min(at + 1, p[STRENGTH_MAX]) if up else max(0, at - 1)
    for i in range(inputs):
        strengths[i, neuron] = sum(int(cells[i, column]) for column in columns)


def _draw(n: int, tables: npt.NDArray[np.uint64], random: npt.NDArray[np.uint64]) -> int:
    """Word *n*, counted from one that the first generator draws."""
    lane = n % len(random)
    word = int(random[lane])
    following = np.uint64(0)
    for byte in range(8):
        following ^= tables[byte, word >> 8 * byte & 255]
    random[lane] = following
    return word


@cache
def _compiled() -> Callable[..., Any]:
    try:
        from spinloom.emulator.engine.compiled import step_items as step
    except ImportError:
        raise ValueError(ABSENT) from None
    return step


@cache
def _tables(name: str) -> npt.NDArray[np.uint64]:
    return byte_tables(generator(name).rows)


def run(engine: LearningEngine, ops: npt.NDArray[np.int32], *, compiled: bool = True) -> Spikes:
    """Process ``ops`` on the engine's state; same result as its vectorised path."""
    step = _compiled() if compiled else step_items
    control = engine.regs["CONTROL"]
    p = np.array(
        [engine.regs[reg] for reg in spec.PARAM_REGS.values()]
        + [
            control & spec.CONTROL_LEARN,
            control & spec.CONTROL_HOMEOSTASIS,
            engine.shape.theta_max,
            control & spec.CONTROL_HARD_RESET,
            engine.shape.cells,
            engine.shape.strength_max,
            engine.shape.position_shift,
            engine.shape.window_ages,
            engine.shape.words_per_group,
            engine.shape.has_stored_levels,
        ],
        np.int64,
    )
    # PARAM_REGS lists THETA_UP behind THETA0, as the indices above do.
    neurons, window = engine.neurons, engine.window
    s = np.array(
        [
            engine.tick,
            neurons.inh,
            neurons.last_winner,
            window.bucket,
            engine.bucket_phase,
            engine.homeo_phase,
            *engine.switched,
            engine.trials,
            engine.open,
            engine.fired,
        ],
        np.int64,
    )
    levels = engine.all_levels()
    random = np.array(engine.random.states, np.uint64)
    out = np.empty((4096, 2), np.int64)
    parts = [np.empty(0, SPIKE_DTYPE)]
    while len(ops):
        taken, count = step(
            ops, p, s, engine.synapses.padded, engine.synapses.cells, neurons.pos,
            neurons.theta, neurons.ref, neurons.counts, window.last, levels, engine.mtj.codes,
            _tables(engine.shape.generator), random, out,
        )  # fmt: skip
        ops = ops[taken:]
        part = np.empty(count, SPIKE_DTYPE)
        part["tick"], part["neuron"] = out[:count, 0], out[:count, 1]
        parts.append(part)
    engine.tick, neurons.inh, neurons.last_winner, window.bucket = map(int, s[:4])
    engine.bucket_phase, engine.homeo_phase = map(int, s[4:6])
    engine.switched = [int(s[SWITCHED_AP]), int(s[SWITCHED_P])]
    engine.trials = int(s[TRIALS])
    engine.open, engine.fired = int(s[OPEN]), int(s[SPIKES])
    engine.random.seed(random.tolist())
    return np.concatenate(parts)

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
from spinloom.emulator.random.linear import byte_tables
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import generator

if TYPE_CHECKING:
    from spinloom.emulator.engine.learning import LearningEngine

CLOSE = 0x10000  # of an op
# Indices into the scalar state, int64.
TICK, INH, LAST, BUCKET, BUCKET_PHASE, HOMEO_PHASE, SWITCHED_AP, SWITCHED_P, OPEN, SPIKES = range(
    10
)
# Indices into the parameters, int64.
STEP, LEAK, THETA0, THETA_UP, T_INH, T_REF, BUCKET_TICKS, HOMEO_TICKS, HOMEO_SHIFT, LEARN, HOMEO = (
    range(11)
)
THETA_MAX, HARD_RESET = 11, 12


def step_items(
    ops: npt.NDArray[np.int32],
    p: npt.NDArray[np.int64],
    s: npt.NDArray[np.int64],
    weights: npt.NDArray[np.uint8],
    pos: npt.NDArray[np.int64],
    theta: npt.NDArray[np.int64],
    ref: npt.NDArray[np.int64],
    counts: npt.NDArray[np.uint16],
    last: npt.NDArray[np.int64],
    levels: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint16],
    tables: npt.NDArray[np.uint64],
    random: npt.NDArray[np.uint64],
    out: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Process ``ops`` until they end or ``out`` is full; (ops taken, spikes written to ``out``).

    An op is a tick word (0 ticks only end the open group), or an event's input, with CLOSE if its
    group ends behind it.
    """
    neurons = len(pos)  # rows of weights may be longer
    spikes = 0
    for n in range(len(ops)):
        if spikes == len(out):
            return n, spikes
        op = int(ops[n])
        is_tick = op & spec.WORD_TICK
        if not is_tick:
            word = op & spec.MAX_TICKS
            last[word] = s[BUCKET]
            s[OPEN] += 1
            for j in range(neurons):
                counts[j] += weights[word, j]
        if s[OPEN] and op & (spec.WORD_TICK | CLOSE):
            s[OPEN] = 0
            winner = -1
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
                    _sweep(winner, s, weights, last, levels, codes, tables, random)
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
    winner: int,
    s: npt.NDArray[np.int64],
    weights: npt.NDArray[np.uint8],
    last: npt.NDArray[np.int64],
    levels: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint16],
    tables: npt.NDArray[np.uint64],
    random: npt.NDArray[np.uint64],
) -> None:
    """One write trial for every junction of the winner's column."""
    for group in range(len(weights) // spec.LANES):
        lane = group % len(random)
        draw = random[lane]
        following = np.uint64(0)
        for byte in range(8):
            r = int((draw >> np.uint64(8 * byte)) & np.uint64(255))
            following ^= tables[byte, r]
            i = spec.LANES * group + byte
            active = 1 if last[i] >= s[BUCKET] - 1 else 0
            # The carry out of r + code is the majority fold of their bits, LSB first.
            if r + int(codes[active, levels[winner, i]]) >= spec.CODE_ONE:
                weights[i, winner] = active
                s[SWITCHED_AP + active] += 1
        random[lane] = following


@cache
def _compiled() -> Callable[..., Any]:
    try:
        from spinloom.emulator.engine.compiled import step_items as step
    except ImportError:
        raise ValueError(
            "the compiled golden path needs numba: pip install 'spinloom[fast]', or use golden"
        ) from None
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
            ops, p, s, engine.synapses.padded, neurons.pos, neurons.theta, neurons.ref,
            neurons.counts, window.last, levels, engine.mtj.codes,
            _tables(engine.shape.generator), random, out,
        )  # fmt: skip
        ops = ops[taken:]
        part = np.empty(count, SPIKE_DTYPE)
        part["tick"], part["neuron"] = out[:count, 0], out[:count, 1]
        parts.append(part)
    engine.tick, neurons.inh, neurons.last_winner, window.bucket = map(int, s[:4])
    engine.bucket_phase, engine.homeo_phase = map(int, s[4:6])
    engine.switched = [int(s[SWITCHED_AP]), int(s[SWITCHED_P])]
    engine.open, engine.fired = int(s[OPEN]), int(s[SPIKES])
    engine.random.seed(random.tolist())
    return np.concatenate(parts)

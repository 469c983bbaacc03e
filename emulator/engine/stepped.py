"""The learning engine item by item: the contract of ``spec.learning`` as straight-line code.

``step_items`` works on plain arrays, so that the same text is the reference of the tests (run by
Python) and the optional compiled path (run by numba, an extra).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.linear import byte_tables
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import generator

if TYPE_CHECKING:
    from spinloom.emulator.engine.learning import LearningEngine, Spikes

# Indices into the scalar state, int64.
TICK, INH, LAST, BUCKET, BUCKET_PHASE, HOMEO_PHASE, SWITCHED_AP, SWITCHED_P, BAD = range(9)
# Indices into the parameters, int64.
STEP, LEAK, THETA0, THETA_UP, T_INH, T_REF, BUCKET_TICKS, HOMEO_TICKS, HOMEO_SHIFT, LEARN, HOMEO = (
    range(11)
)
THETA_MAX = 11


def step_items(
    words: npt.NDArray[np.uint16],
    p: npt.NDArray[np.int64],
    s: npt.NDArray[np.int64],
    weights: npt.NDArray[np.uint8],
    pos: npt.NDArray[np.int64],
    theta: npt.NDArray[np.int64],
    ref: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    levels: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint16],
    tables: npt.NDArray[np.uint64],
    random: npt.NDArray[np.uint64],
    out: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Process words until they end or ``out`` is full; (words taken, spikes written to ``out``)."""
    inputs, neurons = weights.shape
    spikes = 0
    for n in range(len(words)):
        if spikes == len(out):
            return n, spikes
        word = int(words[n])
        if word >= spec.WORD_TICK:
            for _ in range(word - spec.WORD_TICK):
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
            continue
        if word >= inputs:
            s[BAD] = 1
            continue
        last[word] = s[BUCKET]
        winner = -1
        for j in range(neurons):
            if ref[j] > 0 or (s[INH] > 0 and j != s[LAST]):
                continue
            if weights[word, j] and pos[j] < theta[j]:
                pos[j] += p[STEP]
            margin = pos[j] - theta[j]
            if margin >= 0 and (winner < 0 or margin > pos[winner] - theta[winner]):
                winner = j
        if winner < 0:
            continue
        out[spikes, 0] = s[TICK]
        out[spikes, 1] = winner
        spikes += 1
        pos[winner] = 0
        ref[winner] = p[T_REF]
        s[INH] = p[T_INH]
        s[LAST] = winner
        if p[HOMEO]:
            theta[winner] = min(theta[winner] + p[THETA_UP], p[THETA_MAX])
        if not p[LEARN]:
            continue
        for group in range(inputs // spec.LANES):
            draw = random[0]
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
            random[0] = following
    return len(words), spikes


@cache
def _compiled() -> Callable[..., Any]:
    try:
        import numba
    except ImportError:
        raise ValueError(
            "the compiled golden path needs numba: pip install 'spinloom[fast]', or use golden"
        ) from None
    return numba.njit(cache=True)(step_items)


@cache
def _tables(name: str) -> npt.NDArray[np.uint64]:
    return byte_tables(generator(name).rows)


def run(engine: LearningEngine, words: npt.NDArray[np.uint16], *, compiled: bool) -> Spikes:
    """Process ``words`` on the engine's state; same result as its vectorised path."""
    from spinloom.emulator.engine.learning import SPIKE_DTYPE

    step = _compiled() if compiled else step_items
    control = engine.regs["CONTROL"]
    p = np.array(
        [engine.regs[reg] for reg in spec.PARAM_REGS.values()]
        + [
            control & spec.CONTROL_LEARN,
            control & spec.CONTROL_HOMEOSTASIS,
            engine.shape.theta_max,
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
            engine.bad_event,
        ],
        np.int64,
    )
    levels = np.stack([engine.levels(j) for j in range(engine.shape.neurons)])
    random = np.array([engine.random.state], np.uint64)
    out = np.empty((4096, 2), np.int64)
    parts = [np.empty(0, SPIKE_DTYPE)]
    while len(words):
        taken, count = step(
            words, p, s, engine.synapses.bits, neurons.pos, neurons.theta, neurons.ref,
            window.last, levels, engine.mtj.codes, _tables(engine.shape.generator), random, out,
        )  # fmt: skip
        words = words[taken:]
        part = np.empty(count, SPIKE_DTYPE)
        part["tick"], part["neuron"] = out[:count, 0], out[:count, 1]
        parts.append(part)
    engine.tick, neurons.inh, neurons.last_winner, window.bucket = map(int, s[:4])
    engine.bucket_phase, engine.homeo_phase = map(int, s[4:6])
    engine.switched = [int(s[SWITCHED_AP]), int(s[SWITCHED_P])]
    engine.bad_event = bool(s[BAD])
    engine.random.seed(int(random[0]))
    return np.concatenate(parts)

"""The learning engine compiled by numba, bit-exact to ``engine.stepped``, its definition.

Rows of junctions are added as 64-bit words, eight neurons each. What would branch for every neuron
or junction is masks instead, so that the loops become vector instructions; timers are compared with
the clock only when one of them may run out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from spinloom.emulator.engine.stepped import (
    AGES,
    BUCKET,
    BUCKET_PHASE,
    BUCKET_TICKS,
    CELLS,
    CLOSE,
    CYCLE_SPREAD,
    HARD_RESET,
    HOMEO,
    HOMEO_PHASE,
    HOMEO_SHIFT,
    HOMEO_TICKS,
    INH,
    LAST,
    LEAK,
    LEARN,
    OPEN,
    POSITION_SHIFT,
    PULSE,
    PULSE_CLASS_SHIFT,
    SPIKES,
    STEP,
    STRENGTH_MAX,
    SWITCHED_AP,
    SWITCHED_P,
    T_INH,
    T_REF,
    TEACH,
    THETA0,
    THETA_MAX,
    THETA_UP,
    TICK,
    TRIALS,
    WORDS,
    ZERO_STAYS,
)
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.synapse.array import BYTE_MAX

Function = TypeVar("Function", bound=Callable[..., Any])
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]

NEVER = 1 << 62
EVENTS = 4  # added at once
TICK_OR_HAND = spec.WORD_TICK | TEACH | PULSE
BY_WINDOW = spec.PULSE_BY_WINDOW


def compiled(function: Function) -> Function:
    """Inlined where it is called: handing over an array costs as much as a short row."""
    return cast(Function, njit(cache=True, forceinline=True)(function))


@compiled
def _add_rows(
    ops: Small, first: int, end: int, strengths: Bytes, rows: Words, counts: Small,
    octets: Bytes, sums: Words, most: int,
) -> None:  # fmt: skip
    """Add the rows of events ``first`` to ``end`` to the counts. ``rows`` are the strengths as
    words, ``sums`` and ``octets`` room for a row; to make a view takes as long as to add a short
    row. ``most`` rows fit a byte."""
    while end - first >= EVENTS and most >= EVENTS:
        sums[:] = 0
        for n in range(first, first + min(end - first, most) // EVENTS * EVENTS, EVENTS):
            a, b = ops[n] & spec.MAX_TICKS, ops[n + 1] & spec.MAX_TICKS
            c, d = ops[n + 2] & spec.MAX_TICKS, ops[n + 3] & spec.MAX_TICKS
            for k in range(len(sums)):
                sums[k] += (rows[a, k] + rows[b, k]) + (rows[c, k] + rows[d, k])
        first += min(end - first, most) // EVENTS * EVENTS
        for j in range(len(counts)):
            counts[j] += octets[j]
    for n in range(first, end):
        a = ops[n] & spec.MAX_TICKS
        for j in range(len(counts)):
            counts[j] += strengths[a, j]


@compiled
def _integrate(pos: Small, theta: Small, counts: Small, free: Small, step: int) -> int:
    """End a group; the largest margin of who may fire, negative if nobody does."""
    best = np.int32(-1)
    for j in range(len(pos)):
        below = np.int32(np.int32(pos[j] - theta[j]) >> 31)
        pos[j] += np.int32(np.int32(step) * counts[j]) & free[j] & below
        counts[j] = 0
        best = max(best, np.int32(np.int32(pos[j] - theta[j]) | ~free[j]))
    return int(best)


@compiled
def _release(last_winner: int, ref_end: Ints, inh_end: int, now: int, free: Small) -> int:
    """Who is free from now on (all bits, or none); when that may change next."""
    change = NEVER
    for j in range(len(free)):
        free[j] = -np.int32(ref_end[j] <= now)
        change = min(change, ref_end[j] if ref_end[j] > now else NEVER)
    if inh_end > now:
        change = min(change, inh_end)
        winner_free = free[last_winner]
        free[:] = 0
        free[last_winner] = winner_free
    return change


def step_items(
    ops: Small, p: Ints, s: Ints, strengths: Bytes, cells: Bytes, pos: Ints, theta: Ints,
    ref: Ints, counts: npt.NDArray[np.uint16], last: Ints, levels: Bytes,
    codes: Codes, tables: Words, random: Words, out: Ints,
) -> tuple[int, int]:  # fmt: skip
    """``stepped.step_items``, compiled."""
    walls, thresholds, sums = (a.astype(np.int32) for a in (pos, theta, counts))
    if not levels.any():
        levels = levels[:, :1].copy()  # one level for all inputs
    done = _process(
        ops, p, s, strengths, cells, walls, thresholds, sums, ref, last, levels, codes, tables,
        random, out,
    )  # fmt: skip
    pos[:], theta[:], counts[:] = walls, thresholds, sums
    return done


@compiled
def _process(
    ops: Small, p: Ints, s: Ints, strengths: Bytes, cells: Bytes, pos: Small, theta: Small,
    counts: Small, ref: Ints, last: Ints, levels: Bytes, codes: Codes,
    tables: Words, random: Words, out: Ints,
) -> tuple[int, int]:  # fmt: skip
    rows = strengths.view(np.uint64)
    most = BYTE_MAX // p[STRENGTH_MAX]
    sums = np.empty(rows.shape[1], np.uint64)
    octets = sums.view(np.uint8)
    free = np.empty(len(pos), np.int32)
    inputs = len(last)
    draws = np.empty(p[WORDS] * inputs // spec.LANES + len(random), np.uint64)
    switched = np.empty(inputs // spec.LANES, np.uint64)
    r, decided = draws.view(np.uint8), switched.view(np.uint8)
    active = np.empty(inputs, np.uint8)
    busy, places = np.empty(inputs, np.int32), np.empty(inputs + 1, np.int32)
    ref_end = ref.copy()  # by the local clock
    inh_end = s[INH]
    now = 0
    change = _release(s[LAST], ref_end, inh_end, now, free)
    spikes = n = 0
    while n < len(ops) and spikes < len(out):
        first = n
        while n < len(ops) and not ops[n] & TICK_OR_HAND:
            last[ops[n] & spec.MAX_TICKS] = s[BUCKET]
            n += 1
            if ops[n - 1] & CLOSE:
                break
        if n > first:
            _add_rows(ops, first, n, strengths, rows, counts, octets, sums, most)
            s[OPEN] += n - first
        closed = n > first and ops[n - 1] & CLOSE
        ticks = 0
        winner = -1
        if not closed and n < len(ops):
            word = ops[n] & spec.MAX_TICKS
            if ops[n] & PULSE:
                pulse_class = ops[n] >> PULSE_CLASS_SHIFT
                _sweep(
                    word, pulse_class, p, s, strengths, cells, last, levels, codes, tables, random,
                    draws, r, switched, decided, active, busy, places,
                )  # fmt: skip
            elif ops[n] & TEACH:
                winner = word
            else:
                ticks = word
                closed = True
            n += 1
        if winner >= 0 or (closed and s[OPEN]):
            best = 0
            if winner < 0:
                s[OPEN] = 0
                best = _integrate(pos, theta, counts, free, p[STEP])
                if best >= 0:
                    winner = 0
                    while not free[winner] or pos[winner] - theta[winner] != best:
                        winner += 1
            if winner >= 0:
                out[spikes, 0] = (s[TICK] + now) & 0xFFFFFFFF
                out[spikes, 1] = winner
                spikes += 1
                if p[HARD_RESET]:
                    pos[:] = 0
                pos[winner] = 0
                ref_end[winner] = now + p[T_REF]
                inh_end = now + p[T_INH]
                s[LAST] = winner
                s[SPIKES] += 1
                if p[HOMEO]:
                    theta[winner] = min(theta[winner] + p[THETA_UP], p[THETA_MAX])
                if p[LEARN]:
                    _sweep(
                        winner, BY_WINDOW, p, s, strengths, cells, last, levels, codes, tables,
                        random, draws, r, switched, decided, active, busy, places,
                    )  # fmt: skip
                change = _release(s[LAST], ref_end, inh_end, now, free)
        if ticks:
            now += ticks
            if now >= change:
                change = _release(s[LAST], ref_end, inh_end, now, free)
            if p[LEAK]:
                loss = np.int32(min(p[LEAK] * ticks, 1 << 16))
                for j in range(len(pos)):
                    pos[j] = max(np.int32(0), np.int32(pos[j] - loss))
            s[BUCKET_PHASE] += ticks
            if s[BUCKET_PHASE] >= p[BUCKET_TICKS]:
                s[BUCKET] += s[BUCKET_PHASE] // p[BUCKET_TICKS]
                s[BUCKET_PHASE] %= p[BUCKET_TICKS]
            s[HOMEO_PHASE] += ticks
            if s[HOMEO_PHASE] >= p[HOMEO_TICKS]:
                decays = s[HOMEO_PHASE] // p[HOMEO_TICKS]
                s[HOMEO_PHASE] %= p[HOMEO_TICKS]
                for _ in range(decays if p[HOMEO] else 0):
                    for j in range(len(theta)):
                        theta[j] -= (theta[j] - p[THETA0]) >> p[HOMEO_SHIFT]
    for j in range(len(ref)):
        ref[j] = max(0, ref_end[j] - now)
    s[INH] = max(0, inh_end - now)
    s[TICK] = (s[TICK] + now) & 0xFFFFFFFF
    return n, spikes


@compiled
def _sweep(
    neuron: int, pulse_class: int, p: Ints, s: Ints, strengths: Bytes, cells: Bytes, last: Ints,
    levels: Bytes, codes: Codes, tables: Words, random: Words, draws: Words,
    r: Bytes, switched: Words, decided: Bytes, active: Bytes, busy: Small, places: Small,
) -> None:  # fmt: skip
    """``stepped._sweep``. ``r`` and ``decided`` are the bytes of ``draws`` and ``switched``; these
    and what follows are room."""
    if pulse_class != BY_WINDOW:
        active[:] = pulse_class
    elif p[AGES] == 2:
        oldest = s[BUCKET] - 1
        for i in range(len(active)):
            active[i] = last[i] >= oldest
    else:
        for i in range(len(active)):
            age = s[BUCKET] - last[i]
            active[i] = 1 + age if age < p[AGES] else 0
    s[TRIALS] += len(active) * p[CELLS]
    is_wall = p[STRENGTH_MAX] > p[CELLS]
    mask = np.uint64((1 << p[CYCLE_SPREAD]) - 1)
    first = neuron * p[CELLS]
    for column in range(first, first + p[CELLS]):
        shift = np.int64(0)
        if mask:
            _draw(random, tables, draws, len(random))
            shift = np.int64(draws[0] & mask) - np.int64((draws[0] >> np.uint64(8)) & mask)
        _draw(random, tables, draws, p[WORDS] * len(switched))
        if is_wall or shift or p[WORDS] > 1:
            _decide(column, shift, is_wall, p, cells, levels, codes, r, decided, active)
        elif levels.shape[1] == 1 and p[AGES] == 2:
            below = np.int16(spec.CODE_ONE - codes[0, 0])
            above = np.int16(spec.CODE_ONE - codes[1, 0])
            for i in range(len(active)):
                decided[i] = np.int16(r[i]) >= (above if active[i] else below)
        else:
            alike = levels.shape[1] == 1
            for i in range(len(active)):
                level = levels[column, 0 if alike else i]
                decided[i] = r[i] + codes[active[i], level] >= spec.CODE_ONE
        count = _list(switched, decided, busy, places)
        to_p = 0
        for k in range(count):
            i = places[k]
            up = 1 if active[i] else 0
            to_p += up
            if not is_wall:
                cells[i, column] = up
            elif up:
                cells[i, column] += cells[i, column] < p[STRENGTH_MAX]
            else:
                cells[i, column] -= cells[i, column] > 0
        s[SWITCHED_P] += to_p
        s[SWITCHED_AP] += count - to_p
    if p[CELLS] > 1:
        for i in range(len(active)):
            strength = np.uint8(0)
            for column in range(first, first + p[CELLS]):
                strength += cells[i, column]
            strengths[i, neuron] = strength


@compiled
def _decide(
    column: int, shift: np.int64, is_wall: bool, p: Ints, cells: Bytes, levels: Bytes, codes: Codes,
    r: Bytes, decided: Bytes, active: Bytes,
) -> None:  # fmt: skip
    """Which trials of a column switch, whatever the shape."""
    one = 1 << spec.CODE_BITS * p[WORDS]
    alike = levels.shape[1] == 1
    for i in range(len(active)):
        if is_wall:
            level = np.int64(cells[i, column] >> p[POSITION_SHIFT])
        else:
            level = np.int64(levels[column, 0 if alike else i])
        if level or not p[ZERO_STAYS]:
            level = min(max(level + shift, np.int64(0)), np.int64(spec.LEVELS - 1))
        drawn = np.int64(r[i])
        if p[WORDS] > 1:
            at = 2 * i - i % spec.LANES
            drawn = np.int64(r[at]) + (np.int64(r[at + spec.LANES]) << spec.CODE_BITS)
        decided[i] = drawn + codes[active[i], level] >= one


@compiled
def _draw(random: Words, tables: Words, draws: Words, count: int) -> None:
    """``count`` words, drawn from the generators in turn."""
    lanes = len(random)
    for k in range(lanes):
        draws[k] = random[k]
    for g in range(count):
        x = draws[g]
        following = tables[0, x & np.uint64(255)]
        for byte in range(1, 8):
            following ^= tables[byte, (x >> np.uint64(8 * byte)) & np.uint64(255)]
        draws[g + lanes] = following
    for k in range(lanes):
        random[k] = draws[count + k]


@compiled
def _list(switched: Words, decided: Bytes, busy: Small, places: Small) -> int:
    """How many inputs have switched; their numbers in ``places``. Made without a branch: whether
    a junction switches is what no processor can predict."""
    some = count = 0
    for g in range(len(switched)):
        busy[some] = g
        some += switched[g] != 0
    for k in range(some):
        for i in range(spec.LANES * busy[k], spec.LANES * (busy[k] + 1)):
            places[count] = i
            count += decided[i]
    return count

"""Time steps of the junction engine: ``steps`` is their definition, and what numba compiles as it
stands. The contract is ``spec.junction``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.junction import (
    BINS,
    MODE_JUNCTION,
    MODE_THRESHOLD,
    MODE_WALL,
    NOISE_FRACTION,
    PHASE_SHIFT,
    RATES,
    TRACE,
)

Ints = npt.NDArray[np.int64]

# Places of ``state``, of ``regs``, and columns of the tiles' parameters.
TICK, PHASE, DRIVE, FIRED, POPULATION, DWELL, SEEN, TRACED, STATE = range(9)
WAVE_STEP, NOISE_SHIFT, NOISE_HOLD, PROBE, DWELL_SHIFT, TRACE_SHIFT, WHOLE, REGS = range(8)
MODE, BIAS, GAIN, SCALE, OFFSET, IC, NOISE, COUPLING, PARTNER, COLUMNS = range(10)
SWITCHES, UPS, CORRELATION, PROBES = range(4)
_U32 = 0xFFFFFFFF
_HIGH = 0x8000
_TOP = 2047  # of x and noise; the lowest is -2048


def steps(
    n: int, tiles: Ints, rates: Ints, wave: Ints, chances: Ints, counts: Ints, values: Ints,
    noises: Ints, probes: Ints, dwells: Ints, trace: Ints, state: Ints, regs: Ints, rises: Ints,
) -> int:  # fmt: skip
    """A step of the first ``n`` tiles for each row of ``chances``, word mod 2^24, and of
    ``counts`` [steps, n]; every array changes in place. ``rises`` gets the step's
    number times 2^16 and the tile of each spike, as far as it is long; their number is returned."""
    done = 0
    before = np.zeros(n, np.int64)
    probe, mask = regs[PROBE], (1 << regs[TRACE_SHIFT]) - 1
    for t in range(len(chances)):
        signal = wave[state[PHASE] >> PHASE_SHIFT]
        drive = signal + state[DRIVE]
        resampled = state[TICK] & (1 << regs[NOISE_HOLD]) - 1 == 0
        population = 0
        seen = 0  # the trace's word
        for i in range(n):
            before[i] = values[i] >> 15
        for i in range(n):
            tile = tiles[i]
            if resampled:
                noise = counts[t, i] * tile[NOISE] >> regs[NOISE_SHIFT] + NOISE_FRACTION
                noises[i] = min(max(noise, -_TOP - 1), _TOP)
            x = tile[BIAS] + (tile[GAIN] * drive >> 6) + noises[i]
            if tile[PARTNER] < n:
                x += tile[COUPLING] if before[tile[PARTNER]] else -tile[COUPLING]
            x = min(max(x, -_TOP - 1), _TOP)
            value, was = values[i], before[i]
            if tile[MODE] == MODE_JUNCTION:
                w = tile[SCALE] * x >> 6
                u = min(max(tile[OFFSET] + (-w - 1 if was else w), -RATES // 2), RATES // 2 - 1)
                if chances[t, i] < rates[u + RATES // 2]:
                    value ^= _HIGH
            elif tile[MODE] == MODE_THRESHOLD:
                if x >= tile[IC]:
                    value |= _HIGH
                elif x <= -tile[IC]:
                    value &= _HIGH - 1
            elif tile[MODE] == MODE_WALL:
                over = x - min(max(x, -tile[IC]), tile[IC])
                value = min(max(value + (tile[SCALE] * over >> 6), 0), 2 * _HIGH - 1)
            elif x > tile[IC]:
                value = value + 16 * tile[OFFSET] + (tile[SCALE] * x >> 6) & 2 * _HIGH - 1
            values[i], now = value, value >> 15
            population += now
            probes[i, UPS] += now
            probes[i, CORRELATION] += signal if now else -signal
            if now != was:
                probes[i, SWITCHES] += 1
                if now:
                    if done < len(rises):
                        rises[done] = (t << 16) + i
                    done += 1
            if i == probe:
                seen = value + ((x & 0xFFFF) << 16)
                if now != was:
                    if state[SEEN]:
                        dwells[BINS * was + min(state[DWELL] >> regs[DWELL_SHIFT], BINS - 1)] += 1
                    state[SEEN], state[DWELL] = 1, 0
                state[DWELL] = state[DWELL] + 1 & _U32
        state[POPULATION] = population
        state[PHASE] = state[PHASE] + regs[WAVE_STEP] & _U32
        state[TICK] = state[TICK] + 1 & _U32
        if state[TICK] & mask == 0:
            trace[state[TRACED]] = population + ((drive & 0xFFFF) << 16) if regs[WHOLE] else seen
            state[TRACED] = (state[TRACED] + 1) % TRACE
    state[FIRED] += done
    return done

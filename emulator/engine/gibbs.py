"""Sweeps of the ising engine: ``sweep`` is their definition, and what numba compiles as it stands.

The contract is ``spec.ising``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.ising import ENERGY_MAX, RAMP_MAX, RAMP_SHIFT

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]

# Places of ``state``, and of ``regs``.
TICK, RAMP, FLIPS, ENERGY, BEST_ENERGY, BEST_TICK, TRACED, STATE = range(8)
BETA, BETA_END, BETA_STEP, SHIFT, TRACE_SHIFT, HISTOGRAM, PARALLEL, ALWAYS, REGS = range(9)
_U32 = 0xFFFFFFFF


def start() -> Ints:
    """``state`` at a reset."""
    state = np.zeros(STATE, np.int64)
    state[BEST_ENERGY] = ENERGY_MAX
    return state


def sweep(
    n: int, weights: Small, table: Ints, draws: Ints, spins: Small, fields: Small, best: Small,
    counts: Ints, trace: Ints, state: Ints, regs: Ints, flipped: Ints,
) -> int:  # fmt: skip
    """A sweep of the first ``n`` spins for each row of ``draws``, random words of B bits [sweeps,
    n]; every array changes in place. ``flipped`` gets the sweep's number times 2^16 and the spin of
    each flip, as far as it is long; the number of flips is returned."""
    half = len(table) // 2
    rounding = 1 << regs[SHIFT] >> 1
    done = 0
    for t in range(len(draws)):
        beta = min(regs[BETA] + (state[RAMP] >> RAMP_SHIFT), regs[BETA_END])
        seen = fields.copy() if regs[PARALLEL] else fields
        for i in range(n):
            x = beta * seen[i] + rounding >> regs[SHIFT]
            threshold = table[min(max(x, -half), half - 1) + half]
            up = draws[t, i] < threshold or threshold == regs[ALWAYS]
            if up != (spins[i] > 0):
                state[ENERGY] += 2 * spins[i] * fields[i]
                spins[i] = -spins[i]
                fields += 2 * spins[i] * weights[i]
                state[FLIPS] += 1
                if done < len(flipped):
                    flipped[done] = (t << 16) + i
                done += 1
                if state[ENERGY] < state[BEST_ENERGY]:
                    state[BEST_ENERGY] = state[ENERGY]
                    state[BEST_TICK] = state[TICK]
                    best[:] = spins
        state[RAMP] = min(state[RAMP] + regs[BETA_STEP], RAMP_MAX)
        state[TICK] = state[TICK] + 1 & _U32
        if regs[HISTOGRAM]:
            index = 0
            for i in range(regs[HISTOGRAM]):
                index |= (spins[i] > 0) << i
            counts[index] = counts[index] + 1 & _U32
        if state[TICK] & (1 << regs[TRACE_SHIFT]) - 1 == 0:
            trace[state[TRACED]] = state[ENERGY]
            state[TRACED] = (state[TRACED] + 1) % len(trace)
    return done

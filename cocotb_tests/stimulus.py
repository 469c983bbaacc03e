"""Random stimuli and parameters for the learning engine, made to reach its corners."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import (
    CODE_BITS,
    CODE_ONE,
    CONTROL_QUIET,
    LEVELS,
    WORD_TICK,
    LearningShape,
)


def random_params(rng: np.random.Generator) -> dict[str, Any]:
    """Register values, and "codes" for the code tables: quiet, busy and saturating settings."""
    step = int(rng.choice([0, 1, 4, 200, 4095]))
    theta0 = int(rng.choice([0, 1, 3 * step, 20 * step, 4095]).clip(0, 4095))
    code_top = int(rng.choice([4, 64, 257]))
    return {
        "STEP": step,
        "LEAK": int(rng.choice([0, 1, step // 2, 2 * step]).clip(0, 4095)),
        "THETA0": theta0,
        "THETA_UP": int(rng.choice([0, 5, step, 3000])),
        "T_INH": int(rng.choice([0, 1, 3, 30])),
        "T_REF": int(rng.choice([0, 1, 5, 40])),
        "BUCKET_TICKS": int(rng.choice([1, 2, 4])),
        "HOMEO_TICKS": int(rng.choice([1, 5, 100])),
        "HOMEO_SHIFT": int(rng.integers(0, 16)),
        "CONTROL": int(rng.integers(0, CONTROL_QUIET)) | CONTROL_QUIET * int(rng.random() < 0.2),
        "SEED_LO": int(rng.integers(1, 1 << 32)),
        "SEED_HI": int(rng.integers(0, 1 << 32)),
        "SPREAD_SEED": int(rng.integers(0, 1 << 32)),
        "codes": rng.integers(0, code_top, 2 * LEVELS).tolist(),
    }


def shaped_codes(rng: np.random.Generator, shape: LearningShape, codes: list[int]) -> list[int]:
    """The codes of ``random_params`` for the classes of this shape, as wide as its codes."""
    if shape.classes > 2:
        codes = codes[:LEVELS] + rng.choice(codes, (shape.classes - 1) * LEVELS).tolist()
    if shape.code_bits > CODE_BITS:
        low = rng.integers(0, CODE_ONE, len(codes)).tolist()
        codes = [min(c * CODE_ONE + b, shape.code_one) for c, b in zip(codes, low, strict=True)]
    return codes


def random_words(rng: np.random.Generator, shape: LearningShape, n: int) -> npt.NDArray[np.uint16]:
    """``n`` stream words: events, bursts on one address, single ticks, long gaps, a bad address."""
    words = rng.integers(0, shape.inputs, n)
    burst = rng.random(n) < 0.3
    words[burst] = rng.integers(0, 4, int(burst.sum()))
    tick = rng.random(n) < rng.choice([0.02, 0.2, 0.6])
    words[tick] = WORD_TICK | rng.choice([0, 1, 1, 1, 2, 3, 50], int(tick.sum()))
    if shape.inputs < WORD_TICK:
        words[rng.random(n) < 0.002] = shape.inputs + int(rng.integers(0, 8))
    return words.astype(np.uint16)


def random_items(rng: np.random.Generator, shape: LearningShape, n: int) -> npt.NDArray[np.uint32]:
    """``n`` items of the stimulus memory as words of its region: rows of some row groups, groups of
    events over several items, items without rows, ticks; the last one ends its group."""
    slot, rows_bits = shape.row_bits + 1, shape.row_groups * (shape.row_bits + 1)
    share, judging = rng.choice([0.1, 0.5, 0.9]), rng.choice([0.2, 0.8])
    words, held = [], 0
    for at in range(n):
        item = 0
        for r in range(shape.row_groups):
            if held < shape.group and rng.random() < share:
                item |= (int(rng.integers(shape.rows)) | 1 << shape.row_bits) << slot * r
                held += 1
        if held == shape.group or rng.random() < judging or at == n - 1:
            item |= 1 << rows_bits | int(rng.random() < 0.5) << rows_bits + 1
            held = 0
        words += [item >> 32 * k & 0xFFFFFFFF for k in range(shape.item_words)]
    return np.array(words, np.uint32)

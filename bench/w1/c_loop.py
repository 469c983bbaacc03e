"""The C loop to beat (``w1.c``), with the golden model's spikes and weights.

Here the generator's taps and the codes become its header, and inputs take their places.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from spinloom.bench.w1 import workload
from spinloom.bench.w1.compiled import aligned, library, timed
from spinloom.emulator.random.linear import byte_tables
from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.random import STATE_BITS, generator, power

SOURCE = Path(__file__).with_name("w1.c")
BLOCKS, BLOCK_STEPS = 32, 128  # as in w1.c: blocks of time, steps in each
PAD = workload.SHAPE.inputs
MAX_THETA = 128
MAX_T_REF = 64

Bits = npt.NDArray[np.uint8]


def _header() -> str:
    """The generator's step and the two decisions as macros."""
    rows = generator(workload.SHAPE.generator).rows
    lines = [
        f"y[{b}] = " + " ^ ".join(f"x[{c}]" for c in range(STATE_BITS) if row >> c & 1) + ";"
        for b, row in enumerate(rows)
    ]
    fold = [_fold(workload.CODE_P), _fold(workload.CODE_AP)]
    return (
        f"#define BUCKET_TICKS {workload.BUCKET_TICKS}\n"
        f"#define NEXT(x, y) do {{ {' '.join(lines)} }} while (0)\n"
        f"#define FOLD_P(r) ({fold[0]})\n#define FOLD_AP(r) ({fold[1]})\n"
    )


def _fold(code: int) -> str:
    """The majority fold of eight bit planes ``r`` with a constant, LSB first."""
    low = (code & -code).bit_length() - 1
    text = f"r[{low}]"
    for b in range(low + 1, spec.CODE_BITS):
        text = f"({text} {'|' if code >> b & 1 else '&'} r[{b}])"
    return text


def _places() -> npt.NDArray[np.int64]:
    """Place of every input: the low seven bits (generator k, lane l) become (l, k)."""
    i = np.arange(workload.SHAPE.inputs)
    return (i & ~127) | (i & 7) << 4 | i >> 3 & 15


def _blocks(lanes: list[int]) -> Bits:
    """Generator states at the start of each block, sliced: bytes [64, 64], bit 16m + k of row *b*
    is bit *b* of generator *k* at block *m*."""
    leap = byte_tables(power(generator(workload.SHAPE.generator).rows, BLOCK_STEPS))
    states = np.empty((BLOCKS, len(lanes)), np.uint64)
    states[0] = lanes
    for m in range(1, BLOCKS):
        octets = states[m - 1].astype("<u8").view(np.uint8).reshape(-1, 8)
        states[m] = np.bitwise_xor.reduce(leap[np.arange(8), octets], axis=1)
    bits = states.ravel()[None, :] >> np.arange(STATE_BITS, dtype=np.uint64)[:, None] & np.uint64(1)
    return np.packbits(bits.astype(np.uint8), axis=1, bitorder="little")


def _leap() -> Bits:
    """Taps from the end of a block to its start in the next batch, each row's number first."""
    rows = power(generator(workload.SHAPE.generator).rows, (BLOCKS - 1) * BLOCK_STEPS)
    taps = [[c for c in range(STATE_BITS) if row >> c & 1] for row in rows]
    return np.array([n for row in taps for n in (len(row), *row)], np.uint8)


class CLoop:
    """W1's machine in C. ``ValueError`` for a threshold or refractory time beyond its planes."""

    def __init__(self, theta: int, t_ref: int, weights: Bits, seed: int = spec.SEED) -> None:
        if not 1 <= theta <= MAX_THETA:
            raise ValueError(f"theta = {theta} is out of range; give 1 to {MAX_THETA}")
        if not 0 <= t_ref <= MAX_T_REF:
            raise ValueError(f"t_ref = {t_ref} is out of range; give 0 to {MAX_T_REF}")
        self._theta, self._t_ref = theta, t_ref
        self._places = _places()
        placed = np.zeros((PAD + 1, workload.SHAPE.neurons), np.uint8)
        placed[self._places] = weights
        self._rows = aligned(np.packbits(placed, axis=1, bitorder="little"))
        self._cols = aligned(np.packbits(placed[:PAD].T.copy(), axis=1, bitorder="little"))
        lanes = [seed ^ spec.lane_seed(k) for k in range(workload.SHAPE.generators)]
        self._random = aligned(_blocks(lanes))

    def run(self, stimulus: workload.Stimulus, rounds: int) -> tuple[npt.NDArray[np.void], float]:
        """Play the stimulus from tick 0; spikes, and the seconds that the loop took."""
        counts = np.diff(stimulus.ends, prepend=0)
        eights = -(-counts // 8)
        events = np.full(8 * int(eights.sum()), PAD, np.uint16)
        starts = np.repeat(8 * (np.cumsum(eights) - eights) - (stimulus.ends - counts), counts)
        events[starts + np.arange(len(starts))] = self._places[stimulus.addresses]
        eights = eights.astype(np.uint8)
        active = np.zeros((stimulus.ticks, PAD), np.uint8)
        active[np.repeat(np.arange(stimulus.ticks), counts), self._places[stimulus.addresses]] = 1
        raster = aligned(np.packbits(active, axis=1, bitorder="little"))
        return timed(
            library(SOURCE, _header()).w1_run, stimulus.ticks * rounds,
            self._rows, self._cols, events, eights, raster, stimulus.ticks, rounds,
            self._theta, self._t_ref, self._random, _leap(),
        )  # fmt: skip

    def weights(self) -> Bits:
        """The junctions now, [inputs, neurons]."""
        rows = self._rows.reshape(PAD + 1, -1)[self._places]
        return np.unpackbits(rows, axis=1, bitorder="little")

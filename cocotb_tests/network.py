"""Random shapes, memories, registers and stimuli of the network engine, made to reach its
corners."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import network as spec
from spinloom.emulator.spec.network import Convolution, Dense, NetworkShape
from spinloom.emulator.spec.shape import WORD_TICK

SHAPES = {
    shape.name: shape
    for shape in (
        NetworkShape(
            name="dense-dense",
            layers=(Dense(inputs=40, neurons=35), Dense(inputs=35, neurons=10)),
            position_bits=8,
            bias_bits=6,
        ),
        spec.SHAPES["network-small"],
        NetworkShape(
            name="conv-conv",
            layers=(
                Convolution(height=5, width=3, channels=1, kernel=5, filters=4),
                Convolution(height=5, width=3, channels=4, kernel=3, filters=16),
            ),
            position_bits=16,
            bias_bits=16,
            timer_bits=2,
        ),
    )
}


def random_memories(
    rng: np.random.Generator, shape: NetworkShape
) -> dict[int, npt.NDArray[np.uint32]]:
    """Words of every region: sparse and full weights, small biases, all kinds of codes."""
    share = rng.choice([0.1, 0.5, 0.9])
    bits = rng.random((shape.weight_words, 32)) < share
    weights = np.packbits(bits, axis=1, bitorder="little").view("<u4").ravel()
    top = int(rng.choice([1, 2, 1 << shape.bias_bits - 1]))
    bias = rng.integers(-top, top, shape.region_words(spec.REGION_BIAS))
    codes = rng.integers(0, spec.CODE_ONE + 1, spec.CODES) * (rng.random(spec.CODES) < 0.8)
    codes[-1] = spec.CODE_ONE
    state = rng.integers(0, 1 << 32, shape.region_words(spec.REGION_NEURONS), np.uint32)
    state &= rng.choice(np.array([0, 0xFFFF, 0xFFFFFFFF], np.uint32))
    return {
        spec.REGION_WEIGHTS: weights.astype(np.uint32),
        spec.REGION_BIAS: (bias & 0xFFFFFFFF).astype(np.uint32),
        spec.REGION_CODES: codes.astype(np.uint32),
        spec.REGION_NEURONS: state,
    }


def random_registers(rng: np.random.Generator, shape: NetworkShape) -> dict[str, int]:
    """Values of every register: quiet, busy and saturating settings."""
    values = {
        "CONTROL": int(rng.random() < 0.15),
        "SEED_LO": int(rng.integers(1, 1 << 32)),
        "SEED_HI": int(rng.integers(0, 1 << 32)),
    }
    top, mask = shape.highest, (1 << shape.position_bits) - 1
    for n in range(len(shape.layers)):
        hi = int(rng.choice([2, 20, top]))
        lo = int(rng.choice([-hi, 0, shape.lowest, 3]))
        layer = {
            "STEP": int(rng.choice([0, 1, 1, 3, top // 3, top])),
            "THETA": int(rng.choice([0, 1, 2, 10, top])),
            "LO": lo & mask,
            "HI": hi & mask,
            "LEAK": int(rng.choice([0, 0, 1, 5, top])),
            "RESET_TICKS": int(rng.choice([0, 0, 1, 3])),
            "MODE": int(rng.integers(4)),
            "SHIFT": int(rng.choice([0, 1, 4, 15])),
        }
        values |= {f"L{n}_{name}": value for name, value in layer.items()}
    return values


def random_words(rng: np.random.Generator, shape: NetworkShape, n: int) -> npt.NDArray[np.uint16]:
    """``n`` stream words: events, bursts at one address, ticks, addresses that are no input."""
    words = rng.integers(0, shape.inputs, n)
    burst = rng.random(n) < 0.3
    words[burst] = rng.integers(0, 4, int(burst.sum()))
    tick = rng.random(n) < rng.choice([0.1, 0.2, 0.4])
    words[tick] = WORD_TICK | rng.choice([0, 1, 1, 1, 2, 3], int(tick.sum()))
    words[rng.random(n) < 0.02] = shape.inputs + int(rng.integers(0, 8))
    return words.astype(np.uint16)

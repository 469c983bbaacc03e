"""Signed weights: pairs of one-bit junctions, W = plus - minus, in words of 16 lanes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import LANES, Dense, Layer, NetworkShape

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]


class JunctionPairs:
    """Golden twin of ``rtl.synapse.pairs.JunctionPairs``: the weight words of all layers.

    ``signed`` is int64 [words, lanes] of -1, 0 and +1; both junctions of a pair parallel are 0.
    """

    def __init__(self, words: int) -> None:
        self._words = np.zeros(words, np.uint32)
        self.signed = np.zeros((words, LANES), np.int64)

    def write_words(self, addr: int, words: Words) -> None:
        """Write words of the memory window from ``addr``."""
        here = slice(addr, addr + len(words))
        self._words[here] = words
        self.signed[here] = signed(self._words[here])

    def read_words(self, addr: int, count: int) -> Words:
        """``count`` words of the memory window from ``addr``."""
        return self._words[addr : addr + count].copy()


def signed(words: Words) -> Ints:
    """Weight words as int64 [words, lanes]."""
    lanes = np.arange(LANES)
    bits = words.astype(np.int64)[:, None]
    return (bits >> lanes & 1) - (bits >> lanes + LANES & 1)


def pack_pairs(layer: Layer, weights: npt.ArrayLike) -> Words:
    """Weights of -1, 0 and +1 as the weight words of a layer.

    A dense layer has weights [inputs, neurons], a convolution [channels, kernel, kernel, filters].
    Raises ``ValueError`` for another shape or value.
    """
    array = np.asarray(weights)
    wanted = weights_shape(layer)
    if array.shape != wanted:
        raise ValueError(f"weights of shape {array.shape}; give {wanted}")
    if not np.isin(array, (-1, 0, 1)).all():
        raise ValueError("weights hold other values than -1, 0 and 1")
    columns = layer.columns if isinstance(layer, Dense) else 1
    lanes = np.zeros((layer.weight_words // columns, columns * LANES), np.int64)
    lanes[:, : wanted[-1]] = array.reshape(len(lanes), -1)
    lanes = lanes.reshape(-1, LANES)
    bit = 1 << np.arange(LANES)
    packed = (lanes > 0) @ bit | (lanes < 0) @ (bit << LANES)
    return packed.astype(np.uint32)


def unpack_pairs(layer: Layer, words: Words) -> npt.NDArray[np.int8]:
    """Inverse of ``pack_pairs``."""
    wanted = weights_shape(layer)
    columns = layer.columns if isinstance(layer, Dense) else 1
    lanes = signed(words).reshape(-1, columns * LANES)[:, : wanted[-1]]
    return lanes.reshape(wanted).astype(np.int8)


def weights_shape(layer: Layer) -> tuple[int, ...]:
    """Axes of a layer's weights."""
    if isinstance(layer, Dense):
        return (layer.inputs, layer.neurons)
    return (layer.channels, layer.kernel, layer.kernel, layer.filters)


def first_words(shape: NetworkShape) -> list[int]:
    """Number of the first weight word of each layer."""
    ends = np.cumsum([layer.weight_words for layer in shape.layers]).tolist()
    return [0, *ends[:-1]]

"""Where an event goes: the weight words and neuron words of its steps, as ``spec.network`` says.

A dense layer's event meets the words of a row, a convolution's those around its position, tap by
tap. Both are the same to the array: a weight word is added to a neuron word.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.network import Convolution, NetworkShape

Ints = npt.NDArray[np.int64]


class Taps:
    """Golden twin of ``rtl.synapse.taps.Taps``.

    ``weight[L]`` and ``word[L]`` are int64 [inputs, steps], of layer L: the step's weight word and
    neuron word, -1 for no neuron; rows of addresses that are no inputs mean nothing.
    """

    def __init__(self, shape: NetworkShape) -> None:
        self.weight: list[Ints] = []
        self.word: list[Ints] = []
        weight = word = 0
        for layer in shape.layers:
            address = np.arange(layer.inputs)[:, None]
            if isinstance(layer, Convolution):
                weights, words = _convolution(layer, address)
            else:
                step = np.arange(layer.columns)
                weights, words = address * layer.columns + step, 0 * address + step
            self.weight.append(weights + weight)
            self.word.append(np.where(words < 0, -1, words + word))
            weight += layer.weight_words
            word += layer.words

    def steps(self, layer: int, address: int) -> Iterator[tuple[int, int]]:
        """The steps of one event: weight word, and neuron word or -1."""
        weights, words = self.weight[layer][address], self.word[layer][address]
        return zip(weights.tolist(), words.tolist(), strict=True)


def _convolution(layer: Convolution, address: Ints) -> tuple[Ints, Ints]:
    position, c = np.divmod(address, 1 << layer.channel_bits)
    y, x = np.divmod(position, 1 << layer.x_bits)
    dy, dx = np.divmod(np.arange(layer.kernel**2), layer.kernel)
    radius = layer.kernel // 2
    y, x = y - dy + radius, x - dx + radius
    inside = (y >= 0) & (y < layer.height) & (x >= 0) & (x < layer.width)
    weights = c * layer.kernel**2 + np.arange(layer.kernel**2)
    return weights, np.where(inside, (y << layer.x_bits) + x, -1)

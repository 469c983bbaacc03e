"""``NetworkMachine``: the driver of the network engine, wherever it runs.

with Machine.open("sim", SHAPES["network-digits"]) as machine:
    machine.configure(NetworkParams(layers=(LayerParams(), LayerParams(theta=2047))))
    machine.set_weights([hidden, output])
    machine.set_bias([hidden_bias, output_bias])
    machine.stream(words)
    machine.positions()[-1]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import network as spec
from spinloom.emulator.synapse.pairs import first_words, pack_pairs, unpack_pairs
from spinloom.host.link.ports import Port
from spinloom.host.machine import Machine

Ints = npt.NDArray[np.int64]


class NetworkMachine(Machine):
    """A network engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure``,
    ``set_weights`` and ``set_bias`` write them all.
    """

    def __init__(self, port: Port, shape: spec.NetworkShape) -> None:
        super().__init__(port, shape)
        self._network_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.NetworkShape:
        """What is fixed in this machine."""
        return self._network_shape

    def configure(self, params: spec.NetworkParams) -> None:
        """Write every parameter: registers and the junctions' codes. Resets nothing, see
        ``reset``; the machine is no longer ``quiet``."""
        self.write_all(params.registers(self.shape))
        self._seed = params.seed
        self.write_memory("codes", np.array(params.codes, np.uint32))

    def reset(self, *, state: bool = False, random: bool = False) -> None:
        """Put back what is named to its start: positions, timers, time and counters; the random
        generator to the seed last configured."""
        super().reset(state=state)
        if random:
            self.set_random(self._seed)

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Write the weights of every layer, of -1, 0 and +1: a dense layer's [inputs, neurons], a
        convolution's [channels, kernel, kernel, filters]."""
        self._check_layers("weights", weights)
        pairs = zip(self.shape.layers, weights, strict=True)
        self.write_memory("weights", np.concatenate([pack_pairs(la, w) for la, w in pairs]))

    def weights(self) -> list[npt.NDArray[np.int8]]:
        """The weights of every layer, as they are set."""
        words = np.split(self.read_memory("weights"), first_words(self.shape)[1:])
        return [unpack_pairs(la, w) for la, w in zip(self.shape.layers, words, strict=True)]

    def set_bias(self, bias: Sequence[npt.ArrayLike]) -> None:
        """Write the biases of every layer, in wall steps a tick: a dense layer's [neurons], a
        convolution's [filters], which all positions share."""
        self._check_layers("bias", bias)
        half = 1 << self.shape.bias_bits - 1
        slots = []
        for n, (layer, values) in enumerate(zip(self.shape.layers, bias, strict=True)):
            array = np.asarray(values)
            wanted = _biases(layer)
            if array.shape != (wanted,) or array.dtype.kind not in "iu":
                raise ValueError(f"bias of layer {n}: give {wanted} integers")
            if array.min() < -half or array.max() >= half:
                raise ValueError(
                    f"bias of layer {n} is out of range for shape {self.shape.name}; "
                    f"give {-half} to {half - 1}"
                )
            padded = np.zeros(spec.LANES * layer.bias_words, np.int64)
            padded[:wanted] = array
            slots.append(padded & 0xFFFFFFFF)
        self.write_memory("bias", np.concatenate(slots))

    def bias(self) -> list[Ints]:
        """The biases of every layer, as they are set."""
        values = _signed(self.read_memory("bias"), self.shape.bias_bits)
        ends = np.cumsum([spec.LANES * la.bias_words for la in self.shape.layers])
        layers = zip(self.shape.layers, np.split(values, ends[:-1]), strict=True)
        return [part[: _biases(la)] for la, part in layers]

    def positions(self) -> list[Ints]:
        """Positions of every layer, wall steps: a dense layer's [neurons], a convolution's
        [height, width, filters]."""
        words = self.read_memory("neurons")
        ends = np.cumsum([spec.LANES * la.words for la in self.shape.layers])
        parts = zip(self.shape.layers, np.split(words, ends[:-1]), strict=True)
        return [self._positions(layer, part) for layer, part in parts]

    def layer_positions(self, number: int) -> Ints:
        """Positions of one layer, 0 for the first: the others are not read."""
        layers = self.shape.layers
        if not 0 <= number < len(layers):
            raise ValueError(f"layer = {number} is out of range; give 0 to {len(layers) - 1}")
        first = spec.LANES * sum(layer.words for layer in layers[:number])
        words = self.read_memory("neurons", first, spec.LANES * layers[number].words)
        return self._positions(layers[number], words)

    def _positions(self, layer: spec.Layer, words: npt.NDArray[np.uint32]) -> Ints:
        """A layer's positions, of its part of the memory."""
        values = _signed(words, self.shape.position_bits)
        if isinstance(layer, spec.Dense):
            return values[: layer.neurons]
        plane = values.reshape(layer.height, -1, spec.LANES)
        return plane[:, : layer.width, : layer.filters]

    def quiet(self, on: bool = True) -> None:
        """Count spikes without sending them, or send them again. ``configure`` ends it."""
        self.write("CONTROL", spec.CONTROL_QUIET * on)

    def _check_layers(self, what: str, values: Sequence[npt.ArrayLike]) -> None:
        if len(values) != len(self.shape.layers):
            raise ValueError(
                f"{what} of {len(values)} layers; shape {self.shape.name} has "
                f"{len(self.shape.layers)}"
            )


def _biases(layer: spec.Layer) -> int:
    """How many biases a layer has."""
    return layer.neurons if isinstance(layer, spec.Dense) else layer.filters


def _signed(words: npt.NDArray[np.uint32], bits: int) -> Ints:
    """The low bits of words as two's complement."""
    sign = 1 << bits - 1
    return ((words.astype(np.int64) & 2 * sign - 1) ^ sign) - sign

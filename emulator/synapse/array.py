"""Crossbar of synapses: row ``i`` is an input, C columns of bits a neuron.

The strength of the synapse from input *i* to neuron *j* is what an event adds up::

    strength[i, j] = sum of bits[i, C·j + c] over c = 0 ... C-1         junctions, 1 = parallel (P)
    strength[i, j] = sum of bits[i, C·j + c] << c                       a domain-wall memristor
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import LearningShape, row_words

BYTE = np.dtype(np.uint8)
BYTE_MAX = 255  # a strength at most


class SynapseArray:
    """Golden twin of ``rtl.synapse.array.SynapseArray``.

    ``bits`` is uint8 [inputs, columns], ``strengths`` uint8 [inputs, neurons]. ``padded`` are the
    strengths with columns of zeros up to whole 64-bit words, so that eight can be added at once;
    ``cells`` are what a trial writes, [inputs, cells of a row]: the strengths themselves, unless
    they are sums of several junctions. The memory window shows the bits as 32-bit words, row after
    row, column 0 in bit 0, padded with zeros to whole words.
    """

    def __init__(self, shape: LearningShape) -> None:
        self.shape = shape
        self.padded = np.zeros((shape.inputs, -(-shape.neurons // 8) * 8), np.uint8)
        self.strengths = self.padded[:, : shape.neurons]
        self.cells = self.padded
        if shape.cells > 1:
            self.cells = np.zeros((shape.inputs, shape.columns), np.uint8)

    @property
    def bits(self) -> npt.NDArray[np.uint8]:
        """The bits; a view of the memory where its cells are bits."""
        shape = self.shape
        if not shape.is_wall:
            return self.cells[:, : shape.columns]
        places = np.arange(shape.junctions, dtype=np.uint8)
        bits = self.strengths[:, :, None] >> places & np.uint8(1)
        return bits.reshape(shape.inputs, shape.columns)

    def totals(
        self, addresses: npt.NDArray[np.intp], bounds: npt.NDArray[np.integer]
    ) -> npt.NDArray[np.unsignedinteger]:
        """Strengths that each neuron has on the rows ``addresses[:b]``, added up for every b of
        ``bounds`` (0 to ``len(addresses)``, each above the one before): [bounds, neurons], of a
        type whose highest value none of them reaches."""
        # Small integers side by side in 64-bit words: their sums never carry over.
        small = every = BYTE
        strongest = self.shape.strength_max
        if len(addresses) * strongest >= BYTE_MAX:
            every = np.min_scalar_type(len(addresses) * strongest + 1)
            small = np.min_scalar_type(int(np.diff(bounds).max()) * strongest)
        rows = self.padded.take(addresses, axis=0).astype(small, copy=False)
        sums = np.add.reduceat(rows.view(np.uint64), bounds[:-1], axis=0).view(small)
        totals = np.zeros((len(bounds), sums.shape[1]), every)
        words = sums.astype(every, copy=False).view(np.uint64)
        np.add.accumulate(words, axis=0, out=totals[1:].view(np.uint64))
        return totals[:, : self.shape.neurons]

    def write_column(
        self, column: int, switched: npt.NDArray[np.bool_], state: npt.NDArray[np.bool_]
    ) -> None:
        """Junctions of a column that ``switched`` take their ``state``; both [inputs]."""
        np.copyto(self.bits[:, column], state, where=switched)
        count = self.shape.junctions
        if count > 1:
            neuron = column // count
            mine = self.cells[:, count * neuron : count * (neuron + 1)]
            mine.sum(axis=1, dtype=np.uint8, out=self.strengths[:, neuron])

    def move_walls(
        self, neuron: int, switched: npt.NDArray[np.bool_], up: npt.NDArray[np.bool_]
    ) -> None:
        """Walls of a neuron that ``switched`` move by one, ``up`` or down; both [inputs]."""
        wall = self.strengths[:, neuron]
        wall += switched & up & (wall < self.shape.strength_max)
        wall -= switched & ~up & (wall > 0)

    def read_words(self, addr: int, count: int) -> npt.NDArray[np.uint32]:
        """``count`` words of the memory window from ``addr``."""
        return pack(self.bits)[addr : addr + count]

    def write_words(self, addr: int, words: npt.NDArray[np.uint32]) -> None:
        """Write words of the memory window from ``addr``; padding bits are dropped."""
        every = pack(self.bits)
        every[addr : addr + len(words)] = words
        bits = unpack(every, self.shape)
        if self.shape.cells > 1:
            self.cells[:] = bits
        weights = np.ones(self.shape.junctions, np.uint8)
        if self.shape.is_wall:
            weights <<= np.arange(self.shape.junctions, dtype=np.uint8)
        self.strengths[:] = bits.reshape(*self.strengths.shape, -1) @ weights


def pack(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """uint8 [inputs, columns] of 0 and 1 → uint32 [inputs × row_words], the memory window."""
    inputs, columns = bits.shape
    padded = np.zeros((inputs, 32 * row_words(columns)), np.uint8)
    padded[:, :columns] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u4").ravel().astype(np.uint32)


def unpack(words: npt.NDArray[np.uint32], shape: LearningShape) -> npt.NDArray[np.uint8]:
    """Inverse of ``pack``."""
    octets = words.astype("<u4").view(np.uint8).reshape(shape.inputs, -1)
    return np.unpackbits(octets, axis=1, bitorder="little")[:, : shape.columns]

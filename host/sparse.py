"""``SparseMachine``: the driver of the sparse engine, wherever it runs.

with Machine.open("sim", SHAPES["torus-16x16"]) as machine:
    machine.configure(SparseParams(row_shift=2, measure_shift=4))
    machine.set_couplings(couplings(machine.shape, {(0, 1): -1}, rest=1))
    machine.set_schedule(np.linspace(0.1, 2, 500))
    machine.set_spins(spins)
    machine.reset(state=True, random=True)
    machine.run(2000)
    machine.best()
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.sparse import pack_couplings, unpack_couplings
from spinloom.emulator.pbit.states import pack_spins
from spinloom.emulator.spec import sparse as spec
from spinloom.emulator.spec.random import check_seed
from spinloom.host.link.ports import Port
from spinloom.host.spins import Ints, SpinMachine


class SparseMachine(SpinMachine):
    """A sparse engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure`` and the
    ``set_`` methods write them all. ``energy`` measures the spins, so they may become the best.
    """

    measure = spec.MEASURE

    def __init__(self, port: Port, shape: spec.SparseShape) -> None:
        super().__init__(port, shape)
        self._sparse_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.SparseShape:
        """What is fixed in this machine."""
        return self._sparse_shape

    def configure(self, params: spec.SparseParams) -> None:
        """Write every register but that of the schedule. Resets nothing, see ``reset``."""
        self.write_all(params.registers())
        self._seed = params.seed

    def reset(self, *, state: bool = False, random: bool = False) -> None:
        """Put back what is named to its start: time, energy and best state; the random generators
        to the seed last configured. Spins stay."""
        super().reset(state=state)
        if random:
            self.set_random(self._seed)

    def set_random(self, state: int) -> None:
        """Put every generator into the state that this seed, 64 bits, means for it."""
        self.write("COMMAND", spec.RESET_RANDOM)
        self.write_memory("seeds", spec.seed_words(self.shape, check_seed(state)))

    def set_couplings(self, values: npt.ArrayLike) -> None:
        """Write all couplings, one for each edge of the graph, in the order of its ``edges``."""
        array = np.asarray(values)
        edges = self.shape.network.edges
        if array.shape != (len(edges),) or array.dtype.kind not in "iu":
            raise ValueError(f"couplings of shape {array.shape}; give {len(edges)} integers")
        allowed = (-1, 0, 1) if self.shape.zeros else (-1, 1)
        bad = np.flatnonzero(~np.isin(array, allowed))
        if len(bad):
            raise ValueError(
                f"coupling of edge {edges[bad[0]]} = {array[bad[0]]}: shape {self.shape.name} "
                f"holds {', '.join(map(str, allowed))}"
            )
        self.write_memory("couplings", pack_couplings(self.shape, array.astype(np.int64)))

    def couplings(self) -> Ints:
        """All couplings, one for each edge."""
        return unpack_couplings(self.shape, self.read_memory("couplings"))

    def set_schedule(self, betas: npt.ArrayLike) -> None:
        """Write the schedule: an inverse temperature (1/J) for each row; the last one stays."""
        array = np.atleast_1d(np.asarray(betas, np.float64))
        shape = self.shape
        if array.ndim != 1 or not 0 < len(array) <= shape.rows:
            raise ValueError(
                f"schedule of shape {array.shape}: shape {shape.name} holds 1 to {shape.rows} rows"
            )
        table = np.zeros((len(array), 1 << shape.level_bits), np.uint32)
        table[:, : len(shape.levels)] = [spec.chances(shape, beta) for beta in array.tolist()]
        self.write_memory("schedule", table.ravel())
        self.write("ROWS", len(array))

    def set_spins(self, spins: npt.ArrayLike) -> None:
        """Write all spins, +1 or -1, [N]."""
        array = np.asarray(spins)
        if array.shape != (self.shape.spins,) or (abs(array) != 1).any():
            raise ValueError(
                f"spins of shape {array.shape}; give {self.shape.spins} of +1 and -1 only"
            )
        self.write_memory("spins", pack_spins(array.astype(np.int64)))


def couplings(
    shape: spec.SparseShape, values: Mapping[tuple[int, int], int], rest: int = 0
) -> Ints:
    """Couplings for ``set_couplings`` from {(i, j): J}; all other edges have ``rest``."""
    place = {edge: n for n, edge in enumerate(shape.network.edges)}
    every = np.full(len(place), rest, np.int64)
    for (i, j), value in values.items():
        edge = min(i, j), max(i, j)
        if edge not in place:
            raise ValueError(f"couplings[{i}, {j}]: graph {shape.graph} has no such edge")
        every[place[edge]] = value
    return every

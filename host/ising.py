"""``IsingMachine``: the driver of the ising engine, wherever it runs.

with Machine.open("sim", SHAPES["ising-64"]) as machine:
    machine.configure(IsingParams(spins=20, **ramp(machine.shape, 0.1, 2.0, 500, shift=6)))
    machine.set_table(sigmoid_table(machine.shape))
    machine.set_couplings(couplings)
    machine.set_spins(spins)
    machine.reset(state=True, random=True)
    machine.run(500)
    machine.best()
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.engine.ising import pack_weights
from spinloom.emulator.pbit.states import pack_spins
from spinloom.emulator.spec import ising as spec
from spinloom.host.link.ports import Port
from spinloom.host.spins import Ints, SpinMachine


class IsingMachine(SpinMachine):
    """An ising engine of a known shape.

    Opened by ``Machine.open``. Registers and memories hold what they held: ``configure`` and the
    ``set_`` methods write them all. Fewer values than spins may be given: the rest are set to no
    coupling, no bias, and -1.
    """

    measure = spec.BUILD

    def __init__(self, port: Port, shape: spec.IsingShape) -> None:
        super().__init__(port, shape)
        self._ising_shape = shape
        self._seed = spec.SEED

    @property
    def shape(self) -> spec.IsingShape:
        """What is fixed in this machine."""
        return self._ising_shape

    def configure(self, params: spec.IsingParams) -> None:
        """Write every register. Resets nothing, see ``reset``."""
        if params.histogram and not self.shape.histogram_bits:
            raise ValueError(
                f"IsingParams.histogram = True: shape {self.shape.name} counts no states; choose "
                "ising-16"
            )
        self.write_all(params.registers())
        self._seed = params.seed

    def reset(self, *, state: bool = False, random: bool = False, counts: bool = False) -> None:
        """Put back what is named to its start: time, ramp, flips and best state; the random
        generator to the seed last configured; counts of states to 0. Spins stay."""
        super().reset(state=state)
        if random:
            self.set_random(self._seed)
        if counts:
            self.write_memory("histogram", np.zeros(1 << self.shape.histogram_bits, np.int64))

    def set_table(self, table: npt.ArrayLike) -> None:
        """Write the sigmoid, ``spec.sigmoid_table``."""
        self.write_memory("table", table)

    def set_couplings(self, couplings: npt.ArrayLike) -> None:
        """Write all couplings, [n, n], n <= N, symmetric, without a diagonal."""
        n, top = self.shape.spins, self.shape.weight_max
        array = np.asarray(couplings)
        if array.ndim != 2 or len(set(array.shape)) > 1 or len(array) > n:
            raise ValueError(f"couplings of shape {array.shape}; give ({n}, {n}) or fewer")
        if array.dtype.kind not in "iu" or array.min() < -top or array.max() > top:
            raise ValueError(
                f"couplings from {array.min()} to {array.max()}: shape {self.shape.name} holds "
                f"whole numbers of {-top} to {top}; scale and round them, or choose another shape"
            )
        apart = np.argwhere(array != array.T)
        if len(apart):
            i, j = apart[0].tolist()
            raise ValueError(
                f"couplings[{i}, {j}] = {array[i, j]}, but [{j}, {i}] = {array[j, i]}: make them "
                "symmetric"
            )
        if np.diagonal(array).any():
            i = int(np.flatnonzero(np.diagonal(array))[0])
            raise ValueError(f"couplings[{i}, {i}] = {array[i, i]}: a spin has none to itself")
        every = np.zeros((n, n), np.int32)
        every[: len(array), : len(array)] = array
        self.write_memory("weights", pack_weights(self.shape, every))

    def set_biases(self, biases: npt.ArrayLike) -> None:
        """Write all biases, [n], n <= N."""
        half = 1 << self.shape.bias_bits - 1
        array = self._each("biases", biases, 0)
        if array.min() < -half or array.max() >= half:
            raise ValueError(
                f"biases from {array.min()} to {array.max()}; give {-half} to {half - 1}"
            )
        self.write_memory("biases", (array & 0xFFFFFFFF).astype(np.uint32))

    def set_spins(self, spins: npt.ArrayLike) -> None:
        """Write all spins, +1 or -1, [n], n <= N."""
        array = self._each("spins", spins, -1)
        if (abs(array) != 1).any():
            raise ValueError("spins: give +1 and -1 only")
        self.write_memory("spins", pack_spins(array))

    def fields(self) -> Ints:
        """All fields, [N]."""
        return self.read_memory("fields").astype(np.int32).astype(np.int64)

    def histogram(self) -> Ints:
        """How often a sweep ended in each state of the first spins, spin 0 the lowest bit."""
        return self.read_memory("histogram").astype(np.int64)

    def _each(self, what: str, values: npt.ArrayLike, rest: int) -> Ints:
        array = np.asarray(values)
        n = self.shape.spins
        if array.ndim != 1 or not 0 < len(array) <= n or array.dtype.kind not in "iu":
            raise ValueError(f"{what} of shape {array.shape}; give {n} integers or fewer")
        every = np.full(n, rest, np.int64)
        every[: len(array)] = array
        return every

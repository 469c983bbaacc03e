"""The memory image of a machine: everything non-volatile, in one file.

Non-volatile are the junctions (weights) and their stored levels, the walls and thresholds of the
neurons, and the configuration: registers and code tables, as ``LearningParams``. The machine can't
show its code tables, so the parameters last configured are given to ``Image.of``.

Volatile, and not here: what COMMAND's state reset clears but for the walls (timers, window, phases,
tick, probes), the random generators and the replay memory. A run that is to go on bit by bit needs
them too: ``host.journal``.

The file is an NPZ without pickled objects, written whole or not at all. It names the contract of
its machine, and no other machine takes it.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.learning import REGIONS, LearningParams, LearningShape, region_words
from spinloom.host.learning import LearningMachine
from spinloom.host.link.ports import Words
from spinloom.host.rundir import write_atomic

FIELDS = ("contract", "shape", "params", "weights", "neurons", "levels")
MEMORIES = ("weights", "neurons", "levels")


@dataclass(frozen=True, kw_only=True)
class Image:
    """Non-volatile state: words of the memory window, and the parameters."""

    shape: LearningShape
    params: LearningParams
    weights: Words
    neurons: Words
    levels: Words

    def __post_init__(self) -> None:
        for name in MEMORIES:
            words = region_words(self.shape, REGIONS[name])
            array = getattr(self, name)
            if array.dtype != np.uint32 or array.shape != (words,):
                raise ValueError(
                    f"Image.{name}: {array.dtype} of shape {array.shape}; "
                    f"give uint32 of shape ({words},)"
                )

    @classmethod
    def of(cls, machine: LearningMachine, params: LearningParams) -> Self:
        """Read the machine, which was last configured with ``params``.

        Raises ``ValueError`` if a register has another value than they say.
        """
        for name, value in params.registers().items():
            found = machine.read(name)
            if found != value:
                raise ValueError(
                    f"register {name} = {found}, the parameters say {value}: "
                    "give the parameters that the machine was configured with"
                )
        return cls(
            shape=machine.shape,
            params=params,
            **{name: machine.read_memory(name) for name in MEMORIES},
        )

    def restore(self, machine: LearningMachine) -> None:
        """Put a machine into this state; all that is volatile is at its start."""
        self.check(machine.shape)
        machine.configure(self.params)
        machine.reset(state=True, random=True)
        for name in MEMORIES:
            machine.write_memory(name, getattr(self, name))

    def check(self, shape: LearningShape) -> None:
        """Raise ``ValueError`` unless the image is of a machine of this shape and contract."""
        check_contract("this image", contract_hash(self.shape), self.shape.name, shape)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What the file holds."""
        return {
            "contract": np.array(contract_hash(self.shape), np.uint32),
            "shape": np.array(self.shape.name),
            "params": np.array(json.dumps(asdict(self.params))),
            "weights": self.weights,
            "neurons": self.neurons,
            "levels": self.levels,
        }

    def save(self, path: Path) -> None:
        """Write the file, all of it or none."""
        save_arrays(path, self.arrays())

    @classmethod
    def load(cls, path: Path, shape: LearningShape) -> Self:
        """Read a file of a machine of ``shape``; ``ValueError`` for another's, or a damaged one."""
        return cls.from_arrays(path, load_arrays(path, shape, FIELDS), shape)

    @classmethod
    def from_arrays(
        cls, path: Path, arrays: dict[str, npt.NDArray[Any]], shape: LearningShape
    ) -> Self:
        """The image in the arrays of a file."""
        try:
            values = json.loads(str(arrays["params"]))
            for name in ("codes_p", "codes_ap"):
                values[name] = tuple(values[name])
            params = LearningParams(**values)
        except (TypeError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(f"{path}: the parameters can't be read ({error})") from None
        return cls(shape=shape, params=params, **{name: arrays[name] for name in MEMORIES})


def check_contract(what: str, contract: int, name: str, shape: LearningShape) -> None:
    """Raise ``ValueError`` unless ``contract`` is that of ``shape``."""
    if contract != contract_hash(shape):
        raise ValueError(
            f"{what} is of a machine {name} ({contract:#010x}), this one is {shape.name} "
            f"({contract_hash(shape):#010x}): open the machine that it was saved from"
        )


def save_arrays(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Write an NPZ, compressed, without pickled objects."""
    write_atomic(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))


def load_arrays(
    path: Path, shape: LearningShape, fields: tuple[str, ...]
) -> dict[str, npt.NDArray[Any]]:
    """The arrays ``fields`` of a file of a machine of ``shape``; ``ValueError`` on any fault."""
    try:
        with path.open("rb") as whole, np.load(whole, allow_pickle=False) as file:
            missing = [name for name in fields if name not in file.files]
            if missing:
                raise ValueError(f"it has no {missing[0]}")
            arrays = {name: file[name] for name in fields}
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is no image of a machine ({error})") from None
    check_contract(str(path), int(arrays["contract"]), str(arrays["shape"]), shape)
    return arrays

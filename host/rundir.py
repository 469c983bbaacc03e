"""A run directory: everything one run leaves behind, never half-written, never overwritten.

``<root>/<name>-<n>/`` with the lowest free n holds

    config.toml    the resolved configuration; ``--config`` takes it back
    *.npz          arrays (spikes, weights, ...)
    *.png          pictures
    checkpoint.npz what an unfinished run goes on from (``host.checkpoint``), where it keeps one
    result.json    ``status`` and the figures; written last, so its status is always true

``status`` is "running", then "complete" or "interrupted"; that of a run whose process was killed
stays "running". A run that fails leaves no directory, unless it can go on from a checkpoint. Every
file is written under another name and renamed, so a reader sees all of it or none.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

RESULT = "result.json"
CONFIG = "config.toml"
CHECKPOINT = "checkpoint.npz"


def write_atomic(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Call ``write(file)`` on a temporary file beside ``path``, then rename it to ``path``."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            write(file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def to_toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """TOML text of nested mappings of strings, booleans, numbers and sequences of these; None is
    left out, as TOML has no null."""
    lines, tables = [], []
    for key, value in table.items():
        if isinstance(value, Mapping):
            tables.append(f"\n[{prefix}{key}]\n{to_toml(value, f'{prefix}{key}.')}")
        elif value is not None:
            lines.append(f"{key} = {_toml_value(value)}\n")
    return "".join(lines + tables)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    raise ValueError(f"cannot write {value!r} ({type(value).__name__}) to a TOML file")


class RunDirectory:
    """The directory of one run, as a context manager around the run.

    ``config`` is the resolved configuration: a dataclass, saved at once; ``known`` is what stands
    in ``result.json`` from the start. Leave the block after :meth:`complete`, by an interrupt (the
    directory stays, status "interrupted", with what was saved and :attr:`known`) or by any other
    exception (the directory is removed, but for one with a checkpoint, which stays too).
    """

    def __init__(
        self, root: Path, name: str, config: object, known: Mapping[str, Any] | None = None
    ) -> None:
        if not is_dataclass(config) or isinstance(config, type):
            raise ValueError(f"config = {config!r} is not a dataclass instance")
        path = self._claim(root, name)
        text = to_toml(asdict(config))
        write_atomic(path / CONFIG, lambda file: file.write(text.encode()))
        self._begin(path, known or {})

    @classmethod
    def reopen(cls, path: Path, known: Mapping[str, Any]) -> Self:
        """The directory of an unfinished run, to go on with it. What was half-written when its
        process was killed is removed."""
        for part in path.glob(".*.part"):
            part.unlink(missing_ok=True)
        run = cls.__new__(cls)
        run._begin(path, known)
        return run

    def _begin(self, path: Path, known: Mapping[str, Any]) -> None:
        self.path = path
        self.known: dict[str, Any] = dict(known)
        self._started = time.monotonic()
        self._complete = False
        self._write_result("running")

    @staticmethod
    def _claim(root: Path, name: str) -> Path:
        root.mkdir(parents=True, exist_ok=True)
        n = 1
        while True:
            path = root / f"{name}-{n}"
            try:
                path.mkdir()  # fails if another run has it: two runs never share a directory
                return path
            except FileExistsError:
                n += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._complete:
            return
        stopped = kind is not None and issubclass(kind, KeyboardInterrupt)
        if stopped or self.checkpoint.exists():
            self._write_result("interrupted")
        else:
            shutil.rmtree(self.path)

    @property
    def checkpoint(self) -> Path:
        """Where a run keeps what it can go on from."""
        return self.path / CHECKPOINT

    def save(self, name: str, **arrays: np.ndarray[Any, Any]) -> Path:
        """Save arrays as ``name`` (a ``.npz``), compressed."""
        path = self.path / name
        write_atomic(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
        return path

    def complete(self, result: Mapping[str, Any]) -> None:
        """The run is done: the figures go to ``result.json``, and nothing is written after. A
        checkpoint is of no more use."""
        self.known = dict(result)
        self._write_result("complete")
        self._complete = True
        self.checkpoint.unlink(missing_ok=True)

    def _write_result(self, status: str) -> None:
        seconds = round(time.monotonic() - self._started, 3)
        body = {"status": status, "elapsed_seconds": seconds, **self.known}
        text = json.dumps(body, indent=2, allow_nan=False) + "\n"
        write_atomic(self.path / RESULT, lambda file: file.write(text.encode()))


def read_result(path: Path) -> dict[str, Any]:
    """The ``result.json`` of a run directory; ValueError when there is none or it is not ours."""
    file = path / RESULT
    if not file.is_file():
        raise ValueError(f"{path} is not a run directory: it has no {RESULT}")
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{file} is not JSON ({error.msg}, line {error.lineno})") from error
    if not isinstance(body, dict) or "status" not in body:
        raise ValueError(f"{file} has no status: it was not written by a run")
    return body

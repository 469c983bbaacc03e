"""C sources built for this machine at bench time, and arrays for them."""

from __future__ import annotations

import ctypes
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.boards import cache as builds
from spinloom.boards import toolchain
from spinloom.emulator.engine.base import SPIKE_DTYPE

FLAGS = ("-x", "c", "-std=gnu11", "-O3", "-march=native", "-shared", "-fPIC", "-Wno-psabi")
BUILD_DEADLINE_S = 120.0


@cache
def library(source: Path, header: str = "") -> ctypes.CDLL:
    """The compiled source, from the cache or built now; it finds ``header`` as generator.h."""
    key = builds.key(
        source.read_text(), header, *FLAGS, toolchain.cxx_version(), toolchain.processor()
    )

    def fill(work: Path) -> None:
        (work / "generator.h").write_text(header)
        command = [*toolchain.cxx(), *FLAGS, "-I.", str(source), "-o", "loop.so"]
        toolchain.call(command, work, BUILD_DEADLINE_S)

    return ctypes.CDLL(str(builds.get(f"w1-{key}", fill) / "loop.so"))


def timed(function: Any, most: int, *values: Any) -> tuple[npt.NDArray[np.void], float]:
    """Call a loop that writes at most so many spikes behind its other arguments; (spikes, seconds).
    Arrays go by address, integers as 64 bits."""
    spikes = np.ones(most, np.uint64)  # written once, so that no page is new to the loop
    function.restype = ctypes.c_int64
    arguments = [
        ctypes.c_void_p(value.ctypes.data)
        if isinstance(value, np.ndarray)
        else ctypes.c_int64(value)
        for value in (*values, spikes)
    ]
    start = time.perf_counter()
    count = function(*arguments)
    seconds = time.perf_counter() - start
    found = np.empty(count, SPIKE_DTYPE)
    found["tick"], found["neuron"] = spikes[:count] >> np.uint64(8), spikes[:count] & np.uint64(255)
    return found, seconds


def aligned(source: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """A copy of the bytes that starts on a cache line."""
    data = np.ascontiguousarray(source).view(np.uint8).ravel()
    room = np.zeros(len(data) + 64, np.uint8)
    start = -room.ctypes.data % 64
    room[start : start + len(data)] = data
    return room[start : start + len(data)]

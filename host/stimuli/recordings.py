"""Recordings that users have: jAER, AEDAT4, Prophesee and NumPy files to ``CameraEvents``.

======================  ========================================================================
``.aedat``, ``.dat``    jAER AER-DAT 2.0, DVS128 (starts with ``#!AER-DAT2``)
``.aedat4``             AEDAT4 (``#!AER-DAT4``)
``.raw``                Prophesee EVT2, EVT2.1 or EVT3 (``%`` lines)
``.dat``                Prophesee DAT (``%`` lines)
``.npy``                structured array with fields t, x, y, p
``.npz``                arrays t, x, y, p; optionally width and height
======================  ========================================================================

What a ``.dat`` or ``.aedat`` is, its first bytes say. Times are microseconds, and start at the
first event; rows count from the top; p above 0 is ON. Every problem is a ``ValueError`` of one line
that names the file and the fix.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.host.stimuli.events import CameraEvents

US_PER_TICK = 1000
DVS128 = 128
# AER-DAT 2.0, DVS128: bit 15 external event, 14-8 y from the bottom, 7-1 x from the right, 0 OFF.
JAER_RECORD = np.dtype([("address", ">u4"), ("t", ">u4")])
JAER_EXTERNAL = 0x8000
MAX_TICKS = 1 << 31

Columns = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def read(path: Path) -> CameraEvents:
    """The events of a recording; raises ``ValueError`` naming the file and the fix."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise ValueError(f"recording {path}: {error.strerror or error}") from error
    if not start:
        raise ValueError(f"recording {path} is empty; record it again")
    width, height, columns = _reader(path, start)(path)
    t, x, y, p = columns
    if t.size == 0:
        raise ValueError(f"recording {path} holds no events; record it again")
    time = t.astype(np.int64)
    backwards = time[1:] < time[:-1]
    if backwards.any():
        at = int(np.argmax(backwards)) + 1
        raise ValueError(
            f"recording {path}: time runs backwards at event {at} ({time[at - 1]} then {time[at]} "
            "us); sort the events by time"
        )
    for name, values, size in (("x", x, width), ("y", y, height)):
        low, high = int(values.min()), int(values.max())
        if low < 0 or high >= size:
            raise ValueError(
                f"recording {path}: {name} = {low if low < 0 else high} is outside of the "
                f"{width}x{height} sensor; remove such events or correct the size in the file"
            )
    ticks = (time - time[0]) // US_PER_TICK
    if ticks[-1] >= MAX_TICKS:
        raise ValueError(
            f"recording {path} lasts {ticks[-1] // 86_400_000} days; times must be microseconds"
        )
    return CameraEvents(
        width=width,
        height=height,
        t=ticks.astype(np.uint32),
        x=x.astype(np.uint16),
        y=y.astype(np.uint16),
        p=(p > 0).astype(np.uint8),
    )


def _reader(path: Path, start: bytes) -> Callable[[Path], tuple[int, int, Columns]]:
    suffix = path.suffix.lower()
    if start.startswith(b"#!AER-DAT2"):
        return _jaer
    if start.startswith(b"#!AER-DAT4"):
        return lambda path: _faery(path, "aedat", 1)
    if start.startswith(b"#!AER-DAT"):
        version = start[9:12].decode("ascii", "replace")
        raise ValueError(
            f"recording {path} is AER-DAT {version}; convert it to 2.0 or AEDAT4 with jAER or DV"
        )
    if suffix == ".raw":
        return lambda path: _faery(path, "evt", 4 if _evt_version(path) == "2" else 2)
    if suffix == ".dat" and start.startswith(b"%"):
        return lambda path: _faery(path, "dat", 8)
    if suffix in (".npy", ".npz"):
        return _numpy_file
    raise ValueError(
        f"recording {path} is of no known kind; give a jAER or Prophesee .dat, .aedat, .aedat4, "
        ".raw, .npy or .npz file"
    )


def _jaer(path: Path) -> tuple[int, int, Columns]:
    """Header lines start with ``#``; then address and time, four bytes each, big endian."""
    body = path.read_bytes()
    start = 0
    while body[start : start + 1] == b"#":
        line_end = body.find(b"\n", start)
        start = line_end + 1 if line_end >= 0 else len(body)
    if (len(body) - start) % JAER_RECORD.itemsize:
        raise _truncated(path, (len(body) - start) % JAER_RECORD.itemsize)
    records = np.frombuffer(body, JAER_RECORD, offset=start)
    address = records["address"].astype(np.int64)
    if np.any(address > 0xFFFF):
        raise ValueError(
            f"recording {path}: address {int(address.max()):#x} is not one of a DVS128; export the "
            "recording of another camera as AEDAT4 or NumPy"
        )
    pixel = (address & JAER_EXTERNAL) == 0
    address = address[pixel]
    x = DVS128 - 1 - (address >> 1 & 0x7F)
    y = DVS128 - 1 - (address >> 8 & 0x7F)
    return DVS128, DVS128, (records["t"][pixel], x, y, 1 - (address & 1))


def _prophesee_header(path: Path) -> tuple[dict[str, str], int]:
    """Fields of the ``%`` lines (names in lower case), and where the data starts."""
    fields, start = {}, 0
    with path.open("rb") as file:
        while (line := file.readline()).startswith(b"%"):
            start += len(line)
            name, _, value = line[1:].decode("ascii", "replace").strip().partition(" ")
            fields[name.lower()] = value.strip()
            if name.lower() == "end":
                break
    return fields, start


def _evt_version(path: Path) -> str:
    """The number of the EVT format, "2", "2.1" or "3", from ``% evt`` or ``% format``."""
    fields, _ = _prophesee_header(path)
    version = fields.get("evt") or fields.get("format", "").partition(";")[0].upper()
    return version.removeprefix("EVT").removesuffix(".0")


def _faery(path: Path, kind: Any, unit: int) -> tuple[int, int, Columns]:
    """AEDAT4 and Prophesee files, through faery; ``unit`` = bytes of one word of the format."""
    import faery

    if kind != "aedat":
        _, start = _prophesee_header(path)
        size = path.stat().st_size - start - (2 if kind == "dat" else 0)
        if size % unit:
            raise _truncated(path, size % unit)
    try:
        stream = faery.events_stream_from_file(path, file_type=kind)
        packets = list(stream)
        width, height = stream.dimensions()
    # A broken file surfaces as whatever the decoder meets first, bare Exception included.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"recording {path} cannot be read ({reason}); record it again") from error
    events = np.concatenate(packets) if packets else np.zeros(0, faery.EVENTS_DTYPE)
    return int(width), int(height), (events["t"], events["x"], events["y"], events["on"])


def _numpy_file(path: Path) -> tuple[int, int, Columns]:
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            arrays = dict(loaded) if isinstance(loaded, np.lib.npyio.NpzFile) else _fields(loaded)
    except Exception as error:  # a broken zip, header or array: NumPy raises many kinds
        reason = " ".join(str(error).split())
        text = f"recording {path} is not a NumPy file ({reason}); save it again"
        raise ValueError(text) from error
    missing = [name for name in "txyp" if name not in arrays]
    if missing:
        raise ValueError(
            f"recording {path} lacks {', '.join(missing)}; give arrays t, x, y and p (.npz), or a "
            "structured array with these fields (.npy)"
        )
    size = None
    if "width" in arrays and "height" in arrays:
        size = int(arrays["width"]), int(arrays["height"])
    return _numpy(path, {name: arrays[name] for name in "txyp"}, size)


def _fields(array: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    return {name: array[name] for name in array.dtype.names or ()}


def _numpy(
    path: Path, columns: dict[str, npt.NDArray[Any]], size: tuple[int, int] | None
) -> tuple[int, int, Columns]:
    """A sensor of unknown size is a DVS128, or as large as its coordinates."""
    for name, column in columns.items():
        if column.ndim != 1 or column.size != columns["t"].size:
            raise ValueError(
                f"recording {path}: {name} has shape {column.shape}, t {columns['t'].shape}; "
                "give one value of each an event"
            )
        if column.dtype.kind not in "iub":
            raise ValueError(
                f"recording {path}: {name} is {column.dtype}; give integers (t in microseconds)"
            )
    if size is None:
        far = (int(columns[name].max(initial=0)) + 1 for name in "xy")
        width, height = (max(DVS128, n) for n in far)
        size = width, height
    return *size, (columns["t"], columns["x"], columns["y"], columns["p"])


def _truncated(path: Path, extra: int) -> ValueError:
    return ValueError(
        f"recording {path} is truncated: it ends {extra} bytes into an event; copy it again"
    )

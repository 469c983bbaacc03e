"""Recordings of every kind, written and read back; and what is wrong with them, in one line."""

from __future__ import annotations

from pathlib import Path

import faery
import numpy as np
import pytest

from spinloom.host.stimuli import recordings

N = 5000


def make_events(seed: int = 1, size: int = 128) -> np.ndarray:
    rng = np.random.default_rng(seed)
    events = np.zeros(N, faery.EVENTS_DTYPE)
    events["t"] = np.sort(rng.integers(1_000_000, 3_000_000, N))
    events["x"] = rng.integers(size, size=N)
    events["y"] = rng.integers(size, size=N)
    events["on"] = rng.integers(2, size=N)
    return events


def check(path: Path, events: np.ndarray) -> None:
    got = recordings.read(path)
    t = events["t"].astype(np.int64)
    assert (got.width, got.height) == (128, 128)
    assert np.array_equal(got.t, (t - t[0]) // 1000)
    assert np.array_equal(got.x, events["x"])
    assert np.array_equal(got.y, events["y"])
    assert np.array_equal(got.p, events["on"])


def write_jaer(path: Path, events: np.ndarray) -> None:
    records = np.zeros(len(events), [("address", ">u4"), ("t", ">u4")])
    x, y, off = (events[n].astype(np.int64) for n in ("x", "y", "on"))
    records["address"] = (127 - y) << 8 | (127 - x) << 1 | (1 - off)
    records["t"] = events["t"]
    external = np.zeros(1, records.dtype)
    external["address"] = 0x8000
    external["t"] = events["t"][-1]
    header = b"#!AER-DAT2.0\r\n# a camera\r\n"
    path.write_bytes(header + records.tobytes() + external.tobytes())


def write_faery(path: Path, events: np.ndarray, version: str | None, size: int = 128) -> None:
    stream = faery.events_stream_from_array(events, (size, size))
    stream.to_file(path, version=version, zero_t0=False)


@pytest.mark.parametrize("name", ["a.dat", "a.aedat"])
def test_jaer(tmp_path: Path, name: str) -> None:
    events = make_events()
    write_jaer(tmp_path / name, events)
    check(tmp_path / name, events)


@pytest.mark.parametrize(
    ("name", "version"),
    [("a.raw", "evt2"), ("a.raw", "evt3"), ("a.dat", "dat2"), ("a.aedat4", None)],
)
def test_through_faery(tmp_path: Path, name: str, version: str | None) -> None:
    events = make_events()
    write_faery(tmp_path / name, events, version)
    check(tmp_path / name, events)


def test_numpy(tmp_path: Path) -> None:
    events = make_events()
    columns = {n: events["on" if n == "p" else n] for n in "txyp"}
    np.savez(tmp_path / "a.npz", **columns)
    check(tmp_path / "a.npz", events)
    signed = np.zeros(N, [("t", "i8"), ("x", "i2"), ("y", "i2"), ("p", "i1")])
    for name, column in columns.items():
        signed[name] = column
    signed["p"] = 2 * signed["p"] - 1
    np.save(tmp_path / "a.npy", signed)
    check(tmp_path / "a.npy", events)


def test_size_of_numpy_files(tmp_path: Path) -> None:
    columns = {"t": [0, 1], "x": [0, 345], "y": [0, 259], "p": [0, 1]}
    np.savez(tmp_path / "a.npz", **columns)
    assert (recordings.read(tmp_path / "a.npz").width, 260) == (346, 260)
    np.savez(tmp_path / "a.npz", **columns, width=300, height=260)
    with pytest.raises(ValueError, match=r"x = 345 is outside of the 300x260 sensor"):
        recordings.read(tmp_path / "a.npz")


def refuses(path: Path, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        recordings.read(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "version"), [("a.raw", "evt2"), ("a.raw", "evt3"), ("a.dat", "dat2"), ("a.aedat", "")]
)
def test_truncated(tmp_path: Path, name: str, version: str) -> None:
    path = tmp_path / name
    if version:
        write_faery(path, make_events(), version)
    else:
        write_jaer(path, make_events())
    path.write_bytes(path.read_bytes()[:-1])
    refuses(path, r"truncated: it ends \d bytes into an event")


def test_truncated_aedat4(tmp_path: Path) -> None:
    path = tmp_path / "a.aedat4"
    write_faery(path, make_events(), None)
    path.write_bytes(path.read_bytes()[:-100])
    refuses(path, "cannot be read")


def test_truncated_npz(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, t=[1], x=[1], y=[1], p=[1])
    path.write_bytes(path.read_bytes()[:-40])
    refuses(path, "not a NumPy file")


def test_unsorted(tmp_path: Path) -> None:
    events = make_events()
    events["t"][100] = events["t"][101] + 1
    write_jaer(tmp_path / "a.dat", events)
    refuses(tmp_path / "a.dat", "time runs backwards at event 101 .* sort")


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.dat", b"", "is empty"),
        ("a.dat", b"#!AER-DAT2.0\r\n", "holds no events"),
        ("a.dat", b"#!AER-DAT3.1\r\n", r"AER-DAT 3\.1; convert"),
        ("a.dat", b"\x7fELF and so on....", "no known kind"),
        ("a.mp4", b"some video file", "no known kind"),
        ("a.npy", b"not an array at all", "not a NumPy file"),
    ],
)
def test_other_files(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    (tmp_path / name).write_bytes(content)
    refuses(tmp_path / name, match)


def test_absent(tmp_path: Path) -> None:
    refuses(tmp_path / "a.dat", "No such file")


def test_other_camera(tmp_path: Path) -> None:
    record = np.array([(0x12345678, 5)], [("address", ">u4"), ("t", ">u4")])
    (tmp_path / "a.aedat").write_bytes(b"#!AER-DAT2.0\n" + record.tobytes())
    refuses(tmp_path / "a.aedat", "is not one of a DVS128")


def test_numpy_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, t=[1], x=[1], y=[1])
    refuses(path, "lacks p")
    np.savez(path, t=[0.1], x=[1], y=[1], p=[1])
    refuses(path, "t is float64; give integers")
    np.savez(path, t=[1, 2], x=[1], y=[1], p=[1])
    refuses(path, "give one value of each an event")
    np.save(tmp_path / "a.npy", np.zeros((3, 4)))
    refuses(tmp_path / "a.npy", "lacks t, x, y, p; .* structured array")

"""A cache of build results by content: folders that appear whole or not at all.

``$XDG_CACHE_HOME/spinloom`` (``~/.cache/spinloom``) holds one folder per key. A builder fills a
temporary folder and renames it; a lock makes a second builder of the same key wait for the first
instead of doing the same work.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# A build takes under a minute on a slow machine.
LOCK_DEADLINE_S = 900.0
POLL_S = 0.1
# Builds that are kept; the ones used longest ago go first.
KEEP = 24


def folder() -> Path:
    """The user's cache folder of this project, made if it is absent."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The standard says: a relative path is invalid and to be ignored.
    path = Path(base) if base.startswith("/") else Path.home() / ".cache"
    path = path / "spinloom"
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*parts: str | bytes) -> str:
    """Hash of the parts, as 32 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def write(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)


def sources(paths: Iterable[Path]) -> list[bytes]:
    """Names and contents of source files, in a fixed order, for :func:`key`."""
    parts = []
    for path in sorted(paths):
        parts += [path.name.encode(), path.read_bytes()]
    return parts


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        deadline = time.monotonic() + LOCK_DEADLINE_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"another build holds {path} for {LOCK_DEADLINE_S:.0f} s; end that process"
                    ) from None
                time.sleep(POLL_S)
        yield  # closing the file gives the lock back, as does the end of the process


def get(name: str, build: Callable[[Path], None]) -> Path:
    """The cached folder ``name``; when it is absent ``build`` fills it first."""
    root = folder()
    path = root / name
    if not path.exists():
        with _locked(root / f"{name}.lock"):
            if not path.exists():
                work = Path(tempfile.mkdtemp(prefix="build-", dir=root))
                try:
                    build(work)
                    work.rename(path)
                finally:
                    shutil.rmtree(work, ignore_errors=True)
                _prune(root)
    os.utime(path)
    return path


def _prune(root: Path) -> None:
    """Remove all but the ``KEEP`` folders used last, with their locks."""
    entries = sorted(
        (p for p in root.iterdir() if p.is_dir() and not p.name.startswith("build-")),
        key=lambda p: p.stat().st_mtime,
    )
    for path in entries[:-KEEP]:
        shutil.rmtree(path, ignore_errors=True)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    for pointer in root.glob("sources-*"):
        if not Path(pointer.read_text()).exists():
            pointer.unlink(missing_ok=True)

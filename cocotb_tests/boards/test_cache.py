"""The build cache: whole or absent, built once by many, bounded."""

import os
import threading

import pytest

from spinloom.boards import cache


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "spinloom"


def test_a_result_is_built_once_and_found_again():
    calls = []

    def build(work):
        calls.append(work)
        (work / "out").write_text("done")

    first = cache.get("a", build)
    assert cache.get("a", build) == first
    assert (first / "out").read_text() == "done" and len(calls) == 1


def test_a_failed_build_leaves_nothing(own_folder):
    def build(work):
        (work / "half").write_text("written")
        raise RuntimeError("compiler")

    with pytest.raises(RuntimeError, match="compiler"):
        cache.get("a", build)
    assert [p.name for p in own_folder.iterdir()] == ["a.lock"]


def test_two_builders_at_once_do_the_work_once():
    calls = []
    started = threading.Barrier(2)

    def build(work):
        calls.append(work)
        (work / "out").write_text("done")

    def ask():
        started.wait()
        assert (cache.get("a", build) / "out").read_text() == "done"

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_builder_that_holds_the_lock_too_long_is_named(monkeypatch):
    monkeypatch.setattr(cache, "LOCK_DEADLINE_S", 0.3)

    def build(work):
        with pytest.raises(TimeoutError, match=r"another build holds .*a\.lock"):
            cache.get("a", build)

    cache.get("a", build)


def test_the_builds_used_longest_ago_go_first(own_folder, monkeypatch):
    monkeypatch.setattr(cache, "KEEP", 2)
    for age, name in enumerate("abc"):
        path = cache.get(name, lambda work: None)
        os.utime(path, (1000 + age, 1000 + age))
    cache.write(own_folder / "sources-1", str(own_folder / "b" / "board"))
    os.utime(cache.get("b", lambda work: None), (2000, 2000))
    cache.get("d", lambda work: None)
    assert sorted(p.name for p in own_folder.iterdir() if p.is_dir()) == ["b", "d"]
    assert not (own_folder / "sources-1").exists(), "points at nothing"


def test_keys_tell_parts_apart():
    keys = {cache.key("ab", "c"), cache.key("a", "bc"), cache.key("abc"), cache.key("ab", b"c")}
    assert len(keys) == 3

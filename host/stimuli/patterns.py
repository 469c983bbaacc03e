"""Pictures of two colours to remember: bitmaps, letters of a font, a user's PNG files.

``load`` knows the sets of ``SETS``, and a folder, of which it takes all PNG files in the order of
their names. Pixels are +1 (ink) and -1 (ground).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font
from matplotlib.image import imread

FONT = "fonts/ttf/DejaVuSansMono-Bold.ttf"  # as matplotlib carries it
RENDERED = 240  # points and dots an inch are such that a letter is that high or less
SIDE = 22  # of a user's picture
COVERED = 0.6  # part of a pixel that a letter covers, for ink

# Rows of a bitmap, # is ink.
BITMAPS = {
    "signs-3x3": {"+": ".#. ### .#.", "x": "#.# .#. #.#"},
    "digits-5x4": {
        "0": ".##. #..# #..# #..# .##.",
        "1": "..#. .##. ..#. ..#. .###",
        "2": "###. ...# .##. #... ####",
        "3": "###. ...# .##. ...# ###.",
        "4": "#..# #..# #### ...# ...#",
    },
    "letters-7x6": {
        "A": "..##.. .#..#. #....# #....# ###### #....# #....#",
        "B": "#####. #....# #....# #####. #....# #....# #####.",
        "C": ".####. #....# #..... #..... #..... #....# .####.",
        "D": "####.. #...#. #....# #....# #....# #...#. ####..",
        "E": "###### #..... #..... ####.. #..... #..... ######",
    },
}
# Side of a square, and the characters.
LETTERS = {
    "letters-10x10": (10, "ABCDE"),
    "letters-22x22": (22, "ABCDE"),
    "digits-22x22": (22, "0123456789"),
    "alphabet-22x22": (22, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}
SETS = (*BITMAPS, *LETTERS)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PatternSet:
    """``pixels`` int64 [patterns, rows * columns] of +-1, a name each."""

    names: tuple[str, ...]
    pixels: Ints
    rows: int
    columns: int

    def __len__(self) -> int:
        return len(self.names)

    def correlation(self) -> float:
        """The greatest overlap of two patterns, without its sign."""
        overlaps = np.abs(self.pixels @ self.pixels.T) / self.pixels.shape[1]
        return float(np.max(overlaps - np.eye(len(self)), initial=0.0))


def load(name: str) -> PatternSet:
    """The set of this name, or the PNG files of this folder; ``ValueError`` says what is wrong."""
    if name in BITMAPS:
        return _bitmaps(BITMAPS[name])
    if name in LETTERS:
        return _letters(*LETTERS[name])
    if Path(name).is_dir():
        return _pictures(Path(name))
    raise ValueError(f"set = {name!r}: choose one of {', '.join(SETS)}, or a folder of PNG files")


def flipped(pixels: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Each pattern [..., N] with so many of its pixels, drawn anew for each, of the other sign."""
    order = rng.random(pixels.shape).argsort(axis=-1)
    return np.where(order < count, -pixels, pixels)


def _bitmaps(drawn: dict[str, str]) -> PatternSet:
    grids = [[[2 * (dot == "#") - 1 for dot in row] for row in d.split()] for d in drawn.values()]
    return _pattern_set(tuple(drawn), np.array(grids, np.int64))


def _letters(side: int, characters: str) -> PatternSet:
    """Letters of the font, each drawn so that it fills the square."""
    font = FT2Font(str(Path(get_data_path()) / FONT))
    font.set_size(RENDERED, 72)
    grids = []
    for character in characters:
        font.set_text(character)
        font.draw_glyphs_to_bitmap(antialiased=False)
        ink = np.asarray(font.get_image(), np.float64) > 0
        inside = ink[np.ix_(ink.any(axis=1), ink.any(axis=0))].astype(np.float64)
        grids.append(_two_colours(_by_area(inside, side), COVERED))
    return _pattern_set(tuple(characters), np.array(grids))


def _pictures(folder: Path) -> PatternSet:
    """A user's pictures: grey by the mean of the colours, dark is ink, a transparent pixel is not;
    each is split half way from its darkest to its lightest."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png")
    if not files:
        raise ValueError(f"set = {str(folder)!r}: no PNG file is there; give a folder of some")
    grids = []
    for path in files:
        try:
            image = np.asarray(imread(path), np.float64)
        except (OSError, SyntaxError) as error:
            raise ValueError(f"{path}: is no PNG file; save it as one ({error})") from None
        grey = image if image.ndim == 2 else image[..., : 3 if image.shape[2] > 2 else 1].mean(-1)
        if image.ndim == 3 and image.shape[2] in (2, 4):
            grey = 1 - image[..., -1] * (1 - grey)
        ink = _by_area(1 - grey, SIDE)
        if np.ptp(ink) == 0:
            raise ValueError(f"{path}: has a single colour; give a picture of two")
        grids.append(_two_colours(ink, (ink.min() + ink.max()) / 2))
    return _pattern_set(tuple(path.stem for path in files), np.array(grids))


def _pattern_set(names: tuple[str, ...], grids: Ints) -> PatternSet:
    pixels = grids.reshape(len(grids), -1)
    same = [
        f"{a}, {b}"
        for (a, x), (b, y) in combinations(zip(names, pixels, strict=True), 2)
        if (x == y).all()
    ]
    if same:
        raise ValueError(f"patterns {same[0]} are the same picture; leave one out")
    return PatternSet(names=names, pixels=pixels, rows=grids.shape[1], columns=grids.shape[2])


def _two_colours(ink: Floats, threshold: float) -> Ints:
    return np.where(ink >= threshold, 1, -1).astype(np.int64)


def _by_area(image: Floats, side: int) -> Floats:
    """The image on side x side pixels, each the mean of what it covers."""
    rows, columns = (_cover(extent, side) for extent in image.shape)
    return np.asarray(rows @ image @ columns.T)


def _cover(extent: int, side: int) -> Floats:
    """Share of pixel k of a line in pixel n of the shorter or longer one, [side, extent]."""
    edges = np.linspace(0, extent, side + 1)
    k = np.arange(extent)
    low, high = edges[:-1, None], edges[1:, None]
    inside = np.clip(np.minimum(high, k + 1) - np.maximum(low, k), 0, None)
    return np.asarray(inside * side / extent)

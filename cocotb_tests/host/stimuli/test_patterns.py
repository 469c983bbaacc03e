"""Pictures to remember: the sets, a user's files, flipped pixels."""

import numpy as np
import pytest
from matplotlib.image import imsave

from spinloom.host.stimuli import patterns


@pytest.mark.parametrize(
    ("name", "count", "rows", "columns"),
    [
        ("signs-3x3", 2, 3, 3),
        ("digits-5x4", 5, 5, 4),
        ("letters-7x6", 5, 7, 6),
        ("letters-10x10", 5, 10, 10),
        ("letters-22x22", 5, 22, 22),
        ("digits-22x22", 10, 22, 22),
        ("alphabet-22x22", 26, 22, 22),
    ],
)
def test_every_set(name, count, rows, columns):
    found = patterns.load(name)
    assert (len(found), found.rows, found.columns) == (count, rows, columns)
    assert found.pixels.shape == (count, rows * columns) and name in patterns.SETS
    assert set(np.unique(found.pixels)) == {-1, 1}
    assert 0 < found.correlation() < 0.9  # none is another or its negative


def test_letters_look_like_letters():
    """What a T, an O and an L have of ink, by region."""
    found = patterns.load("alphabet-22x22")
    ink = dict(zip(found.names, found.pixels.reshape(-1, 22, 22) > 0, strict=True))
    assert ink["T"][3, 5:17].all() and ink["T"][8:18, 10:12].all() and not ink["T"][12, :6].any()
    assert not ink["O"][9:13, 9:13].any() and ink["O"][9:13, :8].any() and ink["O"][9:13, 14:].any()
    assert ink["L"][20].sum() > 2 * ink["L"][8].sum()
    assert (ink["H"] == ink["H"][:, ::-1]).mean() > 0.95  # not turned by a quarter


def test_a_folder_of_pictures(tmp_path):
    square = np.zeros((44, 66, 3))  # black, with a white half and a grey that counts as black
    square[:, 33:] = 1
    square[:, 30:33] = 0.3
    imsave(tmp_path / "b.png", square)
    disc = np.ones((30, 30, 4))
    disc[..., :3] = 0
    disc[:15, :, 3] = 0  # transparent is ground
    imsave(tmp_path / "a.PNG", disc, format="png")
    found = patterns.load(str(tmp_path))
    assert found.names == ("a", "b") and found.rows == found.columns == patterns.SIDE
    a, b = found.pixels.reshape(2, 22, 22)
    assert (a[:11] == -1).all() and (a[11:] == 1).all()
    assert (b[:, :11] == 1).all() and (b[:, 11:] == -1).all()


def test_pictures_that_cannot_be(tmp_path):
    with pytest.raises(ValueError, match=r"set = 'nothing': choose one of signs-3x3, .* or a fold"):
        patterns.load("nothing")
    with pytest.raises(ValueError, match="no PNG file is there"):
        patterns.load(str(tmp_path))
    imsave(tmp_path / "a.png", np.ones((5, 5, 3)))
    with pytest.raises(ValueError, match=r"a\.png: has a single colour"):
        patterns.load(str(tmp_path))
    half = np.indices((22, 22))[0] / 22
    for name in ("a", "b"):
        imsave(tmp_path / f"{name}.png", half, cmap="gray")
    with pytest.raises(ValueError, match="patterns a, b are the same picture"):
        patterns.load(str(tmp_path))
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"a\.png: is no PNG file"):
        patterns.load(str(tmp_path))


def test_flipped():
    found = patterns.load("letters-10x10").pixels.repeat(3, axis=0)
    noisy = patterns.flipped(found, 25, np.random.default_rng(1))
    assert ((noisy != found).sum(axis=1) == 25).all()
    assert (noisy[0] != noisy[1]).any()
    assert (patterns.flipped(found, 0, np.random.default_rng(1)) == found).all()

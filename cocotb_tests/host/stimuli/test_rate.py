"""Rate coding: the stream of an image, its law, its seed."""

import numpy as np

from spinloom.host.stimuli import encode, rate


def stream(pixels, steps, seed=1):
    return rate.words(
        np.asarray(pixels, np.uint8), steps, np.random.Generator(np.random.PCG64(seed))
    )


def test_every_step_ends_in_one_tick_and_its_events_ascend():
    tick, address, end = encode.split(stream([255] * 40, 50))
    assert end == 50
    key = tick.astype(int) * 40 + address
    assert (np.diff(key) > 0).all()
    assert np.array_equal(encode.words(tick, address, 50), stream([255] * 40, 50))


def test_events_follow_the_brightness():
    pixels, steps = [0, 3, 4, 128, 255], 20_000
    _, address, _ = encode.split(stream(pixels, steps))
    seen = np.bincount(address, minlength=5)
    assert seen[:2].tolist() == [0, 0]
    for count, p in zip(seen[2:], np.array([1, 32, 63]) / 256, strict=True):
        assert abs(count - steps * p) < 5 * np.sqrt(steps * p * (1 - p))  # five sigma


def test_a_black_image_is_only_time():
    assert stream([0, 0], 3).tolist() == [0x8001] * 3


def test_the_seed_decides():
    assert np.array_equal(stream([90] * 9, 20), stream([90] * 9, 20))
    assert not np.array_equal(stream([90] * 9, 20), stream([90] * 9, 20, seed=2))

"""Items of the stimulus memory (``spec.learning``, replay): made from stream words, and undone.

Within a group the order of events does not matter, so each takes the first item of its group in
which its row group is free: a group is as many items as its fullest row group has events.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec import learning as spec
from spinloom.emulator.spec.shape import Shape


def check_stream(shape: Shape, words: npt.NDArray[np.uint16]) -> None:
    """Raise ``ValueError`` unless these are inputs of the shape, and ticks of one or more."""
    wrong = (words >= shape.inputs) & (words <= spec.WORD_TICK)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        if words[at] == spec.WORD_TICK:
            raise ValueError(f"stream word {at} is a tick of 0; give 1 or more")
        raise ValueError(f"stream word {at} is input {words[at]}; give 0 to {shape.inputs - 1}")


def pack_items(shape: spec.LearningShape, words: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """Stream words as words of region STIMULUS, ``shape.item_words`` an item.

    A tick word of n ticks is n items, the first of them that of the events before. A group that the
    words leave open stays open.

    Raises ``ValueError`` for words that no stream may hold, and for items that do not fit.
    """
    check_stream(shape, words)
    is_tick = words >= spec.WORD_TICK
    # Units: groups of events and words of ticks.
    events = np.cumsum(~is_tick)
    place = events - 1 - np.maximum.accumulate(np.where(is_tick, events, 0))  # in its tick
    begins = is_tick | (place % shape.group == 0)
    unit = np.cumsum(begins) - 1
    ticking = is_tick[begins]
    # An event's item in its group: how many before it are of its row group.
    address = words[~is_tick].astype(np.int64)
    row, row_group = np.divmod(address, shape.row_groups)
    of_event = unit[~is_tick]
    depth = _depths(of_event * shape.row_groups + row_group)
    ticks = np.zeros(len(ticking), np.int64)
    ticks[unit[is_tick]] = words[is_tick] & spec.MAX_TICKS
    shared = ticking.copy()  # whose first tick is in the item of the events before
    shared[1:] &= ~ticking[:-1]
    shared[:1] = False
    sizes = ticks - shared
    np.maximum.at(sizes, of_event, depth + 1)
    ends = np.cumsum(sizes)
    count = int(ends[-1]) if len(ends) else 0
    if count > shape.stimulus:
        raise ValueError(
            f"{len(words)} stream words are {count} items; the stimulus memory of shape "
            f"{shape.name} holds {shape.stimulus}"
        )
    bits = np.zeros((count, 32 * shape.item_words), np.uint8)
    item, slot = (ends - sizes)[of_event] + depth, row_group * (shape.row_bits + 1)
    for b in range(shape.row_bits):
        bits[item, slot + b] = row >> b & 1
    bits[item, slot + shape.row_bits] = 1
    judge = shape.row_groups * (shape.row_bits + 1)
    closed = ~ticking
    if len(words) and not is_tick[-1]:
        closed[-1] = place[-1] % shape.group == shape.group - 1
    bits[ends[closed] - 1, judge] = 1
    # The items of n ticks are the last n up to the end of their unit.
    total = np.cumsum(ticks)
    of_tick = np.repeat(ends - total, ticks) + np.arange(total[-1] if len(total) else 0)
    bits[of_tick, judge : judge + 2] = 1
    return np.packbits(bits, axis=1, bitorder="little").view("<u4").ravel().astype(np.uint32)


def _depths(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many elements before each one are equal to it."""
    order = np.argsort(key, kind="stable")
    at = np.arange(len(key))
    fresh = np.diff(key[order], prepend=-1) != 0
    depth = np.empty(len(key), np.int64)
    depth[order] = at - np.maximum.accumulate(np.where(fresh, at, 0))
    return depth


def item_ops(shape: spec.LearningShape, words: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
    """The ops (``engine.stepped``) that playing items of the stimulus memory once comes to."""
    octets = words.astype("<u4").view(np.uint8).reshape(-1, 4 * shape.item_words)
    bits = np.unpackbits(octets, axis=1, bitorder="little")
    slot = shape.row_bits + 1
    slots = bits[:, : slot * shape.row_groups].reshape(-1, shape.row_groups, slot)
    rows = slots[:, :, :-1] @ (1 << np.arange(shape.row_bits))
    judge, tick = bits[:, slot * shape.row_groups], bits[:, slot * shape.row_groups + 1]
    ops = np.full((len(bits), shape.row_groups + 1), -1, np.int32)
    present = slots[:, :, -1] != 0
    addresses = rows * shape.row_groups + np.arange(shape.row_groups)
    ops[:, :-1][present] = addresses[present]
    ops[:, -1] = np.where(judge | tick, spec.WORD_TICK | tick.astype(np.int32), -1)
    return ops[ops >= 0]

"""Items of the stimulus memory are the stream words that they were made of, group by group."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.engine.items import item_ops, pack_items
from spinloom.emulator.spec import learning as spec

Groups = list[tuple[list[int], int]]


def shape(**fields: int) -> spec.LearningShape:
    return spec.LearningShape(
        name="test", inputs=128, neurons=8, step_bits=6, stimulus=4096, **fields
    )


def streamed(words: np.ndarray, group: int) -> Groups:
    """Groups (events in ascending order) and the ticks behind each, word by word."""
    groups: Groups = [([], 0)]
    for word in words.tolist():
        if word > spec.WORD_TICK:
            groups[-1] = (groups[-1][0], groups[-1][1] + word - spec.WORD_TICK)
        elif groups[-1][1] or len(groups[-1][0]) == group:
            groups.append(([word], 0))
        else:
            groups[-1][0].append(word)
    return [(sorted(events), ticks) for events, ticks in groups]


def played(ops: np.ndarray) -> Groups:
    """The same of ops: judge ends a group."""
    groups: Groups = [([], 0)]
    ended = False
    for op in ops.tolist():
        if op & spec.WORD_TICK:
            ended = True
            groups[-1] = (groups[-1][0], groups[-1][1] + (op & spec.MAX_TICKS))
        elif ended:
            groups.append(([op], 0))
            ended = False
        else:
            groups[-1][0].append(op)
    return [(sorted(events), ticks) for events, ticks in groups]


@pytest.mark.parametrize("seed", range(40))
def test_items_are_the_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group, row_groups = int(rng.choice([1, 3, 8, 64])), int(rng.choice([1, 2, 8, 64]))
    machine = shape(group=group, row_groups=row_groups)
    words = rng.integers(0, machine.inputs, 300).astype(np.uint16)
    ticks = rng.random(300) < rng.choice([0, 0.05, 0.5])
    words[ticks] = spec.WORD_TICK | rng.integers(1, 5, int(ticks.sum())).astype(np.uint16)
    print(f"seed {seed}: {machine}")
    items = pack_items(machine, words)
    assert items.dtype == np.uint32 and len(items) % machine.item_words == 0
    ops = item_ops(machine, items)
    assert played(ops) == streamed(words, group)
    # Only a group that is full or followed by a tick is judged.
    last = streamed(words, group)[-1]
    assert bool(ops[-1] & spec.WORD_TICK) == bool(last[1] or len(last[0]) == group)


def test_a_group_is_as_long_as_its_fullest_row_group() -> None:
    machine = shape(group=64, row_groups=4)  # 6 bits a row group, then judge and tick
    words = np.array([0, 4, 1, 2, 3, 8, 5, spec.WORD_TICK | 2], np.uint16)
    items = pack_items(machine, words).tolist()
    present, judge, tick = 1 << 5, 1 << 24, 1 << 25
    assert items == [
        present | present << 6 | present << 12 | present << 18,
        1 | present | (1 | present) << 6,
        2 | present | judge | tick,
        judge | tick,
    ]


def test_only_a_group_that_ends_is_judged() -> None:
    machine = shape(group=2, row_groups=2)
    judged = [int(op) for op in item_ops(machine, pack_items(machine, np.array([0, 2, 1], "u2")))]
    assert judged == [0, 2, spec.WORD_TICK, 1]


def test_no_words_are_no_items() -> None:
    assert pack_items(shape(), np.empty(0, np.uint16)).tolist() == []


def test_what_does_not_fit_is_said_before_it_is_built() -> None:
    words = np.full(60_000, 0xFFFF, np.uint16)
    with pytest.raises(ValueError, match=r"60000 stream words are 1966020000 items; .* holds 4096"):
        pack_items(shape(), words)


def test_words_are_checked() -> None:
    with pytest.raises(ValueError, match="stream word 1 is input 128; give 0 to 127"):
        pack_items(shape(), np.array([1, 128], np.uint16))

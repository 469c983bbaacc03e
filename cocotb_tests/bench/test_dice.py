"""The dice's battery beside other generators: streams of one length, and a table that says FAIL."""

from __future__ import annotations

import numpy as np

from spinloom.bench import dice
from spinloom.host.battery.judge import Verdict
from spinloom.host.battery.linear import complexity
from spinloom.host.experiments.dice_config import DiceConfig, die_count
from spinloom.host.progress import Progress


def test_streams_have_one_length_and_are_what_they_say() -> None:
    config = DiceConfig(throws=40, sequences=20)
    with Progress(quiet=True) as progress:
        streams = dict(dice.streams(config, progress))
    assert list(streams) == [dice.EQUAL, dice.NAIVE, dice.REGISTER, dice.CONTROL]
    assert {len(s) for s in streams.values()} == {40 * die_count(config.learning())}
    # The outgoing bit is XORed into bits 63, 50, 41 and 20: so many shifts, and one more, later it
    # comes out again.
    x = streams[dice.REGISTER]
    assert (x[64:] == x[:-64] ^ x[13:-51] ^ x[22:-42] ^ x[43:-21]).all()


def test_equal_junctions_are_linear() -> None:
    """At exactly 1/2 a junction is the top bit of its random number, so that a die's bits are a
    linear register's of 64 bits; with spread they are not."""
    config = DiceConfig(throws=256, sequences=20)
    with Progress(quiet=True) as progress:
        equal = next(iter(dice.streams(config, progress)))[1]
        spread = dice.thrown(config, config.learning(), True, progress).stream(8)
    dies = [stream.reshape(-1, 256)[5] for stream in (equal, spread)]
    assert complexity(dies[0]) == 64 and complexity(dies[1]) > 120


def test_the_table_says_what_fails() -> None:
    good = Verdict(test="runs", p_values=np.linspace(0, 1, 100), uniformity=0.5)
    bad = Verdict(test="runs", p_values=np.zeros(100), uniformity=0.0)
    lines = dice.markdown({"a": [good], "b": [bad]}).splitlines()
    assert lines[0] == "| | a | b |"
    assert lines[2] == "| runs | 99 % 0.5 | **0 % <0.0001 FAIL** |"
    assert lines[3] == "| **tests failed** | 0 | 1 |"

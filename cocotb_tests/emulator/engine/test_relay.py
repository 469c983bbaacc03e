"""The relay's words are its definition's, and carry time and events from one layer to the next."""

from __future__ import annotations

import numpy as np
import pytest

from spinloom.emulator.engine.base import SPIKE_DTYPE
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.engine.relay import Relay
from spinloom.emulator.spec import learning as spec

GAPS = [0, 0, 0, 1, 2, 100, spec.MAX_TICKS - 1, spec.MAX_TICKS, spec.MAX_TICKS + 1, 200_000]


def spike_by_spike(spikes: list[tuple[int, int]]) -> list[int]:
    words, last = [], 0
    for tick, neuron in spikes:
        gap = tick - last & 0xFFFFFFFF
        while gap:
            words.append(spec.WORD_TICK | min(gap, spec.MAX_TICKS))
            gap -= min(gap, spec.MAX_TICKS)
        words.append(neuron)
        last = tick
    return words


@pytest.mark.parametrize("first", [0, 0xFFFF0000])  # time may wrap
def test_words(first: int) -> None:
    rng = np.random.default_rng(first)
    spikes = np.zeros(400, SPIKE_DTYPE)
    spikes["tick"] = first + np.cumsum(rng.choice(GAPS, 400)) & 0xFFFFFFFF
    spikes["neuron"] = rng.integers(0, 1024, 400)
    want = spike_by_spike(spikes.tolist())
    assert Relay().words(spikes).tolist() == want
    relay, parts = Relay(), []
    for at in sorted(rng.integers(0, 401, 20).tolist()):
        parts += relay.words(spikes[sum(map(is_event, parts)) : at]).tolist()
    parts += relay.words(spikes[sum(map(is_event, parts)) :]).tolist()
    assert parts == want
    assert relay.tick == spikes["tick"][-1]


def is_event(word: int) -> bool:
    return word < spec.WORD_TICK


def test_a_chain_of_two_engines() -> None:
    """Every spike reaches the second layer at its own tick: a neuron there that fires at every
    event repeats them."""
    shape = spec.LearningShape(name="test", inputs=64, neurons=16)
    first, second = LearningEngine(shape), LearningEngine(shape)
    rng = np.random.default_rng(3)
    for engine, theta0 in ((first, 30), (second, 0)):
        for name, value in {"THETA0": theta0, "LEAK": 0, "T_INH": 0, "T_REF": 0}.items():
            engine.write_register(spec.REGISTERS[name].addr, value)
        engine.write_register(spec.REGISTERS["COMMAND"].addr, 3)
    first.synapses.bits[:] = rng.integers(0, 2, (64, 16))
    relay, ticks = Relay(), []
    for _ in range(5):
        words = rng.integers(0, 64, 500).astype(np.uint16)
        words[rng.random(500) < 0.3] = spec.WORD_TICK | 1
        spikes = first.stream(words)
        assert len(spikes) > 10
        seen = second.stream(relay.words(spikes))
        assert seen["tick"].tolist() == spikes["tick"].tolist()
        ticks += seen["tick"].tolist()
    assert second.tick == relay.tick == ticks[-1] <= first.tick

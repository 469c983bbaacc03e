"""From layer to layer: the spikes of one engine as the stream of the next.

For each spike (tick, neuron), where *last* is the tick of the one before, at first 0::

    gap = tick - last (mod 2^32)
    tick words: MAX_TICKS while more than that is left, then the rest; none if gap = 0
    event word: neuron

So the next layer's time is that of the last spike it got, whatever the time in the first layer.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import MAX_TICKS, WORD_TICK


class Relay:
    """Golden twin of ``rtl.engine.relay.Relay``; ``tick`` is the time that the words so far come
    to."""

    def __init__(self) -> None:
        self.tick = 0

    def words(self, spikes: npt.NDArray[np.void]) -> npt.NDArray[np.uint16]:
        """Stream words of the next ``spikes`` (``tick`` u4, ``neuron`` u2, in order): uint16."""
        gap = np.diff(spikes["tick"], prepend=np.uint32(self.tick)).astype(np.int64)
        waits = -(-gap // MAX_TICKS)
        events = np.cumsum(waits + 1) - 1  # where each event goes; its tick words are before it
        words = np.full(int(events[-1]) + 1 if len(events) else 0, WORD_TICK | MAX_TICKS, np.uint16)
        late = waits > 0
        words[events[late] - 1] = WORD_TICK | gap[late] - (waits[late] - 1) * MAX_TICKS
        words[events] = spikes["neuron"]
        if len(spikes):
            self.tick = int(spikes["tick"][-1])
        return words

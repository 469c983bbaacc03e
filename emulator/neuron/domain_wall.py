"""Domain-wall integrate-and-fire neurons (Sec. II.C, Fig. 8), a bank of them.

The wall's position integrates the current of the P junctions that an event reaches, until it has
reached its own junction; a restoring force pulls it back at every tick, to the track's start at
most::

    event:  pos = pos + STEP·w      for neurons that are not blocked, if pos < theta
    tick:   pos = max(pos - LEAK, 0)
    spike:  pos = 0, theta = min(theta + THETA_UP, theta_max), blocked for T_REF, others T_INH
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class DomainWallNeuron:
    """Golden twin of ``rtl.neuron.domain_wall.DomainWallNeuron``: int64 arrays [neurons]."""

    def __init__(self, neurons: int, theta_max: int) -> None:
        self.theta_max = theta_max
        self.pos = np.zeros(neurons, np.int64)
        self.theta = np.zeros(neurons, np.int64)
        self.ref = np.zeros(neurons, np.int64)
        self.counts = np.zeros(neurons, np.uint16)  # P junctions met by the open group's events
        self.inh = 0
        self.last_winner = 0

    def clear(self) -> None:
        """Walls at rest, nobody blocked; thresholds stay."""
        self.pos[:] = 0
        self.ref[:] = 0
        self.counts[:] = 0
        self.inh = 0
        self.last_winner = 0

    def eligible(self) -> npt.NDArray[np.bool_]:
        """bool [neurons]: who integrates and may fire."""
        free: npt.NDArray[np.bool_] = self.ref == 0
        if self.inh > 0:
            free &= np.arange(len(free)) == self.last_winner
        return free

    def waits(self) -> Ints | None:
        """int64 [neurons]: ticks until each is ``eligible`` by itself; None if all are now."""
        if not self.inh and not self.ref.any():
            return None
        waits = np.maximum(self.ref, self.inh)
        waits[self.last_winner] = self.ref[self.last_winner]
        return waits

    def pass_time(self, ticks: int) -> None:
        """Timers alone advance."""
        np.maximum(self.ref - ticks, 0, out=self.ref)
        self.inh = max(0, self.inh - ticks)

    def relax(self, leak: int, ticks: int = 1) -> None:
        """The restoring force of ``ticks`` ticks without events."""
        np.maximum(self.pos - leak * ticks, 0, out=self.pos)

    def settle(self, steps: Ints, leak: int, times: Ints | None) -> Ints:
        """Positions behind each group of events, had nobody fired: int64 [groups, neurons].

        Group *d* adds ``steps[d]``, ``times[d]`` ticks from now (None: there is no leak). That is
        Lindley's recursion ``a[d] = max(a[d-1] - leak·(times[d]-times[d-1]), 0) + steps[d]``,
        solved by a running minimum.
        """
        walk = np.cumsum(steps, axis=0)
        walk += self.pos
        if times is None:
            return walk
        walk -= leak * times[:, None]
        lowest = np.minimum.accumulate(walk - steps, axis=0)
        return walk - np.minimum(lowest, 0)

    def arrived(self) -> npt.NDArray[np.bool_]:
        """bool [neurons]: whose wall has reached its junction."""
        return self.pos >= self.theta

    def spike(self, winner: int, t_ref: int, t_inh: int, theta_up: int) -> None:
        """``winner`` fires."""
        self.pos[winner] = 0
        self.ref[winner] = t_ref
        self.inh = t_inh
        self.last_winner = winner
        self.theta[winner] = min(self.theta[winner] + theta_up, self.theta_max)

    def decay_threshold(self, theta0: int, shift: int) -> None:
        """Homeostasis: thresholds return towards ``theta0``; the shift floors."""
        self.theta -= (self.theta - theta0) >> shift

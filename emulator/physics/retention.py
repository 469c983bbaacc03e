"""Slow forgetting of a binary synapse that is written by chance.

A write trial of probability p = code/256 leaves a junction as it is with probability 1 - p, so of
junctions in one state a fraction of ``(1 - p)^n`` still is after n trials towards the other state:
memory lasts about 1/p trials, traded against the 1/p trials that it takes to learn.

Stochastic learning of binary synapses: Fusi, "Hebbian spike-driven synaptic plasticity for learning
patterns of mean firing rates", Biol. Cybern. 87, 2002.
"""

from __future__ import annotations

from math import inf, log, log1p

from spinloom.emulator.spec.learning import CODE_ONE


def retention(code: int, trials: int) -> float:
    """Expected fraction of junctions that ``trials`` write trials leave as they were."""
    if trials < 0:
        raise ValueError(f"trials = {trials} is negative; give 0 or more")
    return (1 - _probability(code)) ** trials


def trials_to(fraction: float, code: int) -> float:
    """Trials after which ``fraction`` is left; half the junctions: ``trials_to(0.5, code)``."""
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction = {fraction} is out of range; give more than 0, up to 1")
    p = _probability(code)
    if p == 1:
        return 0.0
    return log(fraction) / log1p(-p) if p else inf


def _probability(code: int) -> float:
    if not 0 <= code <= CODE_ONE:
        raise ValueError(f"code = {code} is out of range; give 0 to {CODE_ONE}")
    return code / CODE_ONE

"""C loops and golden model, spike for spike and bit for bit: only equals can be compared."""

from __future__ import annotations

import numpy as np

from spinloom.bench.w1 import workload
from spinloom.bench.w1.c_loop import CLoop
from spinloom.bench.w1.plain_loop import PlainLoop
from spinloom.bench.w1.workload import Stimulus
from spinloom.host.machine import Machine

LOOPS = (CLoop, PlainLoop)


def differences(target: str, theta: int, t_ref: int, stimulus: Stimulus, rounds: int) -> list[str]:
    """What of the C loops' runs is not what the machine of ``target`` does; empty when all is."""
    with Machine.open(target, workload.SHAPE) as machine:
        machine.configure(workload.params(theta, t_ref))
        machine.set_weights(workload.weights())
        machine.reset(state=True, theta=True, random=True)
        machine.stream(np.tile(stimulus.words(), rounds))
        spikes, weights = machine.spikes(), machine.weights()
    found = []
    for kind in LOOPS:
        loop = kind(theta, t_ref, workload.weights())
        fired, _ = loop.run(stimulus, rounds)
        same = {
            "spikes": np.array_equal(spikes, fired),
            "weights": np.array_equal(weights, loop.weights()),
        }
        found += [
            f"{what} of {kind.__name__} and of {target} differ at theta = {theta}, t_ref = {t_ref}"
            for what, equal in same.items()
            if not equal
        ]
    return found

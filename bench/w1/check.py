"""C loop and golden model, spike for spike and bit for bit: a comparison is fair between equals."""

from __future__ import annotations

import numpy as np

from spinloom.bench.w1 import workload
from spinloom.bench.w1.c_loop import CLoop
from spinloom.bench.w1.workload import Stimulus
from spinloom.host.machine import Machine


def differences(target: str, theta: int, t_ref: int, stimulus: Stimulus, rounds: int) -> list[str]:
    """What of the C loop's run is not what the machine of ``target`` does; empty when all is."""
    loop = CLoop(theta, t_ref, workload.weights())
    spikes, _ = loop.run(stimulus, rounds)
    with Machine.open(target, workload.SHAPE) as machine:
        machine.configure(workload.params(theta, t_ref))
        machine.set_weights(workload.weights())
        machine.reset(state=True, theta=True, random=True)
        machine.stream(np.tile(stimulus.words(), rounds))
        same = {
            "spikes": np.array_equal(spikes, machine.spikes()),
            "weights": np.array_equal(loop.weights(), machine.weights()),
        }
    return [
        f"{what} of the C loop and of {target} differ at theta = {theta}, t_ref = {t_ref}"
        for what, equal in same.items()
        if not equal
    ]

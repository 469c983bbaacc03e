"""The nearest to W1 that NEST has built in; not the same workload.

Its ``stdp_synapse`` is deterministic and changes weights at every input spike; there is no
winner-take-all, so a spike resets the others by inhibition a tick later, and several neurons may
fire at once. Updates are therefore not counted.
"""

import contextlib
import json
import os
import sys
import time

import numpy as np

with contextlib.redirect_stdout(open(os.devnull, "w")):  # noqa: PTH123
    import nest


def main() -> None:
    data = np.load(sys.argv[1])
    p = json.loads(sys.argv[2])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 1.0, "local_num_threads": 1, "print_time": False})
    ends = data["ends"][: p["ticks"]]
    addresses = data["addresses"][: ends[-1]].astype(np.int64)
    when = np.repeat(np.arange(p["ticks"]), np.diff(ends, prepend=0)) + 1.0
    rounds = np.arange(p["rounds"])[:, None] * p["ticks"]
    count, size = data["weights"].shape
    sources = nest.Create("spike_generator", count)
    for i in range(count):
        sources[i].spike_times = (when[addresses == i] + rounds).ravel()
    inputs = nest.Create("parrot_neuron", count)
    neurons = nest.Create(
        "iaf_psc_delta", size,
        params={"tau_m": 1e9, "C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "V_reset": 0.0, "V_min": 0.0,
                "V_th": float(p["theta"]), "t_ref": float(p["t_ref"])},
    )  # fmt: skip
    nest.Connect(sources, inputs, "one_to_one", {"delay": 1.0})
    plastic = {"synapse_model": "stdp_synapse", "delay": 1.0, "Wmax": 1.0, "lambda": 0.05,
               "alpha": 0.2, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 8.0,
               "weight": data["weights"].T.astype(float)}  # fmt: skip
    nest.Connect(inputs, neurons, "all_to_all", plastic)
    reset = {"weight": -float(p["theta"]), "delay": 1.0}
    nest.Connect(neurons, neurons, {"rule": "all_to_all", "allow_autapses": False}, reset)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Prepare()
    start = time.perf_counter()
    nest.Run(float(p["ticks"] * p["rounds"]))
    seconds = time.perf_counter() - start
    nest.Cleanup()
    version = nest.__version__
    print(json.dumps({"seconds": seconds, "spikes": recorder.n_events, "version": version}))


main()

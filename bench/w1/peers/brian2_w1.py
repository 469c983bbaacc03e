"""W1 in Brian2, C++ standalone: Brian's own clock-driven code, and seconds by its own clock.

A step judges the tick before (threshold, reset), then does its write trials, then adds the rows of
its own tick: the order of the contract, one step late. The winner is found by a C++ function that
keeps the best of the neurons offered; nothing else is outside Brian's language.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from brian2 import (
    Function,
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    check_units,
    defaultclock,
    device,
    implementation,
    ms,
    prefs,
    set_device,
)  # fmt: skip
from brian2 import __version__ as version

# In a header, because Brian gives each piece of code a namespace without a name.
BEST = """
#pragma once
struct Best { int margin, neuron; };
inline Best &w1_best() { static Best best; return best; }
inline int w1_offer(int margin, int neuron) {
    Best &best = w1_best();
    if (neuron == 0) best = {-1, -1};
    if (margin > best.margin) best = {margin, neuron};
    return 0;
}
inline int w1_winner(int) { return w1_best().neuron; }
"""


def functions(folder: str) -> tuple[Function, Function]:
    """Brian's names for both, compiled with the header."""
    Path(folder, "w1_best.h").write_text(BEST)
    found = {"headers": ['"w1_best.h"'], "include_dirs": [folder]}

    @implementation("cpp", "#define offer w1_offer", **found)
    @check_units(margin=1, neuron=1, result=1)
    def offer(margin, neuron):
        raise NotImplementedError

    @implementation("cpp", "#define winner w1_winner", **found)
    @check_units(neuron=1, result=1)
    def winner(neuron):
        raise NotImplementedError

    return offer, winner


def main() -> None:
    data = np.load(sys.argv[1])
    p = json.loads(sys.argv[2])
    folder = tempfile.mkdtemp()  # Brian removes it at the end
    offer, winner = functions(folder)
    set_device("cpp_standalone", directory=folder, build_on_run=False)
    prefs.devices.cpp_standalone.openmp_threads = 0
    prefs.core.default_float_dtype = np.float32
    defaultclock.dt = 1 * ms
    ends = data["ends"][: p["ticks"]]
    addresses = data["addresses"][: ends[-1]]
    when = np.repeat(np.arange(p["ticks"]), np.diff(ends, prepend=0))
    inputs = SpikeGeneratorGroup(len(data["weights"]), addresses, when * ms, period=p["ticks"] * ms)

    size = data["weights"].shape[1]
    blocked = {"refractory": (p["t_ref"] - 1) * ms} if p["t_ref"] else {}
    space = {
        "offer": offer, "winner": winner, "theta": p["theta"],
        "p_p": p["code_p"] / 256, "p_ap": p["code_ap"] / 256, "bucket_ticks": p["bucket_ticks"],
    }  # fmt: skip
    free = "int(not_refractory)" if blocked else "1"
    neurons = NeuronGroup(
        size, "v : integer\nunused : integer", threshold="i == winner(i)", reset="",
        namespace=space, **blocked,
    )  # fmt: skip
    neurons.run_regularly(
        f"unused = offer({free} * (v - theta + 1) - 1, i)", when="before_thresholds"
    )
    neurons.run_regularly("v = v * int(winner(i) < 0)", when="resets")
    synapses = Synapses(
        inputs, neurons, "w : integer\nlast : integer",
        on_pre=f"""
            v_post += w * {free.replace("refractory", "refractory_post")}
            last = timestep(t, dt) // bucket_ticks""",
        on_post="""
            active = int(last >= timestep(t - dt, dt) // bucket_ticks - 1)
            pulse = int(rand() < p_ap + active * (p_p - p_ap))
            w = w + pulse * (active - w)""",
        namespace=space,
    )  # fmt: skip
    synapses.connect()
    synapses.w = data["weights"].ravel().astype(np.int32)
    synapses.last = -2
    synapses.post.order = -1  # trials come before the rows of this tick
    spikes = SpikeMonitor(neurons)
    network = Network(inputs, neurons, synapses, spikes)
    network.schedule = ["start", "groups", "thresholds", "resets", "synapses", "end"]
    network.run((p["ticks"] * p["rounds"] + 1) * ms)
    device.build(directory=folder, compile=True, run=False, with_output=False)
    seconds = []
    for _ in range(p["repeats"]):
        device.run(folder, with_output=False, run_args=[])
        seconds.append(device._last_run_time)
    result = {"seconds": min(seconds), "spikes": int(spikes.num_spikes), "version": version}
    print(json.dumps(result))
    device.delete(force=True)


main()

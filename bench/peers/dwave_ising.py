"""dwave-samplers' simulated annealing on an Ising problem: JSON in on standard input, out on
standard output. A script of another environment, see ``bench/ising.py``."""

import json
import sys
import time
from importlib.metadata import version

from dwave.samplers import SimulatedAnnealingSampler


def main():
    job = json.load(sys.stdin)
    # Its energy is + sum of J s s.
    couplings = {(i, j): -value for i, j, value in job["couplings"]}
    spins = {i for edge in couplings for i in edge}
    start = time.perf_counter()
    found = SimulatedAnnealingSampler().sample_ising(
        dict.fromkeys(spins, 0), couplings, num_reads=job["runs"], num_sweeps=job["sweeps"],
        beta_range=job["betas"], beta_schedule_type="linear", seed=job["seed"],
    )  # fmt: skip
    seconds = time.perf_counter() - start
    energies = [float(e) for e in found.record.energy]
    print(json.dumps({"seconds": seconds, "energies": energies, "of": version("dwave-samplers")}))


if __name__ == "__main__":
    main()

"""Speed of the golden model and of the traffic: ``python bench/golden.py [--seed 1] [--json]``.

Generates 300 s of traffic, then trains the lanes experiment's 300 s recording, both passes, on one
core: by NumPy alone and by the optional compiled path. The compiled path is compiled before the
clock starts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host.commands.output import show
from spinloom.host.experiments import lanes
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.stimuli import freeway

TARGETS = ("golden", "golden:numba")


def train(target: str, seed: int, seconds: float, progress: Progress) -> lanes.LanesResult:
    """A run of the experiment with next to nothing to count."""
    config = lanes.LanesConfig(seed=seed, seconds_train=seconds, seconds_test=10.0)
    with Machine.open(target, SHAPES[config.shape]) as machine:
        return lanes.run(machine, config, progress)


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of the golden model.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    progress = Progress(quiet=args.json)
    rows: list[dict[str, Any]] = []
    for target in TARGETS:
        train(target, args.seed, 2.0, Progress(quiet=True))
        result = train(target, args.seed, 300.0, progress)
        rows.append(
            {
                "target": target,
                "training_seconds": round(result.training_seconds, 2),
                "events": result.events,
                "events_per_second": round(result.events / result.training_seconds),
                "weights_hash": result.weights_hash[:16],
            }
        )
    start = time.process_time()
    recording = freeway.generate(freeway.FreewayParams(), 300.0, args.seed)
    traffic = {
        "seconds_of_traffic": 300,
        "events": len(recording.events),
        "cpu_seconds": round(time.process_time() - start, 2),
    }
    show({"freeway": [traffic], "golden model": rows}, as_json=args.json)
    return 0 if len({row["weights_hash"] for row in rows}) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())

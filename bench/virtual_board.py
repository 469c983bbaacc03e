"""Speed of the virtual board: ``python bench/virtual_board.py [--seconds 20] [--json]``.

Streams synthetic traffic with learning on through the link into each simulator, as a run of the
lanes experiment does. ``cycles_per_second`` counts every simulated clock cycle over the processor
time of the board's process; ``wall_seconds`` is what the host waited.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np

from spinloom.boards.virtual import SIMULATORS
from spinloom.emulator.spec.learning import SHAPES, LearningParams
from spinloom.host.commands.output import show
from spinloom.host.machine import Machine
from spinloom.host.stimuli import encode, freeway

SHAPE = SHAPES["lanes"]
BUILD_DEADLINE_S = 900.0
END_DEADLINE_S = 20.0


def traffic(seconds: float) -> tuple[encode.Words, int]:
    """Stream words of so many seconds of traffic, and how many of them are events."""
    params = freeway.FreewayParams()
    seen = freeway.generate(params, seconds, seed=1)
    encoder = encode.EventEncoder(
        width=params.width, height=params.height, downsample=2, inputs=SHAPE.inputs
    )
    words = encode.words(seen.events.t, encoder.addresses(seen.events), seen.ticks)
    return words, len(seen.events)


def measure(simulator: str, words: encode.Words, events: int) -> dict[str, Any]:
    """One stream through one simulator, with the board's own count of cycles and seconds."""
    command = [sys.executable, "-m", "spinloom.boards.virtual", "--shape", SHAPE.name]
    command += ["--simulator", simulator, "--stats"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as board:
        address = board.stdout.readline().rpartition(" ")[2].strip() if board.stdout else ""
        if not address:
            _, messages = board.communicate(timeout=BUILD_DEADLINE_S)
            raise RuntimeError(f"the virtual board did not start: {messages.strip()}")
        with Machine.open(f"tcp:{address}", SHAPE) as machine:
            machine.configure(LearningParams())
            machine.set_weights(np.random.default_rng(1).random((8192, 32)) < 0.8)
            start = time.perf_counter()
            machine.stream(words)
            spikes = len(machine.spikes())
            wall = time.perf_counter() - start
            busy = machine.cycles
        _, messages = board.communicate(timeout=END_DEADLINE_S)
    stats = json.loads(messages.splitlines()[-1])
    return {
        "simulator": simulator,
        "cycles_per_second": round(stats["cycles"] / stats["cpu_seconds"]),
        "events_per_second": round(events / wall),
        "cycles": stats["cycles"],
        "busy_cycles": busy,
        "events": events,
        "spikes": spikes,
        "cpu_seconds": round(stats["cpu_seconds"], 3),
        "wall_seconds": round(wall, 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of the virtual board.")
    parser.add_argument("--seconds", type=float, default=20.0, help="of traffic to stream")
    parser.add_argument("--simulator", choices=SIMULATORS, help="only this one (default: both)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    words, events = traffic(args.seconds)
    names = [args.simulator] if args.simulator else SIMULATORS
    show({"virtual board": [measure(name, words, events) for name in names]}, as_json=args.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

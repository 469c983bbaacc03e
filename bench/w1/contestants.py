"""One contestant, one threshold, one process: ``python -m spinloom.bench.w1.contestants NAME THETA
T_REF SECONDS`` pins itself to a core, plays W1 for about so long and prints one line of JSON.

Seconds are those of the simulation alone: compiling, building and setting up do not count. The best
of ``REPEATS`` plays counts, on NEST the only one. Every play goes on where the last one ended, so
nobody has the same weights for all of them; spikes are counted in the play that counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spinloom.bench.w1 import workload
from spinloom.bench.w1.c_loop import CLoop
from spinloom.bench.w1.plain_loop import PlainLoop
from spinloom.bench.w1.workload import Stimulus
from spinloom.boards.toolchain import ToolError
from spinloom.emulator.spec.learning import SHAPES, LearningParams
from spinloom.host.learning import LearningMachine
from spinloom.host.link.transport import LinkError
from spinloom.host.machine import Machine

PROBE = 64  # ticks, played twice to see how fast a contestant is: the first may compile
REPEATS = 10
PEERS = Path(__file__).with_name("peers")
PEERS_PYTHON = Path("build/bench-venv/bin/python")
PEER_DEADLINE_S = 600.0


class AbsentError(RuntimeError):
    """A contestant that cannot be had here; the message is one line."""


@dataclass(frozen=True)
class Result:
    """What a play of ``ticks`` came to; ``cycles`` of the clock where there is one."""

    ticks: int
    events: int
    spikes: int
    seconds: float
    cycles: int | None = None
    version: str = ""


Play = Callable[[Stimulus, int], Result]
Run = Callable[[int, int, float], Result]


def best(play: Play, seconds: float) -> Result:
    """The fastest of ``REPEATS`` plays of about ``seconds`` together: whole rounds, or the start
    of one."""
    full = workload.stimulus()
    play(full.first(PROBE), 1)
    tick = play(full.first(PROBE), 1).seconds / PROBE
    ticks = max(PROBE, int(seconds / REPEATS / tick))
    part = full.first(ticks)
    return min(
        (play(part, max(1, ticks // full.ticks)) for _ in range(REPEATS)), key=lambda r: r.seconds
    )


def _prepare(machine: LearningMachine, params: LearningParams) -> None:
    machine.configure(params)
    machine.set_weights(workload.weights())
    machine.reset(state=True, theta=True, random=True)


def golden(target: str) -> Run:
    """A path of the golden model, fed with a stream."""

    def run(theta: int, t_ref: int, seconds: float) -> Result:
        with Machine.open(target, workload.SHAPE) as machine:
            _prepare(machine, workload.params(theta, t_ref))

            def play(stimulus: Stimulus, rounds: int) -> Result:
                words = np.tile(stimulus.words(), rounds)
                start = time.perf_counter()
                machine.stream(words)
                spikes = len(machine.spikes())
                taken = time.perf_counter() - start
                return Result(*_size(stimulus, rounds), spikes, taken)

            return best(play, seconds)

    return run


def c_loop(kind: type[CLoop] | type[PlainLoop]) -> Run:
    """A C loop; each play starts it again from the first weights."""

    def run(theta: int, t_ref: int, seconds: float) -> Result:
        def play(stimulus: Stimulus, rounds: int) -> Result:
            spikes, taken = kind(theta, t_ref, workload.weights()).run(stimulus, rounds)
            return Result(*_size(stimulus, rounds), len(spikes), taken)

        return best(play, seconds)

    return run


def virtual_board(shape_name: str) -> Run:
    """A virtual board that plays from its own stimulus memory; one without it gets a stream. What
    comes before the first tick is not counted: one round is taken from many.

    An array that judges every event may fire at each, so inhibition holds it to one spike a tick.
    """

    def run(theta: int, t_ref: int, seconds: float) -> Result:
        shape = SHAPES.get(shape_name)
        if shape is None or (shape.stimulus and not hasattr(LearningMachine, "play")):
            missing = f"shape {shape_name}" if shape is None else "LearningMachine.play"
            raise AbsentError(f"this checkout has no {missing}")
        params = replace(workload.params(theta, t_ref), t_inh=int(shape.group == 1))
        with Machine.open("sim", shape) as machine:
            _prepare(machine, params)
            machine.quiet()  # a link takes spikes more slowly than a wide array makes them

            def timed(words: npt.NDArray[np.uint16], rounds: int) -> tuple[int, float, int]:
                spikes, cycles = machine.read("SPIKES"), machine.cycles or 0
                start = time.perf_counter()
                if shape.stimulus:
                    machine.play(words, rounds=rounds)
                else:
                    machine.stream(np.tile(words, rounds))
                spikes = machine.read("SPIKES") - spikes  # waits until all is done
                taken = time.perf_counter() - start
                machine.spikes()
                return spikes, taken, (machine.cycles or 0) - cycles

            def play(stimulus: Stimulus, rounds: int) -> Result:
                once = timed(stimulus.words(), 1)
                more = timed(stimulus.words(), rounds + 1)
                spikes, taken, cycles = (b - a for a, b in zip(once, more, strict=True))
                return Result(*_size(stimulus, rounds), spikes, max(taken, 1e-9), cycles)

            return best(play, seconds)

    return run


def peer(file: str, ticks: int, rounds: int, *, thetas: tuple[int, ...] = (100, 1)) -> Run:
    """A simulator of the peers' environment; how long it plays is fixed, as it compiles first."""

    def run(theta: int, t_ref: int, seconds: float) -> Result:
        if not PEERS_PYTHON.exists():
            raise AbsentError("the peers are not installed: give --install-peers")
        if theta not in thetas:
            raise AbsentError(
                f"no figure at theta = {theta}: without a winner every neuron would fire"
            )
        stimulus = workload.stimulus().first(ticks)
        options = {
            "theta": theta, "t_ref": t_ref, "ticks": ticks, "rounds": rounds, "repeats": REPEATS,
            "code_p": workload.CODE_P, "code_ap": workload.CODE_AP,
            "bucket_ticks": workload.BUCKET_TICKS,
        }  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder, "workload.npz")
            np.savez(
                data, addresses=stimulus.addresses, ends=stimulus.ends, weights=workload.weights()
            )
            done = subprocess.run(
                [PEERS_PYTHON, PEERS / file, data, json.dumps(options)],
                capture_output=True, text=True, timeout=PEER_DEADLINE_S,
            )  # fmt: skip
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise AbsentError(f"{file}: {lines[-1]}")
        got = json.loads(done.stdout.splitlines()[-1])
        size = _size(stimulus, rounds)
        return Result(*size, got["spikes"], got["seconds"], version=got["version"])

    return run


def _size(stimulus: Stimulus, rounds: int) -> tuple[int, int]:
    return stimulus.ticks * rounds, len(stimulus.addresses) * rounds


CONTESTANTS: dict[str, Run] = {
    "golden, NumPy": golden("golden"),
    "golden, numba": golden("golden:numba"),
    "C, plain": c_loop(PlainLoop),
    "C, bit-sliced": c_loop(CLoop),
    "Brian2, C++": peer("brian2_w1.py", workload.PATTERN, 25),
    "PyTorch": peer("torch_w1.py", workload.PATTERN, 5),
    "NEST, nearest rule": peer("nest_w1.py", workload.PATTERN, 1, thetas=(100,)),
    "sim, serial array": virtual_board("w1-serial"),
    "sim, wide array": virtual_board("w1"),
}


def main() -> None:
    name, theta, t_ref, seconds = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        line = asdict(CONTESTANTS[name](int(theta), int(t_ref), float(seconds)))
    except (AbsentError, LinkError, ToolError, subprocess.TimeoutExpired) as error:
        line = {"absent": str(error)}
    print(json.dumps(line))


if __name__ == "__main__":
    main()

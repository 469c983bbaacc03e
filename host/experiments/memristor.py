"""The memristor experiment: domain walls moved by current, sixteen levels, the pinched loop,
gradual switching by spin-orbit torque, and a crossbar of such devices (Sec. II.C, Fig. 6, 7).

The machine's synapses are walls of 16 positions. Of every pulse ``physics.wall.step_codes`` makes a
table of codes, and the host pulses the column of a neuron with it. Measured and compared with the
laws of ``physics.wall``, for the same devices::

    motion : dx = u I t with the sign of I, free or pinned, walls that stay far from their ends
    loop   : V = I R(x) under a sine current in pulses; x between the ends of the track
    levels : a pulse of one level each, up through all of them and down; read with noise
    torque : equal pulses turn grains, dm = p (1 - m): steps that shrink, beside a wall's equal ones
    sums   : walls of neurons after events = the integer product of events and synapses

The noise of reads is pseudo-random and the host's: it stands for the circuit that reads. All else
is drawn in the machine.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.levels import after_pulse
from spinloom.emulator.physics.wall import LEVELS, Levels, SpinOrbitStack, step_codes
from spinloom.emulator.spec.learning import PULSE, WORD_TICK
from spinloom.host.experiments.memristor_config import KINDS, MemristorConfig
from spinloom.host.experiments.memristor_reads import read_levels
from spinloom.host.experiments.memristor_result import Course, MemristorResult, Motion
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "MemristorConfig", "MemristorResult", "draw", "run", "tables"]

CONFIG = MemristorConfig
SUITED: dict[str, dict[str, Any]] = {}

TOP = LEVELS - 1
BITS = 1 << np.arange(4)  # of a position, the lowest first
LOOP_START = 2  # level of the walls before a loop
WALL_UA = 80.0  # current of the wall that stands beside the torques
PATTERNS, EVENTS = 32, 300  # of events that are summed

Positions = npt.NDArray[np.uint8]


def run(machine: LearningMachine, config: MemristorConfig, progress: Progress) -> MemristorResult:
    """All measurements, one behind the other."""
    started, before = time.monotonic(), machine.cycles
    machine.configure(config.params())
    machine.reset(state=True, theta=True, random=True)
    free, amplitude = config.track("free"), config.amplitude
    motion = _motion(machine, config, progress)
    with progress.task("follow walls", total=2 + len(config.periods + config.torques)) as advance:
        loops = []
        for period in config.periods:
            pulses = [(float(i), period / config.points) for i in config.sine()]
            loops.append(_course(machine, f"loop, {period:g} ns", free, LOOP_START, pulses))
            advance(1)
        torque = []
        stack = SpinOrbitStack()
        devices: list[tuple[Levels, float]] = [(stack, i) for i in config.torques]
        for device, current in (*devices, (free, WALL_UA)):
            pulses = [(sign * current, 1.0) for sign in (1, -1) for _ in range(config.pulses)]
            what = "wall" if device is free else "torque"
            torque.append(_course(machine, f"{what}, {current:g} uA", device, 0, pulses))
            advance(1)
        pulses = [(s * amplitude, config.one_level_ns()) for s in (1, -1) for _ in range(LEVELS)]
        stairs = _course(machine, "stairs", free, 0, pulses)
        advance(1)
    positions = _programmed(machine, config)
    sums, products = _sums(machine, config)
    cycles = machine.cycles_since(before)
    return MemristorResult(
        config=config,
        motion=motion,
        loops=tuple(loops),
        torque=tuple(torque),
        stairs=stairs,
        reads=read_levels(config, positions),
        positions=positions,
        sums=sums,
        products=products,
        trials=machine.read("TRIALS_HI") << 32 | machine.read("TRIALS_LO"),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _positions(machine: LearningMachine) -> Positions:
    """Positions of all walls, [inputs, neurons]."""
    shape = machine.shape
    bits = machine.weights().reshape(shape.inputs, shape.neurons, shape.junctions)
    return (bits @ BITS).astype(np.uint8)


def _place(machine: LearningMachine, positions: Positions) -> None:
    """Put all walls there, [inputs, neurons]."""
    bits = positions[..., None] >> np.arange(len(BITS)) & 1
    machine.set_weights(bits.reshape(machine.shape.inputs, machine.shape.columns))


def _everywhere(machine: LearningMachine, level: int) -> Positions:
    return np.full((machine.shape.inputs, machine.shape.neurons), level, np.uint8)


def _codes(machine: LearningMachine, device: Levels, current: float, duration: float) -> None:
    """Prepare pulses of this current (uA) and duration (ns)."""
    codes = step_codes(device, current * 1e-6, duration * 1e-9, machine.shape.code_bits)
    up = int(current > 0)
    machine.write_memory("codes", [c.value for c in codes], LEVELS * up)
    machine.write("PULSE_CLASS", up)


def _pulse(machine: LearningMachine, neuron: int, count: int) -> None:
    if count:
        machine.write_all({"PULSE_COLUMN": neuron, "PULSE_COUNT": count, "COMMAND": PULSE})


def _motion(machine: LearningMachine, config: MemristorConfig, progress: Progress) -> Motion:
    """Pulses on all walls, from the middle and so few that none comes to an end."""
    shape, count = machine.shape, LEVELS // 2 - 1
    start = _everywhere(machine, LEVELS // 2)
    rising = np.sort(config.currents)
    currents = np.concatenate([-rising[::-1], rising])
    moved, law = [], []
    points = len(KINDS) * len(config.durations) * len(currents)
    with progress.task("move walls", total=points, unit="points") as advance:
        for kind in KINDS:
            track = config.track(kind)
            for duration in config.durations:
                for current in currents.tolist():
                    _place(machine, start)
                    _codes(machine, track, current, duration)
                    for neuron in range(shape.neurons):
                        _pulse(machine, neuron, count)
                    moved.append(int((_positions(machine).astype(int) - start).sum()))
                    step = track.mean_steps(LEVELS // 2, current * 1e-6, duration * 1e-9)
                    law.append(step if current > 0 else -step)
                    advance(1)
    form = len(KINDS), len(config.durations), len(currents)
    return Motion(
        currents_ua=currents,
        moved=np.array(moved, np.int64).reshape(form),
        law=np.array(law).reshape(form),
        trials=count * shape.synapses,
    )


def _course(
    machine: LearningMachine, name: str, device: Levels, start: int,
    pulses: list[tuple[float, float]],
) -> Course:  # fmt: skip
    """The column of neuron 0 from pulse to pulse (uA, ns), and its law."""
    _place(machine, _everywhere(machine, start))
    share = np.eye(LEVELS)[start]
    seen, law = [_positions(machine)[:, 0]], [share]
    for current, duration in pulses:
        _codes(machine, device, current, duration)
        _pulse(machine, 0, 1)
        share = after_pulse(share, device, current * 1e-6, duration * 1e-9)
        seen.append(_positions(machine)[:, 0])
        law.append(share)
    return Course(
        name=name,
        counts=np.array([np.bincount(column, minlength=LEVELS) for column in seen]),
        law=np.array(law),
    )


def _programmed(machine: LearningMachine, config: MemristorConfig) -> Positions:
    """Positions after neurons 0 to 15 got their walls to levels 0 to 15 by as many pulses, once up
    from the one end, once down from the other: [2, inputs, neurons]."""
    out = []
    for sign, start in ((1, 0), (-1, TOP)):
        _place(machine, _everywhere(machine, start))
        _codes(machine, config.track("free"), sign * config.amplitude, config.one_level_ns())
        for level in range(LEVELS):
            _pulse(machine, level, abs(level - start))
        out.append(_positions(machine)[:, :LEVELS])
    return np.array(out)


def _sums(
    machine: LearningMachine, config: MemristorConfig
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Walls of neurons after events at inputs and a tick, and the products: [patterns, neurons]."""
    shape, rng = machine.shape, np.random.default_rng([config.seed, 2])
    synapses = rng.integers(LEVELS, size=(shape.inputs, shape.neurons), dtype=np.uint8)
    _place(machine, synapses)
    sums, products = [], []
    # So few events that no neuron comes to its threshold, where it would stop.
    events = min(EVENTS, (shape.theta_max - 1) // (config.params().step * TOP))
    for _ in range(PATTERNS):
        # State and time alone: the walls of synapses stay. Trials are counted over the whole run.
        machine.write_memory("neurons", np.full(shape.neurons, shape.theta_max << 16, np.uint32))
        inputs = rng.integers(shape.inputs, size=events)
        machine.stream([*inputs.tolist(), WORD_TICK | 1])
        sums.append(machine.neurons()[0])
        counts = np.bincount(inputs, minlength=shape.inputs)
        products.append(config.params().step * (counts @ synapses.astype(np.int64)))
    return np.array(sums), np.array(products)


def draw(result: MemristorResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import memristor_pictures

    return memristor_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Deviations from the laws, and reads by their noise."""
    where = f"{run['machine']}, seed {run['seed']}"
    checks = [
        {"measured": "motion of walls, max sigma", "value": run["motion_max_sigma"]},
        {"measured": "pinched loop, max sigma", "value": run["loop_max_sigma"]},
        {"measured": "spin-orbit torque, max sigma", "value": run["torque_max_sigma"]},
        {"measured": "levels that all devices reached", "value": run["levels"]},
        {"measured": "monotone up and down", "value": run["monotone"]},
        {"measured": "sums of synapses", "value": run["products"]},
        {"measured": "of them wrong", "value": run["products_wrong"]},
    ]
    names = ("read_noise", "separation_sigma", "misread", "misread_law", "misread_sigma")
    reads = [
        dict(zip(names, row, strict=True))
        for row in zip(*(run[name] for name in names), strict=True)
    ]
    return {f"memristors, {where}": checks, f"reads of 16 levels, {where}": reads}

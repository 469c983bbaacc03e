"""The dice experiment: bits from junctions that a pulse switches every other time (Sec. II.B).

**All randomness here is emulated: the bits are pseudo-random.** They follow from the seed, and
have the statistics of the junctions' law, not their unpredictability.

A throw resets every junction to AP, excites it by a pulse that switches it with a probability near
1/2, and reads it. A die is eight junctions; their bits are combined by XOR, two, four, eight of
them ("nested XOR")::

    P(odd) = 1/2 - 1/2 prod_k (1 - 2 p_k),   |bias| = 2^(n-1) prod_k |p_k - 1/2|

so eight junctions that are each 10 % off (p = 0.6) make a bit that is 1.3e-6 off. Junction *k*
differs from the nominal one by a factor f_k of its barrier and of both critical currents, which are
proportional to each other, normally distributed over the devices; and all drift together::

    f(t) = f_k (1 - drift (1 - cos 2 pi t/T) / 2),   T = the whole run

The host sets the current I of the pulse: once at the start ("held"), or after every throw
("tracked") by the part r of all junctions that switched, with the nominal slope of the law::

    ln I += gain (1/2 - r) / (dP / d ln I)

The bits of a die stand one after the other, then those of the next die: a stretch of them is from
few junctions, as on a board of eight. Dice with eight junctions and nested XOR: Fukushima et al.,
"Spin dice: A scalable truly random number generator based on spintronics", Appl. Phys. Express 7,
083001, 2014.
"""

from __future__ import annotations

import time
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.learning import PULSE, LearningShape
from spinloom.emulator.synapse.spread import DeviceSpread
from spinloom.host.battery.judge import judge
from spinloom.host.experiments.dice_config import JUNCTIONS, DiceConfig
from spinloom.host.experiments.dice_result import COMBINED, DRIVES, DiceResult, Throws
from spinloom.host.learning import LearningMachine
from spinloom.host.progress import Advance, Progress

TO_AP, TO_P = 0, 1  # classes of a pulse

CONFIG = DiceConfig
SUITED: dict[str, dict[str, Any]] = {}


def nested(values: npt.NDArray[Any], combine: np.ufunc) -> list[npt.NDArray[Any]]:
    """Of [..., 8] junctions the first one, and the first two, four and eight combined in pairs of
    pairs."""
    found = [values[..., 0]]
    while values.shape[-1] > 1:
        values = combine(values[..., 0::2], values[..., 1::2])
        found.append(values[..., 0])
    return found


def device_levels(shape: LearningShape, seed: int, columns: int) -> npt.NDArray[np.uint8]:
    """Levels of the junctions of the first ``columns``, [inputs, columns]."""
    spread = DeviceSpread(seed)
    return np.stack([spread.levels(shape.groups, c) for c in range(columns)], axis=1)


def throw(machine: LearningMachine, columns: int) -> npt.NDArray[np.uint8]:
    """Reset, excite and read the junctions of the first ``columns``: [inputs, columns]."""
    for pulse_class in (TO_AP, TO_P):
        machine.write("PULSE_CLASS", pulse_class)
        for column in range(columns):
            machine.write_all({"PULSE_COLUMN": column, "COMMAND": PULSE})
    return machine.weights()[:, :columns]


def throws(machine: LearningMachine, config: DiceConfig, tracked: bool, advance: Advance) -> Throws:
    """Throw all dice, with the drive tracked or held."""
    shape = machine.shape
    sets = shape.columns // JUNCTIONS
    columns = JUNCTIONS * sets
    current, slope = config.nominal_drive()
    first = config.params(config.codes(current, 0))
    levels = device_levels(shape, first.spread_seed, columns)
    machine.configure(first)
    machine.reset(state=True, random=True)
    machine.write("PULSE_COUNT", 1)
    many = len(COMBINED)
    packed = np.empty((many, config.throws, shape.inputs * sets // 8), np.uint8)
    tilts, squares = np.zeros(many), np.zeros(many)
    course = np.empty((3, config.throws))
    for t in range(config.throws):
        codes = config.codes(current, t)
        machine.write_memory("codes", shape.code_table(config.params(codes)))
        bits = throw(machine, columns)
        p = (np.array(codes) / shape.code_one)[levels]
        course[:, t] = current, bits.mean(), p.mean()
        odd = nested(bits.reshape(shape.inputs, sets, JUNCTIONS), np.bitwise_xor)
        tilt = nested((1 - 2 * p).reshape(shape.inputs, sets, JUNCTIONS), np.multiply)
        for k in range(many):
            packed[k, t] = np.packbits(odd[k])
            tilts[k] += tilt[k].sum()
            squares[k] += (tilt[k] ** 2).sum()
        if tracked:
            current *= exp(config.gain * (0.5 - course[1, t]) / slope)
        advance(1)
    return Throws(
        packed=packed,
        current=course[0],
        switched=course[1],
        law=course[2],
        tilts=tilts,
        squares=squares,
    )


def run(machine: LearningMachine, config: DiceConfig, progress: Progress) -> DiceResult:
    """Throw all dice with the drive held, then tracked; put the tracked bits to the battery."""
    started, before = time.monotonic(), machine.cycles
    thrown = {}
    with progress.task("throw", total=len(DRIVES) * config.throws, unit="throws") as advance:
        for drive in DRIVES:
            thrown[drive] = throws(machine, config, drive == "tracked", advance)
    cycles = machine.cycles_since(before)
    seconds = time.monotonic() - started
    verdicts = {}
    with progress.task("judge", total=len(COMBINED), unit="streams") as advance:
        for combined in COMBINED:
            stream = thrown["tracked"].stream(combined)
            verdicts[combined] = judge(stream, config.sequences)
            advance(1)
    return DiceResult(
        config=config,
        thrown=thrown,
        verdicts=verdicts,
        cycles=cycles,
        seconds=seconds,
    )


def draw(result: DiceResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import dice_pictures

    return dice_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Bias by the number of junctions combined, and the battery's verdicts."""
    where = f"{run['machine']}, seed {run['seed']}; pseudo-random"
    bias = [
        {
            "drive": drive,
            "junctions": combined,
            "bias": run["bias"][drive][k],
            "law": run["bias_law"][drive][k],
            "standard error": run["bias_sigma"][drive][k],
        }
        for drive in run["bias"]
        for k, combined in enumerate(run["combined"])
    ]
    first = next(iter(run["battery"].values()))
    battery = [
        {
            "test": row["test"],
            **{f"{name}: p >= 0.01": rows[k]["passing"] for name, rows in run["battery"].items()},
            f"XOR of {JUNCTIONS}": run["battery"][f"XOR of {JUNCTIONS}"][k]["verdict"],
        }
        for k, row in enumerate(first)
    ]
    return {f"bias, {where}": bias, f"battery, drive tracked, {where}": battery}

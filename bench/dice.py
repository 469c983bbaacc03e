"""What the battery says of the dice: ``python bench/dice.py [--record]``.

Throws dice of eight junctions on ``golden:numba``, and puts their bits, and those of generators to
compare them with, to the battery of ``host.battery``. ``--record`` keeps the verdicts, failures
included, in ``docs/dice`` and the table of ``docs/dice.md``. All bits are pseudo-random.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec.learning import SHAPES, LearningShape
from spinloom.host.battery.judge import Verdict, judge, least_passing
from spinloom.host.commands.output import show
from spinloom.host.experiments import dice, dice_pictures
from spinloom.host.experiments.dice_config import DiceConfig, die_count
from spinloom.host.experiments.dice_result import COMBINED, DRIVES, DiceResult, Throws, stream_name
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.readme import replace_table
from spinloom.host.rundir import write_atomic

DOCS = Path("docs/dice")
TEXT = Path("docs/dice.md")
TARGET = "golden:numba"
ACROSS, HELD, EQUAL = "8, by throw", "8, held", "8, all at 1/2"
NAIVE, REGISTER, CONTROL = "8, one shift", "LFSR", "PCG64"
Bits = npt.NDArray[np.uint8]


def thrown(config: DiceConfig, shape: LearningShape, tracked: bool, progress: Progress) -> Throws:
    """All throws with one drive, on a machine of its own."""
    with (
        Machine.open(TARGET, shape) as machine,
        progress.task("throw", total=config.throws, unit="throws") as advance,
    ):
        return dice.throws(machine, config, tracked, advance)


def streams(config: DiceConfig, progress: Progress) -> Iterator[tuple[str, Bits]]:
    """Names and bits of what is judged beside the dice themselves, all of the same length."""
    shape, last = config.learning(), COMBINED[-1]
    equal = replace(config, spread=0.0, drift=0.0)
    yield EQUAL, thrown(equal, shape, False, progress).stream(last)
    naive = replace(shape, name="one-shift", generator="naive64")
    yield NAIVE, thrown(config, naive, True, progress).across(last)
    bits = config.throws * die_count(shape)
    seed = config.params(config.codes(config.nominal_drive()[0], 0)).seed
    words = LinearGenerator("naive64", seed).block(bits)
    yield REGISTER, (words & np.uint64(1)).astype(np.uint8)
    yield CONTROL, np.random.default_rng(config.seed).integers(0, 2, bits, np.uint8)


def markdown(verdicts: dict[str, list[Verdict]]) -> str:
    """The table of ``docs/dice.md``: a row a test, a column a stream."""
    names = list(verdicts)
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for k, first in enumerate(verdicts[names[0]]):
        cells = [cell(verdicts[name][k]) for name in names]
        lines.append(f"| {first.test} | {' | '.join(cells)} |")
    failed = [str(sum(not v.passed for v in verdicts[name])) for name in names]
    lines.append(f"| **tests failed** | {' | '.join(failed)} |")
    return "\n".join(lines)


def cell(verdict: Verdict) -> str:
    """Passing sequences and the uniformity of their p-values; bold where the test fails."""
    text = f"{100 * verdict.proportion:.0f} % {dice_pictures.uniformity_text(verdict)}".rstrip()
    return text if verdict.passed else f"**{text} FAIL**"


def record(result: DiceResult, verdicts: dict[str, list[Verdict]], command: str) -> None:
    """Write ``docs/dice`` and the table of ``docs/dice.md``."""
    DOCS.mkdir(parents=True, exist_ok=True)
    dice_pictures.bias(DOCS / "bias.png", result)
    dice_pictures.drift(DOCS / "drift.png", result)
    title = "What the battery says: dice of eight junctions, and others (all pseudo-random)"
    dice_pictures.battery(DOCS / "battery.png", verdicts, title)
    figures = result.figures()
    kept = {
        "command": command,
        "machine": TARGET,
        "seed": result.config.seed,
        "throws": result.config.throws,
        "sequences": result.config.sequences,
        "bits_a_sequence": figures["bits"] // result.config.sequences,
        "least_passing": least_passing(result.config.sequences),
        **{k: v for k, v in figures.items() if k not in ("battery", "cycles", "seconds")},
        "battery": {name: [v.row() for v in rows] for name, rows in verdicts.items()},
    }
    text = json.dumps(kept, indent=1, allow_nan=False) + "\n"
    write_atomic(DOCS / "dice.json", lambda file: file.write(text.encode()))
    page = replace_table(TEXT.read_text(encoding="utf-8"), "dice", markdown(verdicts))
    write_atomic(TEXT, lambda file: file.write(page.encode()))


def main() -> int:
    parser = argparse.ArgumentParser(description="What the battery says of the dice.")
    parser.add_argument("--throws", type=int, default=20_000, help="of each die (%(default)s)")
    parser.add_argument("--sequences", type=int, default=100, help="of a stream (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", action="store_true", help="write docs/dice.md and docs/dice/")
    args = parser.parse_args()
    config = DiceConfig(throws=args.throws, sequences=args.sequences, seed=args.seed)
    with Progress() as progress:
        with Machine.open(TARGET, SHAPES[config.shape]) as machine:
            result = dice.run(machine, config, progress)
        verdicts = {stream_name(n): list(rows) for n, rows in result.verdicts.items()}
        held, tracked = (result.thrown[drive] for drive in DRIVES)
        verdicts[ACROSS] = judge(tracked.across(COMBINED[-1]), config.sequences)
        verdicts[HELD] = judge(held.stream(COMBINED[-1]), config.sequences)
        for name, stream in streams(config, progress):
            verdicts[name] = judge(stream, config.sequences)
    rows = {name: [v.row() for v in found] for name, found in verdicts.items()}
    show(rows, as_json=False)
    if args.record:
        record(result, verdicts, shlex.join(["python", *sys.argv]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long the lanes experiment takes to learn, what device spread costs, and what breaks it.

    python bench/lanes.py                 table, and pictures in docs/lanes/
    python bench/lanes.py --seeds 1,2     other seeds

Everything runs on the golden model, whose results are those of every machine. Each change is made
to the default configuration alone; nothing is tuned again for it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from spinloom.emulator.spec.learning import SHAPES
from spinloom.host import pictures
from spinloom.host.experiments import lanes
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.rundir import write_atomic

CHANGES: dict[str, dict[str, object]] = {
    "default": {},
    "one pass": {"codes": ((64, 16),)},
    "all junctions start AP but 1 in 10": {"parallel": 0.1},
    "no homeostasis": {"homeostasis": False},
    "threshold x 3": {"theta0": 2400},
    "threshold / 4": {"theta0": 200},
    "window 5 x longer": {"bucket_ticks": 20},
    "window 15 x longer": {"bucket_ticks": 60},
    "to AP as likely as to P": {"codes": ((64, 64), (16, 16))},
    "to AP 32 x rarer than to P": {"codes": ((64, 2), (32, 1))},
    "always switches": {"codes": ((256, 256), (256, 256))},
    "no inhibition": {"t_inh": 0},
    "no leak": {"leak": 0},
}
SPREADS = (0.0, 0.1, 0.25, 0.5, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", default="1,2,3", help="comma-separated (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("docs/lanes"), help="(%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args()
    seeds = [int(seed) for seed in args.seeds.split(",")]

    curves = [list(run(lanes.LanesConfig(seed=seed, curve=True)).curve) for seed in seeds]
    default = [curve[-1][1] for curve in curves]
    changes, spreads = {"default": default}, {"no spread": default}
    for name, change in CHANGES.items():
        if change:
            changes[name] = [f1(replace(lanes.LanesConfig(seed=s), **change)) for s in seeds]
    for sigma in SPREADS[1:]:
        spreads[f"{100 * sigma:g} %"] = [f1(lanes.LanesConfig(seed=s, sigma=sigma)) for s in seeds]

    results = {"seeds": seeds, "curves": curves, "changes": changes, "spread": spreads}
    args.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1) + "\n"
    write_atomic(args.out / "lanes.json", lambda file: file.write(text.encode()))
    pictures.time_to_learn(args.out / "time_to_learn.png", curves)
    unit = "mean F1 over lanes, test traffic"
    pictures.bars(args.out / "breaks.png", changes, "What breaks it, and what does not", unit)
    pictures.bars(args.out / "spread.png", spreads, "Spread of switching probability", unit)
    if args.json:
        print(text, end="")
        return
    learned = {f"{point[0]:g} s": [c[n][1] for c in curves] for n, point in enumerate(curves[0])}
    for title, rows in (("traffic watched", learned), ("change", changes), ("spread", spreads)):
        table(title, rows, seeds)


def run(config: lanes.LanesConfig) -> lanes.LanesResult:
    with Machine.open("golden", SHAPES[config.shape]) as machine, Progress() as progress:
        return lanes.run(machine, config, progress)


def f1(config: lanes.LanesConfig) -> float:
    evaluation = run(config).evaluation
    if evaluation is None:
        raise ValueError("a configuration with a recording has no score")
    return evaluation.f1_mean


def table(title: str, rows: Mapping[str, list[float]], seeds: list[int]) -> None:
    print(f"\n{title:36}{'mean F1':>8}" + "".join(f"  seed {seed:<4}" for seed in seeds))
    for name, values in rows.items():
        print(f"{name:36}{np.mean(values):8.3f}" + "".join(f"{v:9.3f}  " for v in values))


if __name__ == "__main__":
    main()

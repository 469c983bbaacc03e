"""``spinloom run EXPERIMENT``: an experiment on a machine, one run directory a seed."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinloom.host import config
from spinloom.host.commands import results
from spinloom.host.commands.boards import require
from spinloom.host.commands.listing import EXPERIMENTS
from spinloom.host.commands.output import add_json_option, show
from spinloom.host.progress import Progress
from spinloom.host.rundir import RunDirectory, read_result

if TYPE_CHECKING:
    from spinloom.host.experiments.lanes import LanesConfig
    from spinloom.host.learning import LearningMachine

ARRAYS = "arrays.npz"
# Options that replace a field of the configuration file.
OVERRIDES = ("shape", "sigma", "seconds_train", "seconds_test", "curve", "events", "downsample")


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    run = commands.add_parser("run", parents=[common], help="run an experiment")
    experiments = run.add_subparsers(metavar="EXPERIMENT", required=True, dest="experiment")
    lanes = experiments.add_parser("lanes", parents=[common], help=EXPERIMENTS["lanes"])
    lanes.add_argument(
        "--on",
        default="golden",
        metavar="MACHINE",
        help="golden, golden:numba, sim, sim:cxxrtl, serial:PORT[@BAUD] (%(default)s)",
    )
    lanes.add_argument("--shape", help="lanes, or lanes-full for every pixel an input (lanes)")
    lanes.add_argument("--seed", type=int, default=None, help="seed of data, weights and noise (1)")
    lanes.add_argument(
        "--seeds", type=seed_list, metavar="N|A,B,...", help="several runs: so many, or these"
    )
    lanes.add_argument("--sigma", type=float, help="device spread, 0.25 = 25 %% (0)")
    lanes.add_argument(
        "--config", type=Path, metavar="FILE", help="TOML; an option here wins over it"
    )
    lanes.add_argument("--events", metavar="FILE", help="a recording instead of synthetic traffic")
    lanes.add_argument(
        "--downsample", type=int, metavar="N", help="pool N x N pixels (2, or what suits the shape)"
    )
    lanes.add_argument("--seconds-train", type=float, metavar="S", help="traffic to learn from")
    lanes.add_argument("--seconds-test", type=float, metavar="S", help="traffic to score")
    lanes.add_argument(
        "--curve", action="store_true", default=None, help="score while it learns, and plot that"
    )
    lanes.add_argument(
        "--out", type=Path, default=results.RUNS, help="run directories (%(default)s)"
    )
    lanes.add_argument("--quiet", action="store_true", help="no progress bar")
    add_json_option(lanes)
    lanes.set_defaults(handler=lanes_main)


def seed_list(text: str) -> int | tuple[int, ...]:
    """``"3"``: three seeds from --seed on; ``"1,5,9"``: these."""
    try:
        numbers = tuple(int(n) for n in text.split(",") if n.strip())
    except ValueError:
        numbers = ()
    if not numbers or ("," not in text and numbers[0] < 1):
        raise ArgumentTypeError(f"{text!r} is neither a count (3) nor a list of seeds (1,5,9)")
    return numbers if "," in text else numbers[0]


def lanes_main(args: Namespace) -> int:
    """Run every seed, then print the lanes (one run) or the runs (several)."""
    configs = resolve(args)
    runs = [run_lanes(args, one) for one in configs]
    if args.json:
        show({"runs": runs}, as_json=True)
    elif len(runs) == 1:
        show_lanes(runs[0])
    else:
        rows = [results.summary(run["run"], run) for run in runs]
        show({"runs": [*rows, mean_row(rows)]}, as_json=False)
    return 0


def resolve(args: Namespace) -> list[LanesConfig]:
    """The configuration of each seed: defaults, then what suits the shape, then --config, then
    options. All are checked before anything runs."""
    from spinloom.host.experiments.lanes_config import SUITED, LanesConfig

    values: dict[str, Any] = config.read_toml(args.config) if args.config else {}
    source = str(args.config) if args.config else "command line"
    values |= {name: v for name in OVERRIDES if (v := getattr(args, name)) is not None}
    if args.seed is not None:
        values["seed"] = args.seed
    values = SUITED.get(str(values.get("shape")), {}) | values
    first = config.build(LanesConfig, values, source)
    if args.seeds is None:
        return [first]
    if isinstance(args.seeds, tuple) and args.seed is not None:
        raise ValueError("--seed and --seeds A,B,... both name seeds; give one of them")
    seeds = args.seeds
    if isinstance(seeds, int):
        seeds = tuple(range(first.seed, first.seed + seeds))
    return [config.build(LanesConfig, values | {"seed": seed}, source) for seed in seeds]


def run_lanes(args: Namespace, one: LanesConfig) -> dict[str, Any]:
    """One run; returns what its ``result.json`` holds, and where that is."""
    from spinloom.emulator.spec.learning import SHAPES
    from spinloom.host.experiments import lanes, lanes_pictures
    from spinloom.host.machine import Machine

    if args.on.partition(":")[0] == "sim":
        require("rtl")
    # The machine first: one that is absent, silent or different leaves no run directory.
    with (
        Machine.open(args.on, SHAPES[one.shape]) as machine,
        RunDirectory(args.out, f"lanes-{one.seed}", one) as run,
        Progress(quiet=args.quiet or args.json) as progress,
    ):
        run.known |= {"experiment": "lanes", "machine": args.on, "seed": one.seed}
        try:
            result = lanes.run(machine, one, progress)
            progress.stage = "save"
            run.known |= result.figures()
            run.save(ARRAYS, **result.arrays())
            pictures = lanes_pictures.draw(result, run.path)
        except KeyboardInterrupt:
            rescue(run, machine, progress)
            raise
        run.complete(run.known | {"pictures": pictures})
    return {"run": str(run.path), **read_result(run.path)}


def rescue(run: RunDirectory, machine: LearningMachine, progress: Progress) -> None:
    """After an interrupt: where it was, and the weights so far if the machine still answers."""
    run.known["stage"] = progress.stage
    if (run.path / ARRAYS).exists():
        return
    # A second interrupt means: not even that.
    with suppress(OSError, RuntimeError, KeyboardInterrupt):
        run.save(ARRAYS, weights=machine.weights())


def show_lanes(run: dict[str, Any]) -> None:
    """One line a lane (or the plain figures of a recording without truth), then what was saved."""
    if "f1_mean" in run:
        show({f"lanes, {run['machine']}, seed {run['seed']}": lane_rows(run)}, as_json=False)
    else:
        figures = ("events", "spikes", "weights_parallel", "spikes_hash", "weights_hash", "seconds")
        rows = [{"figure": name, "value": run[name]} for name in figures]
        show({f"learned from a recording, {run['machine']}": rows}, as_json=False)
    print(f"{run['run']}: {', '.join(run['pictures'])}")


def lane_rows(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The table of lanes, and all of them together."""
    columns = ("passages", "detection", "false_alarms", "duplicates")
    rows = [
        {"lane": str(lane + 1)}
        | {name: run[f"{name}_by_lane"][lane] for name in columns}
        | {"F1": f1}
        for lane, f1 in enumerate(run["f1_by_lane"])
    ]
    return [*rows, {"lane": "all"} | {name: run[name] for name in columns} | {"F1": run["f1_mean"]}]


def mean_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean of every figure that all runs have; the rest stays empty."""
    mean: dict[str, Any] = {"run": "mean"}
    for name in list(rows[0])[1:]:
        values = [row[name] for row in rows]
        numbers = all(isinstance(v, int | float) for v in values)
        mean[name] = sum(values) / len(values) if numbers else None
    return mean

"""``spinloom run EXPERIMENT``: an experiment on a machine, one run directory a seed."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from spinloom.emulator.spec.shapes import shape_named
from spinloom.host import config, rundir
from spinloom.host.checkpoint import EVERY_S, Checkpoint
from spinloom.host.commands import results
from spinloom.host.commands.boards import require
from spinloom.host.commands.output import add_json_option, show
from spinloom.host.experiments import options, registry
from spinloom.host.experiments.registry import EXPERIMENTS, Config
from spinloom.host.learning import LearningMachine
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress
from spinloom.host.rundir import RunDirectory

ARRAYS = "arrays.npz"
MACHINE = "golden"


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    run = commands.add_parser("run", parents=[common], help="run an experiment")
    names = run.add_subparsers(metavar="EXPERIMENT", required=True, dest="experiment")
    for entry in EXPERIMENTS.values():
        fill = partial(add_options, entry.name)
        names.add_parser(entry.name, parents=[common], help=entry.what, fill=fill)


def add_options(name: str, parser: ArgumentParser) -> None:
    """What all experiments share, and the fields of this one's configuration."""
    parser.add_argument(
        "--on",
        metavar="MACHINE",
        help=f"golden, golden:numba, sim, sim:cxxrtl, serial:PORT[@BAUD] ({MACHINE})"
        + ("; a comma between two different ones" if EXPERIMENTS[name].second else ""),
    )
    parser.add_argument("--seed", type=int, help="seed of data, weights and noise (1)")
    parser.add_argument(
        "--seeds", type=seed_list, metavar="N|A,B,...", help="several runs: so many, or these"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="TOML; an option here wins over it"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"run directories ({results.RUNS})")
    if EXPERIMENTS[name].resumable:
        parser.add_argument(
            "--resume", type=Path, metavar="RUN",
            help="go on with the unfinished run of this directory, on any machine (its last one)",
        )  # fmt: skip
        parser.add_argument(
            "--checkpoint", type=float, default=EVERY_S, metavar="SECONDS",
            help="how often it is saved what a run goes on from (%(default)g)",
        )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_json_option(parser)
    options.add(parser, registry.load(name).CONFIG)
    parser.set_defaults(handler=main)


def seed_list(text: str) -> int | tuple[int, ...]:
    """``"3"``: three seeds from --seed on; ``"1,5,9"``: these."""
    try:
        numbers = tuple(int(n) for n in text.split(",") if n.strip())
    except ValueError:
        numbers = ()
    if not numbers or ("," not in text and numbers[0] < 1):
        raise ArgumentTypeError(f"{text!r} is neither a count (3) nor a list of seeds (1,5,9)")
    return numbers if "," in text else numbers[0]


def main(args: Namespace) -> int:
    """Run every seed, then print the tables of the run (one seed) or a line each (several)."""
    if getattr(args, "resume", None) is not None:
        runs = [resume(args)]
    else:
        runs = [run_one(args, one) for one in resolve(args)]
    if args.json:
        show({"runs": runs}, as_json=True)
    elif len(runs) == 1:
        (one,) = runs
        show(registry.load(args.experiment).tables(one), as_json=False)
        print(f"{one['run']}: {', '.join(one['pictures'])}")
    else:
        rows = [results.summary(run["run"], run) for run in runs]
        show({"runs": [*rows, mean_row(rows)]}, as_json=False)
    return 0


def resolve(args: Namespace) -> list[Any]:
    """The configuration of each seed: defaults, then what suits the shape, then --config, then
    options. All are checked before anything runs."""
    experiment = registry.load(args.experiment)
    values: dict[str, Any] = config.read_toml(args.config) if args.config else {}
    source = str(args.config) if args.config else "command line"
    values |= options.given(args, experiment.CONFIG)
    if args.seed is not None:
        values["seed"] = args.seed
    values = {**experiment.SUITED.get(str(values.get("shape")), {}), **values}
    first: Any = config.build(experiment.CONFIG, values, source)
    if args.seeds is None:
        return [first]
    if isinstance(args.seeds, tuple) and args.seed is not None:
        raise ValueError("--seed and --seeds A,B,... both name seeds; give one of them")
    seeds = args.seeds
    if isinstance(seeds, int):
        seeds = tuple(range(first.seed, first.seed + seeds))
    return [config.build(experiment.CONFIG, values | {"seed": seed}, source) for seed in seeds]


def open_machine(target: str, shape: str) -> Machine:
    """The machine of a target and of the shape of this name."""
    if target.partition(":")[0] == "sim":
        require("rtl")
    return Machine.open(target, shape_named(shape))


def targets(target: str, second: str | None) -> list[str]:
    """Those of each machine; both are alike where one is named, a board is one alone."""
    named = target.split(",") if second else [target]
    if len(named) > 2:
        raise ValueError(f"--on {target}: give one machine, or two with a comma between them")
    if second and len(set(named)) == 1 and named[0].startswith("serial:"):
        raise ValueError(
            f"--on {target}: --shape and --{second} need a board each; give --on "
            f"{named[0]},serial:PORT, or golden or sim for one of them"
        )
    return named * 2 if second and len(named) == 1 else named


def run_one(args: Namespace, one: Config) -> dict[str, Any]:
    """One run; returns what its ``result.json`` holds, and where that is."""
    name, target = args.experiment, args.on or MACHINE
    second = EXPERIMENTS[name].second
    known = {"experiment": name, "machine": target, "seed": one.seed}
    out = args.out or results.RUNS
    shapes = [one.shape, getattr(one, second)] if second else [one.shape]
    with ExitStack() as opened:
        # The machines first: one that is absent, silent or different leaves no run directory.
        machines = [
            opened.enter_context(open_machine(where, shape))
            for where, shape in zip(targets(target, second), shapes, strict=True)
        ]
        run = opened.enter_context(RunDirectory(out, f"{name}-{one.seed}", one, known))
        return work(args, one, machines, run)


def resume(args: Namespace) -> dict[str, Any]:
    """Go on with a run that was cut: its configuration, its directory, any machine."""
    path, name = args.resume, args.experiment
    experiment = registry.load(name)
    given = [*options.given(args, experiment.CONFIG)]
    own = ("seed", "seeds", "config", "out")
    given += [option for option in own if getattr(args, option) is not None]
    if given:
        raise ValueError(
            f"--{given[0].replace('_', '-')}: a resumed run keeps its configuration and directory; "
            "leave it out"
        )
    earlier = rundir.read_result(path)
    if earlier.get("experiment") != name:
        raise ValueError(f"{path} is a run of {earlier.get('experiment')}, not of {name}")
    if earlier["status"] == "complete":
        raise ValueError(f"{path} is complete: there is nothing to resume")
    source = path / rundir.CONFIG
    if not (path / rundir.CHECKPOINT).exists():
        raise ValueError(
            f"{path} has no {rundir.CHECKPOINT}, it was cut too early: "
            f"start again with spinloom run {name} --config {shlex.quote(str(source))}"
        )
    one: Any = config.build(experiment.CONFIG, config.read_toml(source), str(source))
    target = args.on or earlier["machine"]
    known = {key: earlier[key] for key in ("experiment", "seed")} | {
        "machine": target,
        "earlier_machines": [*earlier.get("earlier_machines", []), earlier["machine"]],
    }
    with open_machine(target, one.shape) as machine, RunDirectory.reopen(path, known) as run:
        (path / ARRAYS).unlink(missing_ok=True)  # what was rescued
        return work(args, one, [machine], run)


def work(
    args: Namespace, one: Config, machines: Sequence[Machine], run: RunDirectory
) -> dict[str, Any]:
    """Run, save and draw; returns what ``result.json`` holds, and where that is."""
    name, experiment = args.experiment, registry.load(args.experiment)
    kept = EXPERIMENTS[name].resumable
    rest: list[Any] = list(machines[1:])
    if kept:
        rest.append(Checkpoint(run.checkpoint, every_s=args.checkpoint))
    with Progress(quiet=args.quiet or args.json) as progress:
        try:
            result = experiment.run(machines[0], one, progress, *rest)
            progress.stage = "save"
            run.known |= result.figures()
            run.save(ARRAYS, **result.arrays())
            pictures = experiment.draw(result, run.path)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                rescue(run, machines[0], progress)
            if run.checkpoint.exists() and not isinstance(error, ValueError):
                again = f"spinloom run {name} --resume {shlex.quote(str(run.path))}"
                error.add_note(f"go on with: {again} --on {run.known['machine']}")
            raise
    run.complete(run.known | {"pictures": pictures})
    return {"run": str(run.path), **rundir.read_result(run.path)}


def rescue(run: RunDirectory, machine: Machine, progress: Progress) -> None:
    """After an interrupt: where it was, and the weights so far if the machine still answers."""
    run.known["stage"] = progress.stage
    if (run.path / ARRAYS).exists():
        return
    # A second interrupt means: not even that.
    with suppress(OSError, RuntimeError, KeyboardInterrupt):
        if isinstance(machine, LearningMachine):
            run.save(ARRAYS, weights=machine.weights())
        else:
            run.save(ARRAYS, weights=machine.read_memory("weights"))


def mean_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean of every figure that all runs have; the rest stays empty."""
    mean: dict[str, Any] = {"run": "mean"}
    for name in list(rows[0])[1:]:
        values = [row[name] for row in rows]
        numbers = all(isinstance(v, int | float) for v in values)
        mean[name] = sum(values) / len(values) if numbers else None
    return mean

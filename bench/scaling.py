"""How arrays scale: ``python bench/scaling.py [--board ulx3s] [--record]``.

Builds arrays of growing width (lanes = neurons × row groups, the junctions read at once) for the
boards, and plays a workload like W1 on each in Verilator: 20.5 events a tick, spread evenly over
the inputs, winner-take-all with a hard reset. Speeds are estimates: cycles of the simulated circuit
times the Fmax after routing. Two arrays that differ in one number tell what one more neuron or
input costs. ``--record`` keeps all of it in ``docs/scaling``, build by build.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.bench.w1 import report, workload
from spinloom.boards import flow, simulators
from spinloom.boards.board import Board
from spinloom.boards.catalog import BOARDS
from spinloom.boards.toolchain import ToolError
from spinloom.boards.uart_top import UartTop
from spinloom.emulator.spec.learning import WORD_TICK, LearningShape
from spinloom.host import pictures
from spinloom.host.commands.output import show
from spinloom.host.machine import Machine
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic
from spinloom.rtl.top import Top

DOCS = Path("docs/scaling")
NOTE = "estimates: cycles of the simulated circuit times the Fmax after routing"
# Neurons, row groups and inputs of what is built for each board. One row group is the serial
# engine, which judges every event: no other fits the iCEBreaker, where the smallest wide array and
# 64 neurons in series are built to be refused.
ARRAYS = {
    "ulx3s": [
        (8, 8, 256), (16, 8, 256), (16, 8, 1024), (64, 8, 1024), (64, 4, 1024), (256, 4, 1024),
    ],
    "tangnano9k": [(8, 8, 128), (16, 8, 128), (8, 8, 256)],
    "icebreaker": [
        (16, 1, 1024), (32, 1, 1024), (48, 1, 1024), (32, 1, 4096), (64, 1, 1024), (2, 8, 64),
    ],
}  # fmt: skip
EVENTS = 20.5  # a tick
TICKS = 150
ROUNDS = 20
# Bits of one memory block, by its name in ``Board.resources``.
BLOCK_BITS = {"DP16KD": 18432, "BSRAM": 18432, "EBR": 4096, "SPRAM": 262144}
# The picture: a colour for each board, a marker for each number of inputs, and the axis of lanes.
COLOURS = {"ulx3s": "#0072B2", "tangnano9k": "#009E73", "icebreaker": "#D55E00"}
MARKERS = {128: "v", 256: "o", 1024: "s", 4096: "^"}
LANES = (8, 20_000)
KEY = ("board", "neurons", "row_groups", "inputs")  # what names an array
Row = dict[str, Any]


def array(neurons: int, row_groups: int, inputs: int) -> LearningShape:
    """A shape like W1's machine, of this width; of one row group, like W1's serial one."""
    name = f"{neurons}x{row_groups}x{inputs}"
    if row_groups == 1:
        return LearningShape(
            name=name, inputs=inputs, neurons=neurons, threshold_bits=8, step_bits=1
        )
    banks = 1 << (-(-neurons // 16) - 1).bit_length()
    return LearningShape(
        name=name, inputs=inputs, neurons=neurons, threshold_bits=8, step_bits=1, levels=1,
        group=64, row_groups=row_groups, generators=banks * row_groups // 8,
        stimulus=min(2048, 16 * inputs),
    )  # fmt: skip


def stimulus(shape: LearningShape) -> tuple[npt.NDArray[np.uint16], int]:
    """Seeded stream words of ``TICKS`` ticks, and how many events are among them. No tick has more
    events than one group of a wide array."""
    rng = np.random.default_rng(workload.SEED)
    most = shape.inputs if shape.group == 1 else shape.group
    words: list[npt.NDArray[Any]] = []
    for _ in range(TICKS):
        active = np.flatnonzero(rng.random(shape.inputs) < EVENTS / shape.inputs)
        words += [active[:most], np.array([WORD_TICK | 1])]
    joined = np.concatenate(words).astype(np.uint16)
    return joined, len(joined) - TICKS


def cycles(board: Board, shape: LearningShape, theta: int) -> tuple[float, float]:
    """Cycles a tick, and spikes a tick, of the simulated circuit."""
    words, _ = stimulus(shape)
    params = replace(workload.params(theta, workload.T_REF), t_inh=int(shape.group == 1))
    program = simulators.build(Top(shape, compact=board.compact), "verilator")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-1]
        with Machine.open(f"tcp:{address}", shape) as machine:
            machine.configure(params)
            rng = np.random.default_rng(workload.SEED)
            machine.set_weights(rng.random((shape.inputs, shape.neurons)) < 0.5)
            machine.reset(state=True, theta=True, random=True)
            machine.quiet()
            taken = []
            for rounds in (1, 1 + ROUNDS):  # what loading takes is the same in both
                before = machine.cycles or 0, machine.spike_count
                if shape.stimulus:
                    machine.play(words, rounds=rounds)
                else:
                    machine.stream(np.tile(words, rounds))
                spikes = machine.spike_count - before[1]  # waits until all is done
                taken.append(((machine.cycles or 0) - before[0], spikes))
    (c1, s1), (c2, s2) = taken
    return (c2 - c1) / (TICKS * ROUNDS), (s2 - s1) / (TICKS * ROUNDS)


def measure(board: Board, shape: LearningShape) -> Row:
    """One build, and its speed. Raises ``ToolError`` for an array that does not fit."""
    folder = Path("build") / f"scaling-{board.name}-{shape.name}"
    built = flow.build(board, UartTop(board, shape), folder, lambda line: print(line, flush=True))
    return speed(board, shape, built)


def speed(board: Board, shape: LearningShape, built: Row) -> Row:
    """The row of an array, of whose build ``built`` is the report."""
    fmax = built["fmax_mhz"] * 1e6
    busy, _ = cycles(board, shape, workload.THETAS[0])
    learning, spikes = cycles(board, shape, workload.THETAS[1])
    events = stimulus(shape)[1] / TICKS
    return {
        "board": board.name,
        "neurons": shape.neurons,
        "row_groups": shape.row_groups,
        "inputs": shape.inputs,
        "lanes": shape.neurons * shape.row_groups,
        "resources": built["resources"],
        "fmax_mhz": built["fmax_mhz"],
        "timing": built["timing"],
        "cycles_per_tick": round(busy, 3),
        "cycles_per_learning_tick": round(learning, 3),
        "synaptic_events_per_s": round(events * shape.neurons / busy * fmax),
        "state_updates_per_s": round(spikes * shape.inputs / learning * fmax),
    }


def memory_bits(resources: dict[str, list[int]]) -> int:
    """Bits of the memory blocks that a build takes, whole blocks, full or not."""
    return sum(BLOCK_BITS[name] * used for name, (used, _) in resources.items()
               if name in BLOCK_BITS)  # fmt: skip


def costs(rows: list[Row]) -> list[Row]:
    """What one more neuron, and one more input, costs: differences between arrays of a board that
    differ in that number alone, each with the next larger one, divided by the step. ``LC`` are
    logic cells of the iCE40, which hold a LUT, a flip-flop or both; None elsewhere."""
    found = []
    for number in ("neurons", "inputs"):
        others = [key for key in KEY if key != number]
        ordered = sorted(rows, key=lambda r: ([r[key] for key in others], r[number]))
        for small, large in pairwise(ordered):
            if any(small[key] != large[key] for key in others):
                continue
            step = large[number] - small[number]
            used = [r["resources"] for r in (small, large)]
            found.append(
                {
                    "board": small["board"],
                    "one_more": number.removesuffix("s"),
                    "from": array(*(small[key] for key in KEY[1:])).name,
                    "to": array(*(large[key] for key in KEY[1:])).name,
                    **{
                        name: round((used[1][name][0] - used[0][name][0]) / step, 2)
                        if name in used[0]
                        else None
                        for name in ("LUT", "FF", "LC")
                    },
                    "memory_bits": round((memory_bits(used[1]) - memory_bits(used[0])) / step, 1),
                }
            )
    return found


def roof(rows: list[Row]) -> float:
    """The highest Fmax of a board's arrays, in Hz: that of its roofline."""
    return float(max(r["fmax_mhz"] for r in rows) * 1e6)


def picture(path: Path, rows: list[Row]) -> None:
    """Speeds and logic against lanes, with the roofline of each board: every lane reads a junction
    a cycle, until all memory blocks read their whole width."""
    best = 0.0  # of the roofline
    with pictures.saved_figure(path, 12, 4.4) as figure:
        reads, trials, logic = figure.subplots(1, 3)
        for board, colour in COLOURS.items():
            mine = [r for r in rows if r["board"] == board]
            if not mine:
                continue
            fmax, bits = roof(mine), report.ROOFLINE_BITS[board]
            reads.plot(
                [LANES[0], bits, LANES[1]], [LANES[0] * fmax, bits * fmax, bits * fmax],
                color=colour, lw=1,
            )  # fmt: skip
            reads.annotate(
                f"{BOARDS[board].title}: {bits:,} bits",
                (LANES[1], bits * fmax), xytext=(0, 3), textcoords="offset points", ha="right",
                fontsize=8, color=colour,
            )  # fmt: skip
            for r in mine:
                limit = min(r["lanes"], bits) * fmax
                best = max(best, r["synaptic_events_per_s"] / limit)
                used, there = r["resources"].get("LC", r["resources"]["LUT"])
                figures = (r["synaptic_events_per_s"], r["state_updates_per_s"], 100 * used / there)
                fill = colour if r["row_groups"] > 1 else "white"
                for axis, figure_of in zip((reads, trials, logic), figures, strict=True):
                    axis.plot(
                        r["lanes"], figure_of, MARKERS[r["inputs"]], color=colour,
                        markerfacecolor=fill, clip_on=False,
                    )  # fmt: skip
        reads.set(
            yscale="log", ylabel="synaptic events per second, θ = 100",
            title=f"Reading: at best {best:.0%} of the roofline",
        )  # fmt: skip
        trials.set(
            yscale="log",
            ylabel="write trials per second, θ = 1",
            title=f"Learning: up to {si(max(r['state_updates_per_s'] for r in rows))} trials/s",
        )
        logic.set(ylim=(0, 105), ylabel="logic cells used, % of the chip's",
                  title="Logic: what an array takes of its chip")  # fmt: skip
        logic.axhline(100, color=pictures.GREY, lw=1)
        for axis in (reads, trials, logic):
            axis.set(xscale="log", xlim=LANES, xlabel="lanes: junctions read at once")
            axis.grid(color="#E6E6E6")
            axis.set_axisbelow(True)
        for board, colour in COLOURS.items():
            logic.plot([], [], "o", color=colour, label=BOARDS[board].title)
        logic.legend(loc="lower right", fontsize=8)
        for inputs, marker in MARKERS.items():
            trials.plot([], [], marker, color=pictures.GREY, label=f"{inputs:,} inputs")
        trials.plot([], [], "o", color=pictures.GREY, markerfacecolor="white",
                    label="one row at a time")  # fmt: skip
        trials.legend(loc="lower right", fontsize=8)
        figure.suptitle("Arrays on three boards; estimates: cycles of the simulated circuit × Fmax "
                        "after routing", x=0.01, ha="left")  # fmt: skip


def record(rows: list[Row], refused: list[Row]) -> None:
    """Write ``docs/scaling``: arrays, what did not fit, costs and picture."""
    DOCS.mkdir(parents=True, exist_ok=True)
    kept = {"note": NOTE, "arrays": rows, "refused": refused, "costs": costs(rows)}
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    write_atomic(DOCS / "scaling.json", lambda file: file.write(text.encode()))
    picture(DOCS / "scaling.png", rows)


def without(rows: list[Row], row: Row) -> list[Row]:
    """The rows of other arrays than this one's."""
    return [r for r in rows if any(r[key] != row[key] for key in KEY)]


def main() -> int:
    parser = argparse.ArgumentParser(description="How arrays scale.")
    parser.add_argument("--board", action="append", choices=ARRAYS, help="may be repeated")
    parser.add_argument("--record", action="store_true", help="write docs/scaling")
    args = parser.parse_args()
    path = DOCS / "scaling.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    rows, refused = kept.get("arrays", []), kept.get("refused", [])
    for name in args.board or ARRAYS:
        for size in ARRAYS[name]:
            asked = dict(zip(KEY, (name, *size), strict=True))
            rows, refused = without(rows, asked), without(refused, asked)
            try:
                rows.append(measure(BOARDS[name], array(*size)))
            except ToolError as error:
                if "ERROR" not in str(error):  # not the verdict of place and route
                    raise
                refused.append(asked | {"error": str(error)})
            if args.record:
                record(rows, refused)
    shown = [{k: v for k, v in row.items() if k != "resources"} for row in rows]
    show({"arrays": report.readable(shown), "does not fit": refused, "costs": costs(rows)},
         as_json=False)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())

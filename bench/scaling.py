"""How wide arrays scale: ``python bench/scaling.py [--board ulx3s] [--record]``.

Builds arrays of growing width (lanes = neurons × row groups, the junctions read in a cycle) for
the boards, and plays a workload like W1 on each in Verilator: 20.5 events a tick, spread evenly
over the inputs, winner-take-all with a hard reset. Speeds are estimates: cycles of the simulated
circuit times the Fmax after routing. ``--record`` keeps them in ``docs/scaling``, build by build.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinloom.bench.w1 import report, workload
from spinloom.boards import flow, simulators
from spinloom.boards.catalog import BOARDS
from spinloom.boards.uart_top import UartTop
from spinloom.emulator.spec.learning import WORD_TICK, LearningShape
from spinloom.host import pictures
from spinloom.host.commands.output import show
from spinloom.host.machine import Machine
from spinloom.host.rundir import write_atomic
from spinloom.rtl.top import Top

DOCS = Path("docs/scaling")
# Neurons, row groups and inputs of what is built for each board.
ARRAYS = {
    "ulx3s": [(8, 8, 256), (16, 8, 256), (16, 8, 1024), (64, 8, 1024), (256, 4, 1024)],
    "tangnano9k": [(8, 8, 128), (16, 8, 128)],
    "icebreaker": [(8, 8, 64)],
}
EVENTS = 20.5  # a tick
TICKS = 150
ROUNDS = 20


def array(neurons: int, row_groups: int, inputs: int) -> LearningShape:
    """A shape like W1's machine, of this width."""
    banks = 1 << (-(-neurons // 16) - 1).bit_length()
    return LearningShape(
        name=f"{neurons}x{row_groups}x{inputs}", inputs=inputs, neurons=neurons, threshold_bits=8,
        step_bits=1, levels=1, group=64, row_groups=row_groups,
        generators=banks * row_groups // 8, stimulus=2048,
    )  # fmt: skip


def cycles(shape: LearningShape, theta: int) -> tuple[float, float]:
    """Cycles a tick, and spikes a tick, of the simulated circuit."""
    rng = np.random.default_rng(workload.SEED)
    words = []
    for _ in range(TICKS):
        active = np.flatnonzero(rng.random(shape.inputs) < EVENTS / shape.inputs)
        words += [active[: shape.group], [WORD_TICK | 1]]
    program = simulators.build(Top(shape), "verilator")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-1]
        with Machine.open(f"tcp:{address}", shape) as machine:
            machine.configure(workload.params(theta, workload.T_REF))
            machine.set_weights(rng.random((shape.inputs, shape.neurons)) < 0.5)
            machine.reset(state=True, theta=True, random=True)
            machine.quiet()
            taken = []
            for rounds in (1, 1 + ROUNDS):  # what loading takes is the same in both
                before = machine.cycles or 0, machine.spike_count
                machine.play(np.concatenate(words).astype(np.uint16), rounds=rounds)
                spikes = machine.spike_count - before[1]
                taken.append(((machine.cycles or 0) - before[0], spikes))
    (c1, s1), (c2, s2) = taken
    return (c2 - c1) / (TICKS * ROUNDS), (s2 - s1) / (TICKS * ROUNDS)


def measure(board_name: str, neurons: int, row_groups: int, inputs: int) -> dict[str, Any]:
    """One build, and its speed."""
    board, shape = BOARDS[board_name], array(neurons, row_groups, inputs)
    folder = Path("build") / f"scaling-{board_name}-{shape.name}"
    built = flow.build(board, UartTop(board, shape), folder, lambda line: print(line, flush=True))
    fmax = built["fmax_mhz"] * 1e6
    busy, _ = cycles(shape, workload.THETAS[0])
    learning, spikes = cycles(shape, workload.THETAS[1])
    return {
        "board": board_name,
        "neurons": neurons,
        "row_groups": row_groups,
        "inputs": inputs,
        "lanes": neurons * row_groups,
        "resources": built["resources"],
        "fmax_mhz": built["fmax_mhz"],
        "timing": built["timing"],
        "cycles_per_tick": round(busy, 3),
        "cycles_per_learning_tick": round(learning, 3),
        "synaptic_events_per_s": round(EVENTS * neurons / busy * fmax),
        "state_updates_per_s": round(spikes * inputs / learning * fmax),
    }


def picture(path: Path, rows: list[dict[str, Any]]) -> None:
    """Speeds and LUTs against lanes, with the roofline of each board's block RAM."""
    with mpl.rc_context(rc=pictures.STYLE):
        figure = Figure(figsize=(10, 3.6), layout="constrained")
        canvas = FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        for colour, board in zip(("C0", "C1", "C2"), BOARDS, strict=True):
            mine = sorted((r for r in rows if r["board"] == board), key=lambda r: r["lanes"])
            if not mine:
                continue
            lanes = [r["lanes"] for r in mine]
            left.plot(lanes, [r["synaptic_events_per_s"] for r in mine], "o-", color=colour,
                      label=f"{board}: synaptic events")  # fmt: skip
            left.plot(lanes, [r["state_updates_per_s"] for r in mine], "s--", color=colour,
                      alpha=0.6, label=f"{board}: updates")  # fmt: skip
            roof = report.ROOFLINE_BITS[board] * max(r["fmax_mhz"] for r in mine) * 1e6
            left.axhline(roof, color=colour, lw=0.8, ls=":")
            left.annotate(f"block RAM of {board}", (lanes[0], roof), fontsize=7, color=colour,
                          va="bottom")  # fmt: skip
            right.plot(lanes, [r["resources"].get("LC", r["resources"]["LUT"])[0] for r in mine],
                       "o-", color=colour, label=board)  # fmt: skip
        left.set(
            xscale="log", yscale="log", xlabel="junctions read in a cycle", ylabel="per second"
        )
        right.set(xscale="log", yscale="log", xlabel="junctions read in a cycle", ylabel="LUTs")
        left.legend(fontsize=7)
        right.legend(fontsize=7)
        write_atomic(path, canvas.print_png)


def main() -> int:
    parser = argparse.ArgumentParser(description="How wide arrays scale.")
    parser.add_argument("--board", action="append", choices=ARRAYS, help="may be repeated")
    parser.add_argument("--record", action="store_true", help="write docs/scaling")
    args = parser.parse_args()
    kept = DOCS / "scaling.json"
    rows: list[dict[str, Any]] = json.loads(kept.read_text())["arrays"] if kept.exists() else []
    for board in args.board or ARRAYS:
        for size in ARRAYS[board]:
            try:
                row = measure(board, *size)
            except RuntimeError as error:  # does not fit: say so and go on
                print(f"{board} {size}: {error}"[:300])
                continue
            key = ("board", "neurons", "row_groups", "inputs")
            rows = [r for r in rows if any(r[k] != row[k] for k in key)] + [row]
            if args.record:
                DOCS.mkdir(parents=True, exist_ok=True)
                note = "estimates: cycles of the simulated circuit times the Fmax after routing"
                text = json.dumps({"note": note, "arrays": rows}, indent=1) + "\n"
                write_atomic(kept, lambda file, text=text: file.write(text.encode()))
                picture(DOCS / "scaling.png", rows)
    shown = [{k: v for k, v in row.items() if k != "resources"} for row in rows]
    show({"arrays": report.readable(shown)}, as_json=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

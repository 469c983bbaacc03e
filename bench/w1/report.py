"""From results to rows, a picture and the table of ``docs/w1.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinloom.bench.w1 import workload
from spinloom.host import pictures
from spinloom.host.commands.output import cell
from spinloom.host.progress import si
from spinloom.host.rundir import write_atomic

C_LOOP = "C, bit-sliced"  # the one to beat
PLAIN = "C, plain"
SIMULATED = "sim, wide array"
# Bits that all block RAMs, and SPRAMs, of a board's chip read in a cycle.
ROOFLINE_BITS = {"ulx3s": 208 * 36, "tangnano9k": 26 * 36, "icebreaker": 30 * 16 + 4 * 16}
RATES = ("synaptic_events_per_s", "state_updates_per_s")  # what counts at theta = 100, at 1
Row = Mapping[str, Any]


def row(name: str, theta: int, t_ref: int, result: Row) -> dict[str, Any]:
    """A contestant's rates."""
    ticks, spikes, seconds = (result[key] for key in ("ticks", "spikes", "seconds"))
    cycles = result.get("cycles")
    return {
        "contestant": name,
        "theta": theta,
        "t_ref": t_ref,
        "ticks_per_s": round(ticks / seconds),
        "synaptic_events_per_s": round(result["events"] * workload.SHAPE.neurons / seconds),
        "state_updates_per_s": round(spikes * workload.SHAPE.inputs / seconds),
        "ticks_per_spike": round(ticks / max(1, spikes), 2),
        "cycles_per_tick": round(cycles / ticks, 3) if cycles else None,
        "version": result.get("version", ""),
    }


def find(rows: Sequence[Row], name: str, theta: int) -> Row | None:
    """The row of a contestant with the usual refractory time."""
    for entry in rows:
        if (entry["contestant"], entry["theta"], entry["t_ref"]) == (name, theta, workload.T_REF):
            return entry
    return None


def ratios(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The golden model against Brian2, in this run: how many times faster."""
    found = []
    for theta in workload.THETAS:
        peer = find(rows, "Brian2, C++", theta)
        for name in ("golden, NumPy", "golden, numba"):
            ours = find(rows, name, theta)
            if peer and ours:
                times = ours["ticks_per_s"] / peer["ticks_per_s"]
                found.append({"contestant": name, "theta": theta, "times_Brian2": round(times, 2)})
    return found


def fpga(results: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The circuits of ``boards/results.json`` and how many times faster than the C loops they are:
    SOP/s at theta = 100, updates/s at theta = 1. An estimate: cycles of the simulated circuit in
    this run times the Fmax after routing. The roofline is what all block RAM can read."""
    found = []
    for name, figures in results["boards"].items():
        simulated = [find(rows, SIMULATED, theta) for theta in workload.THETAS]
        if figures["shape"] != workload.SHAPE.name or None in simulated:
            continue
        entry: dict[str, Any] = {"board": name}
        for ours, key in zip(simulated, RATES, strict=True):
            assert ours is not None
            per_tick = ours[key] / ours["ticks_per_s"]
            entry[key] = round(per_tick / ours["cycles_per_tick"] * figures["fmax_mhz"] * 1e6)
            for loop in (C_LOOP, PLAIN):
                other = find(rows, loop, ours["theta"])
                entry[f"{key[:-6]}_over_{loop}"] = (
                    round(entry[key] / other[key], 2) if other else None
                )
        bits = ROOFLINE_BITS[name.split("-")[0]]
        entry["roofline_fraction"] = round(entry[RATES[0]] / (bits * figures["fmax_mhz"] * 1e6), 3)
        found.append(entry)
    return found


def readable(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows with prefixes in place of digits."""
    return [
        {k: si(v) if k.endswith("_per_s") and v is not None else v for k, v in entry.items()}
        for entry in rows
    ]


def markdown(rows: Sequence[Row], circuits: Sequence[Row]) -> str:
    """The table of ``docs/w1.md``."""
    lines = [
        "| | ticks/s, θ = 100 | SOP/s, θ = 100 | ticks/s, θ = 1 | updates/s, θ = 1 |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(entry["contestant"] for entry in rows):
        high, low = (find(rows, name, theta) or {} for theta in workload.THETAS)
        figures = [
            high.get("ticks_per_s"),
            high.get("synaptic_events_per_s"),
            low.get("ticks_per_s"),
            low.get("state_updates_per_s"),
        ]
        cells = [cell(None if value is None else si(value)) for value in figures]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for c in circuits:
        sops, updates = si(c["synaptic_events_per_s"]), si(c["state_updates_per_s"])
        lines.append(f"| {c['board']}, estimate | — | {sops} | — | {updates} |")
    return "\n".join(lines)


def picture(path: Path, rows: Sequence[Row], circuits: Sequence[Row]) -> None:
    """Bars on a logarithmic scale: SOP/s at theta = 100, updates/s at theta = 1."""
    panels = (
        (workload.THETAS[0], RATES[0], "synaptic events a second, θ = 100"),
        (workload.THETAS[1], RATES[1], "write trials a second, θ = 1"),
    )
    names = list(dict.fromkeys(entry["contestant"] for entry in rows))
    with mpl.rc_context(rc=pictures.STYLE):
        figure = Figure(figsize=(10, 3.6), layout="constrained")
        canvas = FigureCanvasAgg(figure)
        for axis, (theta, key, unit) in zip(figure.subplots(1, 2), panels, strict=True):
            shown = {name: entry[key] for name in names if (entry := find(rows, name, theta))}
            shown |= {f"{c['board']} (estimate)": c[key] for c in circuits}
            shown = dict(sorted(shown.items(), key=lambda item: -item[1]))
            ours = [not name.startswith(("C,", "Brian2", "PyTorch", "NEST")) for name in shown]
            colours = [pictures.ON if mine else pictures.OFF for mine in ours]
            axis.barh(range(len(shown)), list(shown.values()), color=colours, alpha=0.75)
            for place, value in enumerate(shown.values()):
                axis.annotate(
                    si(value), (value, place), xytext=(4, 0), textcoords="offset points",
                    va="center", fontsize=8,
                )  # fmt: skip
            axis.set(
                xscale="log", xlabel=unit, yticks=range(len(shown)), yticklabels=list(shown),
                ylim=(len(shown) - 0.5, -0.5),
            )  # fmt: skip
            axis.set_xlim(right=axis.get_xlim()[1] * 4)
            axis.grid(axis="x", color="#E6E6E6")
            axis.set_axisbelow(True)
        figure.suptitle("Workload W1 on one core", x=0.01, ha="left")
        figure.set_dpi(pictures.DPI)
        write_atomic(path, canvas.print_png)

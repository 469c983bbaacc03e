"""The pictures of the dice experiment: bias, drift and the battery's verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.colors import ListedColormap

from spinloom.host.battery.judge import ALPHA, UNIFORM, Verdict, least_passing
from spinloom.host.experiments.dice_result import COMBINED, DiceResult, stream_name
from spinloom.host.pictures import GREY, OFF, ON, saved_figure
from spinloom.host.progress import si

COLOURS = {"held": ON, "tracked": OFF}
WINDOWS = 60  # of the drawn course of P
VERDICT_COLOURS = ("#D9E8F3", "#F0A37A")  # pass, fail


def draw(result: DiceResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    bias(folder / "bias.png", result)
    drift(folder / "drift.png", result)
    battery(
        folder / "battery.png",
        {stream_name(n): rows for n, rows in result.verdicts.items()},
        "What the battery says of the tracked dice (pseudo-random bits)",
    )
    return ["bias.png", "drift.png", "battery.png"]


def bias(path: Path, result: DiceResult) -> None:
    """How far the part of ones is from 1/2, measured (points) and by the law (lines), over a band
    that no measurement of so many bits leaves."""
    with saved_figure(path, 7, 4.2) as figure:
        axis = figure.subplots()
        for drive, thrown in result.thrown.items():
            law, found = np.abs(thrown.law_bias()), np.abs(thrown.bias())
            sigma = thrown.sigma()
            axis.plot(COMBINED, law, "-", color=COLOURS[drive], lw=1.2)
            below = np.minimum(sigma, 0.9 * found)  # an error bar that reaches 0 has no logarithm
            axis.errorbar(
                COMBINED, found, yerr=[below, sigma], fmt="o", color=COLOURS[drive], ms=5,
                capsize=3, lw=1, label=f"drive {drive}",
            )  # fmt: skip
        noise = float(sigma[-1])
        low = noise / 100
        axis.axhspan(low, noise, color=GREY, alpha=0.2, lw=0, label="below one standard error")
        axis.set(
            xscale="log", yscale="log", ylim=(low, 1), xticks=COMBINED, xlim=(0.9, 9),
            xticklabels=[stream_name(n) for n in COMBINED], ylabel="|part of ones - 1/2|",
        )  # fmt: skip
        axis.xaxis.minorticks_off()
        axis.set_title(
            f"XOR removes bias: {si(thrown.bits)} pseudo-random bits a point, and the law (lines)"
        )
        axis.legend(frameon=False)
        axis.grid(axis="y", color="#E6E6E6")


def drift(path: Path, result: DiceResult) -> None:
    """P of all junctions against time, and the drive beside what the junctions need."""
    config = result.config
    nominal, _ = config.nominal_drive()
    time = np.arange(config.throws)
    sunk = np.array([config.sunk(t) for t in range(config.throws)])
    with saved_figure(path, 8, 5.6) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, 1])
        parts = np.array_split(time, min(WINDOWS, config.throws))
        middle = [float(part.mean()) for part in parts]
        for drive, thrown in result.thrown.items():
            colour = COLOURS[drive]
            top.plot(time, thrown.law, "-", color=colour, lw=1, alpha=0.5)
            means = [float(thrown.switched[part].mean()) for part in parts]
            top.plot(middle, means, "o", color=colour, ms=3.5, label=f"drive {drive}")
            bottom.plot(time, 1e6 * thrown.current, "-", color=colour, lw=1.2)
        bottom.plot(
            time, 1e6 * nominal * sunk, ":", color="black", lw=1.4,
            label="in proportion to the critical current",
        )  # fmt: skip
        top.axhline(0.5, color=GREY, lw=0.8, ls=":")
        top.set(ylabel="part of junctions that switch")
        top.set_title(
            f"Barrier and critical current sink by {100 * config.drift:g} %: tracking holds P at "
            "1/2"
        )
        top.legend(frameon=False, loc="upper left")
        bottom.legend(frameon=False, loc="lower left")
        bottom.set(ylabel="drive (µA)", xlabel="throw", xlim=(0, config.throws))


def battery(path: Path, verdicts: Mapping[str, Sequence[Verdict]], title: str) -> None:
    """A table: a row a test, a column a stream. In a cell, the sequences with p >= 0.01 and the
    p-value of the uniformity of all; what fails is orange."""
    names = list(verdicts)
    tests = [v.test for v in verdicts[names[0]]]
    failed = np.array([[not v.passed for v in verdicts[name]] for name in names]).T
    with saved_figure(path, 2.2 + 1.05 * len(names), 1.5 + 0.3 * len(tests)) as figure:
        axis = figure.subplots()
        axis.imshow(failed, cmap=ListedColormap(VERDICT_COLOURS), vmin=0, vmax=1, aspect="auto")
        for column, name in enumerate(names):
            for row, verdict in enumerate(verdicts[name]):
                text = f"{100 * verdict.proportion:.0f} %   {uniformity_text(verdict)}"
                weight = "normal" if verdict.passed else "bold"
                axis.text(column, row, text, ha="center", va="center", fontsize=8, weight=weight)
        axis.set_xticks(range(len(names)), names, fontsize=8)
        axis.set_yticks(range(len(tests)), tests)
        axis.tick_params(length=0)
        axis.xaxis.tick_top()
        axis.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
        axis.set_yticks(np.arange(len(tests) + 1) - 0.5, minor=True)
        axis.grid(which="minor", color="white", lw=2)
        axis.tick_params(which="minor", length=0)
        for spine in axis.spines.values():
            spine.set_visible(False)
        sequences = len(verdicts[names[0]][0].p_values)
        figure.suptitle(title, x=0.01, ha="left")
        figure.supxlabel(
            f"of {sequences} sequences, those with p ≥ {ALPHA:g} (at least "
            f"{least_passing(sequences)} have to), and p of the p-values being even (at least "
            f"{UNIFORM:g}); orange fails",
            fontsize=8,
        )


def uniformity_text(verdict: Verdict) -> str:
    """The p-value of uniformity in few characters, empty for too few sequences."""
    even = verdict.uniformity
    if even is None:
        return ""
    return f"{even:.2g}" if even >= UNIFORM else f"<{UNIFORM:g}"

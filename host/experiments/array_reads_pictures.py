"""The picture of the part "reads" of the array experiment: laws as lines, measured as points with
their standard error."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL
from spinloom.emulator.physics.switching import switch_probability
from spinloom.host.experiments.array_reads import READ, disturb_law
from spinloom.host.experiments.array_result import ArrayResult
from spinloom.host.pictures import GREY, LANE_COLOURS, OFF, ON, saved_figure

FINE = 8  # points of a drawn law from one current to the next


def reads(path: Path, result: ArrayResult) -> None:
    """Resistances, contrast and misreads by TMR, read disturb, and a pulse of either sign."""
    worst = result.figures()["reads_max_sigma"]
    with saved_figure(path, 11.0, 8.4) as figure:
        ((upper_left, upper_right), (lower_left, lower_right)) = figure.subplots(2, 2)
        _resistances(upper_left, result)
        _misreads(upper_right, result)
        _disturb(lower_left, result)
        _signs(lower_right, result)
        within = "" if worst is None else f": farthest point at {worst:.1f} sigma"
        figure.suptitle(f"Reads and signed pulses follow their laws (lines){within}", x=0.01,
                        ha="left")  # fmt: skip


def _resistances(axis: Axes, result: ArrayResult) -> None:
    sensed, tmrs = result.sensed, np.array(result.config.tmrs)
    ohm = sensed.resistances_ohm() / 1e3
    # dR/R = dI/I, and the standard error of a mean of n reads is noise/sqrt(n).
    error = ohm / sensed.currents_a * sensed.noise_a / np.sqrt(sensed.misread.trials)
    law = READ.read_v / sensed.currents_law_a / 1e3
    for s, name, colour in ((ANTIPARALLEL, "AP (OFF)", OFF), (PARALLEL, "P (ON)", ON)):
        axis.plot(tmrs, law[:, s], color=colour, lw=1.2)
        axis.errorbar(tmrs, ohm[:, s], error[:, s], fmt="o", color=colour, ms=4.5, capsize=2,
                      label=name)  # fmt: skip
    for tmr, pair in zip(tmrs, ohm, strict=True):
        axis.annotate(f"{pair[0] / pair[1]:.1f}", (tmr, pair[0]), (0, 9), fontsize=8, color=GREY,
                      textcoords="offset points", ha="center")  # fmt: skip
    axis.set(xlabel="TMR (%)", ylabel="resistance as read (kohm)",
             ylim=(0, 1.15 * np.nanmax(ohm)))  # fmt: skip
    axis.legend(loc="upper left", frameon=False)
    axis.set_title("A cell reads R_P or R_P (1 + TMR); grey: OFF/ON ratio")


def _misreads(axis: Axes, result: ArrayResult) -> None:
    sensed, tmrs = result.sensed, np.array(result.config.tmrs)
    cells = int(sensed.misread.trials.sum())
    rate = sensed.misread.counts.sum(axis=1) / cells
    some = rate > 0
    axis.plot(tmrs, tmrs / (200 + tmrs), color=LANE_COLOURS[2], lw=1.2)
    axis.plot(tmrs, sensed.contrast(), "s", color=LANE_COLOURS[2], ms=4.5,
              label="contrast (I_P - I_AP) / (I_P + I_AP)")  # fmt: skip
    axis.plot(tmrs, sensed.misread.law[:, 0], color=LANE_COLOURS[3], lw=1.2)
    error = np.sqrt(rate * (1 - rate) / cells)
    axis.errorbar(tmrs[some], rate[some], error[some], fmt="o", color=LANE_COLOURS[3], ms=4.5,
                  capsize=2, label="part of reads that is wrong")  # fmt: skip
    low = max(0.3 / cells, 0.1 * sensed.misread.law.min())
    axis.set(xlabel="TMR (%)", ylabel="contrast, misread rate", xscale="log", yscale="log",
             ylim=(low, 1.5))  # fmt: skip
    axis.set_xticks(tmrs, [f"{t:g}" for t in tmrs])
    axis.set_xticks([], minor=True)
    axis.legend(loc="lower left", frameon=False)
    axis.set_title(
        f"As TMR falls, contrast falls and misreads rise\n"
        f"{cells} stored cells, noise {result.config.read_noise:g} uA at {READ.read_v * 1e3:g} mV"
    )


def _disturb(axis: Axes, result: ArrayResult) -> None:
    config, disturbed = result.config, result.disturbed
    cells, times = int(disturbed.trials[0]), np.arange(1, config.reads + 1)
    for volts, rate, colour in zip(
        config.read_voltages, disturbed.rates()[..., 0], cycle(LANE_COLOURS), strict=False
    ):
        axis.plot(times, disturb_law(config.junction(), volts, config.reads)[:, 0], color=colour,
                  lw=1.2)  # fmt: skip
        some = rate > 0
        axis.errorbar(times[some], rate[some], np.sqrt(rate * (1 - rate) / cells)[some], fmt="o",
                      color=colour, ms=3.5, capsize=0, label=f"{volts:g} V")  # fmt: skip
    axis.set(xlabel=f"reads of {READ.read_s * 1e9:g} ns", ylabel="part of AP cells switched to P",
             yscale="log", ylim=(0.3 / cells, 1.5))  # fmt: skip
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(title="read voltage", loc="lower right", ncols=2, frameon=False)
    axis.set_title(
        f"High voltages disturb AP; the read current holds P\n"
        f"{disturbed.counts[:, -1, 1].sum()} of {len(config.read_voltages)} x "
        f"{disturbed.trials[1]} P cells switched"
    )


def _signs(axis: Axes, result: ArrayResult) -> None:
    config, left = result.config, result.left
    junction, currents = config.junction(), np.array(config.signed())
    seconds, count = config.durations[0] * 1e-9, FINE * (len(config.amplitudes) - 1) + 1
    given = np.arange(len(config.amplitudes))
    fine = np.interp(np.arange(count) / FINE, given, config.amplitudes)
    rates = left.rates()
    for s, sign, name, colour in (
        (ANTIPARALLEL, 1, "AP to P", ON),
        (PARALLEL, -1, "P to AP", OFF),
    ):
        law = [switch_probability(junction, s, sign * i * 1e-6, seconds) for i in fine.tolist()]
        axis.plot(sign * fine, law, color=colour, lw=1.2)
        error = np.sqrt(rates[:, s] * (1 - rates[:, s]) / left.trials[s])
        axis.errorbar(currents, rates[:, s], error, fmt="o", color=colour, ms=4.5, capsize=2,
                      label=name)  # fmt: skip
        critical = junction.ic0_ap_to_p_a if s == ANTIPARALLEL else junction.ic0_p_to_ap_a
        axis.axvline(sign * critical * 1e6, color=colour, lw=0.8, ls=":")
    axis.axvline(0, color=GREY, lw=0.8)
    axis.set(xlabel="current of the pulse (uA)", ylabel="part of cells switched",
             ylim=(-0.04, 1.08))  # fmt: skip
    axis.legend(loc="center", frameon=False)
    axis.set_title(
        f"The sign decides: {result.against_sign} cells switched against it\n"
        f"{config.durations[0]:g} ns; dotted: critical currents"
    )

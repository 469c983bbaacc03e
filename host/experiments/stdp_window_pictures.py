"""The picture of one run of the stdp-window experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from spinloom.host.experiments.bounds import joint_bound
from spinloom.host.experiments.stdp_window import WAYS, StdpWindowResult
from spinloom.host.experiments.stdp_window_config import RULES
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

COLOURS = {"up": ON, "down": OFF}
NAMES = {"up": r"$P_{up}$, AP to P", "down": r"$P_{down}$, P to AP"}
TITLES = {
    "exponential": r"Exponential rule: $P_{{up}}$ falls by e in {tau:g} ticks",
    "simplified": r"Simplified rule: one $P_{{up}}$ inside the window",
}


def draw(result: StdpWindowResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    times, sigma = np.array(result.config.times()), result.sigma()
    bound = joint_bound(result.random_points())
    reach = max(bound + 0.5, 1.1 * float(np.abs(sigma).max()))
    shown = (result.spread() > 0) | (sigma != 0)  # the others are exact
    beyond, points = np.count_nonzero(np.abs(sigma) > 3), np.count_nonzero(shown)
    with saved_figure(folder / "window.png", 11, 6.2) as figure:
        axes = figure.subplots(2, len(RULES), sharex=True, sharey="row", height_ratios=[2.2, 1])
        for r, rule in enumerate(RULES):
            top, bottom = axes[:, r]
            _window(top, result, r)
            for w, way in enumerate(WAYS):
                at = shown[r, w]
                bottom.plot(times[at], sigma[r, w][at], "o", color=COLOURS[way], ms=3.5)
            bottom.axhline(0, color=GREY, lw=0.8)
            for edge in (-1, 1):
                bottom.axhline(3 * edge, color=GREY, lw=0.8, ls=":")
                bottom.axhline(bound * edge, color=GREY, lw=0.8, ls="--")
            top.set_title(TITLES[rule].format(tau=result.config.tau))
            bottom.set(xlabel="dt, from the input's spike to the neuron's (ticks)")
        axes[0, 0].legend(loc="upper right", frameon=False, fontsize=8)
        axes[0, 0].set(ylabel="probability to switch", ylim=(0, None))
        axes[1, 0].set(ylabel="deviation (sigma)", ylim=(-reach, reach))
        axes[1, 0].set_title(
            f"{beyond} of {points} points beyond 3 sigma (dotted), dashed: 3 sigma for all jointly",
            fontsize=8,
        )
        figure.suptitle(
            f"Pairs of spikes switch junctions as programmed: {result.trials} trials a point, "
            f"seed {result.config.seed}",
            x=0.01,
            ha="left",
        )
    return ["window.png"]


def _window(axis: Axes, result: StdpWindowResult, r: int) -> None:
    """Both probabilities of a rule against dt, with the codes that were programmed."""
    config, law, measured = result.config, result.law()[r], result.measured()[r]
    times = np.array(config.times())
    codes = np.array(config.codes(RULES[r])) / config.learning().code_one
    edges = np.arange(len(codes) + 1) * config.bucket_ticks
    axis.stairs(codes, edges, color=GREY, lw=1, label="programmed code of each bucket")
    if RULES[r] == "exponential":
        fine = np.linspace(0, edges[-1], 200)
        decay = [config.decay(dt) for dt in fine.tolist()]
        axis.plot(fine, decay, "--", color="black", lw=1, label=r"$p_{up}$ exp(-dt/$\tau$)")
    after = times >= 0
    for w, way in enumerate(WAYS):
        for k, part in enumerate((after, ~after)):
            label = None if k else f"{NAMES[way]}: law, mean over phases"
            axis.plot(times[part], law[w][part], "-", color=COLOURS[way], lw=1.2, label=label)
        axis.plot(
            times, measured[w], "o", color=COLOURS[way], ms=4, label=f"{NAMES[way]}: measured"
        )
    axis.axvline(0, color=GREY, lw=0.8, ls=":")

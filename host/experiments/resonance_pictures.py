"""The picture of one run of the resonance experiment: traces beside the curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.resistance import resistance
from spinloom.emulator.spec.junction import WAVE
from spinloom.host.experiments.resonance import PERIODS_SHOWN, ResonanceResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

TITLES = ("no noise: nothing switches", "best noise: the state follows", "too much noise")


def draw(result: ResonanceResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config = result.config
    with saved_figure(folder / "resonance.png", 11, 6.4) as figure:
        grid = figure.add_gridspec(3, 2, width_ratios=[1.5, 1])
        for n, (sigma, trace) in enumerate(result.traces.items()):
            axis = figure.add_subplot(grid[n, 0])
            t = np.linspace(0, PERIODS_SHOWN, len(trace.values), endpoint=False)
            axis.plot(t, trace.drives, color="#CCCCCC", lw=0.5)
            signal = np.tile(config.wave(), PERIODS_SHOWN)
            axis.plot(np.arange(len(signal)) / WAVE, signal, color=GREY, lw=1.2)
            for edge in (-1, 1):
                axis.axhline(edge * config.critical, color=GREY, lw=0.8, ls=":")
            axis.set(ylabel="current", ylim=(-3.2 * config.critical, 3.2 * config.critical))
            twin = axis.twinx()
            ohms = resistance(Junction(), trace.values >> 15) / 1e3
            twin.step(t, ohms, where="post", color=ON, lw=1)
            twin.set_ylabel("resistance (kOhm)", color=ON)
            twin.spines["right"].set_visible(True)
            low, high = (float(r) / 1e3 for r in resistance(Junction(), [1, 0]))
            twin.set_ylim(low - 0.6 * (high - low), high + 0.6 * (high - low))
            axis.set_title(f"$\\sigma$ = {sigma:g}, {TITLES[min(n, 2)]}", fontsize=9)
        axis.set_xlabel("periods of the signal")
        curve = figure.add_subplot(grid[:, 1])
        for bits, colour, mark in ((16, ON, "o-"), (8, OFF, "s--")):
            curve.plot(
                config.sigmas, result.correlations[bits], mark, color=colour, ms=4, lw=1,
                label=f"noise of {bits} bits",
            )  # fmt: skip
        curve.set(xlabel=r"noise $\sigma$", ylabel="correlation of state and signal", ylim=(0, 1))
        curve.legend(frameon=False)
        curve.set_title("Stochastic resonance")
    return ["resonance.png"]

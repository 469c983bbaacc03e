"""The picture of one run of the telegraph experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.emulator.spec.junction import BINS
from spinloom.host.experiments.telegraph import TelegraphResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: TelegraphResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config = result.config
    with saved_figure(folder / "telegraph.png", 11, 7) as figure:
        (trace, means), (dwells, spectrum) = figure.subplots(2, 2)
        step = 1 << config.sample_shift()
        shown = result.samples[0][:400]
        trace.step(step * np.arange(len(shown)), shown, where="post", color=OFF, lw=1)
        trace.set(xlabel="ticks", yticks=[-1, 1], yticklabels=["AP", "P"])
        trace.set_title("A junction that switches by itself")

        x = (config.currents() + 0.5) / 128
        means.plot(x, result.law(), color=GREY, label=r"tanh($\Delta\,x/V_c$)")
        means.plot(x, result.means(), "o", color=ON, ms=4, label="measured")
        means.set(xlabel="current, $V_c$", ylabel="mean state")
        means.legend(frameon=False)
        means.set_title("Its mean follows the current")

        width = 1 << config.dwell_shift()
        ticks = width * np.arange(BINS)
        for state, (bins, colour) in enumerate(zip(result.dwells, (OFF, ON), strict=True)):
            facts = result.dwell_times()[state]
            part = bins / max(1, bins.sum())
            name = "P" if state else "AP"
            dwells.plot(ticks, part, ".", color=colour, ms=4, label=f"{name}: CV {facts['cv']:.3f}")
            rate = 1 / facts["mean_law"]
            left = (1 - rate) ** np.maximum(0, np.append(ticks, BINS * width) - 1)
            law = left[:-1] - left[1:]
            dwells.plot(ticks, law, color=colour, lw=0.8)
        dwells.set(xlabel="dwell (ticks)", ylabel="part of all", yscale="log")
        dwells.set(xlim=(0, 10 * config.dwell), ylim=(1e-6, None))
        dwells.legend(frameon=False)
        dwells.set_title("Dwell times (points) and exponentials (lines)")

        f, power, law = result.spectrum()
        spectrum.loglog(f / step, power, color=OFF, lw=0.7, label="measured")
        spectrum.loglog(f / step, law, color=ON, label="law: Lorentzian, sampled")
        spectrum.set(xlabel="frequency (1/tick)", ylabel="power")
        spectrum.legend(frameon=False)
        spectrum.set_title("Spectrum")
    return ["telegraph.png"]

"""The picture of one run of the dither experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.emulator.spec.junction import TRACE
from spinloom.host.experiments.dither import TONES, DitherResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: DitherResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config = result.config
    with saved_figure(folder / "dither.png", 12, 4) as figure:
        code, spectrum, growth = figure.subplots(1, 3)
        t = np.arange(TRACE) / TRACE
        for n, colour in ((0, "#CCCCCC"), (len(config.arrays) - 1, ON)):
            part = result.populations[n][0] / config.arrays[n]
            code.plot(t, part, color=colour, lw=0.8, label=f"{config.arrays[n]} junctions")
        wave = config.wave()
        code.plot(t, 0.5 + wave / (4 * np.abs(wave).max()), color=GREY, lw=1, label="chord")
        code.set(xlabel="time, one repeat", ylabel="part in P", ylim=(-0.05, 1.05))
        code.legend(frameon=False, fontsize=8)
        code.set_title("What the array says")

        shown = 40
        for n, colour in ((0, GREY), (len(config.arrays) - 1, ON)):
            power = np.abs(np.fft.rfft(result.populations[n] / config.arrays[n], axis=1)) ** 2
            label = f"{config.arrays[n]} junctions"
            spectrum.semilogy(power.mean(0)[1:shown], color=colour, lw=1, label=label)
        for tone in TONES:
            spectrum.axvline(tone - 1, color=OFF, lw=0.8, ls=":")
        spectrum.set(xlabel="frequency (turns a repeat)", ylabel="power")
        spectrum.set_xticks(np.arange(9, shown, 10), np.arange(10, shown + 1, 10))
        spectrum.legend(frameon=False, fontsize=8)
        spectrum.set_title("Tones (dotted) above the noise")

        ratios = result.ratios()
        growth.loglog(config.arrays, ratios[:-1], "o-", color=ON, ms=5, label="measured")
        one = ratios[0] * np.array(config.arrays) / config.arrays[0]
        growth.loglog(config.arrays, one, "--", color=GREY, label="as K")
        growth.set(xlabel="junctions K", ylabel="SNR")
        growth.legend(frameon=False)
        growth.set_title("The array hears better")
    return ["dither.png"]

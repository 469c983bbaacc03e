"""The picture of one run of the phase-lock experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.host.experiments.phase_lock import SNAPSHOTS, PhaseLockResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

SHOWN = 12  # periods of a trace


def draw(result: PhaseLockResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    config, figures = result.config, result.figures()
    with saved_figure(folder / "phase_lock.png", 11, 6.4) as figure:
        (plateau, traces), (diffusion, pairs) = figure.subplots(2, 2)
        plateau.axhspan(0.995, 1.005, color="#D9EAD3", lw=0, label="within 0.5 %")
        plateau.plot(config.noises, result.ratios(), "o-", color=ON, ms=4, lw=1)
        plateau.set(xlabel="electrical noise (1/128 of $V_c$)", ylabel="f / f_drive")
        plateau.legend(frameon=False)
        plateau.set_title("A plateau at the drive's frequency")

        diffusion.plot(config.noises, result.diffusion(), "o-", color=OFF, ms=4, lw=1)
        diffusion.set(xlabel="electrical noise (1/128 of $V_c$)", ylabel="cycles$^2$ a period")
        diffusion.set_yscale("symlog", linthresh=1e-4)
        diffusion.set_title("Diffusion of the phase: none on the plateau")

        best = config.noises.index(figures["least_diffusion_at"])
        shown = [0, best, len(config.noises) - 1]
        t = np.arange(SHOWN * SNAPSHOTS) / SNAPSHOTS
        for row, n in enumerate(shown):
            traces.step(t, 0.35 * result.states[: len(t), n] - row, where="post", color=ON, lw=1)
            traces.plot(t, -row + 0.35 * np.where(t % 1 < 0.5, 1, -1), color=GREY, lw=0.6)
        traces.set(xlabel="periods of the drive", yticks=[0, -1, -2])
        traces.set_yticklabels([f"noise {config.noises[n]}" for n in shown])
        traces.set_title("States (red) and drive (grey)")

        pairs.axhline(0, color=GREY, lw=0.8)
        pairs.plot(config.couplings, result.pairs(), "o-", color=OFF, ms=4, lw=1)
        pairs.set(xlabel="coupling (1/128 of $V_c$)", ylabel="mean of s1 s2", ylim=(-1, 1))
        pairs.set_title("Two junctions: against each other, or in phase")
    return ["phase_lock.png"]

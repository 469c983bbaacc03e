"""Picture of the functions experiment: four responses of one stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.host.experiments.functions import FunctionsResult
from spinloom.host.experiments.functions_config import (
    CRITICAL,
    CURRENTS,
    PINNED,
    SHOWN,
    advance,
    resistances,
    sine,
    sweep,
)
from spinloom.host.pictures import GREY, OFF, ON, saved_figure


def draw(result: FunctionsResult, folder: Path) -> list[str]:
    """All responses, a column each."""
    with saved_figure(folder / "functions.png", 13, 5.6) as figure:
        axes = figure.subplots(2, 4)
        x = sweep() / CRITICAL
        for loop in result.memory:
            axes[0, 0].plot(x, resistances(loop >> 15) / 1e3, color=ON, lw=0.6)
        axes[0, 0].set(xlabel="current (Ic)", ylabel="resistance (kohm)")
        axes[0, 0].set_title("Memory: two states")
        parts = resistances(result.memory[0] >> 15) / 1e3
        axes[1, 0].plot(sweep() / CRITICAL, color=GREY)
        axes[1, 0].plot(parts / parts.max(), color=ON)
        axes[1, 0].set(xlabel="time (ticks)", ylabel="current (Ic), resistance (of R_AP)")
        wall = resistances(result.memristor / 65535)
        current = sine() / CRITICAL
        axes[0, 1].plot(current, current * wall / 1e3, color=OFF)
        axes[0, 1].set(xlabel="current (Ic)", ylabel="voltage (Ic kohm)")
        axes[0, 1].set_title("Memristor: a pinched loop")
        axes[1, 1].plot(resistances(result.levels / 65535) / 1e3, ".-", color=OFF, lw=0.8)
        axes[1, 1].set(xlabel="pulses", ylabel="resistance (kohm)")
        angle = 2 * np.pi * result.oscillator / 65536
        axes[0, 2].plot(resistances((1 - np.sin(angle)) / 2) / 1e3, color=ON)
        axes[0, 2].set(xlabel="time (ticks)", ylabel="resistance (kohm)")
        axes[0, 2].set_title(f"Harmonic oscillator at {SHOWN / CRITICAL:.2f} Ic")
        fine = np.arange(0, CURRENTS[-1] + 1)
        law = [1000 * advance(int(x)) / 65536 for x in fine]
        axes[1, 2].plot(fine / CRITICAL, law, color=GREY, label="law of the registers")
        measured = 1000 * result.turns / result.config.turn_ticks
        axes[1, 2].plot(np.array(CURRENTS) / CRITICAL, measured, "o", color=ON, ms=4,
                        label="measured")  # fmt: skip
        axes[1, 2].axvline(PINNED / CRITICAL, color=GREY, lw=0.8, ls=":")
        axes[1, 2].set(xlabel="current (Ic)", ylabel="turns per 1000 ticks")
        axes[1, 2].legend(frameon=False)
        axes[0, 3].plot(resistances(result.telegraph >> 15) / 1e3, color=OFF, lw=0.8)
        axes[0, 3].set(xlabel="time (ticks)", ylabel="resistance (kohm)")
        axes[0, 3].set_title(f"Stochastic oscillator, {result.config.low_barrier:g} kT")
        mean, cv, _ = result.dwell()
        for state, name, colour in ((0, "AP", OFF), (1, "P", ON)):
            bins = result.dwells[state]
            at = 4 * np.arange(len(bins)) + 1.5
            label = f"{name}: {mean[state]:.0f} ticks, CV {cv[state]:.2f}"
            axes[1, 3].semilogy(at[bins > 0], bins[bins > 0], ".", color=colour, ms=3, label=label)
        axes[1, 3].set(xlabel="dwell (ticks)", ylabel="how many")
        axes[1, 3].legend(frameon=False)
    return ["functions.png"]

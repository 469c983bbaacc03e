"""Pictures of the adler experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinloom.emulator.physics.oscillator import beat
from spinloom.host.experiments.adler import AdlerResult
from spinloom.host.pictures import GREY, LANE_COLOURS, OFF, ON, saved_figure


def draw(result: AdlerResult, folder: Path) -> list[str]:
    """The tongue and the beats; pairs over time and by detuning."""
    _injected(result, folder / "injected.png")
    _pairs(result, folder / "pairs.png")
    return ["injected.png", "pairs.png"]


def _injected(result: AdlerResult, path: Path) -> None:
    config = result.config
    unit = 1000 / config.phase().turn  # of frequencies, to 1/1000 turn a tick
    with saved_figure(path, 9, 4) as figure:
        left, right = figure.subplots(1, 2)
        for amplitude, detunings, locked in zip(
            config.amplitudes, result.detunings, result.locked, strict=True
        ):
            at = np.full(detunings.size, config.edge(amplitude) * unit)
            d, held = detunings.ravel() * unit, locked.ravel()
            left.plot(d[~held], at[~held], ".", color="#C8C8C8", ms=3)
            left.plot(d[held], at[held], ".", color=ON, ms=4)
        top = config.edge(max(config.amplitudes)) * unit
        left.plot([-1.1 * top, 0, 1.1 * top], [1.1 * top, 0, 1.1 * top], color=GREY, lw=1.2)
        left.plot([], [], "o", color=ON, ms=4, label="locked (on-chip detectors)")
        left.plot([], [], "o", color="#C8C8C8", ms=4, label="slipping")
        left.plot([], [], color=GREY, label="|detuning| = A")
        left.set(xlabel="detuning (1/1000 turn a tick)", ylabel="injected A (1/1000 turn a tick)")
        left.set(ylim=(0, 1.45 * top))
        left.set_title("Oscillators lock within the Arnold tongue")
        left.legend(loc="upper center", frameon=False, fontsize=8, ncols=2)
        d, pull = config.beat_detunings(), config.beat_pull()
        fine = np.linspace(0, d.max(), 500)
        right.plot(fine * unit, [beat(x, pull) * unit for x in fine.tolist()], color=GREY,
                   label="sqrt(detuning² - A²)")  # fmt: skip
        right.plot(fine * unit, fine * unit, color=GREY, lw=0.8, ls=":", label="free")
        right.plot(d * unit, result.beats * unit, "o", color=ON, ms=3.5, label="measured")
        right.set(xlabel="detuning (1/1000 turn a tick)", ylabel="beat (1/1000 turn a tick)")
        right.set_title("Outside, they beat as Adler says")
        right.legend(loc="upper left", frameon=False)


def _pairs(result: AdlerResult, path: Path) -> None:
    config = result.config
    part = config.pair_detunings() / config.band()
    with saved_figure(path, 9, 4) as figure:
        left, right = figure.subplots(1, 2)
        times = np.arange(len(result.apart)) * config.period_ns()
        for k, wanted in enumerate((0.0, 0.3, 0.6, 0.9, 1.1)):
            pair = int(np.argmin(np.abs(part - wanted)))
            left.plot(times, result.apart[:, pair], color=LANE_COLOURS[k], lw=1.3,
                      label=f"{part[pair]:.2f}")  # fmt: skip
        left.set(xlabel="time (ns)", ylabel="phase difference (turns)", ylim=(-0.1, 1.6))
        left.set_title(f"Pairs at {config.frequency:g} GHz lock in a nanosecond")
        left.legend(title="detuning (bands)", loc="upper right", frameon=False, ncols=2)
        ghz = config.frequency * config.period / config.phase().turn
        fine = np.linspace(part[0], part[-1], 600)
        law = [beat(x, 1.0) * config.band() * ghz for x in fine.tolist()]
        right.plot(fine, law, color=GREY, label="theory")
        held = np.isfinite(result.lock_periods())
        slips = result.slips() * ghz
        right.plot(part[held], slips[held], "o", color=ON, ms=4, label="locked")
        right.plot(part[~held], slips[~held], "o", color=OFF, ms=4, label="slipping")
        right.set(
            xlabel="detuning (half width of the band)", ylabel="difference of frequencies (GHz)"
        )
        right.set_title("Two oscillators share one frequency in a band")
        right.legend(loc="upper left", frameon=False)

"""Pictures of the oscillator experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np

from spinloom.host.experiments.oscillator_config import Floats
from spinloom.host.experiments.oscillator_result import OscillatorResult
from spinloom.host.pictures import GREY, LANE_COLOURS, OFF, ON, saved_figure

SHOWN = 6  # linewidths, either side of the spectrum's middle


def draw(result: OscillatorResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    _bias(result, folder / "bias.png")
    _variance(result, folder / "variance.png")
    _spectrum(result, folder / "spectrum.png")
    return ["bias.png", "variance.png", "spectrum.png"]


def _bias(result: OscillatorResult, path: Path) -> None:
    """Frequencies against current, and how far they are from the physical model, with its bound."""
    config, found = result.config, result.frequencies_ghz()
    current = config.amperes() * 1e3
    fine = np.linspace(current[0], current[-1], 200)
    with saved_figure(path, 9, 4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.4, 1])
        for k, colour in zip(range(len(config.shifts)), cycle(LANE_COLOURS), strict=False):
            theory = [config.device(k).frequency(i * 1e-3) / 1e9 for i in fine.tolist()]
            left.plot(fine, theory, color=colour, lw=1)
            label = f"N = {config.shifts[k]:g} GHz, Q = {config.dampings[k]:g}"
            left.plot(current, found[k], "o", color=colour, ms=4, label=label)
            bound = config.bound_ghz(k) * 1e3
            right.fill_between(current, -bound, bound, color=colour, alpha=0.15, lw=0)
            right.plot(current, (found[k] - config.theory_ghz(k)) * 1e3, "o", color=colour, ms=3)
        left.set(xlabel="current (mA)", ylabel="frequency (GHz)")
        left.set_title("Frequency moves with bias: measured, and theory (lines)")
        left.legend(frameon=False)
        right.set(xlabel="current (mA)", ylabel="measured - theory (MHz)")
        right.set_title("Within what registers can hold")


def _variance(result: OscillatorResult, path: Path) -> None:
    """Variance of the phases against time, and the wander of some."""
    config = result.config
    turn, tick_ns = config.phase().turn, config.tick * 1e-3
    times = np.arange(config.samples + 1) * config.every * tick_ns
    with saved_figure(path, 9, 4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.4, 1])
        radians = (2 * np.pi / turn) ** 2
        spread = 3 * np.sqrt(2 / (config.phase().oscillators - 1))
        for noise, colour, found, law in zip(
            config.noises, cycle(LANE_COLOURS), result.variances() * radians,
            result.variances_law() * radians, strict=False,
        ):  # fmt: skip
            band = law * (1 - spread), law * (1 + spread)
            left.fill_between(times[1:], *band, color=colour, alpha=0.15, lw=0)
            left.plot(times[1:], law, color=GREY, lw=0.8)
            width = config.linewidth(noise) / 1e6
            left.plot(times[1:], found, color=colour, lw=1.3,
                      label=f"NOISE = {noise}: {width:.1f} MHz")  # fmt: skip
        left.set(xscale="log", yscale="log", xlabel="time (ns)", ylabel="variance (rad²)")
        left.set_title("Phases diffuse: variance = 2π linewidth · time")
        left.legend(frameon=False, title="theory in grey, three sigma shaded")
        right.plot(times, result.wander()[-1, :, :40] / turn, color=OFF, lw=0.5, alpha=0.5)
        right.set(xlabel="time (ns)", ylabel="phase off its mean course (turns)")
        right.set_title(f"40 oscillators, NOISE = {config.noises[-1]}")


def _spectrum(result: OscillatorResult, path: Path) -> None:
    """Welch's spectra of the two strongest noises, with their Lorentzians."""
    config = result.config
    bins = 1 / (config.samples * config.every * config.tick_s())
    offsets = np.fft.fftshift(result.offsets_hz())
    middle = config.carrier + config.noisy_rate() * config.lsb_ghz()
    with saved_figure(path, 9, 4) as figure:
        order = np.argsort(config.noises)[-2:]
        axes = figure.subplots(1, len(order), squeeze=False)[0]
        for axis, k in zip(axes, order.tolist(), strict=True):
            width = config.linewidth(config.noises[k])
            near = np.abs(offsets) <= SHOWN * width
            found = np.fft.fftshift(result.spectra()[k].mean(axis=0)) / bins
            law = np.fft.fftshift(result.spectra_law()[k]) / bins
            fine = np.linspace(offsets[near][0], offsets[near][-1], 600)
            axis.plot(fine / 1e6, _lorentzian(fine, width) * 1e9, color=GREY, label="Lorentzian")
            axis.plot(offsets[near] / 1e6, law[near] * 1e9, color=OFF, lw=1, ls="--",
                      label="seen through the window")  # fmt: skip
            axis.plot(offsets[near] / 1e6, found[near] * 1e9, "o", color=ON, ms=3, label="measured")
            axis.set(xlabel=f"frequency - {middle:.3f} GHz (MHz)", ylim=(0, None))
            axis.set_title(f"NOISE = {config.noises[k]}: {width / 1e6:.1f} MHz wide")
        axes[0].set_ylabel("power density (1/GHz)")
        axes[0].legend(frameon=False, loc="upper right", fontsize=8)


def _lorentzian(offset: Floats, width: float) -> Floats:
    """Of power 1; offset and full width at half maximum in the same unit."""
    return np.asarray(width / (2 * np.pi) / (offset**2 + width**2 / 4))

"""The oscillator experiment: free-running spin-torque nano-oscillators, their frequency by bias and
their linewidth (Sec. II.D).

Phases turn in the frame of a carrier, in ticks of device time: one that moves by m a tick, in
2^-P turns, has the frequency carrier + m / (2^P tick). Two measurements, uncoupled:

*bias*    the current through devices of different shift N and non-linear damping Q is swept by
    BIAS, without noise. A frequency is what all phases turned by, whole turns counted by SPIKES::

        f = carrier + (SPIKES 2^P + sum of (theta_end - theta_start)) / (N ticks) / (2^P tick)

    It is that of SLOPE and CURVE to the bit, and near that of the physical model
    (``emulator.physics.oscillator``, Slavin and Tiberkevich): ``OscillatorConfig.bound_ghz``.
*noise*   all oscillators at one bias, each with noise of its own. White noise of the frequency
    makes a phase a random walk, whose variance after a time t is 2 D t in rad^2. So the mean of
    exp(i (phi(t) - phi(0))) decays as exp(-D |t|), whose transform is a Lorentzian of half width D:
    in Hz, the spectrum of cos(phi) has at half its height the full width ::

        linewidth = D / pi = (variance a second) / (2 pi)

    By NOISE the variance grows by (4^(NOISE+1) - 1)/12 a tick, in 2^-2P turns^2; as its numbers
    are -2^NOISE to 2^NOISE - 1, the phase also falls back by 1/2 a tick. Both are measured from
    readings of all phases; and with a Welch spectrum over the oscillators, how much of the power
    lies within the linewidth (of a Lorentzian, half; the window and the bins change that).

Deviations are in standard errors (``OscillatorResult.sigmas``), all of which may be at
``joint_bound`` with some tens of oscillators or more: a mean of fewer is not yet normal.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from spinloom.emulator.spec.phase import SEED, PhaseParams
from spinloom.host.experiments.oscillator_config import Ints, OscillatorConfig
from spinloom.host.experiments.oscillator_result import OscillatorResult
from spinloom.host.phase import PhaseMachine
from spinloom.host.progress import Progress

__all__ = ["CONFIG", "SUITED", "OscillatorConfig", "OscillatorResult", "draw", "run", "tables"]

SUITED: dict[str, dict[str, Any]] = {}
CONFIG = OscillatorConfig


def run(machine: PhaseMachine, config: OscillatorConfig, progress: Progress) -> OscillatorResult:
    """Sweep the bias of each device; then read noisy phases."""
    started, before = time.monotonic(), machine.cycles
    n = machine.shape.oscillators
    rng = np.random.default_rng([config.seed, 1])
    first = rng.integers(0, machine.shape.turn, n)
    seeds = rng.integers(1, 1 << 63, len(config.noises)).tolist()
    advances, phases = [], []
    points = [(k, b) for k in range(len(config.shifts)) for b in config.biases().tolist()]
    with progress.task("bias", total=len(points), unit="points") as advance:
        for device, bias in points:
            _start(machine, config, first, device=device, bias=bias)
            machine.run(config.sweep_ticks)
            moved = int((machine.phases() - first).sum())
            advances.append(machine.read("SPIKES") * machine.shape.turn + moved)
            advance(1)
    with progress.task(
        "noise", total=len(config.noises) * config.samples, unit="readings"
    ) as advance:
        for noise, seed in zip(config.noises, seeds, strict=True):
            _start(machine, config, first, device=0, noise=noise, seed=seed)
            readings = [first]
            for _ in range(config.samples):
                machine.run(config.every)
                readings.append(machine.phases())
                advance(1)
            phases.append(readings)
    cycles = machine.cycles_since(before)
    return OscillatorResult(
        config=config,
        advances=np.array(advances).reshape(len(config.shifts), -1),
        phases=np.array(phases),
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def _start(
    machine: PhaseMachine, config: OscillatorConfig, first: Ints, *,
    device: int, bias: int = 0, noise: int = 0, seed: int = SEED,
) -> None:  # fmt: skip
    """A device, uncoupled, in all oscillators."""
    made = config.registers(device)
    machine.configure(
        PhaseParams(
            coupled=False, bias=bias, slope=made.slope, curve=made.curve, noise=noise,
            seed=seed,
        )
    )  # fmt: skip
    machine.set_frequencies(np.full(len(first), made.omega))
    machine.set_phases(first)
    machine.reset(state=True, random=True)


def draw(result: OscillatorResult, folder: Path) -> list[str]:
    """The pictures of a run; the names of their files."""
    from spinloom.host.experiments import oscillator_pictures

    return oscillator_pictures.draw(result, folder)


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Frequencies by bias, of each device; linewidths by NOISE."""
    where = f"{run['machine']}, seed {run['seed']}"
    out = {}
    for shift, damping, found, theory, bounds in zip(
        run["shifts"], run["dampings"], run["frequency_ghz"], run["theory_ghz"],
        run["bound_ghz"], strict=True,
    ):  # fmt: skip
        out[f"frequency, N = {shift:g} GHz, Q = {damping:g}, {where}"] = [
            {
                "BIAS": bias,
                "current (mA)": current,
                "f (GHz)": f"{f:.4f}",
                "theory": f"{law:.4f}",
                "off (MHz)": 1e3 * (f - law),
                "bound": 1e3 * bound,
            }
            for bias, current, f, law, bound in zip(
                run["bias"], run["current_ma"], found, theory, bounds, strict=True
            )
        ]
    title = f"linewidth, {where}; theory at 300 K: {run['theory_linewidth_mhz']:.2f} MHz"
    out[title] = [
        {
            "NOISE": row["noise"],
            "as at (K)": row["temperature_k"],
            "linewidth (MHz)": f"{row['linewidth_mhz']:.3f}",
            "by NOISE": f"{row['law_mhz']:.3f}",
            "sigma": row["sigma"],
            "drift (LSB/tick)": row["drift"],
            "its sigma": row["drift_sigma"],
            "power within": row["inside"],
            "law": row["inside_law"],
        }
        for row in run["noise"]
    ]
    return out

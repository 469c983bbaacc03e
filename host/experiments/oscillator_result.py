"""What a run of the oscillator experiment leaves, and its deviations from the laws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.oscillator import noise_variance
from spinloom.host.experiments.bounds import joint_bound
from spinloom.host.experiments.hashes import weights_hash
from spinloom.host.experiments.oscillator_config import Floats, Ints, OscillatorConfig

THERMAL_K = 300.0  # of the physical model


@dataclass(frozen=True, kw_only=True)
class OscillatorResult:
    """``advances`` [devices, points]: what all phases together turned by, 2^-P turns; ``phases``
    [noises, samples + 1, N], as they were read."""

    config: OscillatorConfig
    advances: Ints
    phases: Ints
    cycles: int | None
    seconds: float

    # Frequencies.

    def frequencies_ghz(self) -> Floats:
        """Measured, [devices, points]."""
        config = self.config
        moves = config.phase().oscillators * config.sweep_ticks
        return np.asarray(config.carrier + self.advances / moves * config.lsb_ghz())

    def points_wrong(self) -> int:
        """Points that are not what the registers say, to the bit."""
        config = self.config
        moves = config.phase().oscillators * config.sweep_ticks
        law = np.array([config.rates(k) for k in range(len(config.shifts))]) * moves
        return int((self.advances != law).sum())

    # Noise.

    def wander(self) -> Floats:
        """Phases since the first reading, unwrapped, less the registers' mean: 2^-P turns,
        [noises, samples + 1, N]."""
        config, turn = self.config, self.config.phase().turn
        times = np.arange(config.samples + 1)[:, None] * config.every
        rest = self.phases - self.phases[:, :1] - config.noisy_rate() * times
        return np.asarray(np.unwrap(rest, axis=1, period=turn))

    def variances(self) -> Floats:
        """Of the oscillators' phases about their mean, [noises, samples]."""
        return np.asarray(self.wander()[:, 1:].var(axis=2, ddof=1))

    def variances_law(self) -> Floats:
        """The same by NOISE."""
        times = np.arange(1, self.config.samples + 1) * self.config.every
        return np.outer([noise_variance(n) for n in self.config.noises], times)

    def diffusion(self) -> Floats:
        """Growth of the variance a tick, 2^-2P turns^2, [noises]: that of all steps from one
        reading to the next, which are independent; of the variances in turn, each holds all that
        were before, so that a line through them would waste most of it."""
        steps = np.diff(self.wander(), axis=1)
        return np.asarray(steps.var(axis=(1, 2), ddof=1) / self.config.every)

    def drift(self) -> Floats:
        """What noise moves the mean phase by in a tick, 2^-P turns, [noises]."""
        config = self.config
        off = self.wander()[:, -1].mean(axis=1) / (config.samples * config.every)
        return np.asarray(off + config.noisy_rate() - config.registers(0).omega)

    def spectra(self) -> Floats:
        """Of each oscillator's exp(i phase) about its frequency, by FFT bin [noises, N, samples], a
        part of the power each, 1 in sum; their mean is Welch's. cos(phase) has half of the power
        here, and half at the negative frequency."""
        wave = np.exp(2j * np.pi / self.config.phase().turn * self.wander()[:, 1:])
        lines = np.fft.fft(wave * self._window()[:, None], axis=1) / np.sqrt(self.config.samples)
        return np.asarray(np.abs(lines.swapaxes(1, 2)) ** 2)

    def spectra_law(self) -> Floats:
        """The same, [noises, samples]: the transform of exp(-pi linewidth |t|), a Lorentzian, at
        the times between readings, times the window's own correlation."""
        config, window = self.config, self._window()
        shared = np.correlate(window, window, "full")[config.samples - 1 :]
        lags = np.arange(config.samples) * config.every * config.tick_s()
        decays = [np.exp(-np.pi * config.linewidth(n) * lags) for n in config.noises]
        found = 2 * np.fft.fft(np.array(decays) * shared, axis=1).real - shared[0]
        return np.asarray(found / config.samples)

    def offsets_hz(self) -> Floats:
        """Frequencies of the bins."""
        apart = self.config.every * self.config.tick_s()
        return np.asarray(np.fft.fftfreq(self.config.samples, apart), np.float64)

    def _window(self) -> Floats:
        """Hann's; its squares sum to 1."""
        samples = self.config.samples
        window = np.sin(np.pi * (np.arange(samples) + 0.5) / samples) ** 2
        return np.asarray(window / np.linalg.norm(window))

    # Deviations, in standard errors.

    def sigmas(self) -> dict[str, Floats]:
        """By what is measured. A sum of squares over its law is chi^2, of a degree of freedom less
        than values; its cube root is normal (Wilson and Hilferty, PNAS 17, 1931). A step of
        ``every`` uniform numbers is flatter than normal, which makes variances vary less. What is
        inside a line narrower than a bin is nearly all, far from normal, and is not judged: NaN.
        """
        config = self.config
        n = config.phase().oscillators
        values = n * config.samples
        diffusion = np.array([noise_variance(noise) for noise in config.noises])
        inside, law = self.inside()
        off = (inside.mean(axis=1) - law) / (inside.std(axis=1, ddof=1) / np.sqrt(n))
        return {
            "linewidth": _chi_square(self.diffusion() / diffusion, values - 1),
            "variance": _chi_square(self.variances() / self.variances_law(), n - 1),
            "drift": (self.drift() + 0.5) / np.sqrt(diffusion / (values * config.every)),
            "inside": np.where(self.resolved(), off, np.nan),
        }

    def inside(self) -> tuple[Floats, Floats]:
        """Part of the power no farther from the middle than half the linewidth, which is one half
        of a Lorentzian's: of each oscillator [noises, N], and by ``spectra_law`` [noises]."""
        widths = np.array([self.config.linewidth(n) for n in self.config.noises])
        near = np.abs(self.offsets_hz()) <= widths[:, None] / 2
        found = (self.spectra() * near[:, None]).sum(axis=2)
        return found, (self.spectra_law() * near).sum(axis=1)

    def resolved(self) -> npt.NDArray[np.bool_]:
        """Whose linewidth is a bin or more."""
        widths = np.array([self.config.linewidth(n) for n in self.config.noises])
        return np.asarray(widths >= self.offsets_hz()[1])

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        config, sigmas = self.config, self.sigmas()
        found = self.frequencies_ghz()
        theory = np.array([config.theory_ghz(k) for k in range(len(config.shifts))])
        bounds = np.array([config.bound_ghz(k) for k in range(len(config.shifts))])
        off = np.abs(found - theory)
        every = np.concatenate([s[np.isfinite(s)] for s in sigmas.values()])
        parts = [self.advances.ravel(), self.phases.ravel()]
        return {
            "bias": config.biases().tolist(),
            "current_ma": (config.amperes() * 1e3).tolist(),
            "frequency_ghz": found.tolist(),
            "theory_ghz": theory.tolist(),
            "bound_ghz": bounds.tolist(),
            "shifts": list(config.shifts),
            "dampings": list(config.dampings),
            "points_wrong": self.points_wrong(),
            "greatest_error_mhz": float(off.max() * 1e3),
            "greatest_of_bound": float((off / bounds).max()),
            "noise": self._noise(sigmas),
            "theory_linewidth_mhz": config.theory_linewidth() / 1e6,
            "theory_noise": config.registers(0).noise,
            "max_sigma": float(np.abs(every).max()),
            "joint_bound": joint_bound(every.size),
            "run_hash": weights_hash(np.concatenate(parts).astype(np.uint32)),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def _noise(self, sigmas: dict[str, Floats]) -> list[dict[str, Any]]:
        config, resolved = self.config, self.resolved()
        hz = self.diffusion() / [noise_variance(n) for n in config.noises]
        inside, inside_law = self.inside()
        return [
            {
                "noise": noise,
                "linewidth_mhz": float(hz[k]) * config.linewidth(noise) / 1e6,
                "law_mhz": config.linewidth(noise) / 1e6,
                "sigma": float(sigmas["linewidth"][k]),
                "variance_max_sigma": float(np.abs(sigmas["variance"][k]).max()),
                "drift": float(self.drift()[k]),
                "drift_sigma": float(sigmas["drift"][k]),
                "inside": float(inside[k].mean()),
                "inside_law": float(inside_law[k]),
                "inside_sigma": float(sigmas["inside"][k]) if resolved[k] else None,
                # A linewidth is proportional to the temperature.
                "temperature_k": THERMAL_K * config.linewidth(noise) / config.theory_linewidth(),
            }
            for k, noise in enumerate(config.noises)
        ]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"advances": self.advances, "phases": self.phases}


def _chi_square(ratio: Floats, freedom: int) -> Floats:
    spread = 2 / (9 * freedom)
    return np.asarray((np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread))

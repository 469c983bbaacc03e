"""Configuration of the recall experiment: what is stored, by which rule, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log2, pi

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import GAIN_BITS, SHAPES, PhaseParams, PhaseShape
from spinloom.host.couplings import RULES
from spinloom.host.experiments.options import check, option
from spinloom.host.stimuli import patterns

STEP = 0.2  # radians that the field of a stored pattern turns a phase by in a step, at most
JITTER = 0.1  # of a turn, to both sides: phases of 0 and half a turn alone would not move
SHIL = 0.25  # second harmonic at last, of the coupling's step
LATE = 0.2  # part of the run that it waits: from the start it would hold the probe as it is
RISE = 0.7  # part of the rest in which it rises

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class RecallConfig:
    """One run; flips in percent of the pixels."""

    shape: str = option("phase-484", "a machine of phase oscillators, one a pixel at least")
    seed: int = 1
    set: tuple[str, ...] = option(patterns.SETS, "sets of patterns, or folders of PNG files")
    flips: tuple[float, ...] = option((10.0, 25.0, 40.0), "flipped pixels of a probe, %")
    rule: tuple[str, ...] = option(("projection",), f"of {', '.join(RULES)}")
    probes: int = option(200, "probes of a set, rule and part of flipped pixels")
    ticks: int = option(150, "time steps of a recall")
    spread: float = option(0.0, "couplings are memristors, off by so much of a level")
    noise: float = option(0.0, "noise of a read of them, of the conductance")

    def __post_init__(self) -> None:
        shape = self.phase()
        for name in ("set", "flips", "rule"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty; give one or more")
        for name in self.set:
            pixels = patterns.load(name).pixels.shape[1]
            if pixels > shape.oscillators:
                raise ValueError(
                    f"set = {name!r} has {pixels} pixels: shape {shape.name} has "
                    f"{shape.oscillators} oscillators; choose a larger shape, or other sets"
                )
        if not all(0 <= f <= 50 for f in self.flips):
            raise ValueError(f"flips = {self.flips}; give 0 to 50 %")
        for rule in self.rule:
            if rule not in RULES:
                raise ValueError(f"rule = {rule!r}: choose some of {', '.join(RULES)}")
        check(self, probes=(1, 100_000), ticks=(20, 10_000))
        for name, most in (("spread", 10.0), ("noise", 1.0)):
            if not 0 <= getattr(self, name) <= most:
                raise ValueError(
                    f"{name} = {getattr(self, name)} is out of range; give 0 to {most:g}"
                )

    def phase(self) -> PhaseShape:
        """The shape, if it is one of phase oscillators."""
        return phase_shape(self.shape)


CONFIG = RecallConfig


def phase_shape(name: str) -> PhaseShape:
    """The shape of phase oscillators of this name."""
    if name not in SHAPES:
        raise ValueError(f"shape = {name!r}: choose one of {', '.join(SHAPES)}")
    return SHAPES[name]


def recall_params(
    shape: PhaseShape, field: float, ticks: int, *, shil: float, late: float, rise: float
) -> PhaseParams:
    """Registers of a recall: a field (sum of couplings, of a stored pattern) turns a phase by
    ``STEP`` radians at most; from the part ``late`` of the run on, the second harmonic rises to
    ``shil`` of that, in the part ``rise`` of the rest or as fast as the register can tell."""
    most = STEP * shape.turn / (2 * pi)
    scale = most / (field * shape.amplitude**2)
    shift = min(24, floor(log2(((1 << GAIN_BITS - 1) - 1) / scale)))
    top = round(shil * most * 64 / shape.amplitude)
    start = round(late * ticks)
    return PhaseParams(
        gain=round(scale * 2**shift),
        shift=shift,
        shil=top,
        shil_start=start,
        shil_rate=min((1 << 16) - 1, round(256 * top / (rise * (ticks - start)))),
    )


def probe_phases(probes: Ints, shape: PhaseShape, rng: np.random.Generator) -> Ints:
    """Phases of all oscillators [probes, oscillators]: 0 for +1, half a turn for -1, jittered;
    oscillators without a pixel are at 0."""
    phases = np.zeros((len(probes), shape.oscillators), np.int64)
    jitter = round(JITTER * shape.turn)
    moved = rng.integers(-jitter, jitter, probes.shape, endpoint=True)
    phases[:, : probes.shape[1]] = np.where(probes > 0, 0, shape.turn // 2) + moved
    return phases & shape.turn - 1


def read_out(phases: Ints, probes: Ints, turn: int) -> Ints:
    """Pixels [probes, N] of phases [probes, N]::

        psi = arg(sum of exp(2 i theta)) / 2 over all,  pixel = sign(cos(theta - psi))

    psi is known up to half a turn, a pattern therefore up to its sign: it gets the one by which it
    is nearer to its probe.
    """
    theta = 2 * np.pi / turn * phases
    psi = np.angle(np.exp(2j * theta).sum(axis=-1, keepdims=True)) / 2
    cosine = np.cos(theta - psi)
    facing = (cosine * probes).sum(axis=-1, keepdims=True) >= 0
    return np.where((cosine >= 0) == facing, 1, -1).astype(np.int64)

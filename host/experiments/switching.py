"""The switching experiment: how often a pulse switches a junction, by its amplitude and duration
(Sec. II.B, Fig. 4).

The law ``emulator.physics.switching`` gives a probability P(I, t) for each point of a grid. The
machine holds it as a code of 2^-K, and the host pulses the junctions of one neuron with it. Of n
trials, of which k switched, the deviation is in standard errors::

    sigma = (k/n - P) / sqrt(P (1-P) / n + q^2),   q = 2^-K / sqrt(12)

where q is the rounding of the code.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import ANTIPARALLEL, PARALLEL, Junction
from spinloom.emulator.physics.switching import MAX_DRIVE, code, switch_probability
from spinloom.emulator.spec.learning import LEVELS, PULSE, SHAPES, LearningParams, LearningShape
from spinloom.host.experiments.options import check, option
from spinloom.host.learning import LearningMachine
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure
from spinloom.host.progress import Progress

AT_ONCE = 64  # sweeps of a command: the link gives up a machine that is silent for long
FINE = 8  # points of a drawn law from one amplitude to the next

SUITED: dict[str, dict[str, Any]] = {}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SwitchingConfig:
    """One run; amplitudes in uA without their sign, durations in ns."""

    shape: str = option("devices", "a machine of junctions under two classes of pulses")
    seed: int = 1
    to: Literal["P", "AP"] = option("P", "state that the pulses drive to")
    trials: int = option(1_000_000, "write trials of a point, at least")
    amplitudes: tuple[float, ...] = option(
        (24.0, 28.0, 32.0, 36.0, 40.0, 50.0, 60.0, 75.0, 100.0, 120.0, 150.0), "currents, uA"
    )
    durations: tuple[float, ...] = option((1.0, 3.0, 10.0, 30.0, 100.0), "lengths of a pulse, ns")
    delta: float = option(40.0, "barrier between the two states, kT")

    def __post_init__(self) -> None:
        shape = self.learning()
        check(self)
        if self.to not in ("P", "AP"):
            raise ValueError(f"to = {self.to!r}; give P or AP")
        most = shape.register_max("PULSE_COUNT") * shape.inputs * shape.cells
        if not 1 <= self.trials <= most:
            raise ValueError(f"trials = {self.trials} is out of range; give 1 to {most}")
        junction = self.junction()
        critical = 1e6 * (
            junction.ic0_ap_to_p_a if self.to == "P" else junction.ic0_p_to_ap_a
        )  # uA
        for name, top in (("amplitudes", MAX_DRIVE * critical), ("durations", 1e9)):
            values = getattr(self, name)
            rises = all(a < b for a, b in pairwise(values))
            if not values or not rises or not 0 <= values[0] <= values[-1] <= top:
                raise ValueError(f"{name} = {values}; give some that rise, from 0 to {top:g}")

    def learning(self) -> LearningShape:
        """The shape, if its synapses are junctions that the host can pulse."""

        def fits(shape: LearningShape) -> bool:
            return not shape.is_wall and shape.row_groups == 1 and shape.classes == 2

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def junction(self) -> Junction:
        """The device that the law is of."""
        return Junction(delta=self.delta)

    def law(self, amplitude: float, duration: float) -> float:
        """Probability that a pulse (uA, ns) switches the junction."""
        up = self.to == "P"
        state, sign = (ANTIPARALLEL, 1) if up else (PARALLEL, -1)
        return switch_probability(self.junction(), state, sign * amplitude * 1e-6, duration * 1e-9)

    def params(self, value: int = 0) -> LearningParams:
        """Registers, and this code for every device."""
        state = np.random.SeedSequence(self.seed).generate_state(1, np.uint64)
        codes = (value,) * LEVELS
        return LearningParams(
            code_bits=self.learning().code_bits,
            codes_p=codes,
            codes_ap=codes,
            seed=int(state[0]),
            learn=False,
            homeostasis=False,
        )


CONFIG = SwitchingConfig


@dataclass(frozen=True, kw_only=True)
class SwitchingResult:
    """What a run leaves: ``law``, ``codes``, ``switched`` [durations, amplitudes]; ``trials`` of
    each point."""

    config: SwitchingConfig
    law: Floats
    codes: npt.NDArray[np.int64]
    switched: npt.NDArray[np.int64]
    trials: int
    cycles: int | None
    seconds: float

    def measured(self) -> Floats:
        """Parts of the trials that switched."""
        return self.switched / self.trials

    def sigma(self) -> Floats:
        """Deviations from the law, in standard errors."""
        rounding = 1 / self.config.learning().code_one / np.sqrt(12)
        spread = np.sqrt(self.law * (1 - self.law) / self.trials + rounding**2)
        off: Floats = (self.measured() - self.law) / spread
        return off

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        counts = self.switched.astype("<i8").tobytes()
        return {
            "amplitudes_ua": list(self.config.amplitudes),
            "durations_ns": list(self.config.durations),
            "law": self.law.tolist(),
            "measured": self.measured().tolist(),
            "sigma": self.sigma().tolist(),
            "max_sigma": float(np.abs(self.sigma()).max()),
            "trials": self.trials * self.switched.size,
            "switched_hash": hashlib.sha256(counts).hexdigest(),
            "cycles": self.cycles,
            "seconds": round(self.seconds, 3),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""
        return {"law": self.law, "codes": self.codes, "switched": self.switched}


def run(machine: LearningMachine, config: SwitchingConfig, progress: Progress) -> SwitchingResult:
    """Pulse the junctions of neuron 0 at every point of the grid."""
    started, before = time.monotonic(), machine.cycles
    shape = machine.shape
    sweeps = -(-config.trials // (shape.inputs * shape.cells))
    counter = f"SWITCHED_{config.to}"
    machine.configure(config.params())
    machine.reset(random=True)
    machine.write_all({"PULSE_COLUMN": 0, "PULSE_CLASS": int(config.to == "P")})
    grid = [(t, i) for t in config.durations for i in config.amplitudes]
    law, codes, switched, trials = [], [], [], 0
    with progress.task("pulse", total=len(grid), unit="points") as advance:
        for duration, amplitude in grid:
            law.append(config.law(amplitude, duration))
            codes.append(code(law[-1], shape.code_bits).value)
            machine.write_memory("codes", shape.code_table(config.params(codes[-1])))
            machine.reset(state=True)
            for left in range(sweeps, 0, -AT_ONCE):
                machine.write_all({"PULSE_COUNT": min(left, AT_ONCE), "COMMAND": PULSE})
                machine.read("TICK")  # waits for the end
            switched.append(machine.read(counter))
            trials = machine.read("TRIALS_LO")
            advance(1)
    cycles = machine.cycles_since(before)
    form = len(config.durations), len(config.amplitudes)
    return SwitchingResult(
        config=config,
        law=np.reshape(law, form),
        codes=np.reshape(codes, form),
        switched=np.array(switched, np.int64).reshape(form),
        trials=trials,
        cycles=cycles,
        seconds=time.monotonic() - started,
    )


def draw(result: SwitchingResult, folder: Path) -> list[str]:
    """P against amplitude, a curve for each duration, and what is left of it in sigma."""
    config = result.config
    given = np.array(config.amplitudes)
    fine = np.interp(np.arange(FINE * (len(given) - 1) + 1) / FINE, np.arange(len(given)), given)
    measured, sigma = result.measured(), result.sigma()
    with saved_figure(folder / "switching.png", 8, 6) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
        for k, duration in enumerate(config.durations):
            colour = LANE_COLOURS[k % len(LANE_COLOURS)]
            curve = [config.law(i, duration) for i in fine.tolist()]
            top.plot(fine, curve, color=colour, lw=1.2)
            top.plot(given, measured[k], "o", color=colour, ms=5, label=f"{duration:g} ns")
            bottom.plot(given, sigma[k], "o", color=colour, ms=4)
        for edge in (-3, 0, 3):
            bottom.axhline(edge, color=GREY, lw=0.8, ls=":" if edge else "-")
        reach = max(4.0, 1.1 * float(np.abs(sigma).max()))
        top.set(ylabel=f"probability to switch to {config.to}")
        top.set_title(f"Measured (points) and law (lines), {result.trials} trials a point")
        top.legend(title="duration", loc="lower right", frameon=False)
        bottom.set(xlabel="amplitude (uA)", ylabel="deviation (sigma)", ylim=(-reach, reach))
    return ["switching.png"]


def tables(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One line a point."""
    rows = [
        {
            "duration (ns)": duration,
            "amplitude (uA)": amplitude,
            "measured": run["measured"][k][n],
            "law": run["law"][k][n],
            "sigma": run["sigma"][k][n],
        }
        for k, duration in enumerate(run["durations_ns"])
        for n, amplitude in enumerate(run["amplitudes_ua"])
    ]
    return {f"switching, {run['machine']}, seed {run['seed']}": rows}

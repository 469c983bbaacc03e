"""Energy ledger in device units: what the counted events of a run would cost in magnetic devices.

A pulse costs ``E = I^2 R t``; a thermally stable write is typically 100 fJ (Sec. II.B), whether or
not the junction switches. What is kept costs nothing: magnetic states need no supply. The FPGA's
own power is no part of it; its clock cycles are reported beside it, as a time and not an energy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

from spinloom.emulator.spec.learning import LearningShape

STABLE_WRITE_J = 100e-15


def pulse_energy_j(current_a: float, resistance_ohm: float, duration_s: float) -> float:
    """``I^2 R t`` of a pulse of either sign."""
    if not (resistance_ohm >= 0 and duration_s >= 0):
        raise ValueError(
            f"pulse through {resistance_ohm} ohm for {duration_s} s; give no negative number"
        )
    return current_a**2 * resistance_ohm * duration_s


@dataclass(frozen=True, kw_only=True)
class Events:
    """How often something happened that costs energy."""

    write_trials: int = 0  # write pulses, those that switched nothing included
    reads: int = 0  # read pulses through one junction
    spikes: int = 0  # resets of a neuron
    wall_steps: int = 0  # steps of walls, either way
    periods: int = 0  # of one spin-torque oscillator
    decisions: int = 0  # of one superparamagnetic junction, under current

    def __post_init__(self) -> None:
        for field in fields(self):
            count = getattr(self, field.name)
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise ValueError(f"Events.{field.name} = {count!r}; give a count, 0 or more")

    def __add__(self, other: Events) -> Events:
        return Events(**{f.name: getattr(self, f.name) + getattr(other, f.name)
                         for f in fields(self)})  # fmt: skip


def learning_events(
    shape: LearningShape, *, events: int, spikes: int, trials: int, wall_steps: int = 0
) -> Events:
    """What a run of the learning engine did to its devices: an event reads every device of its row;
    ``spikes`` and ``trials`` are the machine's counters."""
    return Events(
        write_trials=trials,
        reads=events * shape.neurons * shape.cells,
        spikes=spikes,
        wall_steps=wall_steps,
    )


@dataclass(frozen=True, kw_only=True)
class DeviceEnergies:
    """What each of the events costs, in joules."""

    read_j: float = 0.0
    spike_j: float = 0.0
    wall_step_j: float = 0.0
    period_j: float = 0.0
    decision_j: float = 0.0
    write_j: float = STABLE_WRITE_J

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isfinite(value) and value >= 0):
                raise ValueError(f"DeviceEnergies.{field.name} = {value}; give 0 or more joules")


@dataclass(frozen=True, kw_only=True)
class EnergyLedger:
    """Events, what each costs, and the totals. ``switched`` are the write trials that changed the
    device's state or confirmed it; ``cycles`` the FPGA's clock cycles, None where there is no
    clock."""

    events: Events
    energies: DeviceEnergies
    switched: int
    cycles: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.switched <= self.events.write_trials:
            raise ValueError(
                f"EnergyLedger.switched = {self.switched}; give 0 to the "
                f"{self.events.write_trials} write trials"
            )

    @property
    def passive_j(self) -> float:
        """Keeping the states: nothing, for as long as it may be."""
        return 0.0

    def rows(self) -> list[tuple[str, int, float, float]]:
        """(event, count, joules each, joules) of every kind."""
        costs, events = self.energies, self.events
        table = (
            ("write trial", events.write_trials, costs.write_j),
            ("read", events.reads, costs.read_j),
            ("spike", events.spikes, costs.spike_j),
            ("wall step", events.wall_steps, costs.wall_step_j),
            ("period", events.periods, costs.period_j),
            ("decision", events.decisions, costs.decision_j),
        )
        return [(name, count, each, count * each) for name, count, each in table]

    @property
    def total_j(self) -> float:
        """Sum of all rows, and of what is passive."""
        return sum(row[3] for row in self.rows()) + self.passive_j

    @property
    def write_per_switch_j(self) -> float | None:
        """Energy of all write trials for each that switched; None if none did."""
        return self.rows()[0][3] / self.switched if self.switched else None

    def __str__(self) -> str:
        lines = [f"{'device event':<14}{'count':>16}{'each':>12}{'energy':>12}"]
        lines += [
            f"{name:<14}{count:>16,}{joules(each):>12}{joules(sum_j):>12}"
            for name, count, each, sum_j in self.rows()
        ]
        lines.append(f"{'passive':<14}{'':>16}{'':>12}{joules(self.passive_j):>12}")
        lines.append(f"{'total':<14}{'':>16}{'':>12}{joules(self.total_j):>12}")
        per_switch = self.write_per_switch_j
        if per_switch is not None:
            lines.append(f"{self.switched:,} trials switched: {joules(per_switch)} of writing each")
        if self.cycles is not None:
            lines.append(f"{self.cycles:,} FPGA cycles (time of the emulator, no device energy)")
        return "\n".join(lines)


def joules(value: float) -> str:
    """An energy with the prefix that fits."""
    if value == 0:
        return "0 J"
    for prefix, unit in (("", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("p", 1e-12),
                         ("f", 1e-15)):  # fmt: skip
        if value >= unit:
            return f"{value / unit:.3g} {prefix}J"
    return f"{value / 1e-18:.3g} aJ"

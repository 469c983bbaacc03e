"""The energy ledger of a run: device events, and joules of each.

The machine counts trials, what switched, and spikes; the host counts the events and ticks that it
streams. ::

    write  100 fJ, a thermally stable write (Sec. II.B)
    read   V^2 t / R_P, of a junction in P: what a read takes at most
    spike  as much as a write, whose pulse resets a wall

What moves a neuron's wall is the current of reads, so its steps cost nothing besides. A p-bit or a
tile of junctions is read once in every tick that it takes part in; what thermal noise switches
costs nothing. ``recall-energy``, which knows barriers, counts the current of a junction for as long
as it decides instead (``decision``), and that of an oscillator by its periods. Cycles
of the FPGA stand beside the ledger and are no energy of devices.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from spinloom.emulator.physics.energy import (
    STABLE_WRITE_J,
    DeviceEnergies,
    EnergyLedger,
    Events,
    joules,
    learning_events,
)
from spinloom.emulator.physics.junction import Junction
from spinloom.host.learning import LearningMachine

READ_V, READ_S = 0.05, 5e-9
ENERGIES = DeviceEnergies(
    read_j=READ_V**2 / Junction().r_p_ohm * READ_S, spike_j=STABLE_WRITE_J, wall_step_j=0.0
)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Device events, and the write trials of them that switched."""

    events: Events
    switched: int

    def __add__(self, other: Counted) -> Counted:
        return Counted(events=self.events + other.events, switched=self.switched + other.switched)

    def since(self, earlier: Counted) -> Counted:
        """What came after an earlier count."""
        names = [field.name for field in fields(Events)]
        new = {n: getattr(self.events, n) - getattr(earlier.events, n) for n in names}
        return Counted(events=Events(**new), switched=self.switched - earlier.switched)


NOTHING = Counted(events=Events(), switched=0)


def counted(machine: LearningMachine, events: int) -> Counted:
    """What the machine has done since its state was last reset, in which it got so many events."""
    names = ("TRIALS", "SWITCHED_P", "SWITCHED_AP")
    low = [machine.read(f"{name}_LO" if name == "TRIALS" else name) for name in names]
    trials, up, down = (machine.read(f"{n}_HI") << 32 | v for n, v in zip(names, low, strict=True))
    return Counted(
        events=learning_events(
            machine.shape, events=events, spikes=machine.spike_count, trials=trials
        ),
        switched=up + down,
    )


def ledger(done: Counted, cycles: int | None) -> EnergyLedger:
    """The ledger of these events; ``cycles`` of the FPGA for them, None without a clock."""
    return EnergyLedger(
        events=done.events, energies=ENERGIES, switched=done.switched, cycles=cycles
    )


def spent(
    cycles: int | None, *, switched: int = 0, energies: DeviceEnergies = ENERGIES, **events: int
) -> dict[str, Any]:
    """``figures`` of so many of each of the ``Events``."""
    return figures(
        EnergyLedger(events=Events(**events), energies=energies, switched=switched, cycles=cycles)
    )


def figures(done: EnergyLedger) -> dict[str, Any]:
    """Plain values for ``result.json``."""
    rows = [
        {"event": name, "count": count, "each_j": each, "energy_j": energy}
        for name, count, each, energy in done.rows()
    ]
    return {
        "energy": rows,
        "energy_passive_j": done.passive_j,
        "energy_j": done.total_j,
        "trials_switched": done.switched,
    }


def table(run: dict[str, Any], doing: str = "learning") -> dict[str, list[dict[str, Any]]]:
    """What is printed of ``figures``; ``doing`` says what the machine did."""
    rows = [
        {
            "device event": row["event"],
            "count": row["count"],
            "each": joules(row["each_j"]),
            "energy": joules(row["energy_j"]),
        }
        for row in run["energy"]
        if row["count"]
    ]
    for name, energy in (("passive", "energy_passive_j"), ("total", "energy_j")):
        total = joules(run[energy])
        rows.append({"device event": name, "count": None, "each": "", "energy": total})
    beside = "" if run["cycles"] is None else f"; beside it, {run['cycles']:,} FPGA cycles"
    return {f"energy of the devices while {doing}{beside}": rows}

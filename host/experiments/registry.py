"""The experiments that there are, and what one is made of.

An experiment is a module of this package that holds what ``Experiment`` names, and a line in
``EXPERIMENTS``. ``spinloom run`` does the rest: the options of its command line, the machine, the
run directory, seeds, interrupts and tables. A module is imported when its experiment is run: the
command line starts without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import numpy.typing as npt

from spinloom.host.machine import Machine
from spinloom.host.progress import Progress

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of ``spinloom list``: the name of an experiment and of its module, and what it shows.

    ``figures`` are those of ``result.json`` that stand in the one-line summary of a run. The
    ``run`` of a ``resumable`` experiment takes a ``host.checkpoint.Checkpoint`` as its last
    argument, which it keeps and goes on from. ``second`` is the field of its configuration that
    names the shape of a second machine, which ``run`` takes last.
    """

    name: str
    what: str
    figures: tuple[str, ...]
    resumable: bool = False
    second: str | None = None


EXPERIMENTS = {
    e.name: e
    for e in (
        Entry(
            name="lanes",
            what="count cars by lane from an event camera, learned without labels",
            figures=("f1_mean", "detection", "false_alarms", "weights_hash"),
            resumable=True,
        ),
        Entry(
            name="digits",
            what="read handwritten digits, learned without labels",
            figures=("accuracy", "images_without_spike", "weights_hash", "spikes_hash"),
            resumable=True,
        ),
        Entry(
            name="digits-trained",
            what="read handwritten digits by a network trained offline",
            figures=("accuracy", "images", "hidden_spikes_per_image", "cycles_per_image"),
        ),
        Entry(
            name="f-i-curve",
            what="how often a spin neuron fires, against its current",
            figures=("greatest_error_wall", "greatest_error_junction", "sums_wrong", "cycles"),
        ),
        Entry(
            name="convolution",
            what="edges of figures, by weight-shared filters of spin neurons",
            figures=("pictures", "neurons_compared", "neurons_wrong", "cycles"),
        ),
        Entry(
            name="shapes",
            what="tell apart pictures that no linear unit can",
            figures=("accuracy", "linear_accuracy", "cycles"),
        ),
        Entry(
            name="switching",
            what="probability that a pulse switches a junction, by amplitude and duration",
            figures=("max_sigma", "trials", "switched_hash"),
        ),
        Entry(
            name="variation",
            what="what learning loses by junctions that are not alike",
            figures=("kind", "loss", "runs_hash"),
        ),
        Entry(
            name="stdp-window",
            what="probability that a pair of spikes switches a junction, by the time between them",
            figures=("max_sigma", "trials", "junctions_hash"),
        ),
        Entry(
            name="retention",
            what="how long junctions written by chance keep a memory that others overwrite",
            figures=("remembered", "recalled", "max_sigma", "junctions_hash"),
        ),
        Entry(
            name="memristor",
            what="sixteen levels of domain walls: motion, loop, torque, reads and sums",
            figures=(
                "motion_max_sigma",
                "loop_max_sigma",
                "torque_max_sigma",
                "levels",
                "products_wrong",
                "walls_hash",
            ),
        ),
        Entry(
            name="energy-error",
            what="energy of a bit against its error, barrier and copies",
            figures=("max_sigma", "bits", "write_trials", "wrong_hash"),
        ),
        Entry(
            name="array",
            what="junctions as a memory: errors of writes and reads, disturb, power cycle, energy",
            figures=("max_sigma", "reads_max_sigma", "pulses", "outcome_hash"),
        ),
        Entry(
            name="dice",
            what="pseudo-random bits from dice of eight junctions, and a battery of tests",
            figures=("p_error_held", "p_error_tracked", "tests_failed", "bits_hash"),
        ),
        Entry(
            name="recall",
            what="pictures that coupled oscillators restore from probes with flipped pixels",
            figures=("oscillators", "hopfield_asynchronous", "nearest", "phases_hash"),
        ),
        Entry(
            name="recall-square",
            what="the same pictures restored by oscillators that are square waves",
            figures=("right", "periods_to_settle", "unsettled", "phases_hash"),
        ),
        Entry(
            name="capacity",
            what="how many random patterns coupled oscillators hold, with and without SHIL",
            figures=("overlap_at_tenth", "collapse_without_shil", "phases_hash"),
        ),
        Entry(
            name="oscillator",
            what="frequency of free oscillators against bias, and their linewidth by phase noise",
            figures=("points_wrong", "greatest_error_mhz", "max_sigma", "run_hash"),
        ),
        Entry(
            name="adler",
            what="oscillators lock to an injected signal and in pairs; bands, beats, time to lock",
            figures=("greatest_width_error", "beat_rms", "lock_periods", "lock_ns", "run_hash"),
        ),
        Entry(
            name="kuramoto",
            what="oscillators of different frequencies synchronise by their mean field",
            figures=("greatest_error", "greatest_error_summed", "order_below", "phases_hash"),
        ),
        Entry(
            name="lock-map",
            what="a grid of oscillators coupled by memristors, and flags of who is locked",
            figures=(
                "all_locked_from_ideal",
                "all_locked_from_memristor",
                "critical_level",
                "disagree",
                "run_hash",
            ),
        ),
        Entry(
            name="eight-oscillators",
            what="recall an image by eight oscillators with one coupling that changes with time",
            figures=("recalled", "overlap_before", "overlap", "phases_hash"),
        ),
        Entry(
            name="telegraph",
            what="superparamagnetic junctions: dwell times, mean state, spectrum",
            figures=("cv", "greatest_error_of_means", "spectrum_max_sigma", "run_hash"),
        ),
        Entry(
            name="phase-lock",
            what="noise locks a junction to a weak drive, and couples two in phase or against it",
            figures=("plateau", "quiet_ratio", "loud_ratio", "least_diffusion_at", "run_hash"),
        ),
        Entry(
            name="resonance",
            what="noise makes a junction see a signal that is too weak for it",
            figures=("best", "best_at", "loudest", "source_difference", "run_hash"),
        ),
        Entry(
            name="hopfield",
            what="a noisy picture relaxes to the stored one, and its energy never rises",
            figures=("recalled", "trials", "climbs", "states_hash"),
        ),
        Entry(
            name="boltzmann",
            what="states of a few coupled p-bits, as often as Boltzmann's law says",
            figures=("greatest_divergence", "samples", "counts_hash"),
        ),
        Entry(
            name="recall-energy",
            what="the same recall by fast oscillators and by slow junctions, and its energy",
            figures=("fast_right", "slow_right", "states_hash"),
            second="pbits",
        ),
        Entry(
            name="maxcut",
            what="cut a graph by p-bits that are cooled",
            figures=("best_cut", "mean_cut", "states_hash"),
        ),
        Entry(
            name="edges",
            what="find the outlines of figures among clutter, by p-bits that are cooled",
            figures=("true_positive", "false_positive", "states_hash"),
        ),
        Entry(
            name="spin-ice",
            what="monopoles of a square ice of magnetic islands, against Pauling's estimate",
            figures=("greatest_difference", "charge", "energies_agree", "run_hash"),
        ),
        Entry(
            name="functions",
            what="one stack is memory, memristor, harmonic and stochastic oscillator by its bias",
            figures=("width", "levels", "turns_wrong", "cv_ap", "cv_p", "run_hash"),
        ),
        Entry(
            name="dither",
            what="arrays of noisy junctions hear a chord that is too weak for one",
            figures=("snr", "snr_without_noise", "exponent", "run_hash"),
        ),
        Entry(
            name="redundancy",
            what="the majority of noisy junctions errs less than one",
            figures=("unit_error", "errors", "max_sigma", "run_hash"),
        ),
    )
}


class Config(Protocol):
    """A frozen dataclass; its fields of plain types are options (``experiments.options``)."""

    @property
    def shape(self) -> str: ...
    @property
    def seed(self) -> int: ...


class Result(Protocol):
    """What ``run`` returns."""

    def figures(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes to ``arrays.npz``."""


class Experiment(Protocol):
    """The names that the module of an experiment holds.

    ``SUITED`` maps a shape's name to the fields that differ with it from the defaults of
    ``CONFIG``. ``run`` does the work, ``draw`` leaves pictures in a folder and returns their names,
    ``tables`` makes what is printed of a ``result.json``.
    """

    CONFIG: type
    SUITED: Mapping[str, Mapping[str, Any]]

    def run(self, machine: Machine, config: Any, progress: Progress, *rest: Any) -> Result:
        """``rest``: a second machine, and a ``Checkpoint``, for those whose ``Entry`` has them."""

    def draw(self, result: Any, folder: Path) -> list[str]: ...
    def tables(self, run: dict[str, Any]) -> Tables: ...


def load(name: str) -> Experiment:
    """The module of the experiment of this name; a dash is an underscore in a module's name."""
    module = name.replace("-", "_")
    return cast(Experiment, import_module(f"spinloom.host.experiments.{module}"))
